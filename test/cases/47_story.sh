# The one matter of the demo that goes all the way: every stage is there, taken as the law says, and linked to the one before.
# mission: C8 C13 C14 C15
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
q() { "$program" --data "$demo_data" "$@"; }

q dossier list --procedure joint_discipline --limit 0 --json >"$work/joint.json" 2>"$work/err" || bad "list: $(cat "$work/err")"
firm=$(json "d['dossiers'][0]['operator_id']" <"$work/joint.json")
q dossier list --operator "$firm" --limit 0 --json | json "' '.join(x['id'] for x in d['dossiers'])" >"$work/ids"
mkdir -p "$work/story"
for id in $(cat "$work/ids"); do q dossier show "$id" --json >"$work/story/$id.json"; done
python3 - "$work/story" >"$work/story.txt" <<'PY'
import glob, json, os, sys
every = [json.load(open(p)) for p in glob.glob(os.path.join(sys.argv[1], "*.json"))]
by_id = {d["id"]: d for d in every}
def standing(d): return [t for t in d["timeline"] if t.get("kind", "") == "step_taken" and not t["voided"]]
def steps(d): return [s["step"] for s in standing(d)]
def step(d, name): return next(s for s in standing(d) if s["step"] == name)
def of(procedure, source=None):
    return [d for d in every if d["procedure"] == procedure and (source is None or (d.get("source") or {}).get("id") == source)]
joint = of("joint_discipline")[0]
case = by_id[joint["source"]["id"]]
visit = by_id[case["source"]["id"]]
lead = by_id[visit["source"]["id"]]
say = lambda name, value: print(f"{name} {value}")
say("lead", f"{lead['procedure']} {lead['attributes']['origin']} {lead['attributes']['rule']} {lead['state']}")
say("visit", f"{visit['procedure']} {visit['state']} {'record_finding' in steps(visit)}")
say("finding", f"{case['source']['fact'] == step(visit, 'record_finding')['seq']}")
seizure = of("seizure", case["id"])
say("seizure", " ".join(f"{d['state']} {'impose' in steps(d)}" for d in seizure))
order = ["register", "file", "start", "seize", "finish", "send_review", "agree_penalty", "serve_notice", "decide_penalty", "penalise_person", "serve",
         "record_payment", "close", "archive"]
taken = steps(case)
say("case", f"{[s for s in order if s not in taken]} {[taken.index(s) for s in order] == sorted(taken.index(s) for s in order)} {case['state']}")
person = case["attributes"]
say("person", f"{person['person_fine_fen']} {person['ban']} {person['person_responsible']['subject'] == joint['attributes']['person']['subject']}")
say("ban", f"{joint['state']} pushes={steps(joint).count('push')} receipts={steps(joint).count('receipt')}")
referral = of("referral", case["id"])[0]
say("referral", f"{referral['state']} {[s for s in steps(referral)]}")
say("receipt", f"{step(referral, 'police_receipt')['actor']} {referral['attributes']['package_received'] == referral['attributes']['package']} "
    f"{sorted(referral['attributes']['items_received']) == sorted(referral['attributes']['attachments'])}")
listing = of("serious_violator", case["id"])[0]
say("list", f"{listing['state']} {steps(listing)}")
public = of("publication", case["id"])[0]
say("publication", f"{public['state']} {'publish' in steps(public)}")
repair = of("credit_repair", case["id"])[0]
say("repair", f"{repair['state']} {steps(repair)}")
days = [step(lead, "verify")["happened_on"], step(visit, "go")["happened_on"], step(seizure[0], "impose")["happened_on"], step(case, "decide_penalty")["happened_on"],
        step(referral, "police_receipt")["happened_on"], step(listing, "publish")["happened_on"], step(repair, "grant")["happened_on"]]
say("days", days == sorted(days))
late = [(d["id"], c["limit"]) for d in [lead, visit, case, referral, listing] for c in d["clocks"] if c["limit"].startswith("REF.") and c["used"] > c["budget"]]
say("late", late)
PY
[ -s "$work/story.txt" ] || bad "no story"
stage() { is "the story: $1" "$(sed -n "s/^$1 //p" "$work/story.txt")" "$2"; }
stage lead "lead trace second_sale to_case"
stage visit "inspection published True"
stage finding "True"
stage seizure "confiscated True"
stage case "[] True archived"
stage person "1200000 years True"
stage ban "in_force pushes=2 receipts=2"
stage referral "goods_handed ['name_group', 'write', 'approve', 'send', 'police_receipt', 'police_file', 'hand_over']"
stage receipt "police_contact True True"
stage list "listed ['tell', 'list', 'publish']"
stage publication "published True"
stage repair "lifted ['admit', 'grant', 'lift']"
stage days "True"
stage late "[]"
done_with
