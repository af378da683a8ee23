#!/usr/bin/env bash
# kill -9 at random moments of an import of trace data: what was acknowledged is there, nothing is counted twice, and the
# findings are those of an undisturbed run. Usage: packs_kill.sh PROGRAM WORK [MOMENTS]
set -uo pipefail
program=$1 work=$(mktemp -d "$2/kill.XXXX") moments=${3:-200}
passed=0 failed=0
check() { if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1"; fi; }
findings() { "$program" anomalies --data "$1" --csv --status all | cut -d, -f1-4 | sort | sha256sum; }
sums() { "$program" packs stats --data "$1" --json | python3 -c 'import json,sys; s=json.load(sys.stdin); print(s["events"], s["relations"], s["waiting"], s["conflicts"], s["batches"])'; }

"$program" simulate trace --events 60000 --seed 5 --out "$work/flow" >/dev/null
now=2027-01-01T00:00:00+08:00
"$program" import trace "$work/flow" --now $now --data "$work/calm" >/dev/null
whole=$(findings "$work/calm") counts=$(sums "$work/calm")
begin=$(date +%s%N)
"$program" import trace "$work/flow" --now $now --data "$work/timed" >/dev/null
took=$(( ($(date +%s%N) - begin) / 1000000 ))
for moment in $(seq "$moments"); do
  data="$work/data$moment"
  "$program" import trace "$work/flow" --now $now --data "$data" >/dev/null 2>&1 &
  victim=$!
  sleep "$(python3 -c "import random; random.seed($moment); print(random.random() * $took / 1000)")"
  kill -9 $victim 2>/dev/null; wait $victim 2>/dev/null
  # The next start completes what was journaled; the same files are then taken in once, whatever happened.
  "$program" import trace "$work/flow" --now $now --data "$data" >"$work/log" 2>&1 || true
  if [ "$(findings "$data")" = "$whole" ] && [ "$(sums "$data")" = "$counts" ] && "$program" packs verify --data "$data" >/dev/null 2>>"$work/log" &&
     "$program" journal verify --data "$data" >/dev/null 2>>"$work/log"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1)); echo "FAILED: moment $moment"; tail -3 "$work/log"; sums "$data"; echo "wanted $counts"
  fi
  rm -rf "$data"
done
check "a rebuild gives the same" test "$("$program" packs rebuild --data "$work/calm" >/dev/null; findings "$work/calm")" = "$whole"
rm -rf "$work"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
