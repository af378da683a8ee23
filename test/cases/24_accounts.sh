# A bureau set up from nothing through its own doors: code of the console, administrators, organisations, people, roles agreed to by two
# persons, accounts, tokens; and every shortcut refused. Then the same accounts from the command line.
# mission: H1
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
served="$work/bureau"; mkdir -p "$served"
echo '{"origin": "qingyuan/bureau"}' >"$served/instance.json"
QINGYUAN_LIMITS_RATES=false "$program" --data "$served" serve --port 0 2>"$work/bureau.log" &
server=$!
for _ in $(seq 100); do url=$(grep -oE '^https?://[0-9.:]+' "$work/bureau.log" | head -1); [ -n "$url" ] && break; sleep 0.1; done
code=$(grep -oE '[A-Z2-7]{4}(-[A-Z2-7]{4}){3}' "$work/bureau.log" | head -1)
/usr/bin/python3 - "$url" "$code" "$work" <<'PYTHON' >"$work/bureau.txt" 2>&1
import json, sys, urllib.request, urllib.error
url, code, work = sys.argv[1:]
passed = failed = 0

def check(what, got, wanted):
    global passed, failed
    if got == wanted:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}: got {got}, wanted {wanted}")

class Person:
    """A browser: its cookie, and the Origin a page of this server sends."""
    def __init__(self, origin=url):
        self.cookie, self.token, self.origin, self.keys = None, None, origin, 0
    def ask(self, method, path, body=None, **headers):
        request = urllib.request.Request(url + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept-Language", "en")
        if self.origin: request.add_header("Origin", self.origin)
        if self.cookie: request.add_header("Cookie", "__Host-qingyuan=" + self.cookie)
        if self.token: request.add_header("Authorization", "Bearer " + self.token)
        if method == "POST":
            self.keys += 1
            request.add_header("Idempotency-Key", f"key-{hash(self)}-{self.keys}")
        for name, value in headers.items(): request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request) as answer:
                status, text, head = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            status, text, head = error.code, error.read(), error.headers
        for cookie in head.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            if name == "__Host-qingyuan": self.cookie = value or None
        self.etag = head.get("ETag")
        self.said = json.loads(text) if text else {}
        return status if status < 300 else self.said.get("code")
    def sign_in(self, name, password):
        return self.ask("POST", "/api/session", {"name": name, "password": password})

p1, p2, p3, p4 = "Lotus-7-kite-Bay", "River-9-moss-Elm", "Stone-4-fern-Oak", "Cedar-8-dune-Fox"
nobody = Person()
check("nobody", nobody.ask("GET", "/api/session"), "not_signed_in")
check("a new installation says so", nobody.ask("GET", "/api/session/methods") and nobody.said["set_up"], True)
check("no sample data", nobody.said["roles"], [])
city = {"id": "city", "name": "市局", "department": "drug_regulator", "kind": "authority"}
first = {"code": code, "organisation": city, "system_admin": {"person_name": "赵一", "name": "zhao", "password": p1},
         "security_admin": {"person_name": "钱二", "name": "qian", "password": p2}}
check("a wrong code", nobody.ask("POST", "/api/setup", {**first, "code": "AAAA-AAAA-AAAA-AAAA"}), "token_invalid")
check("an unknown department", nobody.ask("POST", "/api/setup", {**first, "organisation": {**city, "department": "navy"}}), "not_in_vocabulary")
check("more than was asked", nobody.ask("POST", "/api/setup", {**first, "roles": ["system_admin"]}), "field_unknown")
check("the set-up", nobody.ask("POST", "/api/setup", first), 204)
check("only once", nobody.ask("POST", "/api/setup", first), "set_up_done")
check("no role to take", nobody.ask("POST", "/api/session/demo", {"role": "officer"}), "access_denied")

sys_, sec = Person(), Person()
check("a page elsewhere signs nobody in", Person("https://evil.example").sign_in("zhao", p1), "origin_refused")
check("a wrong password", sys_.sign_in("zhao", p2), "sign_in_refused")
check("an unknown name", sys_.sign_in("ghost", p2), "sign_in_refused")
check("the system administrator", sys_.sign_in("zhao", p1), 200)
check("may change accounts", "account_change" in sys_.said["permissions"], True)
check("reads no matters", "dossier_read" in sys_.said["permissions"], False)
check("the security administrator", sec.sign_in("qian", p2), 200)
check("first the password", sec.said["limited"], "password_change")
check("nothing else is open", sec.ask("GET", "/api/admin/accounts"), "access_denied")
check("a weak one", sec.ask("POST", "/api/account/password", {"old": p2, "new": "Password2026!"}), "password_weak")
check("a new one", sec.ask("POST", "/api/account/password", {"old": p2, "new": p3}), 200)
check("now it is open", sec.ask("GET", "/api/admin/accounts"), 200)
check("all but their own", [item["name"] for item in sec.said["items"]], ["zhao"])

