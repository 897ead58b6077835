"""Line 1 of the Python SDK (`mcp<2`), which opens with `initialize`.

usage: py1.py URL | COMMAND [ARGUMENT...]
"""

import asyncio
import contextlib
import os
import sys

import mcp.types
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from conversation import Client, check, converse, give_up


async def main(first: str, *arguments: str) -> None:
    async with streams(first, arguments) as (read, write, *_), ClientSession(read, write) as session:
        about = (await session.initialize()).serverInfo
        check(about.title == "Task list", f"it says that it is {about}")

        async def list_tools() -> list[str]:
            names, cursor, pages = [], None, 0
            while cursor is not None or pages == 0:
                page = await session.list_tools(cursor)
                names += [tool.name for tool in page.tools]
                cursor, pages = page.nextCursor, pages + 1
            check(pages > 1, "all tools came in one page")
            return names

        async def call_tool(name: str, given: dict) -> tuple:
            result = await session.call_tool(name, given)
            return result.isError, result.structuredContent, result.content

        async def tell_and_give_up(call: asyncio.Task) -> None:
            # This line of the SDK leaves the notification to its user, and tells the id of a request to nobody.
            params = mcp.types.CancelledNotificationParams(requestId=session._request_id - 1)
            cancelled = mcp.types.CancelledNotification(params=params)
            await session.send_notification(mcp.types.ClientNotification(cancelled))
            await give_up(call)

        await converse(Client("py1", list_tools, call_tool, tell_and_give_up))


def streams(first: str, arguments: tuple[str, ...]) -> contextlib.AbstractAsyncContextManager:
    if first.startswith("http"):
        return streamable_http_client(first)
    return stdio_client(StdioServerParameters(command=first, args=list(arguments), env=dict(os.environ)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
