#!/bin/bash
# Two throw-away ClickHouse nodes for the tests: `clickhouse.sh start DIR` starts them on loopback with files in DIR and prints
# the URL of both, `clickhouse.sh stop DIR` ends them and removes DIR. As root they run as the user clickhouse, else as oneself.
# Exit 4 where no server is installed. Understood by ClickHouse 18.16 and by current ones.
set -euo pipefail
command=${1:-}; directory=${2:-}
[ -n "$command" ] && [ -n "$directory" ] || { echo "usage: $0 start|stop DIR" >&2; exit 2; }

server=()
for program in clickhouse-server /usr/sbin/clickhouse-server /usr/bin/clickhouse-server; do
    program=$(command -v "$program" || true)
    if [ -n "$program" ]; then server=("$program"); break; fi
done
if [ ${#server[@]} = 0 ] && command -v clickhouse >/dev/null; then server=("$(command -v clickhouse)" server); fi
owner=()  # what runs the server in the place of root, without a process between
if [ "$(id -u)" = 0 ] && id clickhouse >/dev/null 2>&1; then
    owner=(setpriv --reuid=clickhouse --regid=clickhouse --init-groups --)
fi

# Two ports that nobody listens on now: HTTP and native.
free_ports() {
    python3 - <<'PY'
import socket
held = [socket.socket() for _ in range(4)]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))
PY
}

# The root element is <yandex>, which 18.16 wants and current servers still take.
configure() {  # node http native
    local path=$directory/$1
    mkdir -p "$path"
    cat >"$path/config.xml" <<XML
<yandex>
  <logger><level>warning</level><log>$path/server.log</log><errorlog>$path/error.log</errorlog><size>10M</size><count>1</count></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>$2</http_port>
  <tcp_port>$3</tcp_port>
  <path>$path/data/</path>
  <tmp_path>$path/tmp/</tmp_path>
  <user_files_path>$path/user_files/</user_files_path>
  <format_schema_path>$path/format_schemas/</format_schema_path>
  <users_config>$path/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>
  <keep_alive_timeout>3</keep_alive_timeout>
  <remote_servers><qingyuan>
    <shard><replica><host>127.0.0.1</host><port>$native_1</port><user>qingyuan</user><password>trial</password></replica></shard>
    <shard><replica><host>127.0.0.1</host><port>$native_2</port><user>qingyuan</user><password>trial</password></replica></shard>
  </qingyuan></remote_servers>
</yandex>
XML
    cat >"$path/users.xml" <<'XML'
<yandex>
  <profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
  <users><qingyuan>
    <password>trial</password><profile>default</profile><quota>default</quota>
    <networks><ip>127.0.0.1</ip></networks>
  </qingyuan></users>
  <quotas><default></default></quotas>
</yandex>
XML
}

launch() {  # node
    local path=$directory/$1
    (cd "$path" && exec "${owner[@]}" "${server[@]}" --config-file=config.xml) >"$path/out.log" 2>&1 </dev/null &
    echo $! >"$path/pid"
    disown
}

answers() {  # http
    python3 - "$1" <<'PY'
import sys, urllib.request
try:
    sys.exit(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/ping", timeout=2).read() != b"Ok.\n")
except OSError:
    sys.exit(1)
PY
}

start() {
    [ ${#server[@]} -gt 0 ] || { echo "ClickHouse is not installed" >&2; exit 4; }
    mkdir -p "$directory"
    directory=$(cd "$directory" && pwd)
    local http_1 http_2
    read -r http_1 native_1 http_2 native_2 < <(free_ports)
    configure node1 "$http_1" "$native_1"
    configure node2 "$http_2" "$native_2"
    [ ${#owner[@]} = 0 ] || chown -R clickhouse: "$directory"
    launch node1
    launch node2
    for port in "$http_1" "$http_2"; do
        for attempt in $(seq 100); do
            if answers "$port"; then break; fi
            if [ "$attempt" = 100 ]; then tail -n 5 "$directory"/node?/{out,error}.log >&2; stop; exit 3; fi
            sleep 0.2
        done
    done
    echo "clickhouse://qingyuan:trial@127.0.0.1:$http_1,127.0.0.1:$http_2/packs"
}

stop() {
    [ -d "$directory" ] || exit 0
    local pid
    for file in "$directory"/node?/pid; do
        [ -f "$file" ] || continue
        pid=$(cat "$file")
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
        kill -9 "$pid" 2>/dev/null || true
    done
    rm -rf "$directory"
}

case $command in
    start) start ;;
    stop) (stop) ;;
    *) echo "usage: $0 start|stop DIR" >&2; exit 2 ;;
esac
