# Safety reports by the command line: a message and its acknowledgement, what is refused and how, versions, nothing of a person in any
# file but the sealed ones, products to be coded, sentinel sites.
# mission: H3 G3 G5
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
data="$work/reports_data" examples="$(dirname "${BASH_SOURCE[0]}")/../../src/observe/examples"
rm -rf "$data"
q() { "$program" --data "$data" "$@"; }

# a dry run writes no report and says what would be
q --json import icsr "$examples/icsr_batch.xml" --dry-run >"$work/dry.json" 2>"$work/err" || bad "dry run: $(tail -2 "$work/err")"
is "codes" "$(json "[r['code'] for r in d['reports']]" <"$work/dry.json")" "['CA', 'CA']"
is "clock" "$(json "d['reports'][0]['clock']['limit'], d['reports'][0]['clock']['start']" <"$work/dry.json")" "('ADR.SERIOUS', '2025-06-09')"
is "completeness" "$(json "d['reports'][0]['completeness'], d['reports'][0]['missing']" <"$work/dry.json")" "(1.0, [])"
is "nothing kept" "$(json "d['batch'], d['reports'][0]['address']" <"$work/dry.json")" "(None, None)"

# taken over, acknowledged, the same again
q --json import icsr "$examples/icsr_batch.xml" --history --ack "$work/ack.xml" >"$work/first.json" 2>"$work/err" || bad "import: $(tail -2 "$work/err")"
is "accepted" "$(json "d['accepted'], d['rejected'], d['transmission']" <"$work/first.json")" "(2, 0, 'AA')"
is "acknowledged" "$(grep -c 'acknowledgement typeCode="CA"' "$work/ack.xml")" 2
xmllint --noout "$work/ack.xml" 2>/dev/null; status=$?
[ "$status" = 0 ] || [ "$status" = 127 ] && ok || bad "the acknowledgement is not well-formed"
is "again" "$(q --json import icsr "$examples/icsr_batch.xml" --history | json "d['duplicate'], d['repeated']")" "(2, True)"
is "follow-up" "$(q --json import icsr "$examples/icsr_follow_up.xml" --history | json "d['reports'][0]['standing']")" follow_up
is "older" "$(q --json import icsr "$examples/icsr_amendment.xml" --history | json "d['reports'][0]['standing']")" older
is "versions" "$(q reports show CN-VIRTUAL-0001 | json "len(d['versions']), d['versions'][-1]['outcome']")" "(3, 'death')"
is "nullified" "$(q --json import icsr "$examples/icsr_nullification.xml" --history | json "d['reports'][0]['standing']")" nullifies

# devices and cosmetics as a table, compressed too
gzip -c "$examples/reports_device_cosmetic.csv" >"$work/table.csv.gz"
is "table" "$(q --json import icsr "$work/table.csv.gz" --history | json "d['format'], d['accepted']")" "('report_csv', 2)"

# a bad report is refused by name, the good one is taken
sed '0,/code="10002198"/s//code="1"/; s/CN-VIRTUAL-/CN-OTHER-/g' "$examples/icsr_batch.xml" >"$work/bad.xml"
fails "one bad report" 1 q --json import icsr "$work/bad.xml" --history --ack "$work/ack.xml"
is "one bad, one good" "$(json "[r['code'] for r in d['reports']], d['transmission'], d['reports'][0]['problems'][0]['element']" <"$work/out")" "(['CR', 'CA'], 'AE', 'E.i.2.1b[1]')"

# what refuses the whole
sed '2i <!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' "$examples/icsr_batch.xml" >"$work/doctype.xml"
fails "DOCTYPE" 2 q import icsr "$work/doctype.xml" --ack "$work/ack.xml"
says "named" doctype_refused
is "refused as a whole" "$(grep -c 'acknowledgement typeCode="AR"' "$work/ack.xml")" 1
sed 's/urn:hl7-org:v3/urn:hl7-org:v2/' "$examples/icsr_batch.xml" >"$work/space.xml"
fails "namespace" 2 q import icsr "$work/space.xml"
says "named" icsr_namespace_wrong
python3 -c 'print("<MCCI_IN200100UV01 xmlns=\"urn:hl7-org:v3\">" + "<a>" * 100000)' >"$work/deep.xml"
fails "deep" 2 q import icsr "$work/deep.xml"
says "named" nesting_too_deep
head -c 9000 "$examples/icsr_batch.xml" >"$work/short.xml"
fails "cut off" 2 q import icsr "$work/short.xml"
says "named" xml_malformed

# nothing of a person outside of sealed files, neither on the disk nor in what was printed
grep -rlE '金丝雀|ZYH-CANARY|13900000001' "$data" "$work"/*.json "$work/ack.xml" "$work/out" "$work/err" >"$work/leaks"
is "no canary" "$(wc -l <"$work/leaks")" 0
q reports show CN-VIRTUAL-0001 | grep -c 金丝雀 >"$work/leaks"
is "no canary on the screen" "$(cat "$work/leaks")" 0

# coding
is "uncoded" "$(q --json reports uncoded | json "'虚拟头孢注射剂' in [p['name'] for p in d]")" True
fails "code" 0 q reports code --name 虚拟头孢注射剂 --approval 国药准字H99990001 --maker 虚拟药厂A01 --as-name 虚拟头孢注射剂 --as-approval 国药准字H99990009
is "coded" "$(q --json reports uncoded | json "'虚拟头孢注射剂' in [p['name'] for p in d]")" False

# sentinels
printf 'site,name,kind,region,from,to\n虚城市第一医院,第一医院,hospital,430421,2024-01-01,\n虚城大学,监测站,university,430421,2024-01-01,\nx,x,hospital,,2024-13-01,\n' >"$work/sites.csv"
fails "sites" 1 q import sentinels "$work/sites.csv"
is "sites" "$(q --json sentinels | json "d['active'], [s['silent'] for s in d['sites'] if s['site']=='虚城大学']")" "(2, [True])"
fails "verify" 0 q journal verify
done_with
