#!/usr/bin/env bash
# Builds the fuzzers of test/fuzz with clang 19, address and undefined-behaviour sanitizers, and runs each for SECONDS
# (QINGYUAN_FUZZ_SECONDS, 600): fuzz.sh [SECONDS] [TARGET…]. Seeds: the example documents of this tree and, where QINGYUAN_FIXTURES holds them,
# those of others. A crash leaves its input under build/fuzz/NAME/. Ends with `N passed, N failed`. Needs the Debian
# packages clang-19 and libclang-rt-19-dev.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ ${1:-} == */* ]] && set --  # called by test/run.sh with the program and a directory: neither is needed
seconds=${QINGYUAN_FUZZ_SECONDS:-600}
[[ ${1:-} =~ ^[0-9]+$ ]] && { seconds=$1; shift; }
fixtures=${QINGYUAN_FIXTURES:-$(cd .. && pwd)/shared/data}
build=build/fuzz
passed=0 failed=0
if ! command -v clang++-19 >/dev/null; then
  echo "note: clang-19 is absent: nothing was fuzzed"; echo "0 passed, 0 failed"; exit 0
fi
mkdir -p "$build/rooms"
flags=(-std=c++23 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
       -I/usr/include/libxml2)
for room in base law facts packs observe; do
  mkdir -p "$build/rooms/$room"; ln -sfn "$PWD/src/$room" "$build/rooms/$room/$room"
  flags+=(-I"$build/rooms/$room")
done

# compile FILE: its object, unless it is newer than everything it may include
compile() {
  local object=$build/$(echo "$1" | tr / _).o
  [ "$object" -nt "$1" ] && [ -z "$(find src/base "$(dirname "$1")" \( -name '*.hpp' -o -name '*.def' \) -newer "$object")" ] && return
  clang++-19 "${flags[@]}" -c "$1" -o "$object.new" && mv "$object.new" "$object"
}
export build; export -f compile
export flag_list="${flags[*]}"

# What a target is built from: the sources and libraries that NAME.build lists, else those of the EPCIS reader.
parts_of() {
  if [ -f "test/fuzz/$1.build" ]; then tr -s ' \n' '\n' <"test/fuzz/$1.build"; return; fi
  printf '%s\n' src/base/*.cpp src/observe/epcis*.cpp src/observe/xml_tree.cpp src/observe/gs1_key.cpp -lsimdjson -lxml2 -lfmt -lcrypto
}
# build_target NAME: compiles and links it
build_target() {
  local parts=() objects=() libraries=() part
  while IFS= read -r part; do
    case $part in
      *_test.cpp|*/epcis_kept.cpp|"") ;;  # kept documents need the pack index
      *.cpp) parts+=("$part"); objects+=("$build/$(echo "$part" | tr / _).o") ;;
      *) libraries+=("$part") ;;
    esac
  done < <(parts_of "$1")
  printf '%s\0' "${parts[@]}" | xargs -0 -P "${JOBS:-$(nproc)}" -I{} bash -c 'flags=($flag_list); compile {}' &&
    clang++-19 "${flags[@]}" -fsanitize=fuzzer "test/fuzz/$1_fuzz.cpp" "${objects[@]}" "${libraries[@]}" -o "$build/$1"
}

# The documents that a target begins with.
seeds() {
  case $1 in
    epcis_json) find src/observe/examples "$fixtures/epcis" \( -name '*.json' -o -name '*.jsonld' \) -size -64k ! -path '*/schema/*' ! -name manifest.json ;;
    report_csv|trace_csv) find "test/fuzz/seeds/$1" -type f ;;
    epcis_xml) find src/observe/examples "$fixtures/epcis" -name '*.xml' -size -64k ;;
  esac 2>/dev/null
}

for source in test/fuzz/*_fuzz.cpp; do
  name=$(basename "$source" _fuzz.cpp)
  [ $# -gt 0 ] && [[ " $* " != *" $name "* ]] && continue
  build_target "$name" || { failed=$((failed + 1)); echo "not ok - $name does not build with clang"; continue; }
  mkdir -p "$build/$name.seeds" "$build/$name.corpus" "$build/$name.found"
  number=0
  while IFS= read -r file; do number=$((number + 1)); cp "$file" "$build/$name.seeds/$number"; done < <(seeds "$name")
  if UBSAN_OPTIONS=print_stacktrace=1 "$build/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
      -dict="test/fuzz/$name.dict" -artifact_prefix="$build/$name.found/" -print_final_stats=1 \
      "$build/$name.corpus" "$build/$name.seeds" >"$build/$name.log" 2>&1; then
    passed=$((passed + 1))
    echo "ok - $name: $number seeds, $(grep -oP 'number_of_executed_units: \K\d+' "$build/$name.log") texts in $seconds s"
  else
    failed=$((failed + 1))
    echo "not ok - $name: $(grep -m1 -E 'ERROR|SUMMARY|runtime error' "$build/$name.log"); its input lies in $build/$name.found"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
