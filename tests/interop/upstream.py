"""An API that keeps its clients waiting, and the overlay that puts it beside the task list.

usage: upstream.py      says `upstream on URL` on stderr, and serves until it is told to stop

Owns what the conversations need and the task list has not: so many operations that a list of tools takes several
pages, and one that is never answered, of which the conversations can ask whether it has arrived and how it ended.
Knows nothing of MCP.

    GET /wide/{number}      answers at once
    GET /never/{key}        is never answered; it ends when its client goes
    GET /arrived/{key}      is answered when such a request has arrived
    GET /ended/{key}        is answered when it has ended
"""

import asyncio
import collections
import json
import sys

# With what is said of each, about two pages of tools (1 MiB each).
WIDE = 400
WORDS = "It is told at length, so that all tools are more than a page. " * 2


def overlay(tasks: str, upstream: str) -> str:
    """An Overlay (1.0) for specs/tasklist.yaml: where the task list is, and the operations of this API beside it."""
    elsewhere = {"servers": [{"url": upstream}]}
    options = [
        {"name": f"option{number}", "in": "query", "description": WORDS, "schema": {"type": "string"}}
        for number in range(24)
    ]
    paths = {
        f"/wide/{number}": {**elsewhere, "parameters": options, "get": operation(f"wide{number}", WORDS)}
        for number in range(WIDE)
    }
    key = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/never/{key}"] = {**elsewhere, "get": {**operation("never", "Is never answered."), "parameters": [key]}}
    actions = [
        {"target": "$.servers", "remove": True},
        {"target": "$", "update": {"servers": [{"url": tasks}]}},
        {"target": "$.paths", "update": paths},
    ]
    return json.dumps({"overlay": "1.0.0", "info": {"title": "interop", "version": "1"}, "actions": actions})


def operation(name: str, description: str) -> dict:
    answer = {"description": "What was asked for", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": name, "description": description, "security": [], "responses": {"200": answer}}


class Waiting:
    """The requests that are never answered, by the key each has in its path."""

    def __init__(self) -> None:
        self.arrived = collections.defaultdict(asyncio.Event)
        self.ended = collections.defaultdict(asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass  # a field of the head; no request has a body
                await self.answer(line.split()[1].decode(), reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, kind, key = path.split("/")
        if kind == "never":
            self.arrived[key].set()
            try:
                await reader.read(1)  # until the client goes
            finally:
                self.ended[key].set()
            return
        if kind in ("arrived", "ended"):
            await getattr(self, kind)[key].wait()
        body = json.dumps({kind: key}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()


async def main() -> None:
    server = await asyncio.start_server(Waiting().serve, "127.0.0.1", 0)
    print(f"upstream on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", file=sys.stderr, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
