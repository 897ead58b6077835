"""FastMCP's client, in either era of the protocol.

usage: [MCP_ERA=legacy|auto|pinned] fast.py URL | COMMAND [ARGUMENT...]
"""

import asyncio
import os
import sys

import fastmcp
from fastmcp.client.transports import StdioTransport

from conversation import Client, check, converse, give_up

# `auto` asks with `server/discover` and falls back: that it must not have to is checked below.
MODES = {"legacy": "legacy", "auto": "auto", "pinned": "2026-07-28"}


async def main(first: str, *arguments: str) -> None:
    era = os.environ.get("MCP_ERA", "auto")
    server = first if first.startswith("http") else StdioTransport(first, list(arguments), env=dict(os.environ))
    async with fastmcp.Client(server, mode=MODES[era]) as client:
        check((client.protocol_version >= "2026") == (era != "legacy"), f"negotiated {client.protocol_version}")
        check(await title(client, era) == "Task list", "it says that it is something else")

        async def list_tools() -> list[str]:  # it follows the cursors
            return [tool.name for tool in await client.list_tools()]

        async def call_tool(name: str, given: dict) -> tuple:
            result = await client.call_tool(name, given, raise_on_error=False)
            return result.is_error, result.structured_content, result.content

        await converse(Client(f"fastmcp {era}", list_tools, call_tool, give_up))


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
