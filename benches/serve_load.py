"""Loads `begat serve`: python3 benches/serve_load.py PATH-OF-BEGAT [-g GRAPH]. Only the standard library; Linux.

Meanwhile of each load, a person asks a small query now and then: how long that takes is what counts. Prints a table.
"""

import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

SECONDS = 20
QUICK = "Model uses MLA"
ENDLESS = "count " + ", ".join(["Model a"] + [f"cross Model {name}" for name in "bcdefghi"])
# Some thousand rows of the transformers graph, within all limits.
MANY = "Model m uses Technique t"
WIDE = "Model a, cross Model b, cross Model c, cross Model d"


def ask(address, query, slow=False):
    """The status and the length of an answer, by one connection of its own."""
    with socket.create_connection(address, timeout=90) as stream:
        if slow:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path = f"/answer.json?q={urllib.parse.quote_plus(query)}"
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode())
        head, length = b"", 0
        while True:
            part = stream.recv(256 if slow else 1 << 16)
            if not part:
                break
            head = head or part
            length += len(part)
            if slow:
                time.sleep(0.5)
        return (int(head.split()[1]) if head else 0), length


def memory(pid):
    text = open(f"/proc/{pid}/status").read()
    return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) // 1024


def load(begat, graph, name, clients, query, slow=False):
    server = subprocess.Popen([begat, *graph, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    host, port = server.stdout.readline().strip().removeprefix("http://").rstrip("/").rsplit(":", 1)
    address = (host, int(port))
    end, told, lock = time.monotonic() + SECONDS, {}, threading.Lock()

    def client():
        while time.monotonic() < end:
            try:
                status, _ = ask(address, query, slow)
            except OSError as error:
                status = type(error).__name__
            with lock:
                told[status] = told.get(status, 0) + 1

    threads = [threading.Thread(target=client, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    waits = []
    while time.monotonic() < end:
        begun = time.monotonic()
        try:
            status, _ = ask(address, QUICK)
        except OSError:
            status = 0
        waits.append((time.monotonic() - begun, status))
        time.sleep(0.2)
    most = memory(server.pid)
    for thread in threads:
        thread.join(timeout=1)
    server.kill()
    server.wait()
    times = sorted(wait for wait, _ in waits)
    failed = sum(status != 200 for _, status in waits)
    middle, worst = times[len(times) // 2], times[-1]
    counts = ", ".join(f"{count} × {status}" for status, count in sorted(told.items(), key=str)) or "none"
    print(f"| {name} | {counts} | {middle * 1000:.0f} ms | {worst * 1000:.0f} ms | {failed} of {len(waits)} | {most} MiB |", flush=True)


def main(begat, *graph):
    print(f"| load for {SECONDS} s | its answers | a small query: middle | slowest | refused | memory |")
    print("|---|---|--:|--:|--:|--:|")
    load(begat, graph, "none", 0, QUICK)
    load(begat, graph, "100 clients, small queries", 100, QUICK)
    load(begat, graph, "4 clients, queries without end", 4, ENDLESS)
    load(begat, graph, "100 clients, queries without end", 100, ENDLESS)
    load(begat, graph, "20 clients, answers too large", 20, WIDE)
    load(begat, graph, "100 slow readers", 100, MANY, slow=True)


main(*sys.argv[1:])
