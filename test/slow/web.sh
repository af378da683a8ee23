# Every page in a real browser, zh and en, light and dark, wide and narrow: no console error, axe finds nothing, every number opens;
# and the walks that act: each part on data of its own, because what one did is in another's way.
source "$(dirname "${BASH_SOURCE[0]}")/../cases/lib.sh.inc"
need_demo
# walked NAME COMMAND…: the command gets the address of a fresh demo server as its first argument
walked() {
  local name=$1 script=$2; shift 2
  cp -r "$demo_data" "$work/walked-$name"
  "$program" --data "$work/walked-$name" serve --port 0 2>"$work/walk-$name.log" &
  local server=$! url=
  for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$work/walk-$name.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
  (cd web && node "$script" "$url" "$@") >"$work/walk-$name.out" 2>&1
  local status=$?
  tail -20 "$work/walk-$name.out"
  kill -TERM "$server"; wait "$server"
  rm -rf "$work/walked-$name"
  if [ "$status" = 0 ]; then ok; else bad "$name"; fi
}
walked pages test/e2e.mjs "$work/screenshots"
for part in screens flow hearing transfer eyes partner lead public; do walked "case-$part" test/case.mjs --part "$part" --shots "$work/screenshots"; done
walked risk test/risk.mjs
walked draw test/draw.mjs
done_with
