# What the sample city's safety reports say together: signals, one pair, clusters, duplicates and a person's word on them, the daily
# judgement and its dossiers, a report by form, who may look.
# mission: A11 A13 G5 G6 G7 H3
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
data="$work/vigilance"; rm -rf "$data"; cp -r "$demo_data" "$data"
q() { "$program" --data "$data" "$@"; }

# --- the command line
is "pairs of the kept reports" "$(q signals --csv | head -1 | cut -d, -f1-6)" "product,reaction,n,n_product,n_reaction,n_total"
signals=$(q signals --criterion dossier --csv | tail -n +2 | wc -l)
[ "$signals" -gt 5 ] && ok || bad "only $signals signals in the sample"
pair=$(q signals --criterion dossier --csv | sed -n 2p)
product=$(cut -d, -f1 <<<"$pair") reaction=$(cut -d, -f2 <<<"$pair")
is "the four cells" "$(q signals explain "$product" "$reaction" --json | json "sum(d['table'].values()) == d['measures']['n_total'] and d['table']['a'] == d['measures']['n']")" True
is "its criteria" "$(q signals explain "$product" "$reaction" --json | json "'dossier' in d['criteria']")" True
q --lang en signals explain "$product" "$reaction" | grep -q 'no finding of cause' && ok || bad "the paragraph claims a cause"
is "strata stay cases" "$(q signals --stratum sex --stratum age --csv | tail -n +2 | wc -l)" "$(q signals --csv | tail -n +2 | wc -l)"
is "by family" "$(q signals --reactions family --csv | tail -n +2 | awk -F, '$3 > $4 || $3 > $5' | wc -l)" 0
[ "$(q signals --level batch --csv | tail -n +2 | wc -l)" -gt 100 ] && ok || bad "no pairs by batch"
is "nothing new since tomorrow" "$(q signals --criterion dossier --since 2025-07-06 --csv | tail -n +2 | wc -l)" 0
[ "$(q signals --criterion dossier --since 2024-08-01 --csv | tail -n +2 | wc -l)" -gt 0 ] && ok || bad "nothing new in a year"
fails "unknown level" 2 q signals --level colour; says "levels are named" "ingredient, name, maker"
fails "unknown stratum" 2 q signals --stratum colour; says "strata are named" "sex, age"
fails "unknown criterion" 1 q signals --criterion nobody
fails "since without a criterion" 2 q signals --since 2025-01-01
fails "unknown pair" 1 q signals explain 无此药 "$reaction"

