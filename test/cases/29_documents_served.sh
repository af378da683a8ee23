# Documents over the API of a served demo: made, drafted, served, copied; the square code read from the picture of a page by another program.
# mission: H6
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
cp -r "$demo_data" "$work/desk"
mkdir -p "$work/pages"
printf '[documents]\ncheck_url = "https://check.example"\n' >"$work/desk.toml"
"$program" --data "$work/desk" serve --port 0 --config "$work/desk.toml" 2>"$work/desk.log" &
server=$!
for _ in $(seq 300); do url=$(grep -oE 'http://[0-9.:]+' "$work/desk.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
/usr/bin/python3 test/documents.py "$url" "$work/pages" >"$work/desk.txt" 2>&1
grep -v passed "$work/desk.txt" | tail -30
line=$(tail -1 "$work/desk.txt")
case $line in *passed*) passed=$((passed + $(cut -d' ' -f1 <<<"$line"))) failed=$((failed + $(cut -d' ' -f3 <<<"$line"))) ;; *) bad "the walk did not end: $line" ;; esac
kill -TERM "$server"; wait "$server"
# the kept file by the command line: whole, and refused where a byte of a page was changed
fails "the paper is the one" 0 "$program" --data "$work/desk" document verify "$work/pages/paper.pdf"
printf 'x' | dd of="$work/pages/paper.pdf" bs=1 seek=2000 conv=notrunc 2>/dev/null
fails "a changed page" 1 "$program" --data "$work/desk" document verify "$work/pages/paper.pdf"
says "a changed page" document_altered
fails "the journal is whole after it" 0 "$program" --data "$work/desk" journal verify
# the address is a setting like any other
printf '[documents]\ncheck_url = "http://check.example"\n' >"$work/bad.toml"
fails "an address without TLS" 2 "$program" serve --check-config --config "$work/bad.toml"
says "an address without TLS" documents.check_url
printf '[documents]\nbase = "https://check.example"\n' >"$work/bad.toml"
fails "a key there is not" 2 "$program" serve --check-config --config "$work/bad.toml"
says "a key there is not" config_unknown
fails "all forms on sheets" 0 "$program" document sheet --out "$work/forms.pdf"
done_with
