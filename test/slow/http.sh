# Slow heads, slow bodies and slow readers by the thousand, while a light load goes on: the load is answered in time, and the
# attackers are cut off. Needs slowhttptest (Debian package); without it the check is left out and says so.
# mission: H11
source "$(dirname "${BASH_SOURCE[0]}")/../cases/lib.sh.inc"
need_demo
load=$(dirname "$program")/bench/load
[ -x "$load" ] || ninja -C "$(dirname "$program")" load >/dev/null 2>&1
if ! command -v slowhttptest >/dev/null; then
  apt-get install -y -qq slowhttptest >/dev/null 2>&1 || true
fi
if ! command -v slowhttptest >/dev/null || [ ! -x "$load" ]; then
  echo "note: slowhttptest or the load generator is absent: slow attacks were not tried"
  done_with; exit
fi
served="$work/attacked"
cp -r "$demo_data" "$served"
QINGYUAN_LIMITS_RATES=false "$program" --data "$served" serve --port 0 2>"$work/attacked.log" &
server=$!
for _ in $(seq 150); do url=$(grep -oE '^http://[0-9.:]+' "$work/attacked.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
printf '80 GET /livez\n15 GET /api/session/methods\n5 GET /openapi.json\n' >"$work/light.txt"

# attack WHAT LIMIT_MS ARGUMENT…: 2,000 slow connections for `lasts` seconds, the load beside them for 20 s
attack() {
  local what=$1 limit=$2; shift 2
  # The attacker belongs on another machine: here it gets what the server and the load leave of the processors.
  nice -n 19 slowhttptest -c 2000 -r 200 -l "$lasts" -u "$url$target" -p 5 "$@" 2>&1 | sed 's/\x1b\[[0-9;]*m//g' >"$work/attack.txt" &
  local attacker=$!
  sleep 2
  "$load" --url "$url" --requests "$work/light.txt" --rate 200 --seconds 20 --connections 50 --p99 "$limit" >"$work/load.txt"
  if [ $? -eq 0 ]; then ok; else bad "$what: p99 beyond $limit ms: $(cat "$work/load.txt")"; fi
  is "$what: errors under the load" "$(grep -oE 'mixed: errors +[0-9.]+ requests.*' "$work/load.txt" | tr -s ' ')" \
    "mixed: errors 0.00 requests 0 statuses, 0 broken connections, 0 unanswered"
  [ "$lasts" -le 30 ] || sleep $((lasts - 26))
  still=$(held)
  wait "$attacker"
  printf '%-14s %s; attackers closed by the server: %s\n' "$what" "$(awk '/p99/ {print "p99 " $3 " ms"}' "$work/load.txt")" \
    "$(closed); held at its end: $still"
}
closed() { grep -oE '^closed: +[0-9]+' "$work/attack.txt" | tail -1 | grep -oE '[0-9]+'; }
# held: connections of the server that are open in both directions (state 01 in proc(5), net/tcp)
held() { awk -v port=":$(printf '%04X' "${url##*:}")$" '$2 ~ port && $4 == "01"' /proc/net/tcp | wc -l; }
lasts=30
target=/livez
# Every one is cut off after ten seconds; how many of the 2,000 the starved attacker had opened by then is another matter.
attack "slow heads" 250 -H -i 5 -t GET
if [ "$(closed)" -ge 1000 ]; then ok; else bad "slow heads are not cut off after ten seconds: $(closed)"; fi
target=/api/session
attack "slow bodies" 250 -B -i 5 -s 8192 -t POST
if [ "$(closed)" -ge 1000 ]; then ok; else bad "slow bodies are not cut off: $(closed)"; fi
target=/openapi.json
# An attacker who reads nothing does not notice that he was cut off: the server's side is counted, twenty seconds after the last came.
lasts=40
attack "slow readers" 250 -X -k 3 -w 10 -y 20 -n 5 -z 32
if [ "$still" -lt 50 ]; then ok; else bad "slow readers are not cut off: $still are held"; fi
sleep 1
is "still ready" "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" 200
kill -TERM "$server"; wait "$server"; is "stops gracefully after it" "$?" 0
fails "the journal is whole after it" 0 "$program" --data "$served" journal verify
done_with
