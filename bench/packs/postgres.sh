#!/usr/bin/env bash
# PostgreSQL does the same work as the pack index: loads the flat trace format, counts repeated events once, runs the fourteen
# checks (checks.sql), on a server of its own (test/postgres.sh), durable.
#   postgres.sh DIR SERVER_DIR FINDINGS
# Prints one JSON line: seconds of each step, rows, findings, peak proportional memory of all its processes, bytes of the database.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 3 ] || { echo "usage: $0 DIR SERVER_DIR FINDINGS" >&2; exit 2; }
directory=$(cd "$1" && pwd) server=$2 findings=$3
url=$("$here/../../test/postgres.sh" start "$server")
server=$(cd "$server" && pwd)
watcher=
trap '[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true; "$here/../../test/postgres.sh" stop "$server" >/dev/null 2>&1 || true' EXIT
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$url" "$@"; }

# what a 2-core machine with some memory would be given
sql -c "ALTER SYSTEM SET shared_buffers = '1GB'" -c "ALTER SYSTEM SET work_mem = '256MB'" -c "ALTER SYSTEM SET maintenance_work_mem = '512MB'" \
    -c "ALTER SYSTEM SET max_wal_size = '8GB'" -c "ALTER SYSTEM SET synchronous_commit = off" -c "ALTER SYSTEM SET jit = off" \
    -c "ALTER SYSTEM SET effective_cache_size = '4GB'" -c "ALTER SYSTEM SET checkpoint_timeout = '30min'"
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1); [ -n "$programs" ] || programs=$(dirname "$(command -v pg_ctl)")
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
(cd "$server" && as "$programs/pg_ctl" --pgdata=data --mode=fast --wait --silent --log=server.log restart) >&2

# shared pages are counted once between the processes: the sum of their proportional sets
head_process=$(head -1 "$server/data/postmaster.pid")
( peak=0
  while :; do
    now=0
    for process in "$head_process" $(pgrep -P "$head_process"); do
      pss=$(awk '/^Pss:/ { print $2 }' "/proc/$process/smaps_rollup" 2>/dev/null) && now=$((now + ${pss:-0}))
    done
    [ "$now" -le "$peak" ] || { peak=$now; echo "$peak" >"$server/peak"; }
    sleep 0.5
  done ) & watcher=$!

seconds=() last=$(date +%s%N)
lap() { local now; now=$(date +%s%N); seconds+=("\"$1\":$(awk "BEGIN { printf \"%.3f\", ($now - $last) / 1e9 }")"); last=$now; }

sql <<'SQL'
CREATE TABLE operators (id TEXT, type TEXT, headquarters TEXT, region TEXT, scopes TEXT, licence_from BIGINT, licence_to BIGINT);
CREATE TABLE products (code TEXT, holder TEXT, class TEXT);
CREATE TABLE batches (id TEXT, product TEXT, holder TEXT, produced_at BIGINT, expires_at BIGINT, recalled_at BIGINT);
CREATE TABLE documents (id TEXT, seller TEXT, buyer TEXT, batch TEXT, quantity BIGINT);
CREATE TABLE events (event_id TEXT COLLATE "C", code TEXT COLLATE "C", action TEXT, actor TEXT, counterparty TEXT, event_time BIGINT,
                     upload_time BIGINT, batch TEXT, document TEXT, split SMALLINT, corrects TEXT, owner TEXT);
CREATE TABLE aggregation (parent TEXT, child TEXT);
SQL
for table in operators products batches documents events aggregation; do
  [ -f "$directory/$table.csv" ] || continue
  sql -c "\\copy $table FROM '$directory/$table.csv' WITH (FORMAT csv, HEADER true)"
done
lap load
rows=$(sql -c 'SELECT count(*) FROM events')
now=$(sql -c 'SELECT max(upload_time) + 60 * 86400 FROM events')
sql -c 'DELETE FROM events WHERE ctid IN (SELECT ctid FROM (SELECT ctid, row_number() OVER (PARTITION BY event_id ORDER BY ctid) AS n FROM events
          WHERE event_id IN (SELECT event_id FROM events GROUP BY event_id HAVING count(*) > 1)) d WHERE n > 1)'
sql -c 'ANALYZE'
lap deduplicate
sql -c 'CREATE TABLE superseded AS SELECT DISTINCT corrects AS id FROM events WHERE corrects IS NOT NULL' -c 'ANALYZE superseded'
fields="event_time, event_id, action, actor, counterparty, batch, document, coalesce(split, 0) AS split"
kept="SELECT * FROM events WHERE event_id NOT IN (SELECT id FROM superseded)"
if [ -f "$directory/aggregation.csv" ]; then
  sql -c "CREATE TABLE history AS
    WITH kept AS ($kept),
    own AS (SELECT code, $fields, event_id AS key FROM kept WHERE code NOT IN (SELECT parent FROM aggregation)),
    leaves AS (SELECT DISTINCT ON (code) code, event_time AS left_at, event_id AS left_id FROM own WHERE action <> 'produce'
               ORDER BY code, event_time, event_id)
    SELECT * FROM own
    UNION ALL SELECT a.child, $fields, event_id || '/' || a.child
    FROM kept e JOIN aggregation a ON a.parent = e.code LEFT JOIN leaves l ON l.code = a.child
    WHERE l.code IS NULL OR (e.event_time, e.event_id) < (l.left_at, l.left_id)" -c 'ANALYZE history'
else
  sql -c "CREATE VIEW history AS SELECT code, $fields, event_id AS key FROM ($kept) k"
fi
lap history
sed "s/:now/$now/g" "$here/checks.sql" | { [ -z "${QINGYUAN_BENCH_VERBOSE:-}" ] || echo '\timing on'; cat; } | sql >&2
lap checks
sql -c 'CHECKPOINT'
lap checkpoint
{ echo number,key; sql --csv -c 'SELECT number, key FROM findings ORDER BY number, key COLLATE "C"'; } >"$findings"
joined=$(IFS=,; echo "${seconds[*]}")
total=$(awk -v all="$joined" 'BEGIN { n = split(all, part, /[:,]/); for (i = 2; i <= n; i += 2) sum += part[i]; printf "%.3f", sum }')
printf '{"rival":"postgresql","version":"%s","rows":%s,"findings":%s,"now":%s,"seconds":{%s},"total":%s,"peak_mb":%s,"database_bytes":%s}\n' \
  "$(sql -c 'SHOW server_version')" "$rows" "$(($(wc -l <"$findings") - 1))" "$now" "$joined" "$total" \
  "$(($(cat "$server/peak" 2>/dev/null || echo 0) / 1024))" "$(sql -c 'SELECT pg_database_size(current_database())')"
