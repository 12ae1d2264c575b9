#!/usr/bin/env python3
"""Prints made-up queries over the toy graph and over `cyclic.ron` beside this file, one a line, for `run.py BEGAT GRAPH -`.

usage: made_up.py NUMBER [SEED]
"""
import random
import sys

MODELS = ["Llama 2", "DeepSeek V3", "GPT-2", "Mistral 7B"]
TECHNIQUES = ["MLA", "MoE", "GQA", "RoPE"]
PATHS = [
    "succeeds", "succeeds+", "succeeds*", "succeeds?", "succeeds{2}", "succeeds{1,2}", "succeeds{0,2}", "succeeds{2,}",
    "^succeeds", "^succeeds+", "(succeeds | ^succeeds)+", "(succeeds | ^succeeds)", "(succeeds / succeeds)", "(succeeds / succeeds)+",
    "(succeeds* / ^succeeds)", "(succeeds+ | succeeds / ^succeeds)", "^succeeds*",
]
COMPARISONS = ["<", "<=", ">", ">=", "=", "!=", "in", "before", "since"]
DATES = ["2023", "2024-05", "2024", "2023-07", "2025-01", "2024-12-26"]


def phrase(rng, depth=0):
    """What is said of a model."""
    kind = rng.randrange(13 if depth < 2 else 8)
    if kind == 0:
        return f"uses {rng.choice(TECHNIQUES)}"
    if kind == 1:
        return f"{rng.choice(PATHS)} {rng.choice(MODELS)}"
    if kind == 2:
        return f"dated {rng.choice(['before', 'after', 'since', 'until', 'in'])} {rng.choice(DATES)}"
    if kind == 3:
        return f"not uses {rng.choice(TECHNIQUES)}"
    if kind == 4:
        return f"uses {rng.choice(['at least', 'at most', 'exactly'])} {rng.randrange(1, 4)} Technique"
    if kind == 5:
        return f"uses {rng.choice(['no', 'every'])} Technique that used by {rng.choice(MODELS)}"
    if kind == 6:
        return f"developed by {rng.choice(['Org', 'Meta', 'no Org', 'at least 1 Org'])}"
    if kind == 7:
        return f"uses {rng.choice(TECHNIQUES)} or {rng.choice(TECHNIQUES)}"
    quantifier = rng.choice(["", "no ", "every ", "at least 2 "])
    return f"{rng.choice(PATHS)} {quantifier}Model that {phrase(rng, depth + 1)}"


def query(rng):
    kind = rng.randrange(12)
    first = phrase(rng)
    if kind == 0:
        return f"Model m {rng.choice(PATHS)} Model n, m {first}"
    if kind == 1:
        return f"Model m {first}, optional m {rng.choice(['succeeds', 'succeeds+', 'uses'])} {rng.choice(['Model n', 'Model n that ' + phrase(rng, 2)])}".replace("uses Model n", "uses Technique n")
    if kind == 2:
        return f"Model m uses Technique t, m {first} show t, count(m) by t order by count(m) desc limit {rng.randrange(1, 9)}"
    if kind == 3:
        return f"Model m {rng.choice(PATHS)} Model n, m {first}, n {phrase(rng)} where m.date {rng.choice(COMPARISONS)} n.date"
    if kind == 4:
        return f"count Model that {first}"
    if kind == 5:
        return f"Model m {first} show m, m.date order by m.date {rng.choice(['', 'desc'])} limit {rng.randrange(1, 12)} offset {rng.randrange(3)}"
    if kind == 6:
        return f"Model m {first} and {phrase(rng)} where not m.date > {rng.choice(DATES)}"
    if kind == 7:
        return f"{rng.choice(MODELS)} {phrase(rng, 2)}"
    if kind == 8:
        return f"Model m {first} where m.date {rng.choice(COMPARISONS)} {rng.choice(MODELS)}.date"
    if kind == 9:
        return f"Model m {first}, cross Model n where m.date {rng.choice(COMPARISONS)} n.date show m, n limit 20"
    if kind == 10:
        return f"Model m dated Date d, m dated Date e, m {first} where d {rng.choice(COMPARISONS)} e show m, d, e"
    return f"Model that {first} and {phrase(rng)}"


rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
for _ in range(int(sys.argv[1])):
    print(" ".join(query(rng).split()))
