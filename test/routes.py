#!/usr/bin/env python3
"""Every route × every role against the reviewed table test/access/routes.csv, then what no role may: matters of other counties and departments,
fields nobody asked for, old versions, keys used twice. Usage: routes.py BASE_URL TOKENS [--table], where TOKENS is a folder with one file a role
that holds its bearer token; --table prints the table as the server answers it, for review. Ends with `N passed, N failed`.

A row of the table names a route and the roles the door lets in, `*` is everybody, also strangers; a row that begins with `=` names a set of roles.
Let in means that the answer is not `not_signed_in` or `access_denied`: what a role then may with one object is decided object by object."""
# mission: H11
import csv
import json
import os
import re
import sys
import urllib.error
import urllib.request
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE, TOKENS = sys.argv[1], sys.argv[2]
TABLE = os.path.join(ROOT, "test", "access", "routes.csv")
CONTRACT = json.load(open(os.path.join(ROOT, "src", "api", "openapi.json"), encoding="utf-8"))
ROLES = sorted(os.listdir(TOKENS))
SECRET = {role: open(os.path.join(TOKENS, role), encoding="ascii").read().strip() for role in ROLES}
SHUT = {"not_signed_in", "access_denied"}
passed, failed = 0, []


def ask(method, path, role, body=None, headers=None):
    sent = {"Content-Type": "application/json", **(headers or {})}
    if role:
        sent["Authorization"] = "Bearer " + SECRET[role]
    raw = None if method == "GET" else json.dumps({} if body is None else body).encode()
    request = urllib.request.Request(BASE + path, method=method, data=raw, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def code_of(body):
    try:
        return json.loads(body).get("code")
    except (ValueError, AttributeError):
        return None


def expect(what, condition, detail=""):
    global passed
    if condition:
        passed += 1
    else:
        failed.append(f"{what}: {detail}")


def routes():
    for path, operations in CONTRACT["paths"].items():
        for method in operations:
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path


def let_in(method, pattern, role):
    """Does the door open? The ids are nobody's, so that nothing is changed behind it."""
    path = re.sub(r"\{seq\}|\{n\}", "0", pattern)
    path = re.sub(r"\{[a-z]+\}", "nobodys", path)
    if path.startswith("/api/search") or path.startswith("/api/public/operators"):
        path += "?q=x"
    status, body = ask(method, path, role, headers={"If-Match": '"1"'})
    code = code_of(body)
    if status >= 500:
        failed.append(f"{method} {pattern} as {role}: {status} {body[:200]}")
    return code not in SHUT and status != 401 or pattern.startswith("/api/session") and code == "sign_in_refused"


def matrix():
    """Route → the roles that are let in; None is a stranger."""
    return {f"{method} {pattern}": {role for role in [*ROLES, None] if let_in(method, pattern, role)} for method, pattern in routes()}


def reviewed():
    """The table, its sets of roles spelt out."""
    sets, table = {}, {}
    everybody = {*ROLES, None}
    for row in csv.DictReader(open(TABLE, encoding="utf-8")):
        roles = everybody if row["roles"] == "*" else {role for name in row["roles"].split() for role in sets.get(name, {name})}
        if row["route"].startswith("="):
            sets[row["route"][1:]] = roles
        else:
            expect(f"{row['route']} is there once", row["route"] not in table)
            table[row["route"]] = roles
    unknown = set().union(*table.values()) - everybody
    expect("the table names roles that have a token", not unknown, str(unknown))
    return table


def compare():
    wanted, found = reviewed(), matrix()
    for route in sorted(set(wanted) | set(found)):
        if route not in wanted:
            expect(f"{route} is listed", False, "an endpoint nobody reviewed")
        elif route not in found:
            expect(f"{route} is there", False, "the contract does not have it")
        else:
            for role in [*ROLES, None]:
                expect(f"{route} as {role or 'a stranger'}", (role in wanted[route]) == (role in found[route]),
                       "let in, and the table says no" if role in found[route] else "shut out, and the table says yes")


def elsewhere():
    """Matters out of reach are answered exactly like those that do not exist."""
    own = json.loads(ask("GET", "/api/dossiers?limit=1", "officer")[1])["items"][0]
    seen = json.loads(ask("GET", "/api/dossiers?limit=500&procedure=penalty_case", "superior")[1])["items"]
    foreign = [row for row in seen if row["organisation"]["id"] != own["organisation"]["id"]]
    mine = {row["id"] for row in json.loads(ask("GET", "/api/dossiers?limit=500&procedure=penalty_case", "officer")[1])["items"]}
    foreign = [row for row in foreign if row["id"] not in mine][:5]
    expect("there are matters of other counties", foreign, "none found to try")
    asked = [(row, role) for row in foreign for role in ("officer", "police_contact", "operator_user", "hospital_reporter", "risk_analyst")]
    for row, role in asked:
        for method, path in (("GET", "/api/dossiers/{}"), ("GET", "/api/dossiers/{}/offers"), ("POST", "/api/dossiers/{}/steps/file"),
                             ("POST", "/api/dossiers/{}/approvals/file"), ("GET", "/api/dossiers/{}/personal"), ("GET", "/api/portal/dossiers/{}")):
            headers = {"If-Match": f'"{row["version"]}"', "X-Purpose": "look"}
            there = ask(method, path.format(row["id"]), role, {"form": {}} if method == "POST" else None, headers)
            gone = ask(method, path.format("hy-1999-case-99999"), role, {"form": {}} if method == "POST" else None, headers)
            same = there[0] == gone[0] and there[1].replace(row["id"].encode(), b"#") == gone[1].replace(b"hy-1999-case-99999", b"#")
            expect(f"{method} {path} as {role}", there[0] in (403, 404) and same, f"{there[0]} {there[1][:150]} / {gone[0]} {gone[1][:150]}")
        status, body = ask("GET", f"/api/journal/{row['seq']}", role)
        expect(f"the entry of it as {role}", status in (403, 404), f"{status} {body[:150]}")
        status, body = ask("POST", f"/api/facts/{row['seq']}/void", role, {"reason": "x"}, {"If-Match": f'"{row["version"]}"'})
        expect(f"voiding it as {role}", status in (403, 404), f"{status} {body[:150]}")
        status, body = ask("GET", f"/api/evidence/{'0' * 64}?dossier={row['id']}", role)
        expect(f"its evidence as {role}", status in (403, 404), f"{status} {body[:150]}")
        found = ask("GET", f"/api/search?q={row['id']}", role)
        expect(f"it is not found as {role}", row["id"].encode() not in found[1].replace(b'"q":"' + row["id"].encode(), b""), found[1][:200])
    for row in foreign[:1]:
        status, body = ask("POST", "/api/dossiers", "officer",
                           {"procedure": "lead", "title": "x", "source": row["id"], "form": {"origin": "inspection", "facts": "x"}})
        expect("it cannot be referred to", status == 404, f"{status} {body[:150]}")
        status, body = ask("POST", "/api/dossiers", "officer",
                           {"procedure": "lead", "title": "x", "organisation": row["organisation"]["id"], "form": {"origin": "inspection", "facts": "x"}})
        expect("nor can one be opened there", status in (403, 404), f"{status} {body[:150]}")


def changes():
    """Fields nobody asked for, changes of something else than what was seen, keys used again."""
    own = json.loads(ask("GET", "/api/dossiers?limit=1&procedure=penalty_case", "officer")[1])["items"][0]
    steps = f"/api/dossiers/{own['id']}/steps/file"
    size = json.loads(ask("GET", "/api/journal", "officer")[1])["head"]["size"]
    for extra in ("actor", "person", "role", "roles", "organisation", "state", "status", "version", "seq", "signer", "recorded_at"):
        status, body = ask("POST", steps, "officer", {"form": {}, extra: "x"}, {"If-Match": f'"{own["version"]}"'})
        expect(f"'{extra}' is not taken", status == 422 and code_of(body) == "field_unknown", f"{status} {body[:150]}")
    for match, wanted in ((None, 428), ("*", 428), ('"0"', 428), ('"x"', 428), ('"1"', 409), (f'"{own["version"] + 1}"', 409)):
        status, body = ask("POST", steps, "officer", {"form": {}}, {"If-Match": match} if match else {})
        expect(f"If-Match {match}", status == wanted, f"{status} {body[:150]}")
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = ask("POST", "/api/views", "officer", {"name": "a", "page": "dossiers", "query": ""}, key)
    expect("a key used for another body", ask("POST", "/api/views", "officer", {"name": "b", "page": "dossiers", "query": ""}, key)[0] == 409)
    expect("a key that is too short", ask("POST", "/api/views", "officer", {"name": "b", "page": "dossiers"}, {"Idempotency-Key": "x"})[0] == 400)
    ask("DELETE", f"/api/views/{json.loads(first[1])['id']}", "officer")
    for headers in ({"Cookie": "__Host-qingyuan=x", "Origin": "https://evil.example"}, {"Cookie": "__Host-qingyuan=x", "Sec-Fetch-Site": "cross-site"}):
        status, body = ask("POST", "/api/public/reports", None, {}, headers)
        expect("a page of another site", status == 403 and code_of(body) == "origin_refused", f"{status} {body[:150]}")
    expect("nothing of it was recorded", json.loads(ask("GET", "/api/journal", "officer")[1])["head"]["size"] == size)


def noted():
    """A list that is to be noted is noted each time it is given, also where the page was kept; one that is not leaves no entry."""
    def entries():
        found = json.loads(ask("GET", "/api/admin/access?object=dossiers&limit=200", "audit_admin")[1])["items"]
        return [entry for entry in found if entry["policy"] == "dossier_list"]

    before = {entry["seq"] for entry in entries()}
    bodies = [ask("GET", "/api/dossiers?limit=7", "superior")[1] for _ in range(3)]
    expect("a page asked again is the same", bodies[0] == bodies[1] == bodies[2])
    fresh = [entry for entry in entries() if entry["seq"] not in before]
    expect("and was noted each time", [entry["count"] for entry in fresh] == [7, 7, 7], str(fresh)[:300])
    expect("as read by the one who asked", {entry["person"]["id"] for entry in fresh} == {json.loads(ask("GET", "/api/session", "superior")[1])["person"]["id"]})
    before = {entry["seq"] for entry in entries()}
    ask("GET", "/api/dossiers?limit=7", "officer")
    expect("the list of one's own house is not", {entry["seq"] for entry in entries()} == before)


def main():
    if "--table" in sys.argv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(["route", "roles"])
        for route, roles in matrix().items():
            out.writerow([route, "*" if len(roles) == len(ROLES) + 1 else " ".join(sorted(role or "stranger" for role in roles))])
        return 0
    compare()
    elsewhere()
    changes()
    noted()
    for line in failed:
        print("FAILED:", line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
