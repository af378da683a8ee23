# The server against its contract, and its manners: loopback only, graceful stop, the port in use.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
fails "an address that others can reach is refused" 2 "$program" --data "$demo_data" serve --address 0.0.0.0 --port 0
says "an address that others can reach is refused" address_refused
fails "no data directory" 2 "$program" --data "$work/nowhere" serve --port 0

cp -r "$demo_data" "$work/served"
"$program" --data "$work/served" serve --port 0 2>"$work/serve.log" &
server=$!
for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$work/serve.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
/usr/bin/python3 test/contract.py "$url" >"$work/contract.log" 2>&1
tail -30 "$work/contract.log" | grep -v passed
line=$(tail -1 "$work/contract.log")
passed=$((passed + $(cut -d' ' -f1 <<<"$line"))) failed=$((failed + $(cut -d' ' -f3 <<<"$line")))
fails "the port is taken" 3 "$program" --data "$demo_data" serve --port "${url##*:}"
if grep -qE '清源|经理|某' "$work/serve.log"; then bad "the log holds names"; else ok; fi
kill -TERM "$server"; wait "$server"; is "stops gracefully" "$?" 0
fails "the journal is whole after it" 0 "$program" --data "$work/served" journal verify
done_with
