#!/usr/bin/env python3
"""Holds a running server against src/api/openapi.json: every GET operation is called by a role that may, with real ids and with wrong ones, and
each answer must match the schema its status declares; changes are made and refused. Usage: contract.py BASE_URL TOKENS, where TOKENS is a folder
with one file a role that holds its bearer token. Ends with `N passed, N failed`."""
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import jsonschema

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE, TOKENS = sys.argv[1], sys.argv[2]
CONTRACT = json.load(open(os.path.join(ROOT, "src", "api", "openapi.json"), encoding="utf-8"))
# Who may: by the beginning of the path, the longest that fits.
ROLE_OF = {"/": "officer", "/metrics": "system_admin", "/api/admin/": "system_admin", "/api/admin/access": "audit_admin",
           "/api/admin/grants": "unit_head", "/api/portal/": "operator_user", "/api/field/clues": "village_informant",
           "/api/reports/{report}.": "unit_head"}
passed, failed = 0, []


def token(role):
    return open(os.path.join(TOKENS, role), encoding="ascii").read().strip()


def role_of(path):
    return ROLE_OF[max((start for start in ROLE_OF if path.startswith(start)), key=len)]


def ask(path, method="GET", body=None, headers=None, role="officer"):
    """`body`: bytes as they are, everything else as JSON. `role` None: a stranger."""
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/octet-stream" if isinstance(body, bytes) else "application/json", **(headers or {})}
    if role:
        sent["Authorization"] = "Bearer " + token(role)
    if method == "POST":
        sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
    request = urllib.request.Request(BASE + path, method=method, data=raw, headers=sent)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def answer(path, **options):
    status, _, body = ask(path, **options)
    return json.loads(body) if status < 300 and body else {}


def code_of(body):
    try:
        return json.loads(body).get("code")
    except ValueError:
        return None


def expect(what, condition, detail=""):
    global passed
    if condition:
        passed += 1
    else:
        failed.append(f"{what}: {detail}")


def matches(path, operation, status, headers, body):
    """The answer is what the contract says for its status."""
    declared = operation["responses"].get(str(status), operation["responses"]["default"])
    if "$ref" in declared:
        declared = CONTRACT["components"]["responses"][declared["$ref"].split("/")[-1]]
    kind = headers.get("Content-Type", "").split(";")[0]
    expect(f"{path} {status} type", kind in declared.get("content", {}), f"{kind} is not declared")
    schema = declared.get("content", {}).get(kind, {}).get("schema")
    if schema and kind.endswith("json"):
        whole = {**schema, "components": CONTRACT["components"]}
        problems = sorted(jsonschema.Draft202012Validator(whole).iter_errors(json.loads(body)), key=lambda e: e.json_path)
        expect(f"{path} {status} schema", not problems,
               "; ".join(f"{e.json_path}: {e.message[:120]}" for e in problems[:3]))


def first(path, role="officer", key="id"):
    items = answer(path, role=role).get("items", [])
    return items[0][key] if items else None


def known_ids(dossiers):
    """Real ids for the parameters of each path; None where the sample data has none."""
    dossier = dossiers[0]["id"]
    job = answer("/api/exports", method="POST", body={"list": "dossiers", "query": "open=true&due=late", "format": "csv"}).get("id")
    for _ in range(100):
        if answer(f"/api/jobs/{job}").get("state") in ("done", "failed"):
            break
        time.sleep(0.1)
    text = b"content of a note\n"
    upload = answer("/api/uploads", method="POST",
                    body={"name": "note.txt", "bytes": len(text), "digest_sha256": hashlib.sha256(text).hexdigest()}).get("id")
    checklist = next((name.split(".")[0] for name in sorted(os.listdir(os.path.join(ROOT, "law", "checklists")))), None)
    return {
        "/api/dossiers/{id}/personal": None, "/api/dossiers/{id}": {"id": dossier}, "/api/law/procedures/{id}": {"id": "penalty_case"},
        "/api/law/limits/{id}": {"id": "CASE.DECIDE"}, "/api/operators/{id}": {"id": dossiers[0]["operator"]["id"]},
        "/api/reports/{report}": {"report": "mid_year", "figure": "findings"}, "/api/journal/{seq}": {"seq": str(dossiers[0]["seq"])},
        "/api/jobs/{id}": {"id": job}, "/api/uploads/{id}": {"id": upload}, "/api/evidence/{digest}": None,
        "/api/portal/dossiers/{id}": {"id": first("/api/portal/dossiers", "operator_user")},
        "/api/public/penalties/{id}": {"id": first("/api/public/penalties", None)},
        "/api/admin/accounts/{id}": {"id": first("/api/admin/accounts", "system_admin")},
        "/api/admin/organisations/{id}": {"id": first("/api/admin/organisations", "system_admin")},
        "/api/field/checklists/{id}": {"id": checklist}, "/api/draws/{id}": {"id": first("/api/draws")},
        "/api/public/draws/{id}": {"id": first("/api/public/draws", None)}, "/api/conferences/{id}": {"id": first("/api/conferences")},
        "/api/credit/{id}": {"id": first("/api/credit", key="operator")["id"]},
        "/api/risk/{id}": {"id": first("/api/risk", key="operator")["id"]}, "/api/register/{id}": {"id": first("/api/register?show=all")}}


