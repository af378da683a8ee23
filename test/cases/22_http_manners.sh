# The server's manners against wrong, slow and many requests through plain sockets; its configuration, TLS, log and stop.
# mission: H11
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
served="$work/manners"
cp -r "$demo_data" "$served"

# begin LOG ARGUMENT…: starts a server and sets url, port and server
begin() {
  local log=$1; shift
  "$program" --data "$served" serve "$@" 2>"$log" &
  server=$! url=
  for _ in $(seq 150); do url=$(grep -oE '^https?://[0-9.:]+' "$log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
  port=${url##*:}
}
finish() { kill -TERM "$server" 2>/dev/null; wait "$server"; }

# --- configuration
fails "a wrong key" 2 "$program" serve --check-config --config <(printf '[server]\nprot = 1\n')
says "a wrong key is named with its line" ":2: config_unknown"
QINGYUAN_SERVER_PROT=1 fails "a wrong variable" 2 "$program" serve --check-config
says "a wrong variable is named" QINGYUAN_SERVER_PROT
fails "a port that is none" 2 "$program" serve --port 70000 --check-config
fails "half of TLS" 2 "$program" --data "$served" serve --port 0 --config <(printf '[server]\ntls_certificate = "x"\n')
fails "the example loads" 0 "$program" serve --check-config --config packaging/qingyuan.toml
echo "hidden canary" >"$work/secret"; chmod 600 "$work/secret"
printf '[mail]\nurl = "smtps://relay"\nfrom = "a@b.example"\nuser = "u"\npassword_file = "%s"\n' "$work/secret" >"$work/q.toml"
"$program" serve --check-config --config "$work/q.toml" >"$work/effective.toml"
if grep -q canary "$work/effective.toml"; then bad "--check-config prints a secret"; else ok; fi
fails "what is printed loads again" 0 "$program" serve --check-config --config "$work/effective.toml"
chmod 640 "$work/secret"
fails "an exposed secret stops the start" 3 "$program" --data "$served" serve --port 0 --config "$work/q.toml"
says "an exposed secret stops the start" key_file_exposed

# --- wrong requests
metrics_port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
QINGYUAN_SERVER_METRICS_PORT=$metrics_port begin "$work/manners.log" --port 0
/usr/bin/python3 - "$port" >"$work/sockets.txt" <<'PYTHON'
import socket, sys, time
port = int(sys.argv[1])
passed = failed = 0

def exchange(data, wait=5.0):
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as s:
        s.sendall(data)
        out = b""
        try:
            while part := s.recv(65536):
                out += part
        except (TimeoutError, ConnectionResetError):
            pass
        return out

def check(what, good):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED:", what)

def refused(what, data, status):
    reply = exchange(data)
    check(f"{what}: {reply[:80]!r}", reply.startswith(b"HTTP/1.1 %d " % status) and b"application/problem+json" in reply
          and reply.count(b"HTTP/1.1 ") == 1)

H = b"Host: h\r\n"
NEXT = b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"
for name, head in {
    "both framings": b"Content-Length: 4\r\nTransfer-Encoding: chunked",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5",
    "a list of lengths": b"Content-Length: 4, 4",
    "a signed length": b"Content-Length: +4",
    "an unknown coding": b"Transfer-Encoding: xchunked",
    "a coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "a blank before the colon": b"Content-Length : 4",
    "a folded line": b"A: b\r\n Content-Length: 4",
    "a NUL": b"A: b\0c",
    "a bare CR": b"A: b\rContent-Length: 4",
    "a bare LF": b"A: b\nContent-Length: 4",
    "two hosts": b"Host: other",
    "an unknown expectation": b"Expect: everything",
}.items():
    refused(name, b"POST /api/session HTTP/1.1\r\n" + H + head + b"\r\n\r\nabcd" + NEXT, 400)
for target in (b"/../law/law.toml", b"/%2e%2e/x", b"/..%2fx", b"/a%5c..", b"//x", b"/%", b"/%zz", b"/%00", b"/%ff", b"http://h/livez", b"*", b"h:80",
               b"/assets/..%5c..", b"/assets/%2e%2e/%2e%2e/instance.json", "/清".encode(), b"/a#b"):
    refused(target, b"GET " + target + b" HTTP/1.1\r\n" + H + b"\r\n" + NEXT, 400)
refused("no host", b"GET /livez HTTP/1.1\r\n\r\n", 400)
refused("HTTP/2 by guess", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400)
refused("TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400)
refused("a long head", b"GET /livez HTTP/1.1\r\n" + H + b"A: " + b"a" * 20000 + b"\r\n\r\n", 400)
refused("ten gigabytes", b"POST /api/session HTTP/1.1\r\n" + H + b"Content-Length: 10000000000\r\n\r\n", 413)
refused("JSON beyond 1 MiB", b"POST /api/session HTTP/1.1\r\n" + H + b"Content-Length: 1048577\r\n\r\n", 413)
chunk = b"40000\r\n" + b" " * 0x40000 + b"\r\n"
refused("endless chunks", b"POST /api/session HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5, 413)

reply = exchange(NEXT * 3 + b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
check("four requests in one piece", reply.count(b"HTTP/1.1 200 ") == 4)
reply = exchange(b"GET /livez HTTP/1.0\r\n\r\n")
check("HTTP/1.0", reply.startswith(b"HTTP/1.1 200 ") and b"Connection: close" in reply)
reply = exchange(b"TRACE /livez HTTP/1.1\r\nHost: h\r\nX-Secret: canary\r\nConnection: close\r\n\r\n")
check("TRACE tells nothing back", b"canary" not in reply and reply.split()[1] in (b"404", b"405"))
reply = exchange(b"GET /nothing HTTP/1.1\r\nHost: h\r\nX-Request-Id: a\r\nConnection: close\r\n\r\n")
ident = [line for line in reply.split(b"\r\n") if line.startswith(b"X-Request-Id: ")]
check("every answer has a request id of ours", len(ident) == 1 and len(ident[0]) > 24)

begun = time.monotonic()
with socket.create_connection(("127.0.0.1", port)) as s:
    s.settimeout(20)
    s.sendall(b"GET /livez HTTP/1.1\r\nHost: h\r\n")
    check("a head that does not end is cut off", s.recv(100) == b"")
check(f"after ten seconds: {time.monotonic() - begun:.1f}", 9 < time.monotonic() - begun < 13)
print(f"{passed} passed, {failed} failed")
PYTHON
grep -v passed "$work/sockets.txt"
line=$(tail -1 "$work/sockets.txt")
passed=$((passed + $(cut -d' ' -f1 <<<"$line"))) failed=$((failed + $(cut -d' ' -f3 <<<"$line")))

# --- metrics and log
curl -s "http://127.0.0.1:$metrics_port/metrics" >"$work/metrics.txt"
/usr/bin/python3 - "$work/metrics.txt" >"$work/out" 2>&1 <<'PYTHON'
import re, sys
series, kinds = {}, {}
for line in open(sys.argv[1], encoding="utf-8"):
    line = line.rstrip("\n")
    if line.startswith("# TYPE "):
        _, _, name, kind = line.split(" ")
        assert name not in kinds, f"{name} twice"
        kinds[name] = kind
    elif not line.startswith("# HELP "):
        got = re.fullmatch(r'([a-z_:]+)(\{([a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (-?[0-9.e+-]+|\+Inf)', line)
        assert got, line
        assert line.rsplit(" ", 1)[0] not in series, f"twice: {line}"
        series[line.rsplit(" ", 1)[0]] = float(got.group(4))
        assert re.sub("_(bucket|sum|count)$", "", got.group(1)) in kinds or got.group(1) in kinds, line
assert len(series) <= 5000
assert series['qingyuan_http_refusals_total{why="too_large"}'] >= 2, series
assert any(name.startswith('qingyuan_http_request_seconds_bucket{lane="general"') for name in series)
PYTHON
if [ $? -eq 0 ]; then ok; else bad "metrics: $(tail -1 "$work/out")"; fi
is "nothing but metrics on that port" "$(curl -s -o "$work/out" -w '%{http_code}' "http://127.0.0.1:$metrics_port/api/meta")" 404
/usr/bin/python3 - "$work/manners.log" >"$work/out" 2>&1 <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8") if line.startswith("{")]
assert len(lines) > 30
for line in lines:
    assert "time" in line and line["time"].endswith("Z"), line
    assert "event" in line or {"id", "method", "path", "status", "us"} <= set(line), line
    assert "canary" not in json.dumps(line) and "127.0.0.1" not in json.dumps(line), line
PYTHON
if [ $? -eq 0 ]; then ok; else bad "log: $(tail -1 "$work/out")"; fi
finish; is "stops gracefully" "$?" 0

# --- TLS, renewed while it runs
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj "/CN=$1" -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$work/tls.key" -out "$work/tls.pem" 2>/dev/null
  chmod 600 "$work/tls.key"
}
subject() { openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | openssl x509 -noout -subject 2>/dev/null; }
make_certificate first
begin "$work/tls.log" --port 0 --address 0.0.0.0 --tls "$work/tls.pem" "$work/tls.key"
is "TLS on every address" "$(curl -s --cacert "$work/tls.pem" "https://127.0.0.1:$port/livez")" ok
if curl -sI --cacert "$work/tls.pem" "https://127.0.0.1:$port/" | grep -qi '^strict-transport-security: max-age=31536000'; then ok; else bad "no HSTS"; fi
fails "TLS 1.1 is refused" 35 curl -s --tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 -k "https://127.0.0.1:$port/livez"
exec 5<>"/dev/tcp/127.0.0.1/$port"  # a connection that lasts over the renewal
make_certificate second
kill -HUP "$server"
for _ in $(seq 50); do [[ $(subject) == *second* ]] && break; sleep 0.1; done
is "the renewed certificate is shown" "$(subject)" "subject=CN = second"
exec 5>&-
chmod 644 "$work/tls.key"; kill -HUP "$server"; sleep 0.3
is "an exposed key is not taken" "$(subject)" "subject=CN = second"
if grep -q key_file_exposed "$work/tls.log"; then ok; else bad "the refusal is not in the log"; fi
finish; is "stops gracefully" "$?" 0
fails "an exposed key stops the start" 3 "$program" --data "$served" serve --port 0 --tls "$work/tls.pem" "$work/tls.key"

# --- stopping: unready at once, and the second signal does not wait
QINGYUAN_SERVER_STOP_ANNOUNCE_SECONDS=20 begin "$work/stop.log" --port 0
is "ready" "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" 200
kill -TERM "$server"; sleep 0.5
is "unready while it stops" "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" 503
is "alive while it stops" "$(curl -s -o /dev/null -w '%{http_code}' "$url/livez")" 200
kill -TERM "$server"; wait "$server"; is "the second signal ends it" "$?" 143
fails "the journal is whole after it" 0 "$program" --data "$served" journal verify

# --- the unit, where the tool is there
if command -v systemd-analyze >/dev/null; then
  exposure=$(systemd-analyze security --offline=true packaging/qingyuan.service 2>/dev/null | grep -oE 'level for [^:]+: [0-9.]+' | grep -oE '[0-9.]+$')
  if [ -n "$exposure" ] && /usr/bin/python3 -c "exit(not $exposure <= 1.5)"; then ok; else bad "the unit's exposure is '$exposure'"; fi
fi
done_with
