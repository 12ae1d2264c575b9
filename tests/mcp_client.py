"""Talks to `begat mcp` by the official Python client: python3 tests/mcp_client.py PATH-OF-BEGAT (needs `pip install mcp`)."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


def text(result):
    return result.content[0].text


async def main(begat):
    server = StdioServerParameters(command=begat, args=["mcp"])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
        hello = await client.initialize()
        assert "Model uses MLA" in hello.instructions
        tools = [tool.name for tool in (await client.list_tools()).tools]
        assert tools == ["schema", "find", "ask", "why", "check_query", "draw"], tools
        assert "uses" in text(await client.call_tool("schema", {}))
        found = json.loads(text(await client.call_tool("find", {"phrase": "deepseek"})))
        assert {"DeepSeek V2", "DeepSeek V3", "DeepSeek R1"} <= {one["name"] for one in found["entities"]}, found
        rows = json.loads(text(await client.call_tool("ask", {"query": "Model uses MLA"})))
        assert [row["Model"] for row in rows["rows"]] == ["DeepSeek V2", "DeepSeek V3"], rows
        proof = json.loads(text(await client.call_tool("why", {"query": "DeepSeek V3 uses MLA"})))
        assert "L23" in json.dumps(proof), proof
        wrong = await client.call_tool("ask", {"query": "Model uses MLAA"})
        assert json.loads(text(wrong))["corrected"] == "Model uses MLA", wrong
        checked = json.loads(text(await client.call_tool("check_query", {"query": "Modle uses MLA"})))
        assert not checked["ok"] and checked["corrected"] == "Model uses MLA", checked
        picture = (await client.call_tool("draw", {"query": "timeline of Model"})).content[0]
        assert picture.type == "image" and len(picture.data) > 1000
        big = json.loads(text(await client.call_tool("ask", {"query": "Model a, cross Model b, cross Model c"})))
        assert len(big["rows"]) == 50 and big["more"] == 13**3 - 50, big["more"]
        pages = (await client.list_resources()).resources
        for page in pages:
            assert (await client.read_resource(page.uri)).contents[0].text
        print(f"{len(tools)} tools and {len(pages)} resources answer")


asyncio.run(main(sys.argv[1]))
