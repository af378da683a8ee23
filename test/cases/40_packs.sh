# Packs by the command line: simulated data against its truth, wrong input, the index verified and made again; then the
# city's own packs: findings by county, stories to be read, leads, the journal still whole.
# mission: B13 D1 D3 D4 D5 D6 D7 D8 D9 D11 D12 H4
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
data="$work/packs_data" sample="$work/trace_sample"
q() { "$program" --data "$data" "$@"; }
# keys CSV: number,key of the numbered rules, sorted
keys() { python3 -c 'import csv,sys; print("\n".join(sorted(r["number"]+","+r["key"] for r in csv.DictReader(sys.stdin) if r["number"])))'; }
# counted JSON: what an index holds, without the room it takes
counted() { json "[(k, d[k]) for k in ('applied','batches','events','relations','waiting','findings','conflicts','operators','products','lots')]"; }

# a simulated chain and its truth
fails "simulate" 0 "$program" simulate trace --events 100000 --seed 11 --out "$sample"
fails "simulate again into the same place" 1 "$program" simulate trace --events 100000 --seed 11 --out "$sample"
fails "simulate nothing" 2 "$program" simulate trace --events 5 --out "$work/none"
says "names the option" --events
later=2027-01-01T00:00:00+08:00
q --json import trace "$sample" --now $later >"$work/first.json" 2>"$work/err" || bad "import: $(tail -2 "$work/err")"
is "nothing rejected, nothing waiting" "$(json "d['rejected'], d['waiting'], d['repeated']" <"$work/first.json")" "(0, 0, False)"
is "every row taken" "$(json "[t['accepted'] for t in d['tables'] if t['kind']=='events'][0]" <"$work/first.json")" "$(($(wc -l <"$sample/events.csv") - 1))"
keys < <(q --csv anomalies 2>/dev/null) >"$work/found"
keys <"$sample/truth.csv" >"$work/truth"
[ "$(wc -l <"$work/truth")" -gt 50 ] && ok || bad "the truth is short: $(wc -l <"$work/truth")"
if diff "$work/truth" "$work/found" >"$work/diff"; then ok; else bad "found is not the truth: $(head -5 "$work/diff")"; fi
q --json packs stats >"$work/stats.json"
q --json import trace "$sample" --now $later >"$work/second.json" 2>"$work/err" || bad "second import: $(tail -2 "$work/err")"
is "the same files again" "$(json "d['repeated'], d['batch']" <"$work/second.json")" "(True, $(json "d['batch']" <"$work/first.json"))"
is "nothing was added" "$(q --json packs stats | counted)" "$(counted <"$work/stats.json")"
fails "verify" 0 q packs verify
# who sent it: rows, repetitions and contradictions add up to what the file itself says
python3 - "$sample/events.csv" >"$work/sent" <<'END'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
print(len(rows), len({(r["code"], r["event_id"]) for r in rows}), len({r["actor"] for r in rows}))
END
is "who sent how much, and what twice" "$(q --json packs sources | json "'%d %d %d' % (d['events'], d['distinct'], len(d['sources']))")" "$(cat "$work/sent")"
is "some of it came twice" "$(q --json packs sources | json "d['repeated'] > 0 and sum(s['repeated'] for s in d['sources']) == d['repeated']")" True
is "a row a source" "$(($(q --csv packs sources | wc -l) - 1))" "$(cut -d' ' -f3 "$work/sent")"
fails "rebuild" 0 q packs rebuild
is "rebuilt alike" "$(q --json packs stats | counted)" "$(counted <"$work/stats.json")"
is "the same findings" "$(q --csv anomalies 2>/dev/null | keys | cksum)" "$(cksum <"$work/found")"
fails "journal verify" 0 q journal verify

