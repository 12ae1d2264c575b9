"""How soon `begat lsp` underlines a wrong fact: python3 benches/lsp_latency.py PATH-OF-BEGAT [FACTS]. Only the standard library.

Writes a graph of so many facts (10,000 unless told), spoils one fact in the editor's text 10 times, and mends it again; prints
the times from the change to what is told of it, in milliseconds.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def graph(folder, facts):
    models = facts // 10
    names = ", ".join(f'"Model {number}": ()' for number in range(models))
    techniques = ", ".join(f'"T{number}": ()' for number in range(100))
    schema = '(schema: (types: {"Model": (), "Technique": ()}, verbs: {"uses": (from: ["Model"], to: ["Technique"])}), '
    (folder / "a.ron").write_text(
        schema + f'sources: {{"s": (title: "S")}}, entities: {{"Model": {{{names}}}, "Technique": {{{techniques}}}}})'
    )
    lines = []
    for number in range(models):
        own = ", ".join(f'"Model \\"Model {number}\\" uses T{(number * 7 + step * 11) % 100}"' for step in range(10))
        lines.append(f'    (source: "s", at: "{number}", facts: [{own}]),')
    text = "(claims: [\n" + "\n".join(lines) + "\n])\n"
    (folder / "claims.ron").write_text(text)
    return text


def main(begat, facts="10000"):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        right = graph(folder, int(facts))
        checked = subprocess.run([begat, "-g", name, "check"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        server = subprocess.Popen([begat, "-g", name, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def send(message):
            body = json.dumps({"jsonrpc": "2.0", **message}).encode()
            server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            server.stdin.flush()

        def receive():
            length = 0
            while (line := server.stdout.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            return json.loads(server.stdout.read(length))

        uri = (folder / "claims.ron").as_uri()

        def told():
            while True:
                message = receive()
                if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                    return message["params"]["diagnostics"]

        send({"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})
        receive()
        send({"method": "initialized", "params": {}})
        document = {"uri": uri, "languageId": "ron", "version": 1, "text": right}
        send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        assert told() == []

        def spent():
            fields = pathlib.Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

        place = right.rindex(" T")
        wrong = right[: place + 1] + "Txx" + right[right.index('"', place) :]
        times, before = [], spent()
        for version in range(2, 22):
            text = wrong if version % 2 == 0 else right
            begun = time.monotonic()
            change = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
            send({"method": "textDocument/didChange", "params": change})
            assert bool(told()) == (version % 2 == 0)
            times.append((time.monotonic() - begun) * 1000)
        work = (spent() - before) / len(times)
        server.kill()
        times.sort()
        print(f"{facts} facts: {times[0]:.0f} ms at best, {times[len(times) // 2]:.0f} ms in the middle, {times[-1]:.0f} ms at worst; "
              f"{work:.0f} ms of work each")


main(*sys.argv[1:])
