"""What every Python client does: signs a user in, calls, lets its token run out and calls again; or, in a new process,
calls with what it has kept.

Owns the conversation, what is kept and the redirect; knows no client: that is a function which opens a `Session`.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time
import typing
import urllib.parse


class Session(typing.NamedTuple):
    # The names of all tools.
    list_tools: typing.Callable[[], typing.Awaitable[list[str]]]
    # (tool): whether it failed, the structured content, the content.
    call_tool: typing.Callable[[str], typing.Awaitable[tuple]]


class Storage:
    """What both lines of the SDK want of whoever keeps tokens: a file. `forms` are their classes for what is kept.

    The SDK does not remember when a token that was kept runs out, and takes a refusal for the end of the grant: so one
    that has run out is not given to it, and it asks for the next."""

    def __init__(self, file: pathlib.Path, client: type, tokens: type) -> None:
        self.file, self.forms = file, {"client": client, "tokens": tokens}
        self.kept = json.loads(file.read_text()) if file.exists() else {}

    async def get_tokens(self) -> typing.Any:
        tokens = self.given("tokens")
        has_run_out = tokens and time.time() > self.kept["until"]
        return tokens.model_copy(update={"access_token": ""}) if has_run_out else tokens

    async def set_tokens(self, tokens: typing.Any) -> None:
        self.kept["until"] = time.time() + tokens.expires_in
        self.keep("tokens", tokens)

    async def get_client_info(self) -> typing.Any:
        return self.given("client")

    async def set_client_info(self, client: typing.Any) -> None:
        self.keep("client", client)

    def port(self) -> int:
        """Where the browser was sent the last time: the client is registered with it. 0 if there was none."""
        return urllib.parse.urlsplit(self.kept["client"]["redirect_uris"][0]).port if "client" in self.kept else 0

    def given(self, name: str) -> typing.Any:
        return self.forms[name].model_validate(self.kept[name]) if name in self.kept else None

    def keep(self, name: str, value: typing.Any) -> None:
        self.kept[name] = value.model_dump(mode="json", exclude_none=True)
        self.file.write_text(json.dumps(self.kept))


class Callback:
    """Where the browser is sent at last: a port of our own."""

    def __init__(self) -> None:
        self.parameters: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def listen(self, port: int) -> str:
        server = await asyncio.start_server(self.answer, "127.0.0.1", port)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        self.parameters.set_result(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
        await writer.drain()
        writer.close()


async def open_browser(url: str) -> None:
    subprocess.run([os.environ["BROWSER"], url], check=True)


def about_client(redirect: str) -> dict:
    return {
        "client_name": "A script with the Python SDK",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }


Opening = typing.Callable[[str, pathlib.Path], contextlib.AbstractAsyncContextManager[Session]]


async def converse(opening: Opening) -> None:
    url, file, act = sys.argv[1:]
    async with opening(url, pathlib.Path(file)) as session:
        await work(session)
        if act == "begin":
            await asyncio.sleep(float(os.environ["SIGNIN_EXPIRY"]))
            await work(session)
    print("signed in, called, refreshed" if act == "begin" else "called with what was kept")


async def work(session: Session) -> None:
    """Everything is there, and the API knows who calls."""
    tools = ",".join(sorted(await session.list_tools()))
    check(tools == os.environ["SIGNIN_TOOLS"], f"other tools: {tools}")
    failed, structured, content = await session.call_tool("getMe")
    check(not failed, f"getMe: {content}")
    me = structured or json.loads(content[0].text)
    check(os.environ["SIGNIN_USER"] in me.values(), f"the API knows somebody else: {me}")


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


def main(opening: Opening, usage: str) -> None:
    if len(sys.argv) != 4 or sys.argv[3] not in ("begin", "again"):
        raise SystemExit(usage)
    asyncio.run(converse(opening))
