#!/usr/bin/env python3
"""Runs queries embedded and, translated, on a Spark Connect server over an exported lake; compares the rows as text, in
their order. Without --remote, the server is Sail's, started here.

usage: run.py BEGAT GRAPH [--remote sc://HOST:PORT] [--refused] [--sql] PAGE.md ...   (`-`: queries are lines of stdin)

Needs pysail and pyspark[connect]. Exit 1 if any answer differs. Refusals are counted by their reason, never compared.
"""
import argparse
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "engines"))
import corpus  # noqa: E402


def connected(remote):
    """A session at a server, and that server if it was started here."""
    from pyspark.sql import SparkSession

    server = None
    if remote is None:
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        remote = f"sc://127.0.0.1:{server.listening_address[1]}"
    return SparkSession.builder.remote(remote).getOrCreate(), server


def grow(spark, loop):
    """Grows the table of a loop: each round reads what the round before has added. Returns the number of rounds."""
    known, rounds = set(), 0
    rows, statement = [], loop["init"]
    while True:
        rows = list({(row[0], row[1]) for row in spark.sql(statement).collect()} - known)
        if not rows and rounds:
            break
        known.update(rows)
        made(spark, rows).createOrReplaceTempView(loop["added"])
        statement = loop["step"]
        rounds += 1
        if not rows:
            break
    made(spark, sorted(known)).createOrReplaceTempView(loop["table"])
    return rounds


def made(spark, rows):
    """Pairs as a table, by SQL alone: how data is sent differs between versions of the protocol."""
    if not rows:
        return spark.sql("SELECT CAST(0 AS BIGINT) AS src, CAST(0 AS BIGINT) AS dst WHERE false")
    values = ", ".join(f"({src}L, {dst}L)" for src, dst in rows)
    return spark.sql(f"SELECT src, dst FROM (VALUES {values}) pairs(src, dst)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("begat")
    parser.add_argument("graph")
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--remote")
    parser.add_argument("--refused", action="store_true")
    parser.add_argument("--sql", action="store_true")
    options = parser.parse_args()
    spark, server = connected(options.remote)

    def answered(text):
        program = json.loads(text)
        for loop in program["loops"]:
            grow(spark, loop)
        found = spark.sql(program["answer"])
        return found.columns, [tuple(row) for row in found.collect()]

    begun = time.time()
    differ = corpus.compared(options, "spark-sql", answered)
    print(f"{time.time() - begun:.0f} s")
    sys.stdout.flush()
    # The server's threads do not end by themselves.
    os._exit(1 if differ else 0)


main()
