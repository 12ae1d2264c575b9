"""The queries of pages, embedded and in another engine: what both scripts that try translations share."""
import collections
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

VIEWS = re.compile(
    r"^\s*(explain|profile|why|graph|describe|conflicts|schema|timeline|adoption|lineage|ancestors|diff|matrix)\b"
)


def queries(pages):
    """The fenced `begat` blocks of pages, each with its page; of `-`, the lines of standard input."""
    if pages == ["-"]:
        return [("stdin", line.strip()) for line in sys.stdin if line.strip()]
    found = []
    for page in pages:
        text = pathlib.Path(page).read_text()
        for block in re.findall(r"^```begat\n(.*?)^```", text, re.M | re.S):
            found.append((pathlib.Path(page).name, block.strip()))
    return found


def begat(binary, graph, *words):
    done = subprocess.run([binary, "-g", graph, *words], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def exported(binary, graph):
    """The folder of the graph's lake."""
    lake = tempfile.mkdtemp() + "/lake"
    code, _, error = begat(binary, graph, "export", "--lake", lake)
    if code:
        sys.exit(f"no lake: {error}")
    return lake


def compared(options, target, answered, begin=lambda lake: None):
    """Compares all answers; `answered` gives the columns and rows of a program of statements, after `begin` has been given
    the folder of the lake. Returns how many differ."""
    lake = exported(options.begat, options.graph)
    begin(lake)
    same, differ, refused = 0, 0, collections.Counter()
    for place, query in queries(options.pages):
        # A program gives several answers, one after the other.
        if "explain" in query or VIEWS.match(query) or ";" in re.sub(r"define .*?;", "", query, flags=re.S):
            continue
        code, out, _ = begat(options.begat, options.graph, "-F", "csv", query)
        if code not in (0, 1):
            continue
        code, program, error = begat(options.begat, options.graph, "-F", "json", "translate", query, "--to", target, "--lake", lake)
        if code:
            refused[error.strip().splitlines()[0]] += 1
            if options.refused:
                print(f"refused {place}: {query}")
            continue
        head, *expected = [tuple(row) for row in csv.reader(out.splitlines())]
        try:
            columns, found = answered(program)
            found = [tuple("" if cell is None else str(cell) for cell in row) for row in found]
            # Embedded, these columns are left out where all rows are certain, and where nothing more is possible.
            for at in reversed(range(len(columns))):
                title = columns[at]
                if title.startswith("possible") and title not in head and all(row[at] == "0" for row in found):
                    columns = [*columns[:at], *columns[at + 1:]]
                    found = [row[:at] + row[at + 1:] for row in found]
            if columns[-1] == "certainty" and "certainty" not in head and all(row[-1] == "certain" for row in found):
                found = [row[:-1] for row in found]
            if list(columns) == ["answer"]:
                expected = [row[:1] for row in expected]
        except Exception as problem:  # a fault of ours, whatever the engine calls it
            found = [("error", str(problem)[:600])]
        if found == expected:
            same += 1
            continue
        differ += 1
        print(f"--- {place}: {query}\nembedded {expected[:6]} ({len(expected)})\n{target} {found[:6]} ({len(found)})", flush=True)
        if options.sql:
            print(program[:6000])
    print(f"{same} the same, {differ} different, {sum(refused.values())} refused:")
    for reason, times in refused.most_common():
        print(f"  {times:3} {reason}")
    return differ
