#!/usr/bin/env bash
# The pack engine against DuckDB and PostgreSQL in one run, on the same simulated trace: load, count repeated events once, fourteen
# checks, durable. Everyone's findings are compared with the truth; what is missed or made up fails the run.
#   bench/packs.sh [1m|10m|100m|EVENTS] [--seed S] [--only qingyuan,duckdb,postgresql] [--aggregation] [--skew] [--lag PROFILE]
# QINGYUAN_BENCH_DATA keeps the data from run to run (100m: 9 GB); QINGYUAN is the program, default build/release/qingyuan.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${QINGYUAN:-$here/../build/release/qingyuan}
usage() { sed -n '4,5s/^# *//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
size=10m seed=1 only= shape=()
while [ $# -gt 0 ]; do
  case $1 in
    --seed) seed=$2; shift ;;
    --only) only=$2; shift ;;
    --lag) shape+=(--lag "$2"); shift ;;
    --aggregation|--skew) shape+=("$1") ;;
    *[!0-9mk]*|[!0-9]*|'') usage ;;
    *) size=$1 ;;
  esac
  shift
done
case $size in
  *m) events=${size%m}000000 ;;
  *k) events=${size%k}000 ;;
  *) events=$size ;;
esac
# at 100 million the server takes an hour; it runs when it is asked for
[ -n "$only" ] || only=qingyuan,duckdb$([ "$events" -gt 20000000 ] || echo ,postgresql)
for rival in ${only//,/ }; do
  case $rival in qingyuan|duckdb|postgresql) ;; *) echo "no rival '$rival'" >&2; exit 2 ;; esac
done
[ -x "$program" ] || { echo "$program is not built: ./dev build" >&2; exit 3; }

work=$(mktemp -d); chmod 711 "$work"  # the database server runs as another user
trap 'rm -rf "$work"' EXIT
cache=${QINGYUAN_BENCH_DATA:-$work}
data=$cache/trace-$size-seed-$seed$(IFS=; echo "${shape[*]:-}" | tr -d ' ')
if [ ! -f "$data/truth.csv" ]; then
  rm -rf "$data"  # an earlier run that was broken off
  mkdir -p "$cache"
  "$program" simulate trace --events "$events" --seed "$seed" --out "$data" "${shape[@]}" >/dev/null
fi
cat "$data/events.csv" >/dev/null  # everybody reads from warm memory
last=$(tail -n 1 "$data/events.csv" | cut -d, -f7)  # the rows stand in upload order
now=$(date -u -d "@$((last + 60 * 86400))" +%Y-%m-%dT%H:%M:%SZ)
rows=$(( $(wc -l <"$data/events.csv") - 1 ))
printf '%s: %s rows, %s bytes (%s a row)\n' "$data" "$rows" "$(stat -c %s "$data/events.csv")" \
  "$(awk "BEGIN { printf \"%.1f\", $(stat -c %s "$data/events.csv") / $rows }")"

results=()
run_duckdb() {
  [ -d "$here/packs/node_modules" ] || (cd "$here/packs" && npm ci --no-audit --no-fund --loglevel=error >&2)
  node "$here/packs/duckdb.mjs" "$data" "$work/duckdb.db" "$work/duckdb.csv" >"$work/duckdb.json"
  rm -f "$work/duckdb.db"
}
run_postgresql() {
  "$here/packs/postgres.sh" "$data" "$work/postgresql" "$work/postgresql.csv" >"$work/postgresql.json"
}
run_qingyuan() {
  python3 "$here/packs/measured.py" "$work/import" "$program" import trace "$data" --now "$now" --data "$work/data" >&2
  python3 "$here/packs/measured.py" "$work/list" "$program" anomalies --data "$work/data" --csv --status confirmed >"$work/qingyuan.csv"
  read -r import import_mb <"$work/import"; read -r list list_mb <"$work/list"
  printf '{"rival":"qingyuan","rows":%s,"seconds":{"import and checks":%s,"list":%s},"total":%s,"peak_mb":%s,"database_bytes":%s}\n' \
    "$rows" "$import" "$list" "$import" "$((import_mb > list_mb ? import_mb : list_mb))" \
    "$(du -sb "$work/data" | cut -f1)" >"$work/qingyuan.json"
  rm -rf "$work/data"
}
for rival in ${only//,/ }; do
  echo "== $rival" >&2
  "run_$rival"
  results+=("$work/$rival.json")
done
python3 "$here/packs/table.py" "$data/truth.csv" "${results[@]}"
