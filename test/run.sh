#!/usr/bin/env bash
# Runs every test of a built tree and ends with `N passed, N failed`. Called by ./dev test [--slow].
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
slow=${1:-no}
program=build/release/qingyuan
work=$(mktemp -d) && chmod 711 "$work"  # the database server of the tests runs as another user
passed=0 failed=0 notes=()

stop_postgres() { [ -n "${QINGYUAN_TEST_POSTGRES:-}" ] && test/postgres.sh stop "$work/postgres" >/dev/null 2>&1; }
stop_clickhouse() { [ -n "${QINGYUAN_TEST_CLICKHOUSE:-}" ] && test/clickhouse.sh stop "$work/clickhouse" >/dev/null 2>&1; }
trap 'stop_postgres; stop_clickhouse; rm -rf "$work"' EXIT

count() {  # name passed failed
  passed=$((passed + $2)) failed=$((failed + $3))
  printf '%-28s %5d passed, %d failed\n' "$1" "$2" "$3"
}

# run NAME COMMAND…: a command whose last line is `N passed, N failed`
run() {
  local name=$1 log="$work/${1//\//_}.log"; shift
  "$@" >"$log" 2>&1
  local status=$? line
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
  if [ -z "$line" ] || { [ $status -ne 0 ] && [[ "$line" == *" 0 failed"* ]]; }; then
    tail -40 "$log"; count "$name" 0 1; return
  fi
  [[ "$line" == *" 0 failed"* ]] || tail -60 "$log"
  count "$name" "$(cut -d' ' -f1 <<<"$line")" "$(cut -d' ' -f3 <<<"$line")"
}

# run_gtest ROOM: one room's test program
run_gtest() {
  local program=$1 name log; name=$(basename "$program") log="$work/$name.log"
  "$program" --gtest_brief=0 >"$log" 2>&1
  local status=$? good bad skip
  good=$(grep -cE '^\[       OK \]' "$log") bad=$(grep -cE '^\[  FAILED  \] .*\([0-9]+ ms\)$' "$log") skip=$(grep -cE '^\[  SKIPPED \] .*\([0-9]+ ms\)$' "$log")
  [ $status -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  [ "$bad" -gt 0 ] && grep -vE '^\[ RUN|^\[       OK|^$|^Using config|^OK, passed' "$log" | head -60
  [ "$skip" -gt 0 ] && notes+=("$name skipped $skip")
  count "$name" "$good" "$bad"
}

if url=$(test/postgres.sh start "$work/postgres" 2>"$work/postgres.log"); then
  export QINGYUAN_TEST_POSTGRES=$url
else
  cat "$work/postgres.log"; count postgres 0 1
fi
if url=$(test/clickhouse.sh start "$work/clickhouse" 2>"$work/clickhouse.log"); then
  export QINGYUAN_TEST_CLICKHOUSE=$url
elif [ $? -eq 4 ]; then
  notes+=("ClickHouse is not installed: its tests skipped")
else
  cat "$work/clickhouse.log"; count clickhouse 0 1
fi
export QINGYUAN_FIXTURES=${QINGYUAN_FIXTURES:-$(cd .. && pwd)/shared/data}
[ -d "$QINGYUAN_FIXTURES" ] || notes+=("fixtures absent: their tests skipped")

for test in build/release/test_*; do
  [ -x "$test" ] && [ ! -d "$test" ] && run_gtest "$test"
done
mapfile -t stories < <(find scenarios -name '*.scenario' | sort)
run scenarios/sqlite "$program" scenario --store sqlite "${stories[@]}"
run scenarios/postgresql "$program" scenario --store postgresql "${stories[@]}"
if "$program" law check >"$work/law.log" 2>&1; then count law 1 0; else tail -20 "$work/law.log"; count law 0 1; fi
run web test/web.sh
run oidc test/oidc/run.sh "$program"
for script in test/cases/*.sh; do  # each leaves its data to the next
  [ -f "$script" ] && run "$(basename "$script" .sh)" bash "$script" "$program" "$work"
done
if [ "$slow" = yes ]; then
  mapfile -t slow_stories < <(find scenarios -name '*.scenario_slow' | sort)
  [ ${#slow_stories[@]} -gt 0 ] && run scenarios/slow "$program" scenario "${slow_stories[@]}"
  for script in test/slow/*.sh test/slow.sh; do
    [ -f "$script" ] && run "$(basename "$script" .sh)" bash "$script" "$program" "$work"
  done
fi
for note in "${notes[@]:-}"; do [ -n "$note" ] && echo "note: $note"; done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
