#!/usr/bin/env python3
"""What must end a query on a cluster, or must not: limits, Ctrl-C, a lost network or server; with --worker, a lost worker.

usage: failures.py BEGAT --remote HOST:PORT --server PID [--executor WORD] [--worker PID] [--models N]

The lost server comes last. Exit 1 if anything is otherwise than it should be.
"""
import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

GRAPH = """(
    schema: (
        types: {"Node": ()},
        verbs: {"follows": (from: ["Node"], to: ["Node"], inverse: "followed by", lineage: true)},
    ),
    sources: {"s": ()},
    tables: [
        (file: "nodes.csv", entity: "Node", name: "name", source: "s"),
        (file: "follows.csv", verb: "follows", subject: "from", object: "to", source: "s"),
    ],
)"""


def made(folder, nodes):
    """A chain of nodes: as many rounds as it is long."""
    folder = pathlib.Path(folder)
    (folder / "graph.ron").write_text(GRAPH)
    (folder / "nodes.csv").write_text("name\n" + "".join(f"n{i}\n" for i in range(nodes)))
    (folder / "follows.csv").write_text("from,to\n" + "".join(f"n{i + 1},n{i}\n" for i in range(nodes - 1)))
    return folder


class Check:
    def __init__(self, begat, graph):
        self.begat, self.graph, self.wrong = begat, graph, 0

    def ask(self, query, *more, after=None, does=None):
        """Asks, and does something after a time; returns status, output, errors and seconds."""
        begun = time.time()
        words = [self.begat, "-g", self.graph, "--no-config", *more, query]
        asked = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if does:
            threading.Timer(after, lambda: does(asked)).start()
        out, err = asked.communicate(timeout=600)
        return asked.returncode, out, err, time.time() - begun

    def holds(self, name, is_so, found):
        print(f"{'ok   ' if is_so else 'WRONG'} {name} ({found[3]:.1f} s)", flush=True)
        if not is_so:
            self.wrong += 1
            print("  ", found)


class Wire:
    """Passes bytes on between a port of its own and a server, until it is cut: then nothing comes through, not even a refusal."""

    def __init__(self, remote):
        host, port = remote.split(":")
        self.target, self.is_cut = (host, int(port)), False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.port = self.listener.getsockname()[1]
        self.waiting = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.is_cut:
            near, _ = self.listener.accept()
            if self.is_cut:
                return
            far = socket.create_connection(self.target)
            for ends in [(near, far), (far, near)]:
                threading.Thread(target=self.copy, args=ends, daemon=True).start()

    def copy(self, source, sink):
        try:
            while data := source.recv(1 << 16):
                while self.is_cut:
                    time.sleep(3600)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()

    def cut(self):
        self.is_cut = True
        # The last place among those who wait is taken, so that further ones get no answer.
        for _ in range(4):
            waits = socket.socket()
            waits.setblocking(False)
            waits.connect_ex(("127.0.0.1", self.port))
            self.waiting.append(waits)


def executors(word):
    """Processes whose command line has a word, as (pid, command line)."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if word in line and "CoarseGrainedExecutorBackend" in line:
            found.append(int(entry.name))
    return sorted(found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("begat")
    parser.add_argument("--remote", required=True)
    parser.add_argument("--server", type=int, required=True)
    parser.add_argument("--executor", help="a word in the command line of executors; the first one is killed")
    parser.add_argument("--worker", type=int)
    parser.add_argument("--nodes", type=int, default=200)
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    graph = made(folder, options.nodes)
    lake = f"{folder}/lake"
    subprocess.run([options.begat, "-g", graph, "export", "--lake", lake], check=True, capture_output=True)
    check = Check(options.begat, f"spark://{options.remote}{lake};user_id=s3cr3t-user")
    query, count = "count Node follows+ n0", f"{options.nodes - 1}"

    # So few pairs are held here that a table grows in the folder.
    held = "--held", str(options.nodes // 4)
    # A server's first statements take longer than all others, and what follows is done in the middle of a query.
    check.ask(query)
    whole = check.ask(query)
    check.holds("a long loop", whole[0] == 0 and count in whole[1], whole)
    # A server becomes faster with each query, and this is to be in the middle of the last one, too.
    midway = whole[3] / 3
    found = check.ask(query, *held)
    check.holds("state in a folder", found[0] == 0 and count in found[1], found)
    check.holds("the folder is removed", not list(pathlib.Path(folder).glob("lake-state*")), found)
    check.ask(query, *held, after=midway, does=lambda asked: asked.kill())
    is_left = bool(list(pathlib.Path(folder).glob("lake-state*")))
    found = check.ask(query, *held)
    is_gone = not list(pathlib.Path(folder).glob("lake-state*"))
    check.holds("what a killed begat left is removed by the next", is_left and is_gone and found[0] == 0, found)
    found = check.ask(query, "--timeout", "1s")
    check.holds("a limit of time", found[0] == 6 and "limit of time" in found[2] and found[3] < midway + 6, found)
    found = check.ask(query, after=midway, does=lambda asked: asked.send_signal(signal.SIGINT))
    check.holds("Ctrl-C", found[0] == 130 and found[3] < midway + 5, found)
    if options.executor:
        kill = lambda _: [os.kill(pid, signal.SIGKILL) for pid in executors(options.executor)[:1]]  # noqa: E731
        found = check.ask(query, after=midway, does=kill)
        check.holds("an executor killed", found[0] == 0 and count in found[1], found)
        found = check.ask(query, *held, after=midway, does=kill)
        check.holds("an executor killed, state in a folder", found[0] == 0 and count in found[1], found)
    if options.worker:
        found = check.ask(query, after=midway, does=lambda _: os.kill(options.worker, signal.SIGKILL))
        check.holds("a worker killed", found[0] == 0 and count in found[1], found)
    wire = Wire(options.remote)
    through = Check(options.begat, f"spark://127.0.0.1:{wire.port}{lake};user_id=s3cr3t-user")
    found = through.ask(query)
    check.holds("through a wire", found[0] == 0 and count in found[1], found)
    found = through.ask(query, after=midway, does=lambda _: wire.cut())
    is_told = found[0] == 5 and "the server was lost" in found[2] and "s3cr3t" not in found[2]
    check.holds("the wire cut", is_told and found[3] < midway + 60, found)
    found = check.ask(query, after=midway, does=lambda _: os.kill(options.server, signal.SIGKILL))
    is_told = found[0] == 5 and "the server was lost" in found[2] and "s3cr3t" not in found[2]
    check.holds("the server killed", is_told and found[3] < midway + 35, found)
    found = check.ask(query)
    check.holds("no server", found[0] == 5 and "nothing listens" in found[2] and found[3] < 5, found)
    sys.exit(1 if check.wrong else 0)


main()
