#!/usr/bin/env bash
# A data centre's worth of trace events on one node: 23 million rows taken in within bounded memory, the sources counted, what was
# sent twice counted once, the findings those of the truth. Usage: packs_load.sh PROGRAM WORK [EVENTS]
# mission: G1
set -uo pipefail
program=$1 work=$(mktemp -d "$2/load.XXXX") events=${3:-23000000}
passed=0 failed=0
is() { if [ "$2" = "$3" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1: $2, wanted $3"; fi; }
keys() { python3 -c 'import csv,sys; print("\n".join(sorted(r["number"]+","+r["key"] for r in csv.DictReader(sys.stdin) if r["number"])))'; }
"$program" simulate trace --events "$events" --seed 23 --out "$work/flow" >/dev/null
python3 "$(dirname "$0")/../../bench/packs/measured.py" "$work/took" "$program" import trace "$work/flow" --now 2027-01-01T00:00:00+08:00 --data "$work/data"
read -r seconds megabytes <"$work/took"
is "memory is bounded ($megabytes MB)" "$([ "${megabytes%.*}" -le 600 ] && echo yes)" yes
# the file itself says who sent how much and what came twice
LC_ALL=C awk -F, 'NR > 1 { rows[$4]++ } END { for (a in rows) print a "," rows[a] }' "$work/flow/events.csv" | LC_ALL=C sort >"$work/by_source"
"$program" --csv packs sources --data "$work/data" >"$work/sources.csv"
is "every source and its rows" "$(tail -n +2 "$work/sources.csv" | cut -d, -f1,2 | LC_ALL=C sort | sha256sum)" "$(sha256sum <"$work/by_source")"
twice=$(tail -n +2 "$work/flow/events.csv" | cut -d, -f1,2 | LC_ALL=C sort -S 1G | uniq -d -c | awk '{ sum += $1 - 1 } END { print sum + 0 }')
is "what was sent twice" "$(tail -n +2 "$work/sources.csv" | awk -F, '{ sum += $3 } END { print sum }')" "$twice"
is "the findings are the truth" "$("$program" --csv anomalies --data "$work/data" | keys | sha256sum)" "$(keys <"$work/flow/truth.csv" | sha256sum)"
"$program" packs verify --data "$work/data" >/dev/null; is "the index is what was written" "$?" 0
echo "$events rows in $seconds s, $megabytes MB, $(($(wc -l <"$work/sources.csv") - 1)) sources, $twice rows sent twice"
rm -rf "$work"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
