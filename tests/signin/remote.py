"""mcp-remote, which clients that know only stdio put between themselves and a server over HTTP; the client is `py`.

usage: SIGNIN_WAY=auto|legacy remote.py URL FOLDER begin|again
"""

import contextlib
import os
import pathlib
import typing

import mcp
from mcp import StdioServerParameters

from conversation import Session, main
from py import ERA, session

PROXY = ["node_modules/mcp-remote/dist/proxy.js"]
OPTIONS = ["--allow-http", "--transport", "http-only", "--protocol", ERA]


@contextlib.asynccontextmanager
async def opening(url: str, folder: pathlib.Path) -> typing.AsyncIterator[Session]:
    environment = {**os.environ, "MCP_REMOTE_CONFIG_DIR": str(folder)}
    proxy = StdioServerParameters(command="node", args=[*PROXY, url, *OPTIONS], env=environment)
    async with mcp.Client(proxy, mode=ERA) as client:
        yield session(client)


if __name__ == "__main__":
    main(opening, __doc__)