def pair_query():
    """A pair of product and reaction that the sample has."""
    items = answer("/api/signals?limit=1").get("items", [])
    return "?" + urllib.parse.urlencode({"product": items[0]["product"], "reaction": items[0]["reaction"]}) if items else ""


def filled(path, ids):
    """The path with real ids; None where one is missing."""
    fitting = [start for start in ids if path.startswith(start)]
    values = ids[max(fitting, key=len)] if fitting else {}
    if values is None:
        return None
    for name, value in values.items():
        if value is None and "{" + name + "}" in path:
            return None
        path = path.replace("{" + name + "}", urllib.parse.quote(str(value)))
    return None if "{" in path else path


def gets(ids, org, period):
    for path, operations in CONTRACT["paths"].items():
        operation = operations.get("get")
        if not operation or "oidc" in path:
            continue
        role = None if operation.get("security") == [] else role_of(path)
        query = f"?org={org}&period={period}" if "/reports/" in path else {"/api/search": "?q=a", "/api/public/operators": "?q=%E8%8D%AF%E5%BA%97",
                 "/api/public/packs": "?code=81000010000000017919", "/api/signals/pair": pair_query(), "/api/focus/changes": "?from=2023-05-01", "/api/benchmark": "?rule=DAL117"}.get(path, "")
        real = filled(path, ids)
        if real:
            status, headers, body = ask(real + query, role=role)
            expect(f"{path} answers 200", status == 200, f"{role}: {status} {body[:200]}")
            matches(path, operation, status, headers, body)
            if status == 200 and headers.get("Content-Type") == "application/json":
                expect(f"{path} has an ETag", headers.get("ETag"))
        if "{" in path:
            wrong = "/".join("no-such-thing" + part[part.rfind("}") + 1:] if "{" in part else part for part in path.split("/"))
            status, headers, body = ask(wrong + query, role=role)
            expect(f"{path} refuses what is not there", status in (400, 403, 404, 422), str(status))
            matches(path, operation, status, headers, body)
        if role:
            status, headers, body = ask((real or path.replace("{", "").replace("}", "")) + query, role=None)
            expect(f"{path} is closed to strangers", status == 401 and code_of(body) == "not_signed_in", f"{status} {body[:100]}")


