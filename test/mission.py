#!/usr/bin/env python3
"""Writes docs/mission.md: every row of the mission and what shows its acceptance check, or "not yet".

A scenario tags rows with a line `mission B1 B2`, a C++ test or a script with `// mission: B1` or `# mission: B1`.
With --check, prints what is wrong (a tag that names no row, a stale docs/mission.md) instead of writing, and exits 1.
"""
import csv
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECTIONS = {"A": "Risk register and risk conference", "B": "Inspection planning, targeting, field work",
            "C": "Findings, rectification, interview, case, referral", "D": "Violations the rule engine must know",
            "E": "Campaigns, statistics, reporting", "F": "Credit, approvals, sampling, online, public",
            "G": "Vigilance, data, actors, cooperation", "H": "The platform itself"}


def tags():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for path in sorted(files.stdout.splitlines()):
        full = os.path.join(ROOT, path)
        if not os.path.isfile(full):
            continue
        if path.endswith((".scenario", ".scenario_slow")):
            pattern = r"^mission ([A-H0-9 ]+)$"
        elif path.endswith(("_test.cpp", ".sh", ".mjs", ".test.ts")) and not path.endswith("mission.py"):
            pattern = r"(?://|#) mission: ([A-H0-9 ]+)$"
        else:
            continue
        with open(full, encoding="utf-8") as f:
            for found in re.findall(pattern, f.read(), re.M):
                for row in found.split():
                    yield row, path


def main():
    with open(os.path.join(ROOT, "docs", "mission.csv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    known = {r["id"] for r in rows}
    shown, wrong = {}, []
    for row, path in tags():
        if row not in known:
            wrong.append(f"{path}: the tag {row} names no row of docs/mission.csv")
        elif path not in shown.setdefault(row, []):
            shown[row].append(path)
    out = ["# The mission, row by row", "",
           "Written by `test/mission.py` from the tags in scenarios and tests; do not edit. The rows are in `docs/mission.csv`.", "",
           f"{len(shown)} of {len(rows)} rows are shown by something that runs.", ""]
    section = ""
    for r in rows:
        if r["id"][0] != section:
            section = r["id"][0]
            out += [f"## {section} {SECTIONS[section]}", "", "| row | capability | acceptance check | shown by |", "|---|---|---|---|"]
        by = " · ".join(f"[{os.path.basename(p)}](../{p})" for p in shown.get(r["id"], [])) or "not yet"
        out.append(f"| {r['id']} | {r['capability']} | {r['acceptance']} | {by} |")
        following = rows[rows.index(r) + 1]["id"][0] if rows.index(r) + 1 < len(rows) else ""
        if following != section:
            out.append("")
    text = "\n".join(out).rstrip() + "\n"
    path = os.path.join(ROOT, "docs", "mission.md")
    if "--check" in sys.argv:
        if not os.path.exists(path) or open(path, encoding="utf-8").read() != text:
            wrong.append("docs/mission.md is stale: run python3 test/mission.py")
        for line in wrong:
            print(line)
        return 1 if wrong else 0
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    for line in wrong:
        print(line, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
