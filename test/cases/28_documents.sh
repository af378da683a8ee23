# Documents at the terminal: drawn, numbered, served, found again from the printed code, refused when changed; reports on paper.
# mission: H6
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh.inc"
need_demo
cp -r "$demo_data" "$work/papers"
q() { "$program" --data "$work/papers" "$@"; }
unit=430405
text_of() { pdftotext -layout "$1" - | tr -d ' \n\f'; }

case=$(q --json dossier list --procedure penalty_case --org ${unit}_amr --limit 0 |
  json "[c['id'] for c in d['dossiers'] if c['state'] in ('decided_penalty', 'served', 'executing', 'executed')][0]")
is "every form is there" "$(q --json document forms | json "len(d['forms'])")" 73
is "unverified layouts are marked" "$(q --json document forms | json "[f['status'] for f in d['forms'] if f['document'] == 'inspection_02'][0]")" unverified

# a draft bears no number and no code
fails "a draft" 0 q document render "$case" penalty_45 --draft --by ${unit}_officer_1 --out "$work/draft.pdf"
fails "a draft is nobody's document" 1 q document verify "$work/draft.pdf"
says "a draft" document_altered

# issued, listed, checked by file and by the printed code
q --json document render "$case" penalty_45 --by ${unit}_officer_1 --out "$work/decision.pdf" >"$work/issued.json"
number=$(json "d['number']" <"$work/issued.json"); code=$(json "d['digest'][:20]" <"$work/issued.json")
is "what is missing is told" "$(json "'remedy.court' in d['missing']" <"$work/issued.json")" True
is "the file is the one" "$(q --json document verify "$work/decision.pdf" | json "d['state']")" in_force
is "the code leads to it" "$(q --json document verify "qingyuan:$code" | json "d['number']")" "$number"
is "nothing but the paper is told" "$(q --json document verify "$code" | json "sorted(d)")" \
  "['authority', 'code', 'digest', 'issued_on', 'kind', 'number', 'pages', 'state']"
is "listed" "$(q --json document list "$case" | json "d['documents'][0]['number']")" "$number"
fails "the kept copy" 0 q document copy "$number" --out "$work/copy.pdf"
is "the kept copy is the same" "$(cmp "$work/copy.pdf" "$work/decision.pdf" && echo same)" same
printf 'x' | dd of="$work/copy.pdf" bs=1 seek=2000 conv=notrunc 2>/dev/null
fails "a changed page" 1 q document verify "$work/copy.pdf"
says "a changed page" document_altered
fails "another number" 1 q document verify "qingyuan:$code?n=1"
says "another number" document_altered
fails "no such code" 1 q document verify "00000000000000000000"
says "no such code" document_unknown

# what nobody may do
fails "no such form" 1 q document render "$case" penalty_99 --by ${unit}_officer_1 --out "$work/x.pdf"
says "no such form" document_unknown
fails "no such field" 1 q document render "$case" penalty_45 --field colour=red --draft --by ${unit}_officer_1 --out "$work/x.pdf"
says "no such field" field_unknown
fails "a decision that was not taken" 1 q document render "$case" penalty_46 --by ${unit}_officer_1 --out "$work/x.pdf"
says "a decision that was not taken" step_missing
fails "a day to come" 1 q document render "$case" penalty_45 --on 2031-01-01 --by ${unit}_officer_1 --out "$work/x.pdf"
says "a day to come" date_in_future

# numbers set aside
q --json document numbers block 罚 3 --by ${unit}_unit_head >"$work/block.json"
block=$(json "d['block']" <"$work/block.json"); first=${block##*/}
fails "a number of the block" 0 q document render "$case" penalty_45 --block "$block" --number "$first" --by ${unit}_officer_1 --out "$work/b.pdf"
fails "the same number again" 1 q document render "$case" penalty_45 --block "$block" --number "$first" --by ${unit}_officer_1 --out "$work/b.pdf"
says "the same number again" number_used
fails "a number of no block" 1 q document render "$case" penalty_45 --block "$block" --number $((first + 3)) --by ${unit}_officer_1 --out "$work/b.pdf"
says "a number of no block" number_outside_block
is "no gap" "$(q --json document numbers --org ${unit}_amr | json "all(s['gapless'] for s in d['series'])")" True
is "rebuilt the same" "$(q --json journal rebuild | json "d['identical']")" True

# DOCX is valid XML throughout
fails "a DOCX" 0 q document render "$case" penalty_37 --draft --format docx --by ${unit}_officer_1 --out "$work/notice.docx"
is "every part is well formed" "$(python3 - "$work/notice.docx" <<'P'
import sys, zipfile
from xml.dom import minidom
z = zipfile.ZipFile(sys.argv[1])
[minidom.parseString(z.read(n)) for n in z.namelist() if n.endswith((".xml", ".rels"))]
print("well formed", "word/document.xml" in z.namelist())
P
)" "well formed True"

# nobody signs a page that says nothing of what is signed: the last row of a list goes along with the names
fails "every form with invented values" 0 q document sample --all --out "$work/samples"
if command -v pdftotext >/dev/null; then
  last_page() { pdftotext -f "$(pdfinfo "$work/samples/$1.pdf" | awk '/^Pages/ {print $2}')" "$work/samples/$1.pdf" -; }
  case "$(last_page penalty_24)" in *生产单位*) ok ;; *) bad "penalty_24: the names stand alone on a page" ;; esac
  case "$(last_page penalty_29)" in *抽样地点*) ok ;; *) bad "penalty_29: the names stand alone on a page" ;; esac
fi

# the report on paper
fails "a report as PDF" 0 q report mid_year --format pdf --out "$work/report.pdf"
fails "a report as DOCX" 0 q report mid_year --format docx --out "$work/report.docx"
fails "bytes do not go to a terminal" 2 q report mid_year --format pdf
if command -v pdftotext >/dev/null; then
  case "$(text_of "$work/decision.pdf")" in *"$(echo "$number" | tr -d ' ')"*) ok ;; *) bad "the number is not in the PDF" ;; esac
  case "$(text_of "$work/report.pdf")" in *2,918*) ok ;; *) bad "the figure is not in the report" ;; esac
fi
done_with
