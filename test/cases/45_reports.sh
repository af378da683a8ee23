# Tables of adverse reaction reports by the command line: a made-up set against its truth, wrong input, encodings.
# mission: H3
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
set_dir="$work/report_set"
# f1 FOUND TRUTH: of pairs of numbers, in percent
f1() { python3 - "$1" "$2" <<'P'
import csv, sys
pairs = lambda path, a, b: {frozenset((r[a], r[b])) for r in csv.DictReader(open(path))}
found, truth = pairs(sys.argv[1], "report", "duplicate_of"), pairs(sys.argv[2], "report_no", "duplicate_of")
right = len(found & truth)
print(round(200 * right / max(1, len(found) + len(truth))))
P
}

fails "simulate" 0 "$program" simulate reports --reports 6000 --seed 5 --out "$set_dir"
fails "the same place again" 1 "$program" simulate reports --reports 6000 --seed 5 --out "$set_dir"
fails "nothing to simulate" 2 "$program" simulate reports --reports 5 --out "$work/none"
says "names the option" --reports
fails "duplicates" 0 "$program" --csv duplicates --from "$set_dir/reports.csv"
cp "$work/out" "$work/duplicates.csv"
is "the header" "$(head -1 "$work/duplicates.csv" | tr -d '\r')" "report,duplicate_of,score_bits"
[ "$(f1 "$work/duplicates.csv" "$set_dir/truth_duplicates.csv")" -ge 95 ] && ok || bad "F1 of duplicates: $(f1 "$work/duplicates.csv" "$set_dir/truth_duplicates.csv")"
gzip -k "$set_dir/reports.csv"
iconv -f UTF-8 -t GB18030 "$set_dir/reports.csv" >"$work/gb.csv"
for other in "$set_dir/reports.csv.gz" "$work/gb.csv"; do
  fails "$other" 0 "$program" --csv duplicates --from "$other"
  is "the same from ${other##*.}" "$(cksum <"$work/out")" "$(cksum <"$work/duplicates.csv")"
done
fails "fewer with more bits" 0 "$program" --csv duplicates --from "$set_dir/reports.csv" --min-bits 40
[ "$(wc -l <"$work/out")" -lt "$(wc -l <"$work/duplicates.csv")" ] && ok || bad "--min-bits changes nothing"
fails "as json" 0 "$program" --json duplicates --from "$set_dir/reports.csv"
is "evidence adds up" "$(json "all(abs(sum(e['bits'] for e in x['evidence'])-x['score_bits'])<0.01 for x in d['duplicates'])" <"$work/out")" True
fails "clusters" 0 "$program" --csv clusters --from "$set_dir/reports.csv"
is "the header of clusters" "$(head -1 "$work/out" | tr -d '\r')" "product,maker,batch,reaction_family,onset_from,onset_to,cases,expected,p,reports"
[ "$(wc -l <"$work/out")" -ge 20 ] && ok || bad "clusters: $(wc -l <"$work/out") lines"
fails "clusters as json" 0 "$program" --json clusters --from "$set_dir/reports.csv"
is "each has its reasons and its curve" "$(json "all(x['reasons']['zh'] and sum(y['cases'] for y in x['daily'])==x['cases']==len(x['reports']) for x in d['clusters'])" <"$work/out")" True

# what is given wrongly
fails "no such file" 2 "$program" duplicates --from "$work/nowhere.csv"
says "says so" "no such file"
printf 'report_no,drug\n1,a\n' >"$work/short.csv"
fails "columns are missing" 2 "$program" clusters --from "$work/short.csv"
says "names them" "receive_date, onset_date, reactions"
head -c 5000 "$set_dir/reports.csv.gz" >"$work/cut.csv.gz"
fails "a file that was cut" 2 "$program" duplicates --from "$work/cut.csv.gz"
says "says so" "damaged or was cut"
printf 'report_no,receive_date,onset_date,drug,reactions,sex\n1,2025-02-30,,a,b,男\n2,2025-02-01,,a,b,x\n' >"$work/rows.csv"
fails "rows with faults" 0 "$program" duplicates --from "$work/rows.csv"
says "names the refused one" "line 2 receive_date: date_invalid"
says "and the doubtful one" "line 3 sex: not_in_vocabulary"
done_with
