#!/usr/bin/env python3
"""Runs queries embedded and, translated, on DuckDB over an exported lake; compares the rows as text, in their order.

usage: run.py BEGAT GRAPH [--refused] [--sql] PAGE.md ...   the queries are the fenced `begat` blocks of the pages
       run.py BEGAT GRAPH -                                 the queries are the lines of standard input

Exit 1 if any answer differs. Refusals are counted by their reason, never compared.
"""
import argparse
import json
import pathlib
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "engines"))
import corpus  # noqa: E402


def answered(text):
    cursor = duckdb.sql(json.loads(text)["answer"])
    return cursor.columns, cursor.fetchall()


parser = argparse.ArgumentParser()
parser.add_argument("begat")
parser.add_argument("graph")
parser.add_argument("pages", nargs="+")
parser.add_argument("--refused", action="store_true")
parser.add_argument("--sql", action="store_true")
sys.exit(1 if corpus.compared(parser.parse_args(), "duckdb", answered) else 0)
