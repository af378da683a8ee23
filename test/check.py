#!/usr/bin/env python3
"""The manners of this repository, checked: style, citations, links, coverage of the law by scenarios, mission rows.

Run by ./dev check. Prints one line a finding, ends with `N passed, N failed`, exits 1 when anything failed.
"""
import csv
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINE_MAX, FUNCTION_MAX, FILE_MAX = 110, 70, 800

# (pattern, replacement, files where it is allowed)
BANNED = [
    (r"system_clock::now", "ask the Clock that was handed in", {"src/base/clock.cpp"}),
    (r"catch \(\.\.\.\)", "catch the library's own type", set()),
    (r"^\s*using namespace (?!qingyuan)", "name what is used", set()),
    (r"\b(TODO|FIXME|XXX)\b", "finish it, or write an issue", set()),
    (r"[^_\w]new [A-Z]\w*[({]", "make_unique", set()),
    (r"\bstd::regex\b", "a matcher over code points", set()),
    (r"\b(rand|srand|random_device)\b\(", "base/random.hpp", set()),
    (r"\bprintf\(\"%s\", *argv", "fmt", set()),
    (r"[\s\"'(=]/(work|farm|home|root)/", "a path of nobody's machine", set()),
]
NO_FLOAT = ("src/law/penalties", "src/base/rational", "src/account/", "src/law/calendar")

findings = []
checks = 0


def fail(where, what):
    findings.append(f"{where}: {what}")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(p for p in out.stdout.splitlines() if os.path.isfile(os.path.join(ROOT, p)))


FILES = tracked()
CODE = [p for p in FILES if p.endswith((".cpp", ".hpp"))]


def check_style():
    for path in CODE:
        lines = read(path).split("\n")
        if len(lines) > FILE_MAX:
            fail(path, f"{len(lines)} lines; {FILE_MAX} are allowed")
        start = None
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_MAX:
                fail(f"{path}:{number}", f"{len(line)} characters; {LINE_MAX} are allowed")
            if line.rstrip() != line:
                fail(f"{path}:{number}", "white space at the end")
            if "\t" in line:
                fail(f"{path}:{number}", "a tab")
            for pattern, instead, allowed in BANNED:
                if path not in allowed and re.search(pattern, line) and "NOLINT" not in line:
                    fail(f"{path}:{number}", f"'{pattern}' is banned: {instead}")
            if path.startswith(NO_FLOAT) and "_test" not in path and re.search(r"\b(double|float)\b", line.split("//")[0]):
                fail(f"{path}:{number}", "floating point where figures must be exact")
            if "_test.cpp" in path:
                continue
            opened = re.match(r"^(\s*)(?!namespace|struct|class|enum|union|if|for|while|switch|else|do|extern)[^\s/#].*\) ?(const|noexcept|override|final|mutable|-> [^{]*|\s)*\{$", line)
            if opened and start is None:
                start = (number, opened.group(1))
            elif start and line == start[1] + "}":
                if number - start[0] > FUNCTION_MAX:
                    fail(f"{path}:{start[0]}", f"a function of {number - start[0]} lines; {FUNCTION_MAX} are allowed")
                start = None


def check_headers_are_used():
    text = {p: read(p) for p in CODE}
    for path in CODE:
        if not path.endswith(".hpp"):
            continue
        name = path.split("/", 1)[1] if path.startswith("src/") else path
        if not any(f'"{name}"' in body or f'"{os.path.basename(path)}"' in body for p, body in text.items() if p != path):
            fail(path, "no file includes it")


def check_links():
    for path in FILES:
        if not path.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", read(path)):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not os.path.exists(os.path.normpath(os.path.join(ROOT, os.path.dirname(path), target))):
                fail(path, f"the link '{target}' leads nowhere")


def check_file_names():
    for path in FILES:
        if path.startswith(("src/", "law/", "scenarios/")) and not re.fullmatch(r"[a-z0-9_./-]+", path):
            fail(path, "file names are snake_case")


def scenario_text():
    return {p: read(p) for p in FILES if p.endswith((".scenario", ".scenario_slow"))}


def check_law_is_shown():
    """Every guard word, refusal, limit and statistic that a shipped procedure uses is mentioned by a scenario or a test."""
    shown = "\n".join(scenario_text().values())
    tests = "\n".join(read(p) for p in CODE if p.endswith("_test.cpp")) + "\n".join(
        read(p) for p in FILES if p.startswith("test/cases/"))
    words = dict(re.findall(r"^X\((\w+),\s*\"[^\"]*\",\s*\w+,\s*(\w+)", read("src/law/words.def"), re.M))
    used_words, limits, steps = set(), set(), []
    for path in FILES:
        if not path.startswith("law/procedures/"):
            continue
        body = read(path)
        procedure = re.search(r'^id = "(\w+)"', body, re.M).group(1)
        for guard in re.findall(r"^guard = \[(.*?)\]", body, re.M | re.S):
            used_words.update(re.findall(r'"(\w+)\(', guard))
        limits.update(re.findall(r'"(?:start|extend) ([A-Z0-9_.]+)"', body))
        steps += [(path, procedure, s) for s in re.findall(r'^\[\[step\]\]\s*\nid = "(\w+)"', body, re.M)]
    for word in sorted(used_words):
        if words[word] not in shown:
            fail("scenarios", f"no scenario shows the refusal {words[word]} of the guard word {word}")
    for limit in sorted(limits):
        if limit not in shown:
            fail("scenarios", f"no scenario mentions the limit {limit}")
    for path, procedure, step in steps:
        if not re.search(rf"\b{step}\b", shown):
            fail(path, f"no scenario mentions the step {step}")
    statistics = {p: read(p) for p in FILES if p.startswith("law/statistics/")}
    for path in statistics:
        statistic = re.search(r'^id = "(\w+)"', statistics[path], re.M).group(1)
        others = "\n".join(body for p, body in statistics.items() if p != path)
        if not any(f'"{statistic}"' in text or re.search(rf"\b{statistic}\b", text)
                   for text in (shown, tests, read_all("law/reports/"), others)):
            fail(path, "no scenario, test, report or other statistic mentions it")


def read_all(prefix):
    return "\n".join(read(p) for p in FILES if p.startswith(prefix))


def check_mission():
    """Tags name rows that exist; docs/mission.md is what test/mission.py writes."""
    done = subprocess.run([sys.executable, os.path.join(ROOT, "test", "mission.py"), "--check"], capture_output=True, text=True)
    for line in done.stdout.splitlines():
        fail("mission", line)
    if done.returncode not in (0, 1):
        fail("mission", done.stderr.strip()[-200:])


def check_transitions():
    """Every transition of the statutory procedures is taken by a scenario, every guarded step refused by one."""
    done = subprocess.run([sys.executable, os.path.join(ROOT, "test", "transitions.py")], capture_output=True, text=True)
    for line in done.stdout.splitlines()[:-1]:
        fail("scenarios", line)


def check_program():
    """The law loads without complaint."""
    program = os.path.join(ROOT, "build", "release", "qingyuan")
    if not os.path.exists(program):
        return fail("build/release/qingyuan", "not built: ./dev build first")
    done = subprocess.run([program, "law", "check"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        fail("law", (done.stdout + done.stderr).strip()[-2000:])


def main():
    global checks
    for check in (check_style, check_headers_are_used, check_links, check_file_names, check_law_is_shown, check_mission,
                  check_transitions, check_program):
        before = len(findings)
        check()
        checks += len(findings) == before
    for finding in findings:
        print(finding)
    print(f"{checks} passed, {len(findings)} failed")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
