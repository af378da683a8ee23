# Grades with every act, predicted risk, focus lists and the register of the sample city.
# mission: F1 B8 B23 A11 A16
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
law=$(dirname "${BASH_SOURCE[0]}")/../../law
qy() { "$program" --law "$law" --data "$demo_data" "$@"; }

qy credit --all --json >"$work/credit.json" 2>"$work/err" || bad "credit --all: $(cat "$work/err")"
is "everybody is graded or ungraded" "$(json "len(d['operators'])==d['share']['graded']+d['share']['ungraded']" <"$work/credit.json")" True
is "ungraded stand in no share" "$(json "abs(float(d['share']['b_or_above_percent'])-100*d['share']['b_or_above']/d['share']['graded'])<0.01" <"$work/credit.json")" True
is "no score in a list of grades" "$(grep -c predicted_risk "$work/credit.json")" 0
one=$(json "next(o['operator'] for o in d['operators'] if o['credit_grade']=='B')" <"$work/credit.json")
qy credit "$one" --as-of 2025-07-05 --json >"$work/one.json" 2>"$work/err" || bad "credit $one: $(cat "$work/err")"
is "points add up" "$(json "float(d['of'])-sum(float(f['points']) for f in d['facts'] if f['effect']=='counted')==float(d['points'])" <"$work/one.json")" True
is "every act cites its article" "$(json "all(f['article'] and f['matter'] for f in d['facts'])" <"$work/one.json")" True
is "no score beside a grade" "$(json "'predicted_risk' in d" <"$work/one.json")" False
is "the same again" "$(qy credit "$one" --as-of 2025-07-05 --json | md5sum)" "$(md5sum <"$work/one.json")"
fails "a rule set nobody knows" 1 qy credit "$one" --rule nothing
says "a rule set nobody knows" "rule_unknown"
fails "before the rule set" 1 qy credit "$one" --as-of 2010-01-01
is "header of the CSV" "$(qy credit --all --csv | head -1)" "operator,name,kind,hazard_tier,credit_grade,points,rule_version,as_of"
is "published grades follow from the acts" "$(qy credit --due | wc -l)" 0

qy risk --top 3 --json >"$work/risk.json" 2>"$work/err" || bad "risk: $(cat "$work/err")"
is "three axes, three fields" "$(json "all(k in r for r in d['top'] for k in ('credit_grade','hazard_tier','predicted_risk'))" <"$work/risk.json")" True
is "every score is explained" "$(json "all(r['contributions'] for r in d['top']) and d['trained_from']<d['as_of'] and d['version'][:10]==d['as_of']" <"$work/risk.json")" True
qy risk evaluate --json >"$work/evaluate.json" 2>"$work/err" || bad "risk evaluate: $(cat "$work/err")"
is "ten deciles" "$(json "len(d['deciles'])" <"$work/evaluate.json")" 10
is "burden by three axes" "$(json "sorted({b['axis'] for b in d['burden']})" <"$work/evaluate.json")" "['ownership', 'region', 'size']"

qy focus --json >"$work/focus.json" 2>"$work/err" || bad "focus: $(cat "$work/err")"
is "each once" "$(json "len({o['operator'] for o in d['operators']})==len(d['operators'])" <"$work/focus.json")" True
is "somebody for two reasons" "$(json "any(len(o['reasons'])>1 for o in d['operators'])" <"$work/focus.json")" True
is "a changed rule has its cause" "$(qy focus --diff 2023-05-01 2025-07-05 --json | json "all(c['gained'] or c['lost'] for c in d) and len(d)>0")" True
is "no change, no difference" "$(qy focus --diff 2025-07-05 2025-07-05 --json)" "[]"

is "the register: what the six units carried over, what is new, what was closed" "$(qy risk register --json | json "d['open'], d['closed'], len(d['period'])")" "(17, 6, 23)"
is "a chain with a common violation" "$(qy risk groups --json | json "all(len(g['stores'])>=3 for g in d) and len(d)>0")" True
done_with
