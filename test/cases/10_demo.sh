# The city's half-year: the published figures, each opening to its records, re-derived offline; one more and one less.
# mission: B1 B2 C1 C2 C4 C5 C6 C7 C8 C9 E5 E6 H2 A7
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
report() { "$program" --data "$1" report mid_year --org hengyang --period 2025-H1 "${@:2}"; }

report "$demo_data" --json >"$work/report.json" 2>"$work/err" || bad "report --json: $(cat "$work/err")"
for wanted in inspections=2918 findings=1014 rectification_orders=535 interviews=59 cases=148 qingyuan_inspections=545 \
    qingyuan_noncompliant_entities=182 qingyuan_rectified_entities=144 qingyuan_cases=93 qingyuan_cases_within_all=93 \
    qingyuan_referrals_public_security=1 qingyuan_leads_medical_insurance=1 qingyuan_outstanding_entities=38; do
  figure=${wanted%%=*} value=${wanted##*=}
  is "$figure" "$(json "[f['value'] for f in d['figures'] if f['id']=='$figure'][0]" <"$work/report.json")" "$value"
  is "$figure opens" "$(report "$demo_data" --members "$figure" | wc -l)" "$value"
done
is "units" "$(json "len(d['by_unit'])" <"$work/report.json")" 13
for figure in inspections findings rectification_orders interviews cases qingyuan_inspections qingyuan_cases; do
  is "$figure by unit" "$(json "sum(u['values']['$figure'] if 'values' in u else [f['value'] for f in u['figures'] if f['id']=='$figure'][0] for u in d['by_unit'])" <"$work/report.json")" \
    "$(json "[f['value'] for f in d['figures'] if f['id']=='$figure'][0]" <"$work/report.json")"
done
is "identities" "$(json "all(i['holds'] for i in d['identities'])" <"$work/report.json")" True
is "members are sorted" "$(report "$demo_data" --members findings | cut -f1 | sort -n -c 2>&1)" ""

# one more inspection, finding and case; then void them
cp -r "$demo_data" "$work/more"
three() { report "$work/more" --json | json "' '.join(str([f['value'] for f in d['figures'] if f['id']==i][0]) for i in ('inspections','findings','cases'))"; }
bash demo/one_more.sh "$work/more" "$program" >"$work/more.txt" 2>&1 || bad "one_more: $(tail -3 "$work/more.txt")"
is "one more" "$(three)" "2919 1015 149"
bash demo/one_more.sh "$work/more" "$program" void >>"$work/more.txt" 2>&1 || bad "one_more void: $(tail -3 "$work/more.txt")"
is "voided again" "$(three)" "2918 1014 148"
is "as of before" "$(report "$work/more" --json --as-of "$(json "d['as_of']['seq']" <"$work/report.json")" | json "[f['members_root'] for f in d['figures'] if f['id']=='findings'][0]")" \
  "$(json "[f['members_root'] for f in d['figures'] if f['id']=='findings'][0]" <"$work/report.json")"
fails "journal verify" 0 "$program" --data "$work/more" journal verify
fails "journal rebuild" 0 "$program" --data "$work/more" journal rebuild

# another seed: other records, equal figures
"$program" --data "$work/seed2" demo --no-serve --seed 2 >"$work/demo2.txt" 2>&1 || bad "seed 2: $(tail -3 "$work/demo2.txt")"
report "$work/seed2" --json >"$work/report2.json"
for figure in inspections findings rectification_orders interviews cases qingyuan_inspections qingyuan_noncompliant_entities \
    qingyuan_rectified_entities qingyuan_cases qingyuan_referrals_public_security qingyuan_leads_medical_insurance; do
  is "seed 2 $figure" "$(json "[f['value'] for f in d['figures'] if f['id']=='$figure'][0]" <"$work/report2.json")" \
    "$(json "[f['value'] for f in d['figures'] if f['id']=='$figure'][0]" <"$work/report.json")"
done
if diff -q <(report "$demo_data" --members cases) <(report "$work/seed2" --members cases) >/dev/null; then bad "another seed gave the same records"; else ok; fi

# offline: a manifest against a copied journal, then with one byte changed
"$program" --data "$demo_data" report mid_year --org hengyang --period 2025-H1 --format json --out "$work/manifest.json" >/dev/null 2>"$work/err" || bad "manifest: $(cat "$work/err")"
cp -r "$demo_data" "$work/copy"
fails "report check on a copied directory" 0 "$program" report check "$work/manifest.json" --journal "$work/copy"
"$program" --data "$demo_data" journal export --out "$work/journal.export" >/dev/null 2>&1 || bad "journal export"
fails "report check on an export" 0 "$program" report check "$work/manifest.json" --journal "$work/journal.export"
python3 - "$work/copy/journal.db" "$work/journal.export" <<'PY'
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
seq, record = store.execute("SELECT seq, record FROM facts_records WHERE instr(record, CAST('record_finding' AS BLOB)) > 0 LIMIT 1").fetchone()
at = record.find(b"record_finding") + 3
store.execute("UPDATE facts_records SET record = ? WHERE seq = ?", (record[:at] + bytes([record[at] ^ 1]) + record[at + 1:], seq))
store.commit()
store.close()
data = bytearray(open(sys.argv[2], "rb").read())
data[data.find(b"record_finding", len(data) // 2) + 3] ^= 1
open(sys.argv[2], "wb").write(data)
PY
fails "report check, a byte changed" 1 "$program" report check "$work/manifest.json" --journal "$work/copy"
fails "report check, a byte of the export changed" 1 "$program" report check "$work/manifest.json" --journal "$work/journal.export"
fails "journal verify, a byte changed" 1 "$program" --data "$work/copy" journal verify
done_with
