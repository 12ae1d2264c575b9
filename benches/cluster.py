#!/usr/bin/env python3
"""Asks graphs that grow, embedded and on a cluster: what each question takes, in statements, rounds and seconds.

usage: cluster.py BEGAT --remote HOST:PORT [--edges 100000,1000000] [--only Q4,Q7] [--timeout SECONDS] [--runs N]

BEGAT has the feature `spark` and is optimised. Each graph is a family tree of models: about `--edges` facts, its lineage some
110 generations deep at a million. A time is that of the whole process, the least of some runs; embedded asks a snapshot.
Both answers have to be the same bytes. Only the standard library is needed.
"""
import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

GRAPH = """(
    schema: (
        types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true)}), "Technique": (), "Org": ()},
        verbs: {
            "succeeds": (from: ["Model"], to: ["Model"], lineage: true),
            "uses": (from: ["Model"], to: ["Technique"], adoption: true),
            "develops": (from: ["Org"], to: ["Model"]),
        },
    ),
    sources: {"s": ()},
    tables: [
        (file: "models.csv", entity: "Model", name: "name", properties: {"date": "date"}, source: "s"),
        (file: "techniques.csv", entity: "Technique", name: "name", source: "s"),
        (file: "orgs.csv", entity: "Org", name: "name", source: "s"),
        (file: "succeeds.csv", verb: "succeeds", subject: "a", object: "b", source: "s"),
        (file: "uses.csv", verb: "uses", subject: "a", object: "b", source: "s"),
        (file: "develops.csv", verb: "develops", subject: "a", object: "b", source: "s"),
    ],
)"""

# The names are those of the benchmark's queries.
QUESTIONS = {
    "Q2": 'Model m uses "t19" and dated since 2020 show m order by m limit 20',
    "Q3": '"m{last}" succeeds+ Model',
    "Q4": 'count Model succeeds+ "m0"',
    "Q5": "Model m succeeds+ Model r, r succeeds no Model show r, count(m) by r order by count(m) desc, r limit 20",
    "Q6": '"m{last}" succeeds+ as p "m0" show min(length(p))',
    "Q7": "Org o develops Model m that uses Technique t show o, t, count(m) by o, t order by count(m) desc, o, t limit 20",
    "Q8": 'Model m uses "t6" and succeeds+ no Model that uses "t6" show count(m)',
    "Q9": "Model m uses Technique t show t, year(m.date), count(m) by t, year(m.date) order by count(m) desc limit 20",
    "Q10": "Model m uses Technique t and uses Technique s where name(t) < name(s) "
    "show t, s, count(m) by t, s order by count(m) desc, t, s limit 20",
    "Q11": "Model m succeeds Model p, Org o develops m, Org q develops p, m uses Technique t, p uses t where o != q "
    "show m, p, count(t) by m, p having count(t) >= 3 order by count(t) desc, m, p limit 20",
    "lineage": 'lineage of "m{near}" -F dot',
}


def made(folder, edges):
    """Writes a graph; returns the number of its models."""
    rng = random.Random(1)
    models, techniques, orgs = max(20, int(edges * 0.138)), 500, max(5, int(edges**0.5 / 3))
    names = {"models": [], "succeeds": [], "uses": [], "develops": []}
    for i in range(models):
        names["models"].append(f"m{i},{2000 + 25 * i // models}-{rng.randint(1, 12):02}")
        parents = {int(i * rng.uniform(0.8, 1)) for _ in range(1 + (rng.random() < 0.27))} - {i}
        # A root now and then, so that a family is not the whole graph.
        if i and rng.random() > 0.02:
            names["succeeds"] += [f"m{i},m{parent}" for parent in sorted(parents)]
        uses = {min(int(rng.paretovariate(0.6)), techniques) - 1 for _ in range(5)}
        names["uses"] += [f"m{i},t{technique}" for technique in sorted(uses)]
        names["develops"].append(f"o{min(int(rng.paretovariate(0.8)), orgs) - 1},m{i}")
    head = {"models": "name,date"}
    for name, lines in names.items():
        (folder / f"{name}.csv").write_text("\n".join([head.get(name, "a,b"), *lines]) + "\n")
    (folder / "techniques.csv").write_text("name\n" + "".join(f"t{i}\n" for i in range(techniques)))
    (folder / "orgs.csv").write_text("name\n" + "".join(f"o{i}\n" for i in range(orgs)))
    (folder / "graph.ron").write_text(GRAPH)
    return models, sum(len(lines) for name, lines in names.items() if name != "models")


def asked(begat, graph, question, runs, limit):
    """The least time and the output; None and why where it takes too long or is refused."""
    words = question.split(" -F ")
    command = [begat, "-g", graph, "--no-config", "--max-rows", "1000000000", "-F", *(words[1:] or ["csv"]), words[0]]
    best, out = None, None
    for _ in range(runs):
        begun = time.perf_counter()
        try:
            done = subprocess.run(command, capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return None, f"over {limit} s".encode()
        if done.returncode:
            return None, done.stderr.splitlines()[0] if done.stderr else b"an error"
        taken = time.perf_counter() - begun
        best, out = min(taken, best or taken), done.stdout
        if taken > 10:
            break
    return best, out


def work(begat, graph, question, limit):
    """Statements, rounds and rows that `profile` tells."""
    command = [begat, "-g", graph, "--no-config", "profile " + question.split(" -F ")[0]]
    try:
        text = subprocess.run(command, capture_output=True, text=True, timeout=limit).stdout
    except subprocess.TimeoutExpired:
        return "–", "–", "–"
    found = re.search(r"(\d+) statements? with (\d+) of them rounds, and (\d+) rows? received", text)
    return found.groups() if found else ("–", "–", "–")


def shown(seconds):
    return f"{seconds:.2f} s" if seconds is not None else "–"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("begat")
    parser.add_argument("--remote", required=True)
    parser.add_argument("--edges", default="100000,1000000")
    parser.add_argument("--only", default=",".join(QUESTIONS))
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    differs = 0
    for edges in map(int, options.edges.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            models, facts = made(folder, edges)
            snapshot, lake = str(folder / "g.begat"), str(folder / "lake")
            subprocess.run([options.begat, "-q", "build", folder / "graph.ron", "-o", snapshot], check=True)
            subprocess.run([options.begat, "-g", snapshot, "export", "--lake", lake], check=True, capture_output=True)
            there = f"spark://{options.remote}{lake}"
            print(f"\n{facts} facts, {models} models\n", flush=True)
            # A server's first statements take longer than all others.
            asked(options.begat, there, QUESTIONS["Q7"], 1, options.timeout)
            print("| query | embedded | cluster | statements | rounds | rows received | the same |")
            print("|---|--:|--:|--:|--:|--:|---|", flush=True)
            for name in options.only.split(","):
                question = QUESTIONS[name].format(last=models - 1, near=models // 50)
                here, out = asked(options.begat, snapshot, question, options.runs, options.timeout)
                far, other = asked(options.begat, there, question, options.runs, options.timeout)
                said = "yes" if out == other else "NO"
                if far is None or here is None:
                    said = (other if far is None else out).decode()
                differs += said == "NO"
                counts = work(options.begat, there, question, options.timeout) if far is not None else ("–",) * 3
                print(f"| {name} | {shown(here)} | {shown(far)} | {' | '.join(counts)} | {said} |", flush=True)
    sys.exit(1 if differs else 0)


main()
