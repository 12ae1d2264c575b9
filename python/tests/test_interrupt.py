"""Queries run without the interpreter's lock, and Ctrl-C stops them."""

import os
import signal
import subprocess
import sys
import threading
import time

import begat
import pytest

ENDLESS = "count " + ", ".join(["Model a"] + [f"cross Model {name}" for name in "bcdefghi"])

SCRIPT = f"""
import begat, sys, time
graph = begat.open()
print("ready", flush=True)
begun = time.monotonic()
try:
    graph.ask({ENDLESS!r})
except KeyboardInterrupt:
    print("stopped", flush=True)
# The graph goes on answering.
print(len(graph.ask("Model uses MLA")), flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_control_c_stops_a_query():
    child = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.5)
    assert child.poll() is None, "the query is endless"
    child.send_signal(signal.SIGINT)
    begun = time.monotonic()
    out, err = child.communicate(timeout=30)
    assert out == "stopped\n2\n", err
    assert time.monotonic() - begun < 10


def test_other_threads_run_while_a_query_does(graph):
    stop, turns = threading.Event(), 0

    def count():
        nonlocal turns
        while not stop.is_set():
            turns += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    with pytest.raises(begat.LimitError):
        graph.ask(ENDLESS, timeout=1)
    stop.set()
    other.join()
    assert turns > 20, turns