# while a server has the index open, who only reads goes beside it; who would write is refused
"$program" --data "$data" serve --port 0 2>"$work/beside.log" &
server=$!
for _ in $(seq 100); do grep -q 'http://' "$work/beside.log" && break; sleep 0.1; done
is "read beside the server" "$(q --csv anomalies 2>"$work/err" | keys | cksum)" "$(cksum <"$work/found")"
is "nothing is behind" "$(cat "$work/err")" ""
is "counted beside it" "$(q --json packs stats | counted)" "$(counted <"$work/stats.json")"
fails "a code beside it" 0 q trace "$(sed -n 2p "$sample/events.csv" | cut -d, -f2)"
fails "verified beside it" 0 q packs verify
fails "no import beside it" 3 q import trace "$sample" --now 2027-02-01T00:00:00+08:00
says "says who has it" "another process has the pack index open"
fails "not made anew under it" 3 q packs rebuild
says "says who has it" "another process has the pack index open"
is "and it is whole still" "$(q --json packs stats | counted)" "$(counted <"$work/stats.json")"
kill -TERM "$server"; wait "$server"; is "it stops gracefully" "$?" 0

# what is asked wrongly
fails "no such status" 2 q anomalies --status nonsense
says "says which there are" "confirmed, provisional, withdrawn or all"
fails "no such code" 1 q trace 81000010000000000000
says "names the kind of error" record_unknown
fails "no code at all" 2 q trace
fails "two questions at once" 2 q trace --batch B1 --operator W1
fails "what nobody prints" 1 q trace "not a code"
fails "no such batch" 1 q trace --batch nobody
says "names it" "no batch nobody"
fails "no such operator" 1 q trace --operator nobody
says "names it" "no operator nobody"
fails "no such directory" 2 q import trace "$work/nowhere"
says "says so" "there is no such file or directory"
mkdir -p "$work/empty" && fails "a directory without tables" 2 q import trace "$work/empty"
says "names the tables" events.csv
fails "no such format" 2 q import trace "$sample" --format pdf
says "names the formats" "csv, epcis-json or epcis-xml"

# rows with faults: each is named with its line and field, the others are taken
head=event_id,code,action,actor,counterparty,event_time,upload_time,batch,document
printf '%s\n' "event_id,code,action,actor" "1,81000010000000011111,dispense,P1" >"$work/short.csv"
fails "a column is missing" 2 q import trace "$work/short.csv"
says "names the column" "'counterparty' is missing"
printf '%s\n' "$head,colour" "1,81000010000000011111,dispense,P1,,2025-05-01T10:00:00+08:00,2025-05-01T11:00:00+08:00,B1,,red" >"$work/colour.csv"
fails "an unknown column" 2 q import trace "$work/colour.csv"
says "names it" colour
code=$(sed -n 2p "$sample/events.csv" | cut -d, -f2)
printf '%s\n' "$head" "x1,(01)06901234123450(21)1,dispense,P1,,2025-05-01T10:00:00+08:00,2025-05-01T11:00:00+08:00,B1," \
  "x2,$code,dispense,P1,,2025-02-30T10:00:00+08:00,2025-05-01T11:00:00+08:00,B1," \
  "x3,$code,eat,P1,,2025-05-01T10:00:00+08:00,2025-05-01T11:00:00+08:00,B1," \
  "x4,$code,sample,P1,,2025-05-01T10:00:00+08:00,2025-05-01T11:00:00+08:00,B1," >"$work/faults.csv"
fails "rows with faults" 1 q --json import trace "$work/faults.csv" --now $later
is "the good row was taken, the others named" "$(json "d['accepted'], d['rejected'], [(r['row'], r['field']) for r in d['tables'][0]['rows_rejected']]" <"$work/out")" \
  "(1, 3, [(2, 'code'), (3, 'event_time'), (4, 'action')])"
is "each says what to do" "$(json "all(r['message'] and r['code'] for r in d['tables'][0]['rows_rejected'])" <"$work/out")" True

# an EPCIS document read without being kept
q --json import trace src/observe/examples/packing.json --format epcis-json --dry-run >"$work/packing.json" 2>"$work/err" || bad "dry run: $(cat "$work/err")"
is "its events" "$(json "len(d['events'])" <"$work/packing.json")" "$(python3 -c 'import json; print(len(json.load(open("src/observe/examples/packing.json"))["epcisBody"]["eventList"]))')"
is "its hashes" "$(json "all(e['hash'].startswith('ni:///sha-256;') for e in d['events'])" <"$work/packing.json")" True
q --json import trace src/observe/examples/packing.xml --format epcis-xml --dry-run >"$work/packing_xml.json" 2>"$work/err" || bad "dry run: $(cat "$work/err")"
is "the XML says events too" "$(json "len(d['events']) > 0" <"$work/packing_xml.json")" True
echo '{"type": "EPCISDocument"}' >"$work/bad.json"
fails "no EPCIS document" 2 q import trace "$work/bad.json" --format epcis-json --dry-run

