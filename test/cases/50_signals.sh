# Signals of a plain table: what is printed, what is refused and how; a table written here, so that no data is needed.
# mission: H3
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
t="$work/signals" && mkdir -p "$t"
s() { "$program" signals "$@"; }
columns=(--id report --product drug --reaction event)
python3 - "$t" <<'PY'
import gzip, random, sys
t = sys.argv[1]
random.seed(4)
rows = []
for i in range(600):
    drug = min(int(random.expovariate(0.4)), 11)
    for _ in range(1 + i % 3):
        event = 3 if drug == 7 and random.random() < .6 else min(int(random.expovariate(0.2)), 29)
        rows.append((f"r{i}", f"drug {drug}", f"event {event}", ["f", "m", ""][i % 3]))
rows += rows[:7]
def write(name, text):
    open(f"{t}/{name}", "wb").write(text if isinstance(text, bytes) else text.encode())
plain = "report,drug,event,sex\n" + "".join(",".join(r) + "\n" for r in rows)
write("plain.csv", plain)
write("plain.csv.gz", gzip.compress(plain.encode()))
half = plain[:4000].rfind("\n") + 1
write("members.csv.gz", gzip.compress(plain[:half].encode()) + gzip.compress(plain[half:].encode()))
write("cut.csv.gz", gzip.compress(plain.encode())[:-30])
damaged = bytearray(gzip.compress(plain.encode())); damaged[-6] ^= 1
write("damaged.csv.gz", bytes(damaged))
write("empty.csv", ""), write("header.csv", "report,drug,event\n")
write("latin.csv", b"report,drug,event\n1,caf\xe9,x\n")
write("ragged.csv", "report,drug,event\n1,a,x\n2,b\n")
write("open.csv", 'report,drug,event\n1,"a,x\n')
write("quoted.csv", 'report,drug,event\n1,"two\nlines, and ""quotes""",x\n2,a,y\n')
write("one.csv", "report,drug,event\n" + "".join(f"{i},a,e{i % 40}\n" for i in range(200)))
write("ones.csv", "report,drug,event\n" + "".join(f"{i},d{i},e{i}\n" for i in range(50)))
write("gaps.csv", "report,drug,event\n1,a,x\n,a,x\n2,,x\n3,b,\n3,b,y\n")
PY

# the same whether packed or not, whatever the number of members; repeated rows count once
s --from "$t/plain.csv" "${columns[@]}" --csv >"$t/plain.out" 2>"$t/plain.err"
is "columns" "$(head -1 "$t/plain.out" | tr -d '\r')" "product,reaction,n,n_product,n_reaction,n_total,expected,rr,prr,prr_lower,prr_upper,ror,ror_lower,ror_upper,chi2_yates,fisher_p,ic,ic025,ic975,ebgm,eb05,eb95"
for one in plain members; do
  is "$one gzipped" "$(s --from "$t/$one.csv.gz" "${columns[@]}" --csv 2>/dev/null | cksum)" "$(cksum <"$t/plain.out")"
done
is "no word of what is no number" "$(grep -ciE '(^|,)-?nan' "$t/plain.out")" 0
is "counts are of distinct reports" "$(python3 - "$t" <<'PY'
import csv, sys
rows = {tuple(r.values()) for r in csv.DictReader(open(sys.argv[1] + "/plain.csv"))}
good = 0
out = list(csv.DictReader(open(sys.argv[1] + "/plain.out")))
for o in out:
    of = lambda f: len({r[0] for r in rows if f(r)})
    p, e = o["product"], o["reaction"]
    good += [int(o[k]) for k in ("n", "n_product", "n_reaction", "n_total")] == [
        of(lambda r: r[1:3] == (p, e)), of(lambda r: r[1] == p), of(lambda r: r[2] == e), 600]
