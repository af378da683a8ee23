#!/usr/bin/env python3
"""Walks through the doors of a served demo as the people outside: the public reports and follows, an enterprise answers an order and acknowledges,
an inspector hands in a visit made offline, a village files a clue. Every answer is held against the contract. Usage: doors.py BASE_URL LOG.
Ends with `N passed, N failed`."""
import base64
import hashlib
import http.client
import itertools
import json
import os
import re
import sys
import urllib.parse
import uuid

import jsonschema

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE, LOG = sys.argv[1], sys.argv[2]
HOST = BASE.removeprefix("http://")
addresses = (f"127.0.{i // 250}.{i % 250 + 2}" for i in itertools.count())  # each person has a connection of his own
CONTRACT = json.load(open(os.path.join(ROOT, "src", "api", "openapi.json"), encoding="utf-8"))
passed, failed = 0, []
seen = []  # every byte any door answered, for the canaries

def segment(marker, body):
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def photo(beside):
    return (b"\xff\xd8" + segment(0xE0, b"JFIF") + segment(0xE1, b"Exif\0\0" + beside) + segment(0xDB, b"tables") + segment(0xDA, b"head")
            + b"picture" * 40 + b"\xff\xd9")


TELLING, JPEG = photo(b"CANARY-26.8968N-112.57E"), photo(b"kept as it was taken")


def expect(what, condition, detail=""):
    global passed
    if condition:
        passed += 1
    else:
        failed.append(f"{what}: {str(detail)[:300]}")
    return condition


def declared_for(path, method):
    for pattern, operations in CONTRACT["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path.split("?")[0]) and method.lower() in operations:
            return operations[method.lower()]
    raise SystemExit(f"{method} {path} is not in the contract")


def check_shape(path, method, status, headers, body):
    responses = declared_for(path, method)["responses"]
    declared = responses.get(str(status), responses.get("default", {}))
    if "$ref" in declared:
        declared = CONTRACT["components"]["responses"][declared["$ref"].split("/")[-1]]
    kind = headers.get("Content-Type", "").split(";")[0]
    schema = declared.get("content", {}).get(kind, {}).get("schema")
    if not expect(f"{method} {path} {status} type", schema is not None, f"{kind} is not declared"):
        return
    problems = list(jsonschema.Draft202012Validator({**schema, "components": CONTRACT["components"]}).iter_errors(json.loads(body)))
    expect(f"{method} {path} {status} schema", not problems, "; ".join(f"{e.json_path}: {e.message[:160]}" for e in problems[:3]))


class Door:
    """One person's way in; a stranger without a role."""

    def __init__(self, role=None):
        self.cookie, self.address = None, next(addresses)
        if role:
            status, headers, body = self.raw("/api/session/demo", "POST", json.dumps({"role": role}).encode(), self.fresh())
            if not expect(f"sign in as {role}", status == 200, body):
                return
            self.cookie = headers["Set-Cookie"].split(";")[0]
            self.me = json.loads(body)["person"]["id"]

    @staticmethod
    def fresh(key=None):
        return {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid.uuid4())}

    def raw(self, path, method="GET", data=None, headers=None):
        headers = {"Origin": BASE, **(headers or {}), **({"Cookie": self.cookie} if self.cookie else {})}
        connection = http.client.HTTPConnection(HOST, timeout=120, source_address=(self.address, 0))
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        out = answer.status, answer.headers, answer.read()
        connection.close()
        seen.append(out[2])
        return out

    def get(self, path, wanted=200):
        status, headers, body = self.raw(path)
        if expect(f"GET {path} answers {wanted}", status == wanted, body):
            check_shape(path, "GET", status, headers, body)
        self.etag = headers.get("ETag")
        return json.loads(body)

    def post(self, path, body, wanted=201, key=None, match=None, code=None):
        headers = self.fresh(key)
        if match:
            headers["If-Match"] = match
        status, headers, answer = self.raw(path, "POST", json.dumps(body).encode(), headers)
        if expect(f"POST {path} answers {wanted}", status == wanted, answer):
            check_shape(path, "POST", status, headers, answer)
        answer = json.loads(answer)
        if code:
            expect(f"POST {path} says {code}", answer.get("code") == code, answer)
        self.etag = headers.get("ETag")
        return answer

    def upload(self, data, name="photo.jpg"):
        begun = self.post("/api/uploads", {"name": name, "bytes": len(data), "digest_sha256": hashlib.sha256(data).hexdigest()})
        self.raw(f"/api/uploads/{begun['id']}/chunks/0", "PUT", data, {"Content-Type": "application/octet-stream"})
        return self.post(f"/api/uploads/{begun['id']}/finish", {}, wanted=200)["digest"]


