#!/usr/bin/env python3
"""The table of bench/packs.sh: table.py TRUTH RESULT… where a result is a JSON line of a rival beside NAME.csv of its findings.

Findings are compared as sets of (number, key) with the truth; exits 1 when anybody missed one or made one up.
"""
import csv
import json
import os
import sys


def findings(path):
    with open(path, encoding="utf-8", newline="") as lines:
        rows = [(row["number"], row["key"]) for row in csv.DictReader(lines) if row["number"]]
    if len(rows) != len(set(rows)):
        sys.exit(f"{path}: a finding stands twice")
    return set(rows)


def main():
    truth = findings(sys.argv[1])
    results = []
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as line:
            result = json.loads(line.read())
        found = findings(os.path.splitext(path)[0] + ".csv")
        results.append((result, len(truth - found), len(found - truth)))
    own = next((r["total"] for r, _, _ in results if r["rival"] == "qingyuan"), None)
    print(f"{len(truth)} findings are true")
    print(f"{'':12} {'seconds':>9} {'M rows/s':>9} {'times ours':>10} {'peak MB':>8} {'bytes/row':>9} {'missed':>7} {'false':>7}  steps")
    for r, missed, false in results:
        ratio = f"{r['total'] / own:.2f}" if own else "-"
        steps = "  ".join(f"{name} {seconds:.2f}" for name, seconds in r["seconds"].items())
        print(f"{r['rival']:12} {r['total']:9.2f} {r['rows'] / r['total'] / 1e6:9.3f} {ratio:>10} {r['peak_mb']:8} "
              f"{r['database_bytes'] / r['rows']:9.1f} {missed:7} {false:7}  {steps}")
    return 1 if any(missed or false for _, missed, false in results) else 0


if __name__ == "__main__":
    sys.exit(main())
