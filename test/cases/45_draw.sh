# The ceremony of a draw by the command line, its offline check by two programs, and the simulated market.
# mission: H5
. "$(dirname "$0")/lib.sh.inc"
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
need_demo
data="$work/draw"
rm -rf "$data" && cp -r "$demo_data" "$data"
q() { "$program" --data "$data" "$@"; }

{ echo operator,stratum,size,reasons; for i in $(seq 1 60); do echo "op-$i,$([ $((i % 3)) = 0 ] && echo wholesale || echo retail),$((i * 7 % 50 + 1)),$([ "$i" = 7 ] && echo for_cause)"; done; } >"$work/frame.csv"
by=hy_statistician other=hy_head

fails "no frame file" 2 "$program" --data "$data" draw open --frame "$work/nothing.csv" --size 9 --rule r --reveal-by 2099-01-01 --by "$by"
fails "too many places" 1 "$program" --data "$data" draw open --frame "$work/frame.csv" --size 61 --rule r --reveal-by 2099-01-01 --by "$by"
says "too many places" quota_impossible
head -1 "$work/frame.csv" >"$work/empty.csv"
fails "empty frame" 1 "$program" --data "$data" draw open --frame "$work/empty.csv" --size 1 --rule r --reveal-by 2099-01-01 --by "$by"
says "empty frame" frame_empty
{ cat "$work/frame.csv"; echo op-1,retail,1,; } >"$work/twice.csv"
fails "twice" 1 "$program" --data "$data" draw open --frame "$work/twice.csv" --size 9 --rule r --reveal-by 2099-01-01 --by "$by"
says "twice" duplicate_key

sample=$(ls "$data"/draws/*.draw)
"$program" draw check "$sample" >"$work/sample" && ok || bad "the demo's own draw"

draw=$(q --json draw open --frame "$work/frame.csv" --size 15 --reserve retail=3 --rule "test v1" --reveal-by 2099-01-01 --by "$by" | json 'd["draw"]')
fails "two draws at once" 1 "$program" --data "$data" draw open --frame "$work/frame.csv" --size 15 --rule r --reveal-by 2099-01-01 --by "$by"
says "two draws at once" wrong_state
seed1=$(q --json draw commit "$draw" --party regulator --by "$by" | json 'd["seed"]')
fails "revealed too soon" 1 "$program" --data "$data" draw reveal "$draw" --party regulator --seed "$seed1" --by "$by"
seed2=$(q --json draw commit "$draw" --party supervision --by "$other" | json 'd["seed"]')
fails "another seed" 1 "$program" --data "$data" draw reveal "$draw" --party supervision --seed "$seed1" --by "$other"
says "another seed" seed_mismatch
q draw reveal "$draw" --party regulator --seed "$seed1" --by "$by" >/dev/null && ok || bad "reveal"
fails "a seed is missing" 1 "$program" --data "$data" draw result "$draw" --by "$by"
says "a seed is missing" step_missing
q draw reveal "$draw" --party supervision --seed "$seed2" --by "$other" >/dev/null && ok || bad "reveal"
bundle=$(q --json draw result "$draw" --by "$by" | json 'd["bundle"]')
is "bundle" "$bundle" "$data/draws/$draw.draw"

cd "$work" || exit 3
"$program" --data /nonexistent draw check "$bundle" >"$work/checked" && ok || bad "check"
grep -q "holds: 15 of 60 drawn" "$work/checked" && ok || bad "what the check says: $(cat "$work/checked")"
if python3 -c 'import hashlib; hashlib.new("sm3")' 2>/dev/null; then
  python3 "$source_dir/test/draw_check.py" "$bundle" >/dev/null && ok || bad "the python script"
fi
sed 's/^drawn retail 1 /drawn retail 2 /' "$bundle" >"$work/forged.draw"
fails "forged" 1 "$program" draw check "$work/forged.draw"
says "forged" bundle_invalid
fails "no bundle" 2 "$program" draw check "$work/frame.csv"
fails "no file" 2 "$program" draw check "$work/nothing.draw"
salt=$(q --json draw salt "$draw" op-7 --by "$by" | json 'd["salt"]')
"$program" draw check "$bundle" --operator op-7 --salt "$salt" | grep -q "drawn as for_cause" && ok || bad "op-7 is drawn for certain"
fails "a salt of another" 1 "$program" draw check "$bundle" --operator op-8 --salt "$salt"

# The next draw follows; a series without its middle does not.
second=$(q --json draw open --frame "$work/frame.csv" --size 15 --rule "test v1" --reveal-by 2099-01-01 --by "$by" | json 'd["draw"], d["number"]')
id=$(echo "$second" | cut -d"'" -f2)
[ "$id" != "$draw" ] && ok || bad "the second draw has an id of its own: $id"
q dossier do "$id" annul --by "$other" --field void_reason="frame was wrong" >/dev/null && ok || bad "annul"
void=$(q --json draw result "$id" --by "$by" | json 'd["bundle"]')
"$program" draw check "$bundle" "$void" >"$work/series" && ok || bad "series"
grep -q "void: frame was wrong" "$work/series" && ok || bad "void: $(cat "$work/series")"
fails "out of order" 1 "$program" draw check "$void" "$bundle"

"$program" --json simulate market --seed 3 --replications 2 >"$work/market.json"
"$program" draw check "$sample" "$bundle" "$void" >/dev/null && ok || bad "the series from the demo's draw on"
is "policies" "$(json '[p["policy"] for p in d["policies"]]' <"$work/market.json")" "['uniform', 'proportional', 'greedy', 'index']"
fails "more visits than outlets" 2 "$program" simulate market --visits 2000
done_with
