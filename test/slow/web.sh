# Every page in a real browser, zh and en, light and dark, wide and narrow: no console error, axe finds nothing, every number opens;
# and the walks that act: each part on data of its own, because what one did is in another's way. Then the same over stand-ins, which can be
# empty, fail, and count what arrived. A walk that nothing here calls fails.
source "$(dirname "${BASH_SOURCE[0]}")/../cases/lib.sh.inc"
need_demo
shots="$work/screenshots"; mkdir -p "$shots"
called=
# walk NAME SCRIPT ARGUMENT…
walk() {
  local name=$1 script=$2; shift 2
  called+=" $(basename "$script")"
  (cd web && node "$script" "$@") >"$work/walk-$name.out" 2>&1
  local status=$?
  grep -a FAILED "$work/walk-$name.out" | head -20
  tail -5 "$work/walk-$name.out"
  if [ "$status" = 0 ]; then ok; else bad "$name"; fi
}
# served DATA NAME SCRIPT ARGUMENT…: the walk gets the address of a server of this data as its first argument
served() {
  local data=$1 name=$2 script=$3; shift 3
  "$program" --data "$data" serve --port 0 2>"$work/walk-$name.log" &
  local server=$! url=
  for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$work/walk-$name.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
  walk "$name" "$script" "$url" "$@"
  kill -TERM "$server"; wait "$server"
}
# walked NAME SCRIPT ARGUMENT…: on a copy of the sample data
walked() {
  cp -r "$demo_data" "$work/walked-$1"
  served "$work/walked-$1" "$@"
  rm -rf "$work/walked-$1"
}
# A hearing is held on its day: the same data, sixteen days later.
heard() {
  local data="$work/hearing" day later
  cp -r "$demo_data" "$data"
  served "$data" case-hearing test/case.mjs --part hearing --shots "$shots"
  day=$(grep -oE '"clock_start": "[0-9-]{10}' "$data/instance.json" | grep -oE '[0-9-]{10}')
  later=$(date -d "$day + 16 days" +%F)
  sed -i "s/\"clock_start\": \"$day/\"clock_start\": \"$later/" "$data/instance.json"
  served "$data" case-heard test/case.mjs --part heard --shots "$shots"
  rm -rf "$data"
}
# a bureau that nobody has set up: the console gives the code
from_nothing() {
  local bureau="$work/walked-setup" url= code=
  mkdir -p "$bureau"; echo '{"origin": "qingyuan/bureau"}' >"$bureau/instance.json"
  "$program" --data "$bureau" serve --port 0 2>"$work/walk-setup.log" &
  local server=$!
  for _ in $(seq 100); do url=$(grep -oE '^https?://[0-9.:]+' "$work/walk-setup.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
  code=$(grep -oE '[A-Z2-7]{4}(-[A-Z2-7]{4}){3}' "$work/walk-setup.log" | head -1)
  walk setup test/setup.mjs "$url" "$code" "$shots"
  kill -TERM "$server"; wait "$server"
  rm -rf "$bureau"
}
walked first test/first.mjs
walked desk test/e2e.mjs "$shots"
for part in screens flow transfer eyes partner lead public; do walked "case-$part" test/case.mjs --part "$part" --shots "$shots"; done
heard
for name in risk draw vigilance public field portal; do walked "$name" "test/$name.mjs"; done
from_nothing
for name in pages trace vigilance public field portal; do walk "standin-$name" "test/$name.mjs"; done
for script in web/test/*.mjs; do
  case $(basename "$script") in browser.mjs | doors_browser.mjs | mock.mjs) continue ;; esac  # what the walks stand on
  if [[ "$called " == *" $(basename "$script") "* ]]; then ok; else bad "nobody walks $script"; fi
done
done_with
