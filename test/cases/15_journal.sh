# The journal by the command line: proofs, checkpoints, exports, an older copy, a missing head.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
data="$work/journal_data"
cp -r "$demo_data" "$data"
journal() { "$program" --data "$data" journal "$@"; }

journal --json verify >"$work/verify.json" 2>"$work/err" || bad "verify: $(cat "$work/err")"
is "verified" "$(json "d['verified'], d['first_bad'], d['problem']" <"$work/verify.json")" "(True, None, '')"
size=$(json "d['size']" <"$work/verify.json")

# a proof, by itself and against a checkpoint
journal checkpoint >"$work/first.checkpoint" 2>"$work/err" || bad "checkpoint: $(cat "$work/err")"
journal prove 17 >"$work/proof" 2>"$work/err" || bad "prove: $(cat "$work/err")"
fails "check" 0 "$program" journal check "$work/proof" --checkpoint "$work/first.checkpoint"
sed 's/^seq 17$/seq 18/' "$work/proof" >"$work/proof.changed"
fails "check of a changed proof" 1 "$program" journal check "$work/proof.changed"
says "names what fails" proof_invalid
fails "check of something else" 2 "$program" journal check "$work/first.checkpoint"
fails "prove of a fact that is not there" 1 "$program" --data "$data" journal prove $((size + 1))
says "says how many there are" "$size"
sed "s/^size $size$/size 1/" "$work/first.checkpoint" >"$work/forged.checkpoint"
fails "a forged checkpoint" 1 "$program" --data "$data" journal verify --checkpoint "$work/forged.checkpoint"
says "its signature" proof_invalid

# an older copy of the whole directory is noticed by a checkpoint kept elsewhere
cp -r "$data" "$work/older"
bash demo/one_more.sh "$data" "$program" >"$work/more.txt" 2>&1 || bad "one_more: $(tail -3 "$work/more.txt")"
journal checkpoint >"$work/later.checkpoint" 2>"$work/err" || bad "checkpoint: $(cat "$work/err")"
fails "the newer journal fits both" 0 "$program" --data "$data" journal verify --checkpoint "$work/first.checkpoint"
fails "the older copy by itself" 0 "$program" --data "$work/older" journal verify
fails "the older copy from outside" 1 "$program" --data "$work/older" journal verify --checkpoint "$work/later.checkpoint"
grep -q "older copy" "$work/out" && ok || bad "verify did not say that it is an older copy: $(cat "$work/out")"

# only the database of the older copy: acknowledged facts are missing, and nothing is served
cp "$work/older/journal.db" "$work/mixed.db"
cp -r "$data" "$work/mixed" && rm -f "$work/mixed"/journal.db* && mv "$work/mixed.db" "$work/mixed/journal.db"
fails "an older database under a newer head" 1 "$program" --data "$work/mixed" journal verify
"$program" --data "$work/mixed" report mid_year --org hengyang --period 2025-H1 >/dev/null 2>"$work/err" && bad "it was served" || ok
if grep -qE "acknowledged_missing|replayed_journal" "$work/err"; then ok; else bad "unnamed: $(cat "$work/err")"; fi
rm "$data/journal.head"
fails "a journal without its head" 3 "$program" --data "$data" journal checkpoint
says "acknowledged_missing" acknowledged_missing
fails "taken as it is, aloud" 0 "$program" --data "$data" journal checkpoint --adopt
fails "and then well again" 0 "$program" --data "$data" journal verify
done_with
