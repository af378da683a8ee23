#!/bin/bash
# A throw-away PostgreSQL for the tests: `postgres.sh start DIR` makes a cluster in DIR on a socket of its own and prints its URL,
# `postgres.sh stop DIR` ends it and removes DIR. As root the server runs as the user postgres, else as oneself.
set -euo pipefail
command=${1:-}; directory=${2:-}
[ -n "$command" ] && [ -n "$directory" ] || { echo "usage: $0 start|stop DIR" >&2; exit 2; }

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
[ -n "$programs" ] || programs=$(dirname "$(command -v initdb)") || { echo "PostgreSQL is not installed" >&2; exit 3; }
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

start() {
    mkdir -p "$directory"
    directory=$(cd "$directory" && pwd)
    [ "$(id -u)" != 0 ] || chown postgres: "$directory"
    cd "$directory"
    # A socket's path has at most 107 characters.
    local socket=$directory
    if [ ${#socket} -gt 80 ]; then
        socket=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX"); echo "$socket" >"$directory/socket"
        [ "$(id -u)" != 0 ] || chown postgres: "$socket"
    fi
    if [ ! -f data/PG_VERSION ]; then
        as "$programs/initdb" --pgdata=data --data-checksums --encoding=UTF8 --locale=C --auth=trust --username=qingyuan \
            >initdb.log 2>&1 || { cat initdb.log >&2; exit 3; }
    fi
    # It listens on the socket only, so the port is a part of a file name and always free.
    as "$programs/pg_ctl" --pgdata=data --log=server.log --wait --silent \
        --options="-k '$socket' -c listen_addresses='' -c fsync=on -c max_connections=100" start >&2 || { tail -5 server.log >&2; exit 3; }
    echo "postgresql:///postgres?host=${socket//\//%2F}&user=qingyuan"
}

stop() {
    [ -d "$directory/data" ] || exit 0
    cd "$directory"
    as "$programs/pg_ctl" --pgdata=data --mode=immediate --wait --silent stop >&2 || true
    [ ! -f socket ] || rm -rf "$(cat socket)"
    cd / && rm -rf "$directory"
}

case $command in
    start) start ;;
    stop) stop ;;
    *) echo "usage: $0 start|stop DIR" >&2; exit 2 ;;
esac
