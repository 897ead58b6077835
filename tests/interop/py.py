"""The Python SDK (`mcp`), in either era of the protocol.

usage: [MCP_ERA=legacy|modern] py.py URL | COMMAND [ARGUMENT...]
"""

import asyncio
import os
import sys

from mcp import Client, StdioServerParameters

from conversation import check, converse


async def main(first: str, *arguments: str) -> None:
    era = os.environ.get("MCP_ERA", "modern")
    server = first if first.startswith("http") else StdioServerParameters(
        command=first, args=list(arguments), env=dict(os.environ)
    )
    async with Client(server, mode="auto" if era == "modern" else "legacy") as client:
        # `auto` falls back to `initialize`: it must not have to.
        check((client.protocol_version >= "2026") == (era == "modern"), f"negotiated {client.protocol_version}")

        async def list_tools() -> list[str]:
            names, cursor = [], None
            while True:
                page = await client.list_tools(cursor=cursor)
                names += [tool.name for tool in page.tools]
                cursor = page.next_cursor
                if cursor is None:
                    return names

        async def call_tool(name: str, given: dict) -> tuple:
            result = await client.call_tool(name, given)
            return result.is_error, result.structured_content, result.content

        await converse(f"py {era}", list_tools, call_tool)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
