"""Clients on line 1 of the Python SDK (`mcp<2`): the SDK's own, and FastMCP's. Both open with `initialize`.

usage: [MCP_CLIENT=sdk|fastmcp] py1.py URL | COMMAND [ARGUMENT...]
"""

import asyncio
import contextlib
import os
import sys

import fastmcp
from fastmcp.client.transports import StdioTransport
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from conversation import converse


async def main(first: str, *arguments: str) -> None:
    which = os.environ.get("MCP_CLIENT", "sdk")
    connect = with_fastmcp if which == "fastmcp" else with_sdk
    async with connect(first, arguments) as (list_tools, call_tool):
        await converse(f"py1 {which}", list_tools, call_tool)


@contextlib.asynccontextmanager
async def with_sdk(first: str, arguments: tuple[str, ...]):
    if first.startswith("http"):
        streams = streamable_http_client(first)
    else:
        streams = stdio_client(StdioServerParameters(command=first, args=list(arguments), env=dict(os.environ)))
    async with streams as (read, write, *_), ClientSession(read, write) as session:
        await session.initialize()

        async def list_tools() -> list[str]:
            names, cursor = [], None
            while True:
                page = await session.list_tools(cursor)
                names += [tool.name for tool in page.tools]
                cursor = page.nextCursor
                if cursor is None:
                    return names

        async def call_tool(name: str, given: dict) -> tuple:
            result = await session.call_tool(name, given)
            return result.isError, result.structuredContent, result.content

        yield list_tools, call_tool


@contextlib.asynccontextmanager
async def with_fastmcp(first: str, arguments: tuple[str, ...]):
    server = first if first.startswith("http") else StdioTransport(first, list(arguments), env=dict(os.environ))
    async with fastmcp.Client(server) as client:

        async def list_tools() -> list[str]:
            return [tool.name for tool in await client.list_tools()]

        async def call_tool(name: str, given: dict) -> tuple:
            result = await client.call_tool(name, given, raise_on_error=False)
            return result.is_error, result.structured_content, result.content

        yield list_tools, call_tool


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
