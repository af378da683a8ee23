#!/usr/bin/env bash
# Signing in by OpenID Connect against the npm package oidc-provider. mission: H1
#   run.sh PROGRAM; the last line is `N passed, N failed`
set -uo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 3
if [ ! -f node_modules/.laid ] || [ package-lock.json -nt node_modules/.laid ]; then
  npm ci --no-audit --no-fund --loglevel=error --prefer-offline && touch node_modules/.laid || exit 3
fi
exec node walk.mjs "$program" 2>&1