new = {"id": "east", "name": "东城分局", "parent": "city", "department": "drug_regulator", "kind": "branch"}
check("the other administrator may not", sec.ask("POST", "/api/admin/organisations", new), "access_denied")
check("a branch", sys_.ask("POST", "/api/admin/organisations", new), 201)
check("twice", sys_.ask("POST", "/api/admin/organisations", new), "duplicate_key")
check("mass assignment", sys_.ask("POST", "/api/admin/organisations", {**new, "id": "west", "path": "/"}), "field_unknown")
check("it is read", sys_.ask("GET", "/api/admin/organisations/east"), 200)
seen = sys_.etag
check("renamed without its version", sys_.ask("PATCH", "/api/admin/organisations/east", {"name": "东区分局"}), "version_wanted")
check("renamed", sys_.ask("PATCH", "/api/admin/organisations/east", {"name": "东区分局"}, If_Match=seen), 200)
check("on an old version", sys_.ask("PATCH", "/api/admin/organisations/east", {"name": "x"}, If_Match=seen), "version_conflict")

def person(id, name): return sys_.ask("POST", "/api/admin/people", {"id": id, "name": name, "organisation": "city"})
for id, name in (("p-sun", "孙三"), ("p-li", "李四")): check("a person", person(id, name), 201)
check("with a role of its own", sys_.ask("POST", "/api/admin/people", {"id": "p-x", "name": "x", "organisation": "city", "roles": ["officer"]}), "field_unknown")
def propose(by, id, roles): return by.ask("PATCH", f"/api/admin/people/{id}/roles", {"roles": roles, "reason": "appointed"})
def decide(by, proposal, decision="approved"):
    return by.ask("POST", f"/api/admin/proposals/{proposal['id']}/decide", {"decision": decision, "digest": proposal["digest"], "reason": "seen"})
check("two of the three", propose(sys_, "p-sun", ["audit_admin", "officer"]), "field_invalid")
check("no such role", propose(sys_, "p-sun", ["king"]), "not_in_vocabulary")
check("the third", propose(sys_, "p-sun", ["audit_admin"]), 202)
audit_role = sys_.said
check("alone", decide(sys_, audit_role), "same_person")
check("of other content", decide(sec, {**audit_role, "digest": "00" * 32}), "content_changed")
check("waiting for the other", sec.ask("GET", "/api/admin/proposals") and [(p["id"], p["mine"]) for p in sec.said["items"]], [(audit_role["id"], False)])
check("agreed", decide(sec, audit_role), 200)
check("twice", decide(sec, audit_role), "wrong_state")
check("an officer is proposed", propose(sys_, "p-li", ["officer"]), 202)
officer_role = sys_.said
check("and refused", decide(sec, officer_role, "refused"), 200)
check("proposed again", propose(sys_, "p-li", ["officer"]), 202)
check("and agreed", decide(sec, sys_.said), 200)
check("oneself", propose(sys_, "city-p-001", ["officer"]), "access_denied")

def account(id, name):
    status = sys_.ask("POST", "/api/admin/accounts", {"person": id, "name": name})
    return status, sys_.said.get("password"), sys_.said.get("account", {}).get("id")
status, password, _ = account("p-sun", "sun"); check("an account", status, 201)
audit = Person()
check("the audit administrator", audit.sign_in("sun", password), 200)
check("changes the password", audit.ask("POST", "/api/account/password", {"old": password, "new": p4}), 200)
status, password, li = account("p-li", "li"); check("an account", status, 201)
check("one account a person", account("p-li", "li2")[0], "duplicate_key")
officer = Person()
officer.sign_in("li", password)
check("the officer", officer.ask("POST", "/api/account/password", {"old": password, "new": p4}), 200)
check("may not administer", officer.ask("GET", "/api/admin/accounts"), "access_denied")
check("nor audit", officer.ask("GET", "/api/admin/access"), "access_denied")

check("a token", officer.ask("POST", "/api/account/tokens", {"label": "upload", "scope": ["own_read"], "until": officer.ask("GET", "/api/account/password") and officer.said["until"]}), 201)
program = Person(None); program.token = officer.said["token"]; token_id = officer.said["id"]
check("reads", program.ask("GET", "/api/account/tokens"), 200)
check("no more than that", program.ask("GET", "/api/dossiers"), "access_denied")
check("and writes nothing", program.ask("POST", "/api/account/tokens", {"label": "x", "scope": ["own_read"], "until": "2099-01-01"}), "access_denied")
check("more than one may oneself", officer.ask("POST", "/api/account/tokens", {"label": "x", "scope": ["account_change"], "until": "2030-01-01"}), "access_denied")
check("revoked", officer.ask("DELETE", f"/api/account/tokens/{token_id}"), 204)
check("is gone", program.ask("GET", "/api/account/tokens"), "token_invalid")

