#!/usr/bin/env bash
# The web app's own tests, their last line told as `N passed, N failed`.
cd "$(dirname "${BASH_SOURCE[0]}")/../web" || exit 3
out=$(npm test --silent 2>&1); status=$?
line=$(sed 's/\x1b\[[0-9;]*m//g' <<<"$out" | grep -E '^ *Tests ' | tail -1)
passed=$(grep -oE '[0-9]+ passed' <<<"$line" | cut -d' ' -f1) failed=$(grep -oE '[0-9]+ failed' <<<"$line" | cut -d' ' -f1)
[ "$status" -eq 0 ] || { tail -40 <<<"$out"; [ "${failed:-0}" -gt 0 ] || failed=1; }
echo "${passed:-0} passed, ${failed:-0} failed"
