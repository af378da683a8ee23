#!/usr/bin/env python3
"""Lists what the procedures of law/ allow and no scenario does: transitions (a step from a state) that are never
taken, and steps with a guard that are never refused.

Exits 1 where a transition of one of the NEEDED procedures is not taken, or one of their steps is never refused and
does not stand in NEVER_REFUSED with the reason. The others are printed with --all. A scenario's expected text is read
as it stands: `case1 file  verifying -> filed` takes `file` from `verifying`; `case1 tell_rights` takes it from the
state the dossier was in. The states of all versions of a procedure are joined.
"""
import glob
import os
import re
import sys
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NEEDED = {
    "penalty_case", "simple_penalty", "evidence_preservation", "seizure", "hearing", "referral", "complaint", "report",
    "inspection", "rectification", "recall", "sampling", "licence_application", "licence", "serious_violator",
    "publication", "adverse_event", "lead", "interview", "supervised_listing", "typical_case", "remedy",
    "joint_discipline", "guidance", "trace_back", "joint_meeting", "circular",
}
DAY = re.compile(r"^\d{4}-\d\d-\d\d ")


class Procedure:
    def __init__(self, prefix):
        self.prefix, self.allowed, self.guarded = prefix, set(), set()


def procedures():
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "law", "procedures", "*.toml"))):
        with open(path, "rb") as f:
            one = tomllib.load(f)
        procedure = found.setdefault(one["id"], Procedure(one["prefix"]))
        for step in one["step"]:
            procedure.allowed |= {(state, step["id"]) for state in step["from"]}
            if step.get("guard") not in (None, "none", []) and "system" not in step["by"]:
                procedure.guarded.add(step["id"])
    return found


def blocks():
    """(file, commands, printed lines that are not indented) of every scenario."""
    for path in sorted(glob.glob(os.path.join(ROOT, "scenarios", "**", "*.scenario*"), recursive=True)):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for block in re.split(r"\n\s*\n", text):
            commands, dashes, printed = block.partition("\n----")
            if dashes:
                lines = [line for line in printed.strip("\n").split("\n") if line and not line.startswith(" ")]
                yield path, [c for c in commands.split("\n") if c and c[0] not in " #"], lines


def refused_in(commands, lines):
    """The (dossier, step) of every `do` that was answered by a refusal."""
    lines = list(lines)
    for command in commands:
        word = command.split(" ", 1)[0]
        if word in ("world", "law", "offers", "show", "list", "clocks", "verify", "figure", "report"):
            if word != "world":
                return  # prints as many lines as it likes
            continue
        if word == "on":
            while lines and DAY.match(lines[0]):
                lines.pop(0)
            continue
        if not lines:
            return
        line = lines.pop(0)
        if word == "do" and line.startswith("refused"):
            yield tuple(command.split()[1:3])


def played(known):
    """({(procedure, state, step)} taken, {(procedure, step)} refused)"""
    taken, refused = set(), set()
    kind, state, last = {}, {}, None
    for path, commands, lines in blocks():
        if path != last:
            kind, state, last = {}, {}, path
        for line in lines:
            line = DAY.sub("", line)
            if made := re.match(r"^(\w+) ([\w-]+)  -> (\w+)$", line):
                procedure, dossier, to = made.groups()
                if procedure in known:
                    kind[dossier], state[dossier] = procedure, to
            elif moved := re.match(r"^([\w-]+) (\w+)(?:  (\w+) -> (\w+))?$", line):
                dossier, step, start, to = moved.groups()
                if dossier in kind and any(step == s for _, s in known[kind[dossier]].allowed):
                    taken.add((kind[dossier], start or state[dossier], step))
                    state[dossier] = to or state[dossier]
        for dossier, step in refused_in(commands, lines):
            if dossier in kind:
                refused.add((kind[dossier], step))
    return taken, refused


def main():
    known = procedures()
    taken, refused = played(known)
    missing = sorted((p, step, state) for p, one in known.items() for state, step in one.allowed
                     if (p, state, step) not in taken)
    silent = sorted((p, step) for p, one in known.items() for step in one.guarded if (p, step) not in refused)
    wrong = [f"no scenario takes {p}.{step} from {state}" for p, step, state in missing if p in NEEDED]
    wrong += [f"no scenario refuses {p}.{step}" for p, step in silent if p in NEEDED]
    rest = [f"no scenario takes {p}.{step} from {state}" for p, step, state in missing if p not in NEEDED]
    rest += [f"no scenario refuses {p}.{step}" for p, step in silent if p not in NEEDED]
    for line in wrong + (rest if "--all" in sys.argv else []):
        print(line)
    allowed = sum(len(one.allowed) for one in known.values())
    guarded = sum(len(one.guarded) for one in known.values())
    print(f"{allowed - len(missing)} of {allowed} transitions taken, {guarded - len(silent)} of {guarded} guarded steps "
          f"refused, in {len(known)} procedures; {len(wrong)} missing where all are needed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