# --- the server
"$program" --data "$data" serve --port 0 2>"$work/vigilance.log" &
server=$!
for _ in $(seq 100); do base=$(grep -oE 'http://[0-9.:]+' "$work/vigilance.log" | head -1); [ -n "$base" ] && break; sleep 0.1; done
token() { q demo --token "$1"; }
get() { curl -s -H "Authorization: Bearer $1" "$base$2"; }
code() { curl -s -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $1" "$base$2"; }
reviewer=$(token technical_reviewer) analyst=$(token risk_analyst) officer=$(token officer) hospital=$(token hospital_reporter) police=$(token police_contact)
encoded=$(python3 -c "import sys,urllib.parse as u; print('product='+u.quote(sys.argv[1])+'&reaction='+u.quote(sys.argv[2]))" "$product" "$reaction")
is "signals" "$(get "$reviewer" "/api/signals?criterion=dossier" | json "d['total']")" "$signals"
is "every measure is there" "$(get "$reviewer" "/api/signals?limit=1" | json "all(k in d['items'][0] for k in ('prr','ror','ic','ebgm','chi2_yates','fisher_p'))")" True
is "not estimable stays" "$(get "$reviewer" "/api/signals?sort=n&limit=500" | json "len(d['items']) > 100")" True
is "one pair" "$(get "$reviewer" "/api/signals/pair?$encoded" | json "d['table']['a'] == len(d['cases']) + d['restricted'] and len(d['trend']) > 0 and len(d['strata']) > 5")" True
is "the analyst counts" "$(code "$analyst" /api/signals)" 200
is "and reads no case" "$(code "$analyst" "/api/signals/pair?$encoded")" 403
is "police" "$(code "$police" /api/signals)" 403
is "a hospital has no signals" "$(code "$hospital" /api/signals)" 403
is "a hospital sees its own reports only" "$(get "$hospital" "/api/safety_reports?limit=500" | json "len({i['organisation'] for i in d['items']}) <= 1")" True
is "nobody's" "$(curl -s -o /dev/null -w '%{http_code}' "$base/api/signals")" 401
get "$reviewer" /api/signals/clusters >"$work/clusters.json"
is "clusters" "$(json "len(d['items']) >= 3 and all(i['cases'] >= 3 and i['expected'] < i['cases'] for i in d['items'])" <"$work/clusters.json")" True
cluster=$(json "d['items'][0]['id']" <"$work/clusters.json")
is "its cases" "$(get "$reviewer" "/api/signals/clusters/$cluster" | json "len(d['members']) + d['restricted'] == d['cases'] and sum(x['onset'] for x in d['curve']) == d['cases']")" True
is "each has a dossier" "$(json "all(i['dossier'] for i in d['items'] if i['status'] == 'standing')" <"$work/clusters.json")" True
is "one was walked to the register" "$(json "any(i['dossier_state'] == 'followed' for i in d['items'])" <"$work/clusters.json")" True
is "no such cluster" "$(code "$reviewer" /api/signals/clusters/cluster-0)" 404
is "sentinels" "$(get "$reviewer" /api/sentinels | json "d['active'], len(d['sites']) > 0")" "(50, True)"

# --- two papers, one case: a person says no, and the case count follows
post() { curl -s -X POST -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -H "Idempotency-Key: $RANDOM$RANDOM$RANDOM" -d "$3" "$base$2"; }
get "$reviewer" "/api/duplicates?limit=1" >"$work/pair.json"
a=$(json "d['items'][0]['a']['number']" <"$work/pair.json") b=$(json "d['items'][0]['b']['number']" <"$work/pair.json")
before=$(get "$reviewer" /api/signals/clusters | json "d['as_of']['cases']")
is "evidence in bits" "$(json "abs(sum(e['bits'] for e in d['items'][0]['evidence']) - d['items'][0]['bits']) < 1e-6" <"$work/pair.json")" True
is "without a reason" "$(post "$reviewer" /api/duplicates "{\"a\":\"$a\",\"b\":\"$b\",\"decision\":\"different\",\"reason\":\"\"}" | json "d['code']")" field_missing
is "different" "$(post "$reviewer" /api/duplicates "{\"a\":\"$a\",\"b\":\"$b\",\"decision\":\"different\",\"reason\":\"两名患者\"}" | json "d['decision']")" different
is "one case more" "$(get "$reviewer" /api/signals/clusters | json "d['as_of']['cases']")" "$((before + 1))"
is "same" "$(post "$reviewer" /api/duplicates "{\"a\":\"$a\",\"b\":\"$b\",\"decision\":\"same\",\"reason\":\"复核为同一患者\"}" | json "d['decision']")" same
is "as before" "$(get "$reviewer" /api/signals/clusters | json "d['as_of']['cases']")" "$before"

# --- a hospital's form: checked, handed in, counted; the patient's name stands nowhere
form='{"kind":"drug","product":"示范片6","approval":"国药准字H20990006","batch":"B77","reactions":["过敏性休克"],"seriousness":"serious","onset_on":"2025-07-03","known_on":"2025-07-04","outcome":"improved","sex":"female","age_years":44,"patient_name":"欧阳测试甲","patient_number":"430401198001010012","narrative":"静滴十分钟后出现。"}'
post "$hospital" /api/safety_reports/check "$form" >"$work/check.json"
is "checked" "$(json "d['accepted'], d['number'], d['clocks'][0]['due_on'], d['completeness'] > 0" <"$work/check.json")" "(True, None, '2025-07-19', True)"
post "$hospital" /api/safety_reports "$form" >"$work/form.json"
number=$(json "d['number']" <"$work/form.json")
[ -n "$number" ] && [ "$number" != None ] && ok || bad "not taken: $(head -c 300 "$work/form.json")"
is "found again" "$(get "$hospital" "/api/safety_reports/$number" | json "d['reactions'], d['seriousness'], d['dossier'] is not None")" "(['过敏性休克'], 'serious', True)"
get "$reviewer" "/api/safety_reports/$number" | grep -q '欧阳' && bad "the name is shown" || ok
is "lacking criteria" "$(post "$hospital" /api/safety_reports/check '{"kind":"drug","product":"示范片6","reactions":[],"seriousness":"general"}' | json "d.get('accepted', False)")" False
is "in the future" "$(post "$hospital" /api/safety_reports/check "${form/2025-07-03/2026-07-03}" | json "d.get('accepted', False)")" False
is "a person reports" "$(curl -s -X POST -H 'Content-Type: application/json' -H "Idempotency-Key: $RANDOM$RANDOM" -d '{"kind":"cosmetic","product":"某牌面膜","reactions":["红斑"],"contact":"欧阳测试乙 13800000000","sex":"female"}' "$base/api/public/reactions" | json "len(d['ticket']) > 5")" True
is "judged again" "$(post "$reviewer" /api/signals/judgements '{}' | json "d['reports'] >= 0 and 'new_signals' in d")" True
is "an officer may not judge for others" "$(code "$police" /api/signals/judgements)" 403
is "uncoded wait" "$(get "$reviewer" '/api/safety_reports?state=uncoded' | json "d['uncoded'] >= 0")" True
kill -TERM "$server"; wait "$server"
grep -rlaE '欧阳测试|13800000000|430401198001010012' "$data" 2>/dev/null | grep -vE 'vault\.db|informants\.db' | head -3 >"$work/leaks"
is "the name stands in no file" "$(cat "$work/leaks")" ""
fails "the journal is whole after it" 0 q journal verify
done_with
