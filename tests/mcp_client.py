"""Talks to `begat mcp` by the official Python client: python3 tests/mcp_client.py PATH-OF-BEGAT (needs `pip install mcp`)."""

import asyncio
import base64
import json
import pathlib
import shutil
import sys
import tempfile
import time

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

READS = ["schema", "find", "ask", "why", "check_query", "draw"]
ENDLESS = "count " + ", ".join(["Model a"] + [f"cross Model {name}" for name in "bcdefghi"])


def text(result):
    return result.content[0].text


def is_error(result):
    return getattr(result, "is_error", None) or getattr(result, "isError", False)


async def fine(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not is_error(result), text(result)
    return json.loads(text(result))


async def wrong(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert is_error(result), text(result)
    return json.loads(text(result))


async def tools_answer(client):
    assert [tool.name for tool in (await client.list_tools()).tools] == READS
    schema = text(await client.call_tool("schema", {}))
    assert "uses" in schema and len(schema.encode()) < 2048, len(schema.encode())
    found = await fine(client, "find", phrase="deepseek")
    assert {"DeepSeek V2", "DeepSeek V3", "DeepSeek R1"} <= {one["name"] for one in found["entities"]}, found
    rows = await fine(client, "ask", query="Model uses $t", parameters={"t": "MLA"})
    assert [row["Model"] for row in rows["rows"]] == ["DeepSeek V2", "DeepSeek V3"], rows
    assert "L23" in json.dumps(await fine(client, "why", query="DeepSeek V3 uses MLA"))
    for kind, first in [("svg", b"<svg"), ("png", b"\x89PNG")]:
        picture = (await client.call_tool("draw", {"query": "timeline of Model", "format": kind})).content[0]
        assert picture.type == "image" and base64.b64decode(picture.data).startswith(first), kind
    pages = (await client.list_resources()).resources
    for page in pages:
        assert (await client.read_resource(page.uri)).contents[0].text
    return len(pages)


async def mistakes_come_back_corrected(client):
    assert (await wrong(client, "ask", query="Model uses MLAA"))["corrected"] == "Model uses MLA"
    checked = await fine(client, "check_query", query="Modle uses MLA")
    assert not checked["ok"] and checked["corrected"] == "Model uses MLA", checked
    assert "`rows`" in (await wrong(client, "ask", query="Model", rows=5))["message"]
    try:
        await client.call_tool("no_such_tool", {})
        raise AssertionError("an unknown tool is no tool")
    except AssertionError:
        raise
    except Exception as error:
        assert "no_such_tool" in str(error), error


async def big_answers_are_cut(client):
    big = await fine(client, "ask", query="Model a, cross Model b, cross Model c")
    assert len(big["rows"]) == 50 and big["more"] == 13**3 - 50, big["more"]
    most = await fine(client, "ask", query="Model a, cross Model b, cross Model c", limit=1000)
    assert len(most["rows"]) == 1000
    over = await wrong(client, "ask", query=ENDLESS.removeprefix("count "))
    assert over["error"] == "limit", over


async def hostile_texts_do_no_harm(client):
    deep, long = "(" * 2000, "Model uses MLA and " * 300
    for hostile in ["", "\0", "\u202e", 'Model to "/tmp/x.csv"', "'; DROP TABLE", deep, long, "MATCH (m) RETURN m", "\ud7ff🦆"]:
        for tool in ["ask", "why", "check_query", "draw"]:
            await client.call_tool(tool, {"query": hostile})
        await client.call_tool("find", {"phrase": hostile})
    assert (await fine(client, "ask", query="count Model"))["rows"][0]["count"] == 13


async def a_call_is_cancelled(client):
    call = asyncio.create_task(client.call_tool("ask", {"query": ENDLESS}))
    await asyncio.sleep(0.5)
    assert not call.done(), "the query is endless"
    call.cancel()
    begun = time.monotonic()
    try:
        await call
    except asyncio.CancelledError:
        pass
    assert (await fine(client, "ask", query="count Model"))["rows"][0]["count"] == 13
    return time.monotonic() - begun


async def agents_write_where_they_may(begat):
    with tempfile.TemporaryDirectory() as home:
        graph = pathlib.Path(home, "g")
        shutil.copytree(pathlib.Path(__file__).parents[1] / "graph-data" / "llm-evolution", graph)
        server = StdioServerParameters(command=begat, args=["-g", str(graph), "mcp", "--writable"], env={"HOME": home})
        async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
            await client.initialize()
            assert [tool.name for tool in (await client.list_tools()).tools] == READS + ["add", "retract"]
            fact = {"facts": ["DeepSeek V3 uses GQA"], "source": "goose", "at": "L24"}
            assert not (await fine(client, "add", **fact, dry_run=True))["written"]
            assert (await fine(client, "add", **fact))["done"] == fact["facts"]
            assert (await fine(client, "ask", query="DeepSeek V3 uses GQA"))["verdict"] == "yes"
            assert "L24" in (graph / "claims.ron").read_text()
            assert (await wrong(client, "add", facts=["MLA uses GQA"], source="goose"))["message"]
            assert (await fine(client, "retract", facts=fact["facts"]))["written"]
            assert (await fine(client, "ask", query="DeepSeek V3 uses GQA"))["verdict"] == "no"


async def main(begat):
    server = StdioServerParameters(command=begat, args=["mcp"])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
        hello = await client.initialize()
        assert "Model uses MLA" in hello.instructions
        pages = await tools_answer(client)
        await mistakes_come_back_corrected(client)
        await big_answers_are_cut(client)
        await hostile_texts_do_no_harm(client)
        waited = await a_call_is_cancelled(client)
    await agents_write_where_they_may(begat)
    print(f"{len(READS)} tools and {pages} resources answer; after a cancelled call the next one took {waited:.2f} s; 2 tools write")


asyncio.run(main(sys.argv[1]))