print(good == len(out) > 100)
PY
)" True
s --from "$t/plain.csv" "${columns[@]}" --json >"$t/plain.json" 2>"$t/plain.err"
is "the prior" "$(json "len(d['theta']), d['points'], d['reports'], d['repeated'] >= 7, d['negative_log_likelihood'] > 0" <"$t/plain.json")" "(5, 348, 600, True, True)"
theta=$(json "','.join(map(repr, d['theta']))" <"$t/plain.json")
is "the same prior given" "$(s --from "$t/plain.csv" "${columns[@]}" --theta "$theta" --csv 2>/dev/null | cksum)" "$(cksum <"$t/plain.out")"
is "and its likelihood" "$(s --from "$t/plain.csv" "${columns[@]}" --theta "$theta" --json 2>/dev/null | json "round(d['negative_log_likelihood'], 6)")" "$(json "round(d['negative_log_likelihood'], 6)" <"$t/plain.json")"
is "strata change the expectation only" "$(s --from "$t/plain.csv" "${columns[@]}" --stratum sex --csv 2>/dev/null | python3 -c '
import csv, sys
a, b = list(csv.DictReader(sys.stdin)), list(csv.DictReader(open(sys.argv[1])))
print(sorted({k for x, y in zip(a, b) for k in x if x[k] != y[k]}))' "$t/plain.out")" "['eb05', 'eb95', 'ebgm', 'expected', 'ic', 'ic025', 'ic975', 'rr']"
is "what was planted is found" "$(s --from "$t/plain.csv" "${columns[@]}" --criterion evans --csv 2>/dev/null | grep -c '^drug 7,event 3,')" 1
is "a criterion leaves out" "$(($(s --from "$t/plain.csv" "${columns[@]}" --criterion evans --csv 2>/dev/null | wc -l) < $(wc -l <"$t/plain.out")))" 1

# degenerate tables are answered
fails "one product" 0 s --from "$t/one.csv" "${columns[@]}" --csv
is "no number invented" "$(grep -ciE '(^|,)-?nan' "$work/out")" 0
says "why there is no prior" "a prior needs at least"
is "its EB columns are empty" "$(tail -1 "$work/out" | tr -d '\r' | grep -c ',,,$')" 1
fails "every pair once" 0 s --from "$t/ones.csv" "${columns[@]}" --csv
fails "gaps" 0 s --from "$t/gaps.csv" "${columns[@]}" --csv
says "rows without a report" "1 rows have no report id"
says "rows without a product" "2 rows lack product or reaction"
fails "a header alone" 0 s --from "$t/header.csv" "${columns[@]}" --csv
is "has no pairs" "$(wc -l <"$work/out")" 1
fails "a header alone, json" 0 s --from "$t/header.csv" "${columns[@]}" --json
is "is still JSON" "$(json "d['theta'], d['pairs']" <"$work/out")" "(None, [])"
is "cells of two lines" "$(s --from "$t/quoted.csv" "${columns[@]}" --csv 2>/dev/null | python3 -c 'import csv,sys; print([r["product"] for r in csv.DictReader(sys.stdin)][1])')" 'two
lines, and "quotes"'

# refusals
fails "no file named" 2 s --csv
says "which option" --data
fails "no such file" 2 s --from "$t/none.csv" "${columns[@]}"
says "names it" none.csv
fails "a folder" 2 s --from "$t" "${columns[@]}"
fails "no such column" 2 s --from "$t/plain.csv" --id report --product medicine --reaction event
says "names the columns there are" "report, drug, event, sex"
says "names the option" --product
fails "no such stratum" 2 s --from "$t/plain.csv" "${columns[@]}" --stratum age
fails "no column given" 2 s --from "$t/plain.csv" --id report --product drug
says "which one" --reaction
for bad in 1,2,3,4 1,2,3,4,x 1,2,3,4,5 0,1,1,1,.5 1,1,1,1,nan 1,1,1,1,.5,; do
  fails "theta $bad" 2 s --from "$t/plain.csv" "${columns[@]}" --theta "$bad" --csv
  says "names theta" --theta
done
fails "no such fit" 2 s --from "$t/plain.csv" "${columns[@]}" --fit best
fails "no such criterion" 1 s --from "$t/plain.csv" "${columns[@]}" --criterion nobody
says "names those there are" evans
fails "a gzip file cut off" 2 s --from "$t/cut.csv.gz" "${columns[@]}"
says "says so" "was cut"
fails "a damaged gzip file" 2 s --from "$t/damaged.csv.gz" "${columns[@]}"
fails "an empty file" 2 s --from "$t/empty.csv" "${columns[@]}"
fails "not UTF-8" 2 s --from "$t/latin.csv" "${columns[@]}"
says "says so" encoding_invalid
fails "a short row" 2 s --from "$t/ragged.csv" "${columns[@]}"
says "names the line" "line 3"
fails "an open quote" 2 s --from "$t/open.csv" "${columns[@]}"
says "names the file" open.csv

# looking every day
is "critical value" "$(s sequential --horizon 20 --min-events 4 --alpha 0.05 | cut -c1-8)" 3.176370
fails "no horizon" 2 s sequential --alpha 0.05
fails "a horizon of nothing" 2 s sequential --horizon 0
fails "no solution" 1 s sequential --horizon 1 --min-events 10
done_with
