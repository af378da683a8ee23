#!/usr/bin/env python3
"""Documents over the API of a demo server: listed, drafted, issued, copied, served; the square code read from the rasterised paper by a reader of
its own leads to the public page's answer. Usage: documents.py BASE_URL WORK. Ends with `N passed, N failed`; needs pdftoppm and zbarimg for the code."""
# mission: H6
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

BASE, WORK = sys.argv[1], sys.argv[2]
passed, failed = 0, 0
UNIT = "430405"


def check(ok, what):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("FAILED", what)


class Person:
    """Somebody of the sample data, signed in."""

    def __init__(self, role):
        self.cookie = ""
        status, _, headers = self.ask("POST", "/api/session/demo", {"role": role})
        check(status == 200, f"sign in as {role}: {status}")
        self.cookie = "; ".join(c.split(";")[0] for c in headers.get_all("Set-Cookie") or [])

    def ask(self, method, path, body=None, headers=None):
        sent = {"Content-Type": "application/json", "Origin": BASE, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        if self.cookie:
            sent["Cookie"] = self.cookie
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        raw = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(BASE + path, method=method, data=raw, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def get(self, path, **more):
        status, body, _ = self.ask("GET", path, **more)
        return status, json.loads(body)


def stranger(path):
    try:
        with urllib.request.urlopen(BASE + path, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def code_on(pdf):
    """What another program reads from the first page as a picture."""
    if not (shutil.which("pdftoppm") and shutil.which("zbarimg")):
        print("the code is not read: pdftoppm or zbarimg is missing")
        return None
    subprocess.run(["pdftoppm", "-r", "200", "-png", "-f", "1", "-l", "1", pdf, os.path.join(WORK, "page")], check=True)
    # zbar reads it from 200 dots an inch on, ZXing from 100
    picture = sorted(n for n in os.listdir(WORK) if n.startswith("page") and n.endswith(".png"))[0]
    read = subprocess.run(["zbarimg", "-q", "--raw", os.path.join(WORK, picture)], capture_output=True, text=True)
    return read.stdout.strip()


def write(name, content):
    path = os.path.join(WORK, name)
    with open(path, "wb") as out:
        out.write(content)
    return path


officer, head = Person("officer"), Person("head_of_authority")


def take(person, dossier, step, form, **more):
    """A step on the dossier as it stands now."""
    path = "/api/dossiers/" + urllib.parse.quote(dossier)
    _, now = officer.get(path)
    status, body, _ = person.ask("POST", f"{path}/steps/{step}", {"form": form, **more}, {"If-Match": f'"{now["version"]}"'})
    check(status == 201, f"{step}: {status} {body[:200].decode()}")


# a case whose party was told and answered, decided here
status, page = officer.get("/api/dossiers?procedure=penalty_case&state=noticed&limit=50")
case = page["items"][0]
one = "/api/dossiers/" + urllib.parse.quote(case["id"])
take(officer, case["id"], "reply_or_waive", {"statement": "无异议", "statement_checked": "无新的事实"})
take(head, case["id"], "decide_penalty",
     {"decision_number": "待编", "penalties": ["warning", "fine"], "basis": "《药品管理法》第一百一十七条", "fine_fen": 2_000_000})

# what there is and what can be made
status, papers = officer.get(one + "/documents")
check(status == 200 and papers["forms"], f"the papers of a case: {status}")
forms = {form["document"]["id"]: form for form in papers["forms"]}
check(forms["penalty_45"]["refusal"] is None, "a decision that was taken can be made")
check(forms["penalty_46"]["refusal"]["code"] == "step_missing", "one that was not taken cannot, and says why")
check(any(form["due"] for form in papers["forms"]), "what is due is marked")

# field by field
status, sheet = officer.get(one + "/documents/penalty_45")
check(status == 200 and sheet["title"], f"the sheet: {status}")
gaps = [field for field in sheet["fields"] if field["missing"] and not field["by_hand"]]
check(any(field["before"] and field["after"] for field in gaps), "a gap stands in words of the form")

# a draft: a PDF without a number, never shown inside the page
status, draft, headers = officer.ask("POST", one + "/drafts", {"document": "penalty_45"})
check(status == 200 and draft.startswith(b"%PDF"), f"a draft: {status}")
check("attachment" in (headers["Content-Disposition"] or ""), "a draft is downloaded")
status, picture, _ = officer.ask("POST", one + "/drafts", {"document": "penalty_45", "format": "png"})
check(status == 200 and picture.startswith(b"\x89PNG"), f"a draft as a picture: {status}")

# bad input
status, body, _ = officer.ask("POST", one + "/drafts", {"document": "penalty_45", "fields": {"remedy.court": "甲" * 350_000}})
check(status in (413, 422) and b"too_large" in body or status == 413, f"a field of 1 MB is refused: {status} {body[:120]}")
status, body, _ = officer.ask("POST", one + "/drafts", {"document": "penalty_45", "fields": {"remedy.court": "甲" * 30_000}})
check(status in (413, 422) and json.loads(body)["code"] == "too_large" and json.loads(body)["where"] == "remedy.court",
      f"a field of 90 kB is refused by its name: {status} {body[:160]}")
status, body, headers = officer.ask("POST", one + "/drafts", {"document": "penalty_45", "fields": {"remedy.court": "衡阳\U000F0123法院"}})
check(status == 200 and headers["X-Warnings"] == "1", f"a character no font has is marked and told: {status} {headers['X-Warnings']}")
status, body, _ = officer.ask("POST", one + "/drafts", {"document": "penalty_45", "fields": {"colour": "red"}})
check(json.loads(body)["code"] == "field_unknown", "a field the form has not")
status, body, _ = officer.ask("POST", one + "/drafts", {"document": "penalty_99"})
check(json.loads(body)["code"] == "document_unknown", "a form there is not")
status, body, _ = officer.ask("POST", one + "/documents", {"document": "penalty_45"})
check(json.loads(body)["code"] == "version_wanted", "issued on what was seen")
status, body, _ = officer.ask("POST", one + "/documents", {"document": "penalty_45"}, {"If-Match": '"1"'})
check(json.loads(body)["code"] == "version_conflict", "not on an old version")
status, body, _ = officer.ask("POST", one + "/documents", {"document": "penalty_46"}, {"If-Match": f'"{papers["version"]}"'})
check(json.loads(body)["code"] == "step_missing", "not before its step")

# issued once, also where it is asked for twice with one key
key, match = str(uuid.uuid4()), f'"{papers["version"]}"'
started = time.monotonic()
status, body, _ = officer.ask("POST", one + "/documents", {"document": "penalty_45"}, {"If-Match": match, "Idempotency-Key": key})
took = time.monotonic() - started
made = json.loads(body)
check(status == 201 and made["number"], f"issued: {status} {body[:200]}")
status, body, _ = officer.ask("POST", one + "/documents", {"document": "penalty_45"}, {"If-Match": match, "Idempotency-Key": key})
check(json.loads(body) == made, "asked twice, issued once")
status, papers = officer.get(one + "/documents")
issued = [paper for paper in papers["issued"] if paper["seq"] == made["seq"]][0]
check(issued["number"] == made["number"] and issued["service"] is None, "it is listed, not served yet")
print(f"issued in {1000 * took:.0f} ms")

# its file: without more than anybody at work on it sees it needs no purpose; else it asks for one
status, pdf, _ = officer.ask("GET", f"/api/documents/{made['seq']}.pdf")
check(status == 200 and pdf.startswith(b"%PDF"), f"the kept file: {status}")
path = write("paper.pdf", pdf)
status, docx, _ = officer.ask("GET", f"/api/documents/{made['seq']}.docx")
check(status == 200 and docx.startswith(b"PK"), f"a working copy: {status}")
status, body, _ = officer.ask("GET", "/api/documents/1.pdf")
check(status == 404 and json.loads(body)["code"] == "document_unknown", "a file nobody issued")

# the square on the paper
text = code_on(path)
if text is not None:
    found = re.fullmatch(r"(https?://[^/]+/d/|qingyuan:)([0-9a-f]{20})\?n=(.+)", text)
    check(bool(found), f"the code is read from the picture: {text}")
    if found:
        check(found[2] == made["code"], "it carries the digest's first digits")
        check(urllib.parse.unquote(found[3]) == made["number"], "and the number")
        check(found[1] == "https://check.example/d/", f"and the address of the configuration: {found[1]}")
        status, public = stranger("/api/public/documents/" + found[2])
        check(status == 200 and public["number"] == made["number"] and public["state"] == "in_force", "it leads to the document")
        check(public["file"] == issued["file"], "and to the file's digest")
        check(case["title"] not in json.dumps(public, ensure_ascii=False), "and to nothing of the matter")
status, body = stranger("/api/public/documents/00000000000000000000")
check(status == 404 and body["code"] == "document_unknown", "a code nobody printed")
with urllib.request.urlopen(BASE + f"/d/{made['code']}?n=x") as answer:
    check("药品安全服务" in answer.read().decode(), "the address on the paper is the public page")

# service
status, now = officer.get(one)
if now["state"]["id"] == "decided_penalty":
    serve = f"{one}/documents/{made['seq']}/service"
    match = f'"{papers["version"]}"'
    status, body, _ = officer.ask("POST", serve, {"form": {"service_mode": "direct"}, "happened_on": "2024-01-02"}, {"If-Match": match})
    check(status >= 400 and json.loads(body)["code"] in ("served_before_issue", "date_before_previous"),
          f"served before the decision: {status} {body[:160]}")
    status, body, _ = officer.ask("POST", serve, {"form": {"service_mode": "direct"}}, {"If-Match": match})
    check(status == 201, f"served: {status} {body[:200]}")
    status, papers = officer.get(one + "/documents")
    paper = [p for p in papers["issued"] if p["seq"] == made["seq"]][0]
    check(paper["service"] and paper["service"]["mode"]["id"] == "direct", "the service stands beside the paper")
else:
    check(False, f"no case waits for its service ({now['state']['id']})")

# a case as its officers see it, in time
times = []
for _ in range(5):
    started = time.monotonic()
    status, view = officer.get("/api/cases/" + urllib.parse.quote(case["id"]))
    times.append(time.monotonic() - started)
check(status == 200 and len(view["stages"]) == 8, f"the case: {status}")
check(sum(stage["standing"] == "now" for stage in view["stages"]) == 1, "it stands in one stage")
print(f"case page in {1000 * min(times):.1f} ms at best of five")
status, rules = officer.get("/api/law/penalties")
check(any(rule["id"] == "DAL117" and "goods_value" in rule["facts"] for rule in rules["items"]), "rules say what they ask")
status, wide = officer.get("/api/law/penalties/DAL117?goods_value=5000&channel=retail")
check(status == 200 and wide["organisation"]["min_fen"] == 10_000_000 and wide["organisation"]["max_fen"] == 20_000_000 and wide["steps"],
      f"at least ten times 10,000 yuan in retail: {wide.get('organisation')}")
status, wide = officer.get("/api/law/penalties/DAL118?income_from_unit=100000")
check(wide["persons"]["applies"] and wide["persons"]["min_fen"] == 3_000_000 and wide["persons"]["max_fen"] == 30_000_000, f"persons: {wide.get('persons')}")
status, wrong = officer.get("/api/law/penalties/DAL999")
check(wrong["code"] == "penalty_rule_unknown", "a rule there is not")
status, near = officer.get("/api/benchmark?rule=DAL117")
check(status == 200 and near["fined"] <= near["cases"], f"comparable cases: {status}")
if near["fined"]:
    check(near["min_fen"] <= near["median_fen"] <= near["max_fen"], "the median lies between")
for desk in ("leads", "referrals", "publicity"):
    status, found = officer.get("/api/desks/" + desk)
    check(status == 200 and found["groups"], f"the desk of {desk}: {status}")

# who may not
firm = Person("operator_user")
status, body, _ = firm.ask("GET", f"/api/documents/{made['seq']}.pdf")
check(status == 404, f"a stranger's paper does not exist to a firm: {status}")
status, body, _ = firm.ask("POST", one + "/documents", {"document": "penalty_45"}, {"If-Match": match})
check(status in (403, 404), f"a firm issues nothing: {status}")
print(f"{passed} passed, {failed} failed")