check("looks at the account", sys_.ask("GET", f"/api/admin/accounts/{li}"), 200)
tag = sys_.etag
check("without a reason", sys_.ask("PATCH", f"/api/admin/accounts/{li}", {"state": "disabled"}, If_Match=tag), "field_missing")
foreign = Person("https://evil.example"); foreign.cookie = sys_.cookie
check("by a page elsewhere", foreign.ask("PATCH", f"/api/admin/accounts/{li}", {"state": "disabled", "reason": "x"}, If_Match=tag), "origin_refused")
check("disabled", sys_.ask("PATCH", f"/api/admin/accounts/{li}", {"state": "disabled", "reason": "left"}, If_Match=tag), 200)
check("signed out at once", officer.ask("GET", "/api/session"), "not_signed_in")
check("a reset of an administrator is a proposal", sys_.ask("GET", "/api/admin/accounts/a-000002") and sys_.ask("PATCH", "/api/admin/accounts/a-000002", {"reset_password": True, "reason": "lost"}, If_Match=sys_.etag), 202)
check("nobody resets themselves", sys_.ask("GET", "/api/admin/accounts/a-000001"), "access_denied")

check("the audit administrator reads", audit.ask("GET", "/api/admin/access?limit=200"), 200)
actions = {entry["action"] for entry in audit.said["items"]}
check("what happened", {"set_up", "sign_in", "sign_in_refused", "account_added", "account_disabled", "password_changed", "token_issued", "token_revoked", "denied"} - actions, set())
check("page by page", audit.ask("GET", "/api/admin/access?limit=2") and len(audit.said["items"]), 2)
check("on", audit.ask("GET", "/api/admin/access?limit=2&cursor=" + audit.said["next"]), 200)
check("no password in it", any(p in json.dumps(audit.said) for p in (p1, p2, p3, p4)), False)
check("but no accounts", audit.ask("POST", "/api/admin/accounts", {"person": "p-x", "name": "xx"}), "access_denied")

stolen = Person(); stolen.cookie = audit.cookie
check("signed out", audit.ask("DELETE", "/api/session"), 204)
check("a session is not replayed", stolen.ask("GET", "/api/session"), "not_signed_in")
for n in range(5): check("guessing", audit.sign_in("sun", p1), "sign_in_refused")
check("locked", audit.sign_in("sun", p4), "locked_out")
check("a ghost too", [audit.sign_in("ghost2", p1) for n in range(6)][-1], "locked_out")
print(f"{passed} {failed}")
PYTHON
grep FAILED "$work/bureau.txt"
read -r p f <<<"$(tail -1 "$work/bureau.txt")"
if [[ "$p$f" =~ ^[0-9]+$ ]]; then passed=$((passed + p)) failed=$((failed + f)); else bad "the walk broke off"; fi
kill -TERM "$server"; wait "$server"
for secret in Lotus-7 River-9 Stone-4 Cedar-8 qyt_; do
  if grep -q "$secret" "$work/bureau.log"; then bad "$secret stands in the log"; else ok; fi
done
if grep -aqE 'Lotus-7|River-9|Stone-4|Cedar-8|赵一|李四' "$served"/*.db*; then bad "a secret or a name stands in a database file"; else ok; fi

# --- the command line
console() { "$program" --data "$served" account "$@"; }
printf 'Lotus-7-kite-Bay\n' >"$work/zhao"; printf 'wrong\n' >"$work/wrong"
fails "nobody acts" 1 console list
says "nobody acts" not_signed_in
fails "a wrong password" 1 console --as zhao --password-file "$work/wrong" list
says "a wrong password" sign_in_refused
is "the list" "$(console --as zhao --password-file "$work/zhao" list | awk '{print $2, $4}' | tr '\n' ',')" "qian active,sun active,li disabled,"
fails "unlock" 0 console --as zhao --password-file "$work/zhao" unlock sun --reason "asked in person"
fails "enable" 0 console --as zhao --password-file "$work/zhao" enable li --reason "came back"
fails "one's own" 1 console --as zhao --password-file "$work/zhao" disable zhao --reason x
says "one's own" access_denied
fails "an administrator's password" 1 console --as zhao --password-file "$work/zhao" password qian --reason lost
says "an administrator's password" approval_missing
fails "an account again" 1 console --as zhao --password-file "$work/zhao" add p-li li3
says "an account again" duplicate_key
fails "a password" 0 console --as zhao --password-file "$work/zhao" password li --reason lost
says "a password" "shown once"
fails "a token" 0 console --as zhao --password-file "$work/zhao" token backup --scope own_read --until "$(date -d '+10 days' +%F)"
if grep -q '^qyt_' "$work/out"; then ok; else bad "no token"; fi
fails "too wide a token" 1 console --as zhao --password-file "$work/zhao" token x --scope dossier_read --until "$(date -d '+10 days' +%F)"
fails "recovery without a reason" 2 console recover zhao
fails "recovery" 0 console recover zhao --reason "the phone is lost"
fails "the old password is gone" 1 console --as zhao --password-file "$work/zhao" list
done_with
