# Every entry in the Chromium of 2021 and of 2023, over TLS. The browsers come from npm; without it the check is left out and says so.
source "$(dirname "${BASH_SOURCE[0]}")/../cases/lib.sh.inc"
need_demo
if ! (cd web/test/kernels && npm ci --ignore-scripts --no-audit --no-fund --silent) >/dev/null 2>&1; then
  echo "note: the old browsers could not be had: they were not tried"
  done_with; exit
fi
cp -r "$demo_data" "$work/kernels"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/chain.pem" -days 2 -subj /CN=127.0.0.1 \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null
chmod 600 "$work/key.pem"
"$program" --data "$work/kernels" serve --port 0 --tls "$work/chain.pem" "$work/key.pem" 2>"$work/kernels.log" &
server=$!
for _ in $(seq 150); do url=$(grep -oE 'https://[0-9.:]+' "$work/kernels.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
(cd web && node test/kernels/smoke.mjs "$url" "$work/screenshots")
is "both kernels draw every entry" "$?" 0
kill -TERM "$server"; wait "$server"
done_with
