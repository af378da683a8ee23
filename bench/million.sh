#!/usr/bin/env bash
# The pages of the desk among a million dossiers: a demo city, its dossiers copied until there are N (default 1,000,000), served on loopback and
# asked at an easy pace, so that what is measured is the answer and not the queue.
#   bench/million.sh [N] [SECONDS]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${QINGYUAN:-$here/../build/release/qingyuan}
tools=$(dirname "$program")/bench
[ -x "$program" ] && [ -x "$tools/crowd" ] && [ -x "$tools/load" ] || { echo "not built: ./dev build, then ./dev bench" >&2; exit 3; }
dossiers=${1:-1000000} seconds=${2:-20}
work=$(mktemp -d); server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
"$program" demo --no-serve --data "$work/data" >/dev/null
for role in officer head_of_authority superior; do
  "$program" demo --token "$role" --data "$work/data" 2>/dev/null || true
done >"$work/tokens"
"$tools/crowd" "$work/data" "$dossiers"
QINGYUAN_LIMITS_RATES=false "$program" --data "$work/data" serve --port 0 2>"$work/serve.log" &
server=$!
for _ in $(seq 600); do url=$(grep -oE '^http://[0-9.:]+' "$work/serve.log" | head -1) && break; sleep 0.1; done
token=$(head -1 "$work/tokens")
case_id=$(curl -s -H "Authorization: Bearer $token" "$url/api/dossiers?procedure=penalty_case&limit=1" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')
ask() {
  printf '1 GET %s\n' "$2" >"$work/requests"
  "$tools/load" --url "$url" --tokens "$work/tokens" --requests "$work/requests" --rate 20 --seconds "$seconds" --connections 4 |
    awk -v name="$1" '/p50|p99|errors/' | sed "s|^|$1: |"
}
ask "a case" "/api/dossiers/$case_id?x={n}"
ask "a page of 50" "/api/dossiers?limit=50&x={n}"
ask "today" "/api/today"
