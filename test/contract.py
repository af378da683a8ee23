#!/usr/bin/env python3
"""Holds a running server against src/api/openapi.json: every GET operation is called with real ids and with wrong ones, and each answer must
match the schema its status declares. Usage: contract.py BASE_URL. Ends with `N passed, N failed`."""
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import jsonschema

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE = sys.argv[1]
CONTRACT = json.load(open(os.path.join(ROOT, "src", "api", "openapi.json"), encoding="utf-8"))
passed, failed = 0, []


def ask(path, method="GET", body=None, headers=None):
    request = urllib.request.Request(BASE + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


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


def main():
    meta = json.loads(ask("/api/meta")[2])
    dossiers = json.loads(ask("/api/dossiers?procedure=penalty_case&limit=5")[2])["items"]
    org, period = meta["default_organisation"], meta["default_period"]
    known = {"report": "mid_year", "figure": "findings", "id": dossiers[0]["id"] if dossiers else "x", "seq": "100", "step": "register"}
    for path, operations in CONTRACT["paths"].items():
        operation = operations.get("get")
        if not operation:
            continue
        filled = path
        for name, value in known.items():
            real = value
            if name == "id" and path.startswith("/api/law/procedures"):
                real = "penalty_case"
            elif name == "id" and path.startswith("/api/law/limits"):
                real = "CASE.DECIDE"
            elif name == "id" and path.startswith("/api/operators"):
                real = dossiers[0]["operator"]["id"] if dossiers else "x"
            filled = filled.replace("{" + name + "}", urllib.parse.quote(real))
        query = f"?org={org}&period={period}" if "/reports/" in path else ""
        status, headers, body = ask(filled + query)
        expect(f"{path} answers 200", status == 200, f"{status} {body[:200]}")
        matches(path, operation, status, headers, body)
        if filled != path:
            wrong = path
            for name in known:
                wrong = wrong.replace("{" + name + "}", "no-such-thing")
            status, headers, body = ask(wrong + query)
            expect(f"{path} refuses what is not there", status in (400, 404, 422), str(status))
            matches(path, operation, status, headers, body)
    for wrong in ("/api/dossiers?limit=0", "/api/dossiers?limit=x", "/api/dossiers?due=soon", "/api/dossiers?cursor=x", "/api/dossiers?org=nowhere",
                  "/api/reports/mid_year?period=2025-H3", "/api/reports/mid_year?org=nowhere", "/api/reports/mid_year?as_of=x"):
        status, headers, body = ask(wrong)
        expect(f"{wrong} is refused", status in (400, 404, 422) and json.loads(body).get("code"), f"{status} {body[:200]}")
    expect("an unknown route is 404", ask("/api/nothing")[0] == 404)
    expect("a wrong method is 405", ask("/api/meta", "POST", {})[0] == 405)
    posts(dossiers)
    for line in failed:
        print("FAILED:", line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


def posts(dossiers):
    """Wrong bodies are refused with a code and change nothing; a repeated key answers the same."""
    size = json.loads(ask("/api/journal")[2])["head"]["size"]
    target = dossiers[0]["id"]
    for path, body, codes in (
            ("/api/dossiers", {"procedure": "no_such"}, {"procedure_unknown"}),
            ("/api/dossiers", {"procedure": "penalty_case", "form": {"bad_field": 1}}, {"field_unknown", "field_missing", "wrong_role"}),
            (f"/api/dossiers/{target}/steps/no_such_step", {}, {"step_unknown", "wrong_role"}),
            (f"/api/dossiers/{target}/steps/register", {"form": []}, None),
            ("/api/facts/0/void", {"reason": "x"}, {"record_unknown"}),
            ("/api/facts/999999999/void", {"reason": "x"}, {"record_unknown", "wrong_role"})):
        status, _, answer = ask(path, "POST", body)
        problem = json.loads(answer)
        expect(f"POST {path} {body} is refused", status >= 400 and (codes is None or problem.get("code") in codes), f"{status} {answer[:200]}")
    status, _, answer = ask(f"/api/dossiers/{target}/steps/register", "POST", {}, {"If-Match": '"1"'})
    expect("an old version is refused", status in (403, 409), f"{status} {answer[:200]}")
    expect("a refused request records nothing", json.loads(ask("/api/journal")[2])["head"]["size"] == size)


if __name__ == "__main__":
    sys.exit(main())
