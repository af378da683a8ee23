#!/usr/bin/env bash
# One more inspection with one finding and one case, recorded by hand in a directory of the demo; `void` takes the latest such three back.
#   demo/one_more.sh [DATA] [PROGRAM] [void]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=data program="$here/build/release/qingyuan" undo=no
for argument in "$@"; do
  if [ "$argument" = void ]; then undo=yes; elif [ -f "$argument" ]; then program=$argument; else data=$argument; fi
done
q() { "$program" --data "$data" "$@"; }
opened() { q --json dossier open "$@" | sed -nE 's/^ *"id": "([^"]+)".*/\1/p'; }
unit=430405 notes="$data/one_more"

if [ $undo = yes ]; then
  read -r inspection case < <(tail -1 "$notes")
  q dossier void "$case" --by ${unit}_unit_head --reason "entered for a trial"
  q dossier void "$inspection" --by ${unit}_unit_head --reason "entered for a trial"
  sed -i '$d' "$notes"
  exit
fi

# A late entry: it is dated on the day it is about, inside the half-year.
on=(--on 2025-06-27)
firm=$(q --json dossier list --org ${unit}_amr --procedure inspection --limit 1 | sed -nE 's/^ *"operator(_id)?": "([^"]+)".*/\2/p' | head -1)
inspection=$(opened inspection --by ${unit}_officer_1 --operator "$firm" --category drug --title "补录检查" "${on[@]}" \
  --field reason=for_cause --field mode=on_site --field activity=distribution --field trade=retail)
q dossier do "$inspection" approve --by ${unit}_unit_head "${on[@]}"
q dossier do "$inspection" go --by ${unit}_officer_1 --with ${unit}_officer_2 "${on[@]}" --field formalities=id_shown,rights_told
q dossier do "$inspection" record_finding --by ${unit}_officer_1 "${on[@]}" \
  --field "clause=《药品经营质量管理规范》第61条" --field severity=major --field "description=购进药品未索取随货同行单。"
q dossier do "$inspection" sign --by ${unit}_officer_1 --with ${unit}_officer_2 "${on[@]}" --field signature=signed
q dossier do "$inspection" violation --by ${unit}_officer_1 "${on[@]}" --field finding_of_case=1 --field "suspicion=购进药品未索取随货同行单。"
case=$(opened penalty_case --by ${unit}_officer_1 --operator "$firm" --category drug --source "$inspection" --title "补录案件" "${on[@]}" \
  --field case_source=inspection --field "description=购进药品未索取随货同行单。" --field violation=D04)
q dossier do "$case" register --by ${unit}_officer_1 "${on[@]}"
q dossier do "$case" file --by ${unit}_head --with ${unit}_officer_1,${unit}_officer_2 "${on[@]}" \
  --field conditions=evidence,should_penalise,jurisdiction,in_time --field violation=D04
echo "$inspection $case" >>"$notes"
