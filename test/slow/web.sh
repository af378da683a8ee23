# Every page in a real browser, zh and en, light and dark, wide and narrow: no console error, axe finds nothing, every number opens.
source "$(dirname "${BASH_SOURCE[0]}")/../cases/lib.sh.inc"
need_demo
cp -r "$demo_data" "$work/walked"
"$program" --data "$work/walked" serve --port 0 2>"$work/walk.log" &
server=$!
for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$work/walk.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
(cd web && node test/e2e.mjs "$url" "$work/screenshots") | tail -20
kill -TERM "$server"; wait "$server"
