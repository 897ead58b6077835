"""FastMCP's client, which opens the browser and waits for it by itself.

usage: SIGNIN_WAY=auto|legacy fast.py URL FOLDER begin|again
"""

import contextlib
import os
import pathlib
import typing

import fastmcp
from fastmcp.client.auth import OAuth
from key_value.aio.stores.filetree import FileTreeStore, FileTreeV1KeySanitizationStrategy

from conversation import Session, main

ERA = os.environ["SIGNIN_WAY"]


@contextlib.asynccontextmanager
async def opening(url: str, folder: pathlib.Path) -> typing.AsyncIterator[Session]:
    folder.mkdir(exist_ok=True)
    names = FileTreeV1KeySanitizationStrategy(folder)
    auth = OAuth(token_storage=FileTreeStore(data_directory=folder, key_sanitization_strategy=names))
    async with fastmcp.Client(url, auth=auth, mode=ERA) as client:

        async def list_tools() -> list[str]:
            return [tool.name for tool in await client.list_tools()]

        async def call_tool(name: str) -> tuple:
            result = await client.call_tool(name, {}, raise_on_error=False)
            return result.is_error, result.structured_content, result.content

        yield Session(list_tools, call_tool)


if __name__ == "__main__":
    main(opening, __doc__)
