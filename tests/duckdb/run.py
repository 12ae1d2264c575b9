#!/usr/bin/env python3
"""Runs queries embedded and, translated, on DuckDB over an exported lake; compares the rows as text, in their order.

usage: run.py BEGAT GRAPH [PAGE.md ...]   the queries are the fenced `begat` blocks of the pages
       run.py BEGAT GRAPH -               the queries are the lines of standard input

Exit 1 if any answer differs. Refusals are counted by their reason, never compared.
"""
import collections
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

import duckdb

VIEWS = re.compile(r"^\s*(explain|profile|why|graph|describe|conflicts|schema|timeline|adoption|lineage|ancestors|diff|matrix)\b")


def queries(arguments):
    arguments = [word for word in arguments if not word.startswith("--")]
    if arguments == ["-"]:
        return [("stdin", line.strip()) for line in sys.stdin if line.strip()]
    found = []
    for page in arguments:
        text = pathlib.Path(page).read_text()
        for block in re.findall(r"^```begat\n(.*?)^```", text, re.M | re.S):
            found.append((pathlib.Path(page).name, block.strip()))
    return found


def begat(binary, graph, *words):
    done = subprocess.run([binary, "-g", graph, *words], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def main():
    binary, graph, *rest = sys.argv[1:]
    lake = tempfile.mkdtemp() + "/lake"
    code, _, error = begat(binary, graph, "export", "--lake", lake)
    if code:
        sys.exit(f"no lake: {error}")
    same, wrong, refused = 0, 0, collections.Counter()
    for place, query in queries(rest):
        # A program gives several answers, one after the other.
        if VIEWS.match(query) or ";" in re.sub(r"define .*?;", "", query, flags=re.S):
            continue
        code, out, _ = begat(binary, graph, "-F", "csv", query)
        if code not in (0, 1):
            continue
        code, sql, error = begat(binary, graph, "translate", query, "--to", "duckdb", "--lake", lake)
        if code:
            refused[error.strip().splitlines()[0]] += 1
            if "--refused" in sys.argv:
                print(f"refused {place}: {query}")
            continue
        head, *expected = [tuple(row) for row in csv.reader(out.splitlines())]
        try:
            cursor = duckdb.sql(sql)
            found = [tuple("" if cell is None else str(cell) for cell in row) for row in cursor.fetchall()]
            # Embedded, the column is left out where all rows are certain.
            if cursor.columns[-1] == "certainty" and "certainty" not in head and all(row[-1] == "certain" for row in found):
                found = [row[:-1] for row in found]
            if cursor.columns == ["answer"]:
                expected = [row[:1] for row in expected]
        except Exception as problem:  # a fault of ours, whatever DuckDB calls it
            found = [("error", str(problem)[:400])]
        if found == expected:
            same += 1
            continue
        wrong += 1
        print(f"--- {place}: {query}\nembedded {expected[:6]} ({len(expected)})\nduckdb   {found[:6]} ({len(found)})")
        if "--sql" in sys.argv or len(found) and found[0][0] == "error":
            print(sql[:3000])
    print(f"{same} the same, {wrong} different, {sum(refused.values())} refused:")
    for reason, times in refused.most_common():
        print(f"  {times:3} {reason}")
    sys.exit(1 if wrong else 0)


main()
