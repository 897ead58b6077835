"""The Python SDK (`mcp`), in either era of the protocol.

usage: [MCP_ERA=legacy|auto|pinned] py.py URL | COMMAND [ARGUMENT...]
"""

import asyncio
import os
import sys

import mcp
from mcp import StdioServerParameters

from conversation import Client, check, converse, give_up

# `auto` asks with `server/discover` and falls back: that it must not have to is checked below.
MODES = {"legacy": "legacy", "auto": "auto", "pinned": "2026-07-28"}


async def main(first: str, *arguments: str) -> None:
    era = os.environ.get("MCP_ERA", "auto")
    server = first if first.startswith("http") else StdioServerParameters(
        command=first, args=list(arguments), env=dict(os.environ)
    )
    async with mcp.Client(server, mode=MODES[era]) as client:
        check((client.protocol_version >= "2026") == (era != "legacy"), f"negotiated {client.protocol_version}")
        check(await title(client, era) == "Task list", "it says that it is something else")

        async def list_tools() -> list[str]:
            names, cursor, pages = [], None, 0
            while cursor is not None or pages == 0:
                page = await client.list_tools(cursor=cursor)
                names += [tool.name for tool in page.tools]
                cursor, pages = page.next_cursor, pages + 1
            check(pages > 1, "all tools came in one page")
            return names

        async def call_tool(name: str, given: dict) -> tuple:
            result = await client.call_tool(name, given)
            return result.is_error, result.structured_content, result.content

        await converse(Client(f"py {era}", list_tools, call_tool, give_up))


async def title(client, era: str) -> str:
    """What the server calls itself. A pinned client takes its revision for granted; here it asks all the same."""
    if era != "pinned":
        return client.server_info.title
    discovered = await client.session.send_discover(MODES[era])
    check(MODES[era] in discovered["supportedVersions"], f"offers only {discovered}")
    return discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["title"]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