# --- the public  # mission: F17

CANARY = {"name": "司马金丝雀", "phone": "13987654321", "address": "衡阳市金丝雀巷七号"}


def public_reads():
    stranger = Door()
    form = stranger.get("/api/public/form")
    expect("reasons to choose from", len(form["reasons"]) >= 5 and len(form["counties"]) == 12, form["counties"])
    page = stranger.get("/api/public/penalties?limit=5")
    expect("penalties are published", page["total"] > 20 and len(page["items"]) == 5, page["total"])
    more = stranger.get(f"/api/public/penalties?limit=5&cursor={page['next']}")
    expect("pages do not overlap", not {i["id"] for i in page["items"]} & {i["id"] for i in more["items"]})
    one = page["items"][0]
    expect("five items of the summary", all(one[k] for k in ("decision_number", "violation", "penalties", "authority")) and one["party"]["name"], one)
    expect("the same alone", stranger.get(f"/api/public/penalties/{one['id']}") == one)
    expect("found by its number", stranger.get("/api/public/penalties?q=" + urllib.parse.quote(one["decision_number"]))["total"] >= 1)
    expect("nothing for nonsense", stranger.get("/api/public/penalties?q=zzz")["total"] == 0)
    stranger.get("/api/public/penalties/no-such-thing", 404)
    violators = stranger.get("/api/public/serious_violators")["items"]
    expect("one serious violator, told before listed before published",
           len(violators) == 1 and violators[0]["told_on"] < violators[0]["listed_on"] <= violators[0]["published_on"] < violators[0]["removed_on"], violators)
    expect("typical cases", stranger.get("/api/public/cases")["total"] == 1)
    stranger.get("/api/public/operators?q=x", 400)
    shops = stranger.get("/api/public/operators?q=" + urllib.parse.quote("大药房"))
    expect("at most twenty, and more are there", len(shops["items"]) == 20 and shops["more"])
    expect("name, kind, licence state, the grade where the law publishes it", set(shops["items"][0]) == {"id", "name", "kind", "region", "credit", "licences"}, shops["items"][0])
    return shops["items"][0]