# the other engine
if [ -n "${QINGYUAN_TEST_CLICKHOUSE:-}" ]; then
  other() { "$program" --data "$work/packs_clickhouse" --packs "${QINGYUAN_TEST_CLICKHOUSE%/*}/packs_case" "$@"; }
  fails "import into ClickHouse" 0 other import trace "$sample" --now $later
  is "the same findings there" "$(other --csv anomalies 2>/dev/null | keys | cksum)" "$(cksum <"$work/found")"
  fails "rebuild there" 0 other packs rebuild
fi

# the city's own packs
need_demo
cp -r "$demo_data" "$work/city"
data="$work/city"
q --csv anomalies --status all >"$work/city.csv" 2>"$work/err" || bad "anomalies: $(cat "$work/err")"
column() { python3 -c 'import csv,sys; print(eval(sys.argv[1], {"rows": list(csv.DictReader(open(sys.argv[2], encoding="utf-8")))}))' "$1" "$work/city.csv"; }
is "the numbered rules that found something" "$(column "len({r['number'] for r in rows if r['number']}) >= 10")" True
is "in most counties" "$(column "len({r['region'] for r in rows if r['status'] == 'confirmed' and r['region'].startswith('4304')}) >= 9")" True
is "some still wait" "$(column "any(r['status'] == 'provisional' for r in rows)")" True
is "some were taken back" "$(column "any(r['status'] == 'withdrawn' for r in rows)")" True
for rule in outside_purchase second_sale sale_without_receipt sale_after_expiry sale_after_recall invoice_mismatch psychotropic_scope \
    receipt_after_sale unlicensed_party unreceived_shipment pharmacist_two_places settled_then_resold; do
  is "$rule is confirmed" "$(column "any(r['rule'] == '$rule' and r['status'] == 'confirmed' for r in rows)")" True
done
is "a split pack is quiet" "$(column "any('Y250111' in r['explanation'] for r in rows)")" False
is "and held by who opened it" "$(q --json trace --batch Y250111 | json "d['held'], len(d['holders'])")" "(8, 1)"
# one story read from end to end: paid for by the insurance, bought up, sold again
pack=$(column "__import__('re').search(r'[0-9]{20}', [r for r in rows if r['rule'] == 'settled_then_resold' and r['status'] == 'confirmed'][0]['explanation'])[0]")
q --json trace "$pack" >"$work/story.json" 2>"$work/err" || bad "trace of a story: $(cat "$work/err")"
is "its way" "$(json "' '.join(e['action'] for e in d['events'])" <"$work/story.json")" \
  "produce ship receive ship receive dispense ship receive ship receive dispense"
is "what was found on it" "$(json "{'second_sale','receipt_after_sale','unlicensed_party','settled_then_resold'} <= {f['rule'] for f in d['findings']}" <"$work/story.json")" True
fails "a batch with a story" 0 q trace --batch Y250103
leads() { q --json dossier list --procedure lead --limit 0 | json "$1"; }
is "leads were opened" "$(leads "sum(r['id'].startswith('lead-') for r in d['dossiers']) > 20")" True
is "no two alike" "$(leads "len({r['id'] for r in d['dossiers']}) == len(d['dossiers'])")" True
fails "journal verify of the city" 0 q journal verify
q --json packs stats | counted >"$work/before"
fails "verify the city's index" 0 q packs verify
fails "rebuild it" 0 q packs rebuild
is "rebuilt alike" "$(q --json packs stats | counted)" "$(cat "$work/before")"
is "with the same findings" "$(q --csv anomalies --status all 2>/dev/null | cksum)" "$(cksum <"$work/city.csv")"
done_with
