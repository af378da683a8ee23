#!/usr/bin/env python3
"""Merges the parts of the API contract (contract/*.json) into openapi.json, which is served and from which the typed client is generated.

base.json carries the head, the shared parameters and responses; every other part has "paths", "schemas" and maybe "parameters". Nothing may be defined twice.
`--check` only says whether openapi.json is what the parts give.
"""
import json
import sys
from pathlib import Path

here = Path(__file__).parent
width = 150


def layout(value, indent=0, room=width):
    """JSON as people read it: what fits a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or len(flat) + indent <= room:
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + layout(v, indent + 1) for v in value) + "\n" + " " * indent + "]"
    rows = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {layout(v, indent + 1, width - len(k) - 4)}" for k, v in value.items()]
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"


def no_repeats(pairs):
    names = [name for name, _ in pairs]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        sys.exit(f"defined twice in one object: {', '.join(sorted(repeated))}")
    return dict(pairs)


def merged():
    whole = json.loads((here / "contract" / "base.json").read_text(), object_pairs_hook=no_repeats)
    for part in sorted((here / "contract").glob("*.json")):
        if part.name == "base.json":
            continue
        more = json.loads(part.read_text(), object_pairs_hook=no_repeats)
        for group, into in (("paths", whole["paths"]), ("schemas", whole["components"]["schemas"]),
                            ("parameters", whole["components"]["parameters"])):
            for name, what in more.get(group, {}).items():
                if name in into:
                    sys.exit(f"{part.name}: {name} is defined twice")
                into[name] = what
        unknown = set(more) - {"paths", "schemas", "parameters"}
        if unknown:
            sys.exit(f"{part.name}: {', '.join(sorted(unknown))} does not belong there")
    text = layout(whole) + "\n"
    for line in text.split('"$ref": "#/')[1:]:
        at = whole
        for name in line.split('"')[0].split("/"):
            if not isinstance(at, dict) or name not in at:
                sys.exit(f"nothing at #/{line.split(chr(34))[0]}")
            at = at[name]
    return text


text = merged()
target = here / "openapi.json"
if "--check" in sys.argv:
    if not target.exists() or target.read_text() != text:
        sys.exit("src/api/openapi.json is not what src/api/contract/ gives: run src/api/contract.py")
else:
    target.write_text(text)