def public_reports(shop):
    stranger = Door()
    wrong = [({}, "field_missing"), ({"reason": "expired"}, "field_missing"), ({"reason": "noise", "text": "t", "store": "s"}, "not_in_vocabulary"),
             ({"reason": "expired", "text": "t"}, "field_missing"), ({"reason": "expired", "text": "t" * 4001, "store": "s"}, "field_invalid"),
             ({"reason": "expired", "text": "t", "store": "s", "claims": "refund"}, "field_missing"),
             ({"reason": "dispute", "text": "t", "store": "s"}, "field_missing"),
             ({"reason": "expired", "text": "t", "store": "s", "wants_reward": True}, "field_missing"),
             ({"reason": "expired", "text": "t", "operator_id": "nobody"}, "operator_unknown"),
             ({"reason": "expired", "text": "t", "store": "s", "county": "110101"}, "organisation_unknown"),
             ({"reason": "expired", "text": "t", "store": "s", "happened_on": "2099-01-01"}, "date_in_future"),
             ({"reason": "expired", "text": "t", "store": "s", "officer": "x"}, "field_unknown"),
             ({"reason": "expired", "text": "t", "store": "s", "photos": [{"name": "a", "type": "image/png", "data": "bm90IGEgcGljdHVyZQ=="}]}, "field_invalid"),
             ({"reason": "expired", "text": "t", "store": "s", "photos": [{"name": "a", "type": "image/png", "data": "%%"}]}, "field_invalid")]
    for body, code in wrong:
        stranger = Door()
        status, _, answer = stranger.raw("/api/public/reports", "POST", json.dumps(body).encode(), stranger.fresh())
        expect(f"a report of {str(body)[:60]} is refused with {code}", status >= 400 and json.loads(answer)["code"] == code, answer)
    stranger = Door()
    attached = {"name": "photo.jpg", "type": "image/jpeg", "data": base64.b64encode(TELLING).decode()}
    key = str(uuid.uuid4())
    body = {"reason": "expired", "operator_id": shop["id"], "text": "货架上有过期药品。", "photos": [attached]}
    receipt = stranger.post("/api/public/reports", body, key=key)
    expect("a receipt", re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", receipt["secret"]), receipt)
    expect("a report alone", not receipt["split"] and [m["kind"]["id"] for m in receipt["matters"]] == ["report"])
    expect("the receipt lost on the way is given again", stranger.post("/api/public/reports", body, key=key) == receipt)
    stranger.post("/api/public/reports", {**body, "text": "another"}, wanted=409, key=key, code="key_reused")
    mixed = stranger.post("/api/public/reports", {"reason": "expired", "store": "某便民药店", "claims": "退一赔十",
                                                  "text": f"我是{CANARY['name']}，电话{CANARY['phone']}，在该店买到过期药品。", "reporter": CANARY})
    expect("one paper, two matters", mixed["split"] and [m["kind"]["id"] for m in mixed["matters"]] == ["complaint", "report"], mixed)
    expect("each with the law of the day", all(m["law"] and m["due"] for m in mixed["matters"]))
    for ticket, secret in ((receipt["ticket"], mixed["secret"]), ("no-such-ticket", receipt["secret"]), ("17", receipt["secret"]),
                           (receipt["ticket"], "AAAA-AAAA-AAAA-AAAA")):
        stranger.post("/api/public/tickets", {"ticket": ticket, "secret": secret}, wanted=404, code="ticket_unknown")
    progress = stranger.post("/api/public/tickets", {"ticket": mixed["ticket"], "secret": mixed["secret"].lower().replace("-", "")}, wanted=200)
    expect("both can be followed", [m["stage"]["id"] for m in progress["matters"]] == ["received", "received"], progress)
    expect("nobody is named", "person" not in json.dumps(progress) and "officer" not in json.dumps(progress))
    return receipt, mixed


def strangers_are_counted():
    stranger = Door()
    codes = [stranger.raw("/api/public/reports", "POST", b"{}", stranger.fresh())[0] for _ in range(14)]
    expect("a stranger who goes on and on is told to wait", codes[0] == 422 and codes[-1] == 429, codes)
    status, headers, _ = stranger.raw("/api/public/reports", "POST", b"{}", stranger.fresh())
    expect("and for how long", status == 429 and int(headers["Retry-After"]) > 0, headers)


def progress_moves(receipt):
    """An officer of the authority verifies it; the sender sees so, and not by whom."""
    officer = Door("officer")
    page = officer.get("/api/dossiers?procedure=report&limit=50")
    row = next((i for i in page["items"] if i["id"] == receipt["ticket"]), None)
    if not row:
        return  # the store answers to another authority
    shown = officer.get(f"/api/dossiers/{row['id']}")
    photos = [f for f in shown["attributes"] if f["id"] == "photos"]
    expect("the photo is with the matter", photos and photos[0]["value"], shown["attributes"])
    colleague = next(c for c in officer.get("/api/field/today")["colleagues"])
    officer.post(f"/api/dossiers/{row['id']}/steps/verify", {"form": {}, "officers": [colleague["id"]]}, match=officer.etag or f'"{row["version"]}"')
    progress = Door().post("/api/public/tickets", {"ticket": receipt["ticket"], "secret": receipt["secret"]}, wanted=200)
    expect("it moved", progress["matters"][0]["stage"]["id"] == "verifying" and len(progress["matters"][0]["history"]) == 2, progress)


# --- the portal  # mission: G17

def portal():
    firm = Door("operator_user")
    today = firm.get("/api/portal/today")
    expect("one order to answer", len(today["rectifications"]) >= 1 and today["rectifications"][0]["clock"], today["rectifications"])
    expect("a licence and a certificate end soon", any(l["standing"] != "valid" for l in today["licences"]) and today["certificates"], today["licences"])
    expect("a training half acknowledged", today["trainings"] and 0 < today["trainings"][0]["acknowledged"] < today["trainings"][0]["staff"], today["trainings"])
    page = firm.get("/api/portal/dossiers")
    expect("no matter is shown that is not to be known yet", not [i for i in page["items"] if i["procedure"]["id"] in ("report", "lead", "complaint")
           or (i["procedure"]["id"] == "inspection" and i["state"]["id"] in ("planned", "approved"))], page["items"])
    order = today["rectifications"][0]
    shown = firm.get(f"/api/portal/dossiers/{order['id']}")
    tag = firm.etag
    names = json.dumps([shown["events"], shown["attributes"]], ensure_ascii=False)
    expect("no officer is named", "officer" not in names, names)
    expect("what is ordered is told", any(a["id"] == "items" for a in shown["attributes"]))
    offered = {o["step"]: o["refusal"] for o in shown["offers"]}
    expect("the answer is offered", "submit" in offered and offered["submit"] is None, offered)
    submit = {"form": {"correction": "已补齐随货同行单。"}, "evidence": []}
    firm.post(f"/api/portal/dossiers/{order['id']}/steps/submit", submit, wanted=428, code="version_wanted")
    firm.post(f"/api/portal/dossiers/{order['id']}/steps/submit", submit, wanted=422, match=tag, code="evidence_missing")
    firm.post(f"/api/portal/dossiers/{order['id']}/steps/submit", {**submit, "evidence": ["0" * 64]}, wanted=422, match=tag, code="evidence_missing")
    firm.post(f"/api/portal/dossiers/{order['id']}/steps/submit", {**submit, "officers": ["hy_officer_1"]}, wanted=422, match=tag, code="field_unknown")
    digest = firm.upload(JPEG)
    key = str(uuid.uuid4())
    done = firm.post(f"/api/portal/dossiers/{order['id']}/steps/submit", {**submit, "evidence": [digest]}, match=tag, key=key)
    expect("handed in", done["state"]["id"] == "submitted", done)
    again = firm.post(f"/api/portal/dossiers/{order['id']}/steps/submit", {**submit, "evidence": [digest]}, match=tag, key=key)
    expect("once", again == done)
    expect("its own file stands with it", digest in json.dumps(firm.get(f"/api/portal/dossiers/{order['id']}")["events"][-1]["evidence"]))
    other = Door("hospital_reporter")
    if other.cookie and other.me != firm.me:
        other.get(f"/api/portal/dossiers/{order['id']}", 404)
    firm.get("/api/portal/dossiers/no-such-thing", 404)
    expect("licences with their window", firm.get("/api/portal/licences")["licences"][0]["renew_from"])
    Door("officer").get("/api/portal/today", 403)
    Door().get("/api/portal/today", 401)
    return firm


def roster(firm):
    training = firm.get("/api/portal/acknowledgements?open=true")["items"][0]
    missing = [p["person"]["id"] for p in training["people"] if p["in_post"] and not p["acknowledged_on"]]
    done = [p["person"]["id"] for p in training["people"] if p["acknowledged_on"]]
    expect("share is of those in post", training["share"] == f"{training['acknowledged'] / training['staff']:.4f}", training["share"])
    for people, status, code in (([], 422, "field_missing"), (["nobody"], 404, "person_unknown"), (["hy_officer_1"], 403, "wrong_organisation"),
                                 ([done[0]], 409, "step_repeated"), ([missing[0], missing[0]], 409, "step_repeated")):
        firm.post("/api/portal/acknowledgements", {"dossier": training["id"], "people": people}, wanted=status, code=code)
    key = str(uuid.uuid4())
    got = firm.post("/api/portal/acknowledgements", {"dossier": training["id"], "people": missing}, key=key)
    expect("everybody", got["share"] == "1.0000" and got["acknowledged"] == training["staff"], got)
    expect("once", firm.post("/api/portal/acknowledgements", {"dossier": training["id"], "people": missing}, key=key) == got)
    expect("nothing is left to acknowledge today", not firm.get("/api/portal/today")["trainings"])


# --- the field  # mission: H8

def visit_of(stop, checklist, officer, evidence):
    answers, findings = [], []
    for section in checklist["sections"]:
        for item in section["items"]:
            answer = item["min"] or item["max"] if item["answer"] == "number" else "yes"
            if not findings and item["answer"] == "conform":
                answer = "no"
                findings.append({"item": item["id"], "clause": item["clause"], "severity": item["severity"], "description": item["finding"]["zh"]})
            answers.append({"item": item["id"], "mark": item["mark"], "answer": answer})
    return {"dossier": stop["dossier"], "form": {"id": checklist["id"], "version": checklist["version"]}, "started_at": "2025-07-05T08:30:00+08:00",
            "captured_at": "2025-07-05T09:10:00+08:00", "officers": [officer], "formalities": ["id_shown", "rights_told"], "answers": answers,
            "findings": findings, "signature": {"mode": "signed", "name": "签字人金丝雀"},
            "photos": [{"sha256": hashlib.sha256(JPEG).hexdigest(), "evidence": evidence, "taken_at": "2025-07-05T08:40:00+08:00", "finding": 0}]}


def field():
    inspector = Door("inspector")
    today = inspector.get("/api/field/today")
    when = [s["when"] for s in today["stops"]]
    expect("stops in the order they press", when == sorted(when, key=["overdue", "today", "week", "later"].index) and when.count("today") >= 2, when)
    stop = next(s for s in today["stops"] if s["when"] == "today" and s["checklist"])
    checklist = inspector.get(f"/api/field/checklists/{stop['checklist']['id']}")
    expect("the version the stop names", checklist["version"] == stop["checklist"]["version"])
    inspector.get("/api/field/checklists/no_such_list", 404)
    colleague = today["colleagues"][0]["id"]
    evidence = inspector.upload(JPEG)
    visit = visit_of(stop, checklist, colleague, evidence)
    first = visit["answers"][0]["item"]
    old = {**visit, "form": {**visit["form"], "version": "2016-12-15.00000000"}, "answers": [{**visit["answers"][0], "mark": "00000000"}, *visit["answers"][1:]]}
    changed = inspector.post("/api/field/visits", old, wanted=409, code="form_changed")
    expect("says what changed and that nothing is lost", [e["where"] for e in changed["errors"]] == [first] and changed["next"], changed)
    wrong = [({**visit, "photos": [{**visit["photos"][0], "evidence": "0" * 64}]}, 422, "evidence_missing"),
             ({**visit, "photos": [{**visit["photos"][0], "sha256": "0" * 64}]}, 422, "digest_mismatch"),
             ({**visit, "findings": []}, 422, None), ({**visit, "answers": visit["answers"][1:]}, 422, "field_missing"),
             ({**visit, "officers": []}, 409, "officers_too_few"), ({**visit, "signature": {"mode": "refused"}}, 422, None),
             ({**visit, "captured_at": "2025-07-06T09:10:00+08:00"}, 422, None), ({**visit, "dossier": "no-such-thing"}, 404, "dossier_unknown"),
             ({**visit, "findings": [{**visit["findings"][0], "severity": "grave"}]}, 422, "not_in_vocabulary")]
    for body, status, code in wrong:
        inspector.post("/api/field/visits", body, wanted=status, code=code)
    expect("no refusal recorded anything", next(s for s in inspector.get("/api/field/today")["stops"] if s["dossier"] == stop["dossier"])["version"] == stop["version"])
    key = str(uuid.uuid4())
    done = inspector.post("/api/field/visits", visit, key=key)
    expect("go, one finding, sign", done["state"]["id"] == "record_signed" and len(done["seqs"]) == 3 and done["findings"] == 1, done)
    for _ in range(3):
        expect("sent again after a kill it is the same", inspector.post("/api/field/visits", visit, key=key) == done)
    inspector.post("/api/field/visits", visit, wanted=409, code="wrong_state")
    expect("the stop is gone", stop["dossier"] not in [s["dossier"] for s in inspector.get("/api/field/today")["stops"]])
    Door("operator_user").post("/api/field/visits", visit, wanted=403)


# --- villages  # mission: G8

def village():
    informant = Door("village_informant")
    before = informant.get("/api/field/clues")["items"]
    key = str(uuid.uuid4())
    clue = {"place": "清泉村三组", "store": "流动药摊", "text": "赶集日有人卖没有标签的药。", "captured_at": "2025-07-04T15:00:00+08:00"}
    filed = informant.post("/api/field/clues", clue, key=key)
    expect("filed once", informant.post("/api/field/clues", clue, key=key) == filed)
    after = informant.get("/api/field/clues")["items"]
    expect("own clues only, the new one first", len(after) == len(before) + 1 and after[0]["id"] == filed["dossier"], after)
    expect("for the own town", filed["dossier"].startswith("430481_zheqiao-"), filed)
    informant.post("/api/field/clues", {**clue, "organisation": "hengyang"}, wanted=422, code="field_unknown")
    informant.post("/api/field/clues", {**clue, "captured_at": "2099-01-01T00:00:00+08:00"}, wanted=422, code="date_in_future")
    informant.post("/api/dossiers", {"procedure": "inspection", "title": "x", "form": {}}, wanted=403)
    informant.get("/api/field/today", 200)
    expect("sees no stops", not informant.get("/api/field/today")["stops"])
    coordinator = Door("township_coordinator")
    expect("a colleague's clues are not shown", filed["dossier"] not in [c["id"] for c in coordinator.get("/api/field/clues")["items"]])
    Door("officer").post("/api/field/clues", clue, wanted=403)


def canaries(receipt, mixed):
    """Who reported stands in no answer to anybody, and in no log; the secret only in the receipt."""
    officer, head = Door("officer"), Door("unit_head")
    for door in (officer, head):
        for path in ("/api/dossiers?procedure=complaint", "/api/dossiers?procedure=report", f"/api/dossiers/{mixed['ticket']}"):
            expect(f"{path} is read", mixed["ticket"] in json.dumps(door.get(path)) or "procedure=report" in path)
        door.raw(f"/api/dossiers/{mixed['ticket']}/personal", headers={"X-Purpose": urllib.parse.quote("核查")})
        for value in CANARY.values():
            found = json.loads(door.raw("/api/search?q=" + urllib.parse.quote(value))[2])
            expect("nothing is found by who reported", found["items"] == [], found)
            seen.pop()  # the words looked for are said back
    reveal = f"/api/informants/{mixed['ticket']}/reveal"
    officer.post(reveal, {"purpose": "组织调解"}, wanted=403)
    officer.get(f"/api/dossiers/{mixed['ticket']}")
    officer.post(f"/api/dossiers/{mixed['ticket']}/steps/accept", {"form": {}}, match=officer.etag)
    told = officer.post(reveal, {"purpose": "组织调解"}, wanted=200)
    expect("whoever handles the matter and says why is told", CANARY["name"] in json.dumps(told, ensure_ascii=False), told)
    seen.pop()
    everything = b"\n".join(seen) + open(LOG, "rb").read()
    for name, value in CANARY.items():
        at = everything.find(value.encode())
        expect(f"the reporter's {name} is in no answer and no log", at < 0, everything[max(at - 200, 0):at + 100].decode(errors="replace"))
    expect("no place of a photo", b"CANARY" not in everything)
    expect("the secret stands in its receipts alone", everything.count(receipt["secret"].encode()) == 2, everything.count(receipt["secret"].encode()))


def main():
    shop = public_reads()
    receipt, mixed = public_reports(shop)
    progress_moves(receipt)
    strangers_are_counted()
    roster(portal())
    field()
    village()
    canaries(receipt, mixed)
    for line in failed:
        print("FAILED:", line)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:  # what was expected before says why
        print("\n".join(failed), file=sys.stderr)
        raise
