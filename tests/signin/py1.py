"""Line 1 of the Python SDK (`mcp<2`), which opens with `initialize`.

usage: py1.py URL FILE begin|again
"""

import contextlib
import pathlib
import typing

import httpx
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from conversation import Callback, Session, Storage, about_client, main, open_browser


@contextlib.asynccontextmanager
async def opening(url: str, file: pathlib.Path) -> typing.AsyncIterator[Session]:
    callback = Callback()
    storage = Storage(file, OAuthClientInformationFull, OAuthToken)
    about = OAuthClientMetadata.model_validate(about_client(await callback.listen(storage.port())))

    async def returned() -> tuple[str, str | None]:
        parameters = await callback.parameters
        return parameters["code"], parameters.get("state")

    auth = OAuthClientProvider(url, about, storage, open_browser, returned)
    async with (
        httpx.AsyncClient(auth=auth, timeout=30) as http,
        streamable_http_client(url, http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()

        async def list_tools() -> list[str]:
            return [tool.name for tool in (await session.list_tools()).tools]

        async def call_tool(name: str) -> tuple:
            result = await session.call_tool(name, {})
            return result.isError, result.structuredContent, result.content

        yield Session(list_tools, call_tool)


if __name__ == "__main__":
    main(opening, __doc__)
