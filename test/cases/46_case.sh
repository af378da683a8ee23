# Around a case: what an act costs, criteria of the transfer, packages and receipts, persons, products, circulars, quality.
# mission: C10 C14 C23 C25 C26 D1 D2 D3 E8
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
law=$(dirname "${BASH_SOURCE[0]}")/../../law
q() { "$program" --law "$law" --data "$demo_data" "$@"; }

# the worked penalties, where they are at hand
if [ -n "${QINGYUAN_FIXTURES:-}" ] && [ -f "$QINGYUAN_FIXTURES/law/penalty_rules.json" ]; then
  is "worked penalties" "$(q law penalties "$QINGYUAN_FIXTURES/law/penalty_rules.json" | tail -1)" "28 passed, 0 failed"
fi
echo '{"illegal_income": 30000}' >"$work/lent.json"
is "a licence lent: floor and clause" "$(q law judge D01 "$work/lent.json" --json | json "d['heaviest'], d['infringes'][0], d['organisation']['min_fen'], d['organisation']['max_fen']")" "('DAL122', 'DAL 51', 10000000, 50000000)"
echo '{"goods_value": 3000, "channel": "retail", "income_from_unit": 80000}' >"$work/fake.json"
is "fake drugs and persons" "$(q law judge D02 "$work/fake.json" --json | json "d['persons_rule'], d['persons']['min_fen'], d['persons']['ban_years']")" "('DAL118', 2400000, ['life', 'life'])"
is "every step has its article" "$(q law judge D02 "$work/fake.json" --json | json "all(s['law_zh'] and s['zh'] and s['en'] for s in d['steps'])")" True
fails "a kind of violation nobody knows" 1 q law judge D99 "$work/fake.json"
echo '{"channel": "retail"}' >"$work/base.json"
fails "no base, no fine" 1 q law judge D04 "$work/base.json"
says "no base, no fine" "field_missing"

cat >"$work/golden.json" <<'JSON'
{"cases": [{"on": "2025-03-03", "facts": {"violation": "D02"}, "met": ["fake_drug"]},
           {"on": "2022-03-05", "facts": {"violation": "D10", "goods_value_fen": 10000000}, "met": ["unlicensed_trade"]},
           {"on": "2022-03-06", "facts": {"violation": "D10", "goods_value_fen": 10000000}, "met": []}]}
JSON
is "criteria of the transfer" "$(q law criteria transfer_criteria "$work/golden.json" | tail -1)" "3 passed, 0 failed"
sed -i 's/"met": \[\]/"met": ["fake_drug"]/' "$work/golden.json"
fails "a golden case that does not hold" 1 q law criteria transfer_criteria "$work/golden.json"

# a package, its receipt, and what is refused
printf '移送书' >"$work/book"; printf '清单' >"$work/goods"
fails "pack" 0 q exchange pack ref1 --to public_security --item "book=$work/book" --item "goods=$work/goods" --key "$work/key.pem" --out "$work/a.package"
fails "pack another" 0 q exchange pack ref2 --to public_security --item "book=$work/book" --key "$work/key.pem" --out "$work/b.package"
fails "no such agency" 1 q exchange pack ref1 --to church --item "book=$work/book" --key "$work/key.pem"
fails "check" 0 q exchange check "$work/a.package" --item "book=$work/book"
printf '另一份' >"$work/other"
fails "another item" 2 q exchange check "$work/a.package" --item "book=$work/other"
says "another item" "digest_mismatch"
sed 's/public_security/health/' "$work/a.package" >"$work/c.package"
fails "a changed line" 2 q exchange check "$work/c.package"
fails "answer with an item missing" 0 q exchange answer "$work/a.package" --number "回执3号" --missing goods --key "$work/police.pem" --out "$work/a.receipt"
is "what is missing is told" "$(q exchange receipt "$work/a.package" "$work/a.receipt" --json | json "d['received'], d['missing'], d['signed']")" "(['book'], ['goods'], True)"
fails "print" 0 q exchange print "$work/a.package" --out "$work/a.pdf"
is "a PDF" "$(head -c 5 "$work/a.pdf")" "%PDF-"
fails "a receipt for another package" 1 q exchange receipt "$work/b.package" "$work/a.receipt"
says "a receipt for another package" "manifest_mismatch"
fails "an item that was not sent" 1 q exchange answer "$work/b.package" --number 1 --missing goods --paper
fails "on paper" 0 q exchange answer "$work/b.package" --number 1 --paper --out "$work/b.receipt"
is "paper is unsigned" "$(q exchange receipt "$work/b.package" "$work/b.receipt" --json | json "d['signed']")" False

# the person of the story: punished, banned, and everything he stands in
q registry person 430405197006150019 --json >"$work/person.json" 2>"$work/err" || bad "registry person: $(cat "$work/err")"
is "his roles" "$(json "sorted({r['procedure'] for r in d['roles']})" <"$work/person.json")" "['joint_discipline', 'penalty_case']"
is "he is banned for ten years" "$(json "'joint' in d['banned_by'], d['banned_until'][:4]" <"$work/person.json")" "(True, '2035')"
fails "a number nobody has" 1 q registry person 110101190001010000

# everything about one product, with what is linked
fails "a product nobody named" 0 q dossier cluster no_such_product

# circular: the top and the others are the figure, and the anonymous one names nobody
q circular --org hengyang --period 2025-H1 --top 5 --json >"$work/circular.json" 2>"$work/err" || bad "circular: $(cat "$work/err")"
is "top and others are the findings" "$(json "sum(t['findings'] for t in d['top'])+d['others']==d['findings'], d['findings'], len(d['top'])" <"$work/circular.json")" "(True, 1014, 5)"
is "each opens to its records" "$(json "all(len(t['members'])==t['findings'] and len(t['firms'])==t['operators'] for t in d['top'])" <"$work/circular.json")" True
is "in order" "$(json "[t['findings'] for t in d['top']]==sorted((t['findings'] for t in d['top']), reverse=True)" <"$work/circular.json")" True
is "anonymous" "$(q circular --org hengyang --period 2025-H1 --anonymous --json | grep -c 'firms\|members')" 0

# quality of cases and the four pillars, each figure opening to its records
for report in case_quality four_pillars; do
  q report "$report" --org hengyang --period 2025-H1 --json >"$work/$report.json" 2>"$work/err" || bad "$report: $(cat "$work/err")"
done
value() { json "[f['value'] for f in d['figures'] if f['id']=='$2'][0]" <"$work/$1.json"; }
for figure in cases_decided cases_decided_on_time cases_overdue_until_end cases_penalised_until_end cases_overturned_until_end cases_challenged_until_end; do
  is "$figure opens" "$(q report case_quality --org hengyang --period 2025-H1 --members $figure | grep -c .)" "$(value case_quality $figure)"
done
for figure in case_on_time_share case_overturned_share case_challenged_share; do
  is "$figure by unit" "$(json "len(d['by_unit'])" <"$work/case_quality.json")" 13
done
for figure in notices_of_standards guidance_given inspections persons_penalised bans_imposed discipline_measures_taken licences_revoked agencies_interviewed \
    commitments_given commitments_kept commitments_broken interviews_followed_end cases_listed meeting_tasks_reported; do
  is "$figure opens" "$(q report four_pillars --org hengyang --period 2025-H1 --members $figure | grep -c .)" "$(value four_pillars $figure)"
done
is "one person punished and banned" "$(value four_pillars persons_penalised) $(value four_pillars bans_imposed)" "1 1"
done_with
