"""The Python SDK (`mcp`), in either era of the protocol.

usage: SIGNIN_WAY=auto|legacy py.py URL FILE begin|again
"""

import contextlib
import os
import pathlib
import typing

import mcp
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken

from conversation import Callback, Session, Storage, about_client, main, open_browser

ERA = os.environ["SIGNIN_WAY"]


def session(client: mcp.Client) -> Session:
    """What the conversation asks of this line of the SDK, wherever the client has got its server from."""

    async def list_tools() -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    async def call_tool(name: str) -> tuple:
        result = await client.call_tool(name, {})
        return result.is_error, result.structured_content, result.content

    return Session(list_tools, call_tool)


@contextlib.asynccontextmanager
async def opening(url: str, file: pathlib.Path) -> typing.AsyncIterator[Session]:
    callback = Callback()
    storage = Storage(file, OAuthClientInformationFull, OAuthToken)
    about = OAuthClientMetadata.model_validate(about_client(await callback.listen(storage.port())))

    async def returned() -> AuthorizationCodeResult:
        parameters = await callback.parameters
        return AuthorizationCodeResult(**{name: parameters.get(name) for name in ("code", "state", "iss")})

    auth = OAuthClientProvider(url, about, storage, open_browser, returned)
    async with (
        create_mcp_http_client(auth=auth) as http,
        mcp.Client(streamable_http_client(url, http_client=http), mode=ERA) as client,
    ):
        yield session(client)


if __name__ == "__main__":
    main(opening, __doc__)
