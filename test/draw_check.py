#!/usr/bin/env python3
"""Computes a draw again from its public bundle, independently of qingyuan: docs/formats/draw.md. Exit 0: it holds."""
import hashlib, sys
from fractions import Fraction

def sm3(*parts): return hashlib.new("sm3", b"".join(parts)).digest()
def want(ok, what):
    if not ok: sys.exit(f"does not hold: {what}")

def root(leaves):  # RFC 6962
    while len(leaves) > 1:
        up = [sm3(b"\1", leaves[i], leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
        leaves = up + leaves[len(leaves) & ~1:]
    return leaves[0]

def check(raw):
    text = raw.decode()
    lines = text.split("\n")
    want(lines[-1] == "" and lines[-2] == "end " + sm3(raw[:raw.rindex(b"end ")]).hex(), "the digest at the end")
    rows = [line.split(" ") for line in lines[:-2]]
    one = {row[0]: row[1:] for row in rows if row[0] not in ("stratum", "party", "unit", "drawn", "reserve")}
    pick = lambda name: [row[1:] for row in rows if row[0] == name]
    head = raw[:raw.index(b"\n", raw.index(b"\nframe ") + 1) + 1]
    draw_id = one["draw"][0].encode()
    parties, units = pick("party"), pick("unit")
    if one["outcome"][0] == "void":
        return print(f"draw {one['number'][0]} is void: {' '.join(one['outcome'][1:])}")
    want(len(parties) > 1 and len({p[0] for p in parties}) == len(parties), "two parties or more")
    for name, commitment, seed in parties:
        want(sm3(bytes.fromhex(seed), name.encode(), draw_id).hex() == commitment, f"the commitment of {name}")
    public = "" if one["public"] == ["-"] else " ".join(one["public"])
    seed = sm3(b"draw.seed\0", sm3(head), *(bytes.fromhex(p[2]) for p in parties), public.encode())
    want(one["outcome"] == ["drawn", seed.hex()], "the seed")
    frame = [line.rsplit(" ", 1)[0] for line in lines if line.startswith("unit ")]
    want(one["frame"] == [str(len(units)), root([sm3(b"\0", line.encode()) for line in frame]).hex()], "the root")
    ids = [u[0] for u in units]
    want(ids == sorted(set(ids)), "units sorted, each once")
    hash_of = sm3 if one["profile"] == ["sm3"] else lambda *parts: hashlib.sha256(b"".join(parts)).digest()
    order = {s[0]: [] for s in pick("stratum")}
    for pseudonym, stratum, chance, reasons, ticket in units:
        got = hash_of(b"draw.ticket\0", draw_id, b"\0", seed, bytes.fromhex(pseudonym))[:16]
        want(got.hex() == ticket, f"the ticket of {pseudonym}")
        t, label, p = int.from_bytes(got[:8], "big"), int.from_bytes(got[8:], "big"), Fraction(chance)
        want(0 < p <= 1, f"the probability of {pseudonym}")
        u = Fraction(2 * t + 1, 2**65)
        order[stratum].append((u / (1 - u) * (1 - p) / p, got, pseudonym, p, label, reasons))
    places = []
    for name, count, size, reserve, random in pick("stratum"):
        line, size, reserve, random = sorted(order[name]), int(size), int(reserve), Fraction(random)
        want(len(line) == int(count) and sum(x[3] for x in line) == size, f"the probabilities of {name}")
        for rank, (q, got, pseudonym, p, label, reasons) in enumerate(line[:size + reserve], 1):
            reason = "random" if p < 1 and label * p < random * 2**64 else reasons
            places.append(["drawn" if rank <= size else "reserve", name, str(rank), pseudonym, reason])
    want(places == [row for row in rows if row[0] in ("drawn", "reserve")], "who is drawn")
    print(f"draw {one['number'][0]} holds: {sum(p[0] == 'drawn' for p in places)} of {len(units)} drawn, digest {sm3(raw).hex()}")

if __name__ == "__main__":
    check(open(sys.argv[1], "rb").read())
