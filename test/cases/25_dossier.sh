# Dossiers at the terminal: lists, offers, refusals and wrong use, each with its exit status and what it says.
# mission: C4
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
cp -r "$demo_data" "$work/desk"
q() { "$program" --data "$work/desk" "$@"; }
unit=430405

inspection=$(q dossier list --org ${unit}_amr --procedure inspection --limit 1 2>/dev/null | cut -d' ' -f1)
is "the list counts" "$(q --csv dossier list --procedure inspection --limit 0 | tail -n +2 | wc -l)" \
  "$(q --json dossier list --procedure inspection --limit 1 | json "d['total']")"
is "the CSV has its header" "$(q --csv dossier list --limit 1 2>/dev/null | head -1 | tr -d '\r' | cut -d, -f1-3)" "id,procedure,state"
is "open and closed make all" "$(($(q --json dossier list --procedure lead --limit 0 --open | json "d['total']") + \
  $(q --json dossier list --procedure lead --limit 0 | json "sum(not row['open'] for row in d['dossiers'])")))" \
  "$(q --json dossier list --procedure lead --limit 0 | json "d['total']")"
is "what is due is open" "$(q --json dossier list --due-before 2025-07-05 --limit 0 | json "all(row['open'] and row['due'] < '2025-07-05' for row in d['dossiers'])")" True
is "shown by id and by number" "$(q --json dossier show "$inspection" | json "d['seq']")" \
  "$(q --json dossier show "$(q --json dossier show "$inspection" | json "d['seq']")" | json "d['seq']")"
is "the timeline begins with the opening" "$(q --json dossier show "$inspection" | json "d['timeline'][0]['kind']")" dossier_opened

# every step with its answer: shown refused, it refuses
lead=$(q --json dossier open lead --by ${unit}_officer_1 --category drug --field origin=inspection --field "facts=无证经营" | json "d['id']")
is "offers name every step" "$(q --json dossier offers "$lead" --by ${unit}_officer_1 --all | json "len(d['offers'])")" \
  "$(grep -c '^\[\[step\]\]' law/procedures/lead.toml)"
for step in $(q --json dossier offers "$lead" --by ${unit}_officer_1 --all | json "' '.join(o['step'] for o in d['offers'] if not o['open'])"); do
  fails "refused $step" 1 q dossier do "$lead" "$step" --by ${unit}_officer_1
done

# a form from a file, from standard input, and field by field
echo '{"origin": "inspection", "facts": "夸大宣传"}' >"$work/form.json"
fails "a form from a file" 0 q dossier open lead --by ${unit}_officer_1 --category cosmetic --form "$work/form.json"
is "from standard input" "$(q --json dossier open lead --by ${unit}_officer_1 --form - <"$work/form.json" | json "d['state']")" received
QINGYUAN_PERSON=${unit}_officer_1 fails "the person from the environment" 0 q dossier open lead --form "$work/form.json"
version=$(q --json dossier show "$lead" | json "d['version']")
fails "an old version" 1 q dossier do "$lead" verify --by ${unit}_officer_1 --with ${unit}_officer_2 --expect $((version - 1))
says "an old version" version_conflict

# wrong input
echo '{"origin": ' >"$work/broken.json"
echo '{"origin": "inspection", "origin": "sampling"}' >"$work/twice.json"
fails "a broken form" 2 q dossier open lead --by ${unit}_officer_1 --form "$work/broken.json"; says "a broken form" json_malformed
fails "a field twice" 1 q dossier open lead --by ${unit}_officer_1 --form "$work/twice.json"; says "a field twice" duplicate_key
fails "no such file" 2 q dossier open lead --by ${unit}_officer_1 --form "$work/none.json"; says "no such file" file_unreadable
fails "no field=value" 2 q dossier open lead --by ${unit}_officer_1 --field origin; says "no field=value" usage
fails "no such date" 2 q dossier open lead --by ${unit}_officer_1 --on 2025-02-30; says "no such date" date_invalid
fails "a list of errors" 1 q dossier open lead --by ${unit}_officer_1 --field colour=red; says "a list of errors" "origin: must be given; facts: must be given; colour"
fails "no such dossier" 1 q dossier show nothing; says "no such dossier" dossier_unknown
fails "no such procedure" 1 q dossier open nothing --by ${unit}_officer_1; says "no such procedure" procedure_unknown
fails "no such person" 1 q dossier offers "$lead" --by nobody; says "no such person" person_unknown
fails "no command" 2 q dossier
fails "no data" 2 "$program" --data "$work/nowhere" dossier list
fails "void without a reason" 2 q dossier void "$lead" --by ${unit}_officer_1
fails "void" 0 q dossier void "$lead" --by ${unit}_officer_1 --reason "录入两次"
fails "void again" 1 q dossier void "$lead" --by ${unit}_officer_1 --reason "录入两次"; says "void again" already_voided

# scenarios
printf 'title 试  Try\n\nworld\n----\nnothing\n' >"$work/wrong.scenario"
printf 'title 试  Try\n\nworld\n' >"$work/malformed.scenario"
mkdir -p "$work/world" "$work/empty"; cp scenarios/world/*.csv "$work/world/"
fails "a story that differs" 1 "$program" scenario "$work/wrong.scenario"
fails "a malformed story" 2 "$program" scenario "$work/malformed.scenario"; says "a malformed story" scenario_malformed
fails "no story" 2 "$program" scenario "$work/empty"
fails "accepted" 0 "$program" scenario --accept "$work/wrong.scenario"
fails "and then the same" 0 "$program" scenario "$work/wrong.scenario"
done_with
