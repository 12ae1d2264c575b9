#!/usr/bin/env python3
"""Runs queries embedded and, translated to SPARQL, in Oxigraph, into which the graph is loaded as TriG; compares the rows as
text, in their order.

usage: run.py BEGAT GRAPH [--refused] [--sql] PAGE.md ...   (`-`: queries are lines of stdin)

Exit 1 if any answer differs. Refusals are counted by their reason, never compared.
"""
import argparse
import json
import pathlib
import sys
import tempfile

import pyoxigraph

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "engines"))
import corpus  # noqa: E402

store = pyoxigraph.Store()


def begin(_):
    file = tempfile.mkdtemp() + "/graph.trig"
    code, _, error = corpus.begat(options.begat, options.graph, "export", "-o", file)
    if code:
        sys.exit(f"no graph: {error}")
    store.load(path=file)


def answered(text):
    found = store.query(json.loads(text)["answer"])
    columns = [variable.value for variable in found.variables]
    return columns, [[None if cell is None else cell.value for cell in row] for row in found]


parser = argparse.ArgumentParser()
parser.add_argument("begat")
parser.add_argument("graph")
parser.add_argument("pages", nargs="+")
parser.add_argument("--refused", action="store_true")
parser.add_argument("--sql", action="store_true")
options = parser.parse_args()
sys.exit(1 if corpus.compared(options, "sparql", answered, begin) else 0)
