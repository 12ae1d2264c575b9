#!/usr/bin/env python3
"""Asks a graph on a cluster what pages ask, and compares bytes and exit status with the same graph embedded.

usage: run.py BEGAT GRAPH --remote HOST:PORT [--lake DIR] [--random N] PAGE.md ...

BEGAT is a binary with the feature `spark`. The pages' queries are the fenced `begat` blocks; `--random` adds as many made-up
ones. Formats take turns. Where both errors and notes are written, they have to be the same, too; what embedded refuses is
left out, and what the cluster refuses is counted. Exit 1 if anything differs.
"""
import argparse
import collections
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "engines"))
import corpus  # noqa: E402

FORMATS = ["json", "csv", "table", "tsv", "markdown", "jsonl", "html", "dot"]


def asked(binary, graph, form, query, more=()):
    """Exit status, standard output and standard error."""
    words = [binary, "-g", graph, "--no-config", "--verbose", "-F", form, *more, query]
    done = subprocess.run(words, capture_output=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def made_up(number, seed):
    """Queries over the graph of the tests: paths, negations, counts, dates, certain and possible."""
    rng = random.Random(seed)
    names = ["GPT-3", "Llama 2", "DeepSeek V3", "Mixtral", "Llama"]
    things = ["MLA", "MoE", "RoPE", "GQA"]
    condition = [
        lambda: f"uses {rng.choice(things)}",
        lambda: f"not uses {rng.choice(things)}",
        lambda: f"succeeds{rng.choice(['', '+', '*', '{1,2}'])} {rng.choice(names)}",
        lambda: f"uses at least {rng.randint(1, 4)} Technique",
        lambda: f"dated since {rng.randint(2018, 2025)}",
        lambda: f"dated before {rng.randint(2018, 2025)}-0{rng.randint(1, 9)}",
        lambda: f"succeeds Model that uses {rng.choice(things)}",
        lambda: "succeeds nothing",
    ]
    shapes = [
        lambda said: f"Model {said}",
        lambda said: f"Model {said} possibly",
        lambda said: f"count Model {said}",
        lambda said: f"Model m {said} show m, m.date order by m.date desc limit {rng.randint(1, 9)}",
        lambda said: f"Model m {said} show count(m) by year(m.date)",
        lambda said: f"Model m {said} and m uses Technique t show count(m), first(m) by t order by count(m) desc limit 4",
        lambda said: f"Model m {said} show min(m.date), max(m.date), count(m)",
        lambda said: f"Model m {said} show m, year(m.date) order by m.date limit 5 with ties",
    ]
    for _ in range(number):
        said = " and ".join(rng.choice(condition)() for _ in range(rng.randint(1, 3)))
        yield "made up", rng.choice(shapes)(said)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("begat")
    parser.add_argument("graph")
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--remote", required=True)
    parser.add_argument("--lake")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", default="", help="options for the cluster's side, such as --closure=embedded")
    options = parser.parse_intermixed_args()
    lake = options.lake or f"{tempfile.mkdtemp()}/{pathlib.Path(options.graph).name}"
    if not pathlib.Path(lake).exists():
        subprocess.run([options.begat, "-g", options.graph, "export", "--lake", lake], check=True, capture_output=True)
    there = f"spark://{options.remote}{lake}"
    begun, same, differ, refused = time.time(), 0, 0, collections.Counter()
    queries = corpus.queries(options.pages) + list(made_up(options.random, options.seed))
    for number, (place, query) in enumerate(queries):
        # Plans and times differ, and files are for other tests.
        if "explain" in query or query.startswith("profile") or ' to "' in query:
            continue
        form = FORMATS[number % len(FORMATS)]
        here = asked(options.begat, options.graph, form, query)
        if here[0] > 1:
            continue
        other = asked(options.begat, there, form, query, options.more.split())
        if other == here:
            same += 1
        elif b"would be fetched" in other[2]:
            refused[other[2].decode().splitlines()[0][:100]] += 1
        else:
            differ += 1
            print(f"--- {place} -F {form}: {query}")
            for name, one, two in zip(("status", "out", "err"), here, other):
                if one != two:
                    print(f"{name} embedded {str(one)[:700]}\n{name} cluster  {str(two)[:700]}", flush=True)
    print(f"{same} the same, {differ} different, {sum(refused.values())} refused, {time.time() - begun:.0f} s")
    for reason, times in refused.most_common():
        print(f"  {times:3} {reason}")
    sys.exit(1 if differ else 0)


main()
