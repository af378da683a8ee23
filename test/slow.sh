#!/usr/bin/env bash
# What is too slow for every test run: power cuts, kills, bit flips and failing syncs. `slow.sh PROGRAM WORK`; ends with
# `N passed, N failed`.
set -uo pipefail
program=${1:?the program} work=${2:?a directory}
"$(dirname "$program")/faults/faults" "$work/faults"
