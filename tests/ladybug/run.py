#!/usr/bin/env python3
"""Runs queries embedded and, translated to Cypher, in Ladybug, into which an exported lake is loaded; compares the rows as
text, in their order.

usage: run.py BEGAT GRAPH [--refused] [--sql] PAGE.md ...   (`-`: queries are lines of stdin)

Exit 1 if any answer differs. Refusals are counted by their reason, never compared.
"""
import argparse
import json
import os
import pathlib
import sys
import tempfile

import ladybug

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "engines"))
import corpus  # noqa: E402

connection = None


def begin(lake):
    """Loads the lake by its script, which reads the tables by relative paths."""
    global connection
    connection = ladybug.Connection(ladybug.Database(tempfile.mkdtemp() + "/graph"))
    before = os.getcwd()
    os.chdir(lake)
    connection.execute(pathlib.Path("ladybug.cypher").read_text())
    os.chdir(before)


def answered(text):
    results = connection.execute(json.loads(text)["answer"])
    result = results[-1] if isinstance(results, list) else results
    rows = []
    while result.has_next():
        rows.append(result.get_next())
    return result.get_column_names(), rows


parser = argparse.ArgumentParser()
parser.add_argument("begat")
parser.add_argument("graph")
parser.add_argument("pages", nargs="+")
parser.add_argument("--refused", action="store_true")
parser.add_argument("--sql", action="store_true")
sys.exit(1 if corpus.compared(parser.parse_args(), "cypher", answered, begin) else 0)