def main():
    meta = answer("/api/meta")
    dossiers = answer("/api/dossiers?procedure=penalty_case&limit=5").get("items", [])
    if not dossiers:
        print("FAILED: the officer has no dossiers to look at\n0 passed, 1 failed")
        return 1
    gets(known_ids(dossiers), meta["default_organisation"], meta["default_period"])
    for wrong in ("/api/dossiers?limit=0", "/api/dossiers?limit=x", "/api/dossiers?due=soon", "/api/dossiers?cursor=x", "/api/dossiers?org=nowhere",
                  "/api/reports/mid_year?period=2025-H3", "/api/reports/mid_year?as_of=x", "/api/search", "/api/notices?cursor=x",
                  "/api/compare?figure=nothing", "/api/operators?org=nowhere", "/api/packs/findings?limit=501", "/api/packs/findings?after=x",
                  "/api/packs/findings?rule=15", "/api/packs/codes/8100", "/api/packs/files/x", "/epcis/v2/events?perPage=0",
                  "/epcis/v2/events?EQ_anything=1", "/epcis/v2/events?nextPageToken=x"):
        status, _, body = ask(wrong)
        expect(f"{wrong} is refused", status in (400, 404, 422) and code_of(body), f"{status} {body[:200]}")
    expect("an unknown route is 404", ask("/api/nothing")[0] == 404)
    expect("a wrong method is 405", ask("/api/meta", "POST", {})[0] == 405)
    expect("a token that is none is refused", code_of(ask("/api/meta", headers={"Authorization": "Bearer qyt_x"}, role=None)[2]) == "token_invalid")
    posts(dossiers)
    uploads(repeated(dossiers))
    for line in failed:
        print("FAILED:", line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


def posts(dossiers):
    """Wrong bodies are refused with a code and change nothing."""
    size = answer("/api/journal")["head"]["size"]
    target = dossiers[0]["id"]
    seen = {"If-Match": f'"{dossiers[0]["version"]}"'}
    for path, body, headers, codes in (
            ("/api/dossiers", {"procedure": "no_such"}, {}, {"procedure_unknown"}),
            ("/api/dossiers", {"procedure": "penalty_case", "form": {"bad_field": 1}}, {}, {"field_unknown", "field_missing", "wrong_role"}),
            ("/api/dossiers", {"procedure": "penalty_case", "status": "closed"}, {}, {"field_unknown"}),
            (f"/api/dossiers/{target}/steps/no_such_step", {}, seen, {"step_unknown", "wrong_role"}),
            (f"/api/dossiers/{target}/steps/register", {"form": []}, seen, None),
            (f"/api/dossiers/{target}/steps/register", {"form": {}, "actor": "x"}, seen, {"field_unknown"}),
            (f"/api/dossiers/{target}/steps/register", {"form": {}}, {}, {"version_wanted"}),
            (f"/api/dossiers/{target}/steps/register", {"form": {}}, {"If-Match": "*"}, {"version_wanted"}),
            (f"/api/dossiers/{target}/steps/register", {"form": {}}, {"If-Match": '"1"'}, {"version_conflict"}),
            ("/api/dossiers/nowhere/steps/register", {"form": {}}, seen, {"dossier_unknown"}),
            ("/api/facts/0/void", {"reason": "x"}, seen, {"record_unknown"}),
            ("/api/facts/999999999/void", {"reason": "x"}, seen, {"record_unknown"})):
        status, _, answered = ask(path, "POST", body, headers)
        expect(f"POST {path} {body} is refused", status >= 400 and (codes is None or code_of(answered) in codes), f"{status} {answered[:200]}")
    status, _, answered = ask(f"/api/dossiers/{target}/steps/register", "POST", {"form": {}}, {"If-Match": '"1"'})
    problem = json.loads(answered)
    expect("a conflict says who did what", status == 409 and problem.get("changes") and problem.get("next"), answered[:300])
    for raw in (b"{", b"[]", b'{"a":1,"a":2}', b'{"a":' * 100 + b"1" + b"}" * 100, b"\xff"):
        request = urllib.request.Request(BASE + "/api/views", method="POST", data=raw, headers={
            "Content-Type": "application/json", "Authorization": "Bearer " + token("officer"), "Idempotency-Key": str(uuid.uuid4())})
        try:
            status = urllib.request.urlopen(request, timeout=30).status
        except urllib.error.HTTPError as error:
            status = error.code
        expect(f"{raw[:20]} is no body", status in (400, 422), str(status))
    expect("a refused request records nothing", answer("/api/journal")["head"]["size"] == size)


def repeated(dossiers):
    """The same key answers the same, with facts and without; another body is refused."""
    key = {"Idempotency-Key": "contract-" + uuid.uuid4().hex}
    body = {"procedure": "lead", "title": "a lead twice sent", "category": "drug", "form": {"origin": "inspection", "facts": "无证经营"}}
    size = answer("/api/journal")["head"]["size"]
    one, two = ask("/api/dossiers", "POST", body, key), ask("/api/dossiers", "POST", body, key)
    expect("opened", one[0] == 201, f"{one[0]} {one[2][:300]}")
    opened = json.loads(one[2])
    expect("the same answer again", one[0] == two[0] and one[2] == two[2] and one[1].get("ETag") == two[1].get("ETag"), f"{two[0]} {two[2][:200]}")
    expect("one fact", answer("/api/journal")["head"]["size"] == size + 1)
    other = ask("/api/dossiers", "POST", {**body, "title": "another"}, key)
    expect("another body is refused", other[0] == 409 and code_of(other[2]) == "key_reused", f"{other[0]} {other[2][:200]}")
    expect("another person's key is another key", code_of(ask("/api/dossiers", "POST", body, key, role="unit_head")[2]) != "key_reused")
    view = {"name": "late ones", "page": "dossiers", "query": "due=late"}
    one, two = ask("/api/views", "POST", view, key), ask("/api/views", "POST", view, key)
    expect("a view is kept once", one[0] == 201 and one[2] == two[2], f"{one[0]} {one[2][:200]}")
    expect("and deleted by nobody else", ask(f"/api/views/{json.loads(one[2])['id']}", "DELETE", role="unit_head")[0] == 404)
    expect("but by its owner", ask(f"/api/views/{json.loads(one[2])['id']}", "DELETE")[0] == 204)
    return opened


def uploads(matter):
    """A file in two chunks, in the wrong order, one of them broken on the way, named in a matter; then what is no evidence."""
    text = (b"x" * 99 + b"\n") * 50_000
    said = {"name": "../../etc/a.txt", "bytes": len(text), "digest_sha256": hashlib.sha256(text).hexdigest()}
    upload = answer("/api/uploads", method="POST", body=said)
    expect("an upload begins", upload.get("chunks") == 2 and upload["name"] == "a.txt", str(upload))
    path, size = f"/api/uploads/{upload['id']}", upload["chunk_bytes"]
    expect("not before all is here", code_of(ask(path + "/finish", "POST", {})[2]) == "wrong_state")
    expect("a chunk of the wrong length", ask(path + "/chunks/0", "PUT", text[:10])[0] == 422)
    expect("a chunk that is none", ask(path + "/chunks/2", "PUT", text[:10])[0] == 422)
    broken = ask(path + "/chunks/1", "PUT", text[size:], {"X-Chunk-SHA256": "0" * 64})
    expect("a broken chunk", code_of(broken[2]) == "digest_mismatch", str(broken[0]))
    for number in (1, 0, 1):
        status, _, body = ask(f"{path}/chunks/{number}", "PUT", text[number * size:(number + 1) * size])
        expect(f"chunk {number}", status == 200, f"{status} {body[:200]}")
    expect("both are here", answer(path)["received"] == [0, 1])
    expect("for its owner alone", ask(path, role="unit_head")[0] == 404)
    kept = answer(path + "/finish", method="POST", body={})
    expect("kept as evidence", len(kept.get("digest", "")) == 64 and kept["type"] == "text/plain", str(kept))
    expect("but shown only with a matter that names it", ask(f"/api/evidence/{kept.get('digest')}?dossier=x")[0] == 404)
    step, seen = f"/api/dossiers/{matter['dossier']}/steps/inspect", {"If-Match": f'"{matter["version"]}"'}
    unknown = ask(step, "POST", {"form": {}, "evidence": ["0" * 64]}, seen)
    expect("a digest nobody brought is no evidence", code_of(unknown[2]) == "evidence_missing", f"{unknown[0]} {unknown[2][:200]}")
    stolen = ask(step, "POST", {"form": {}, "evidence": [kept["digest"]]}, seen, role="unit_head")
    expect("nor is what another person brought", code_of(stolen[2]) == "evidence_missing", f"{stolen[0]} {stolen[2][:200]}")
    named = ask(step, "POST", {"form": {}, "evidence": [kept["digest"]]}, seen)
    expect("named in a matter", named[0] == 201, f"{named[0]} {named[2][:200]}")
    status, headers, body = ask(f"/api/evidence/{kept['digest']}?dossier={matter['dossier']}")
    expect("then it is shown to who may read the matter", status == 200 and body == text, f"{status} {body[:200]}")
    expect("as an attachment", headers.get("Content-Disposition", "").startswith("attachment") and headers.get("X-Content-Type-Options") == "nosniff")
    expect("and to nobody else", ask(f"/api/evidence/{kept['digest']}?dossier={matter['dossier']}", role="police_contact")[0] == 404)
    page = b"<!doctype html><script>alert(1)</script>"
    upload = answer("/api/uploads", method="POST", body={"name": "a.jpg", "bytes": len(page), "digest_sha256": hashlib.sha256(page).hexdigest()})
    ask(f"/api/uploads/{upload['id']}/chunks/0", "PUT", page)
    refused = ask(f"/api/uploads/{upload['id']}/finish", "POST", {})
    expect("a page is no evidence, whatever its name", refused[0] == 415 and code_of(refused[2]) == "file_kind_refused", str(refused[:1]))
    for wrong in ({"bytes": 0}, {"bytes": 64 * 1024 * 1024 + 1}, {"digest_sha256": "x"}, {"name": ""}, {"owner": "y"}):
        status, _, body = ask("/api/uploads", "POST", {**said, **wrong})
        expect(f"an upload with {wrong} is refused", status in (413, 422), f"{status} {body[:100]}")


if __name__ == "__main__":
    sys.exit(main())
