# The doors of the public, the enterprise, the inspector and the village, on a copy of the demo; and that nothing of who reported lies in a file
# anybody but the vault of informants keeps.
# mission: F17 G8 G17 C15 C16 H8
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
cp -r "$demo_data" "$work/doors"
"$program" --data "$work/doors" serve --port 0 2>"$work/doors.log" &
server=$!
for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$work/doors.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
/usr/bin/python3 test/doors.py "$url" "$work/doors.log" >"$work/doors.txt" 2>&1
grep -v passed "$work/doors.txt" | tail -30
line=$(tail -1 "$work/doors.txt")
case $line in *passed*) passed=$((passed + $(cut -d' ' -f1 <<<"$line"))) failed=$((failed + $(cut -d' ' -f3 <<<"$line"))) ;; *) bad "the walk did not end: $line" ;; esac
kill -TERM "$server"; wait "$server"
fails "the journal is whole after it" 0 "$program" --data "$work/doors" journal verify
# What was said of oneself lies sealed: in no file in plain, and the photo's place in none at all.
for canary in 司马金丝雀 13987654321 金丝雀巷七号 签字人金丝雀 CANARY; do
  if found=$(grep -rlaF -- "$canary" "$work/doors"); then bad "$canary lies in $found"; else ok; fi
done
done_with
