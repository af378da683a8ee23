#!/usr/bin/env bash
# Runs the benchmarks of a built tree, each figure the best of five runs of its own program. Called by ./dev bench [NAME].
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d) && chmod 711 "$work"  # the database server of the tests runs as another user
trap 'for server in postgres clickhouse; do test/$server.sh stop "$work/$server" >/dev/null 2>&1 || true; done; rm -rf "$work"' EXIT
if url=$(test/postgres.sh start "$work/postgres" 2>/dev/null); then export QINGYUAN_TEST_POSTGRES=$url; fi
if url=$(test/clickhouse.sh start "$work/clickhouse" 2>/dev/null); then export QINGYUAN_TEST_CLICKHOUSE=$url; fi
for program in build/release/bench/*_bench; do
  name=$(basename "$program" _bench)
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  echo "== $name"
  TMPDIR=$work "$program"
done
# The pack engine beside its rivals: only when it is asked for, since it makes gigabytes of data.
if [[ " $* " == *" packs "* ]]; then bench/packs.sh "${SIZE:-10m}"; fi
