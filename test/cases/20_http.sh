# The server against its contract and against the reviewed table of routes and roles, and its manners: plaintext on loopback only, graceful
# stop, the port in use, answers that survive a restart.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
fails "an address that others can reach is refused" 2 "$program" --data "$demo_data" serve --address 0.0.0.0 --port 0
says "an address that others can reach is refused" address_refused

# a first start: no account, no default password, a code on the console and the door closed until then
"$program" --data "$work/fresh" serve --port 0 2>"$work/fresh.log" &
fresh=$!
for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$work/fresh.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
if grep -q 'give this code' "$work/fresh.log"; then ok; else bad "no set-up code at the first start"; fi
is "nobody can sign in before the set-up" "$(curl -s -X POST -H 'Content-Type: application/json' -d '{"name":"admin","password":"admin"}' "$url/api/session" | json "d['code']")" sign_in_refused
kill -TERM "$fresh"; wait "$fresh"; is "a first start stops gracefully" "$?" 0

cp -r "$demo_data" "$work/served"
mkdir -p "$work/tokens"
for role in $(tail -n +2 law/roles.csv | cut -d, -f1); do
  "$program" --data "$work/served" demo --token "$role" >"$work/tokens/$role" 2>/dev/null || rm -f "$work/tokens/$role"
done
if [ "$(ls "$work/tokens" | wc -l)" -ge 18 ]; then ok; else bad "tokens of too few roles: $(ls "$work/tokens" | xargs)"; fi
bearer="Authorization: Bearer $(cat "$work/tokens/officer")"

# begin LOG: serves in the background; sets `server` and `url`
begin() {
  QINGYUAN_LIMITS_RATES=false "$program" --data "$work/served" serve --port 0 2>"$1" &
  server=$!
  url=
  for _ in $(seq 100); do url=$(grep -oE 'http://[0-9.:]+' "$1" | head -1); [ -n "$url" ] && break; sleep 0.1; done
}
# outside SCRIPT: adds what a test program says to the counts
outside() {
  /usr/bin/python3 "test/$1" "$url" "$work/tokens" >"$work/outside.log" 2>&1
  tail -60 "$work/outside.log" | grep -v passed
  local line; line=$(tail -1 "$work/outside.log")
  passed=$((passed + $(cut -d' ' -f1 <<<"$line"))) failed=$((failed + $(cut -d' ' -f3 <<<"$line")))
}

begin "$work/serve.log"
outside contract.py
outside routes.py
fails "the port is taken" 3 "$program" --data "$demo_data" serve --port "${url##*:}"

# the same key after a restart: the same answer, and no second fact
body='{"procedure":"lead","title":"kept over a restart","category":"drug","form":{"origin":"inspection","facts":"x"}}'
post() { curl -s -X POST -H "$bearer" -H 'Content-Type: application/json' -H 'Idempotency-Key: kept-over-a-restart' -d "$body" "$url/api/dossiers"; }
leads() { curl -s -H "$bearer" "$url/api/dossiers?procedure=lead" | json "d['total']"; }
before=$(post) leads=$(leads)
if grep -qE '清源|经理|某' "$work/serve.log"; then bad "the log holds names"; else ok; fi
kill -TERM "$server"; wait "$server"; is "stops gracefully" "$?" 0
begin "$work/serve2.log"
is "the same answer after a restart" "$(post)" "$before"
is "and no second dossier" "$(leads)" "$leads"
kill -TERM "$server"; wait "$server"; is "stops gracefully again" "$?" 0
fails "the journal is whole after it" 0 "$program" --data "$work/served" journal verify
done_with
