"""The Python SDK (`mcp`), in either era of the protocol.

usage: [MCP_ERA=legacy|modern] py.py URL | COMMAND [ARGUMENT...]
"""

import asyncio
import json
import os
import sys

from mcp import Client, StdioServerParameters

OPERATIONS = {
    "completeTask", "createList", "createTask", "deleteList", "deleteTask", "exportTasks",
    "getList", "getTask", "listLists", "listTasks", "updateTask",
}  # fmt: skip


async def main(first: str, *arguments: str) -> None:
    era = os.environ.get("MCP_ERA", "modern")
    server = first if first.startswith("http") else StdioServerParameters(
        command=first, args=list(arguments), env=dict(os.environ)
    )
    async with Client(server, mode="auto" if era == "modern" else "legacy") as client:
        # `auto` falls back to `initialize`: it must not have to.
        check((client.protocol_version >= "2026") == (era == "modern"), f"negotiated {client.protocol_version}")
        await converse(client, f"py {era}")


async def converse(client: Client, name: str) -> None:
    tools = await list_tools(client)
    print(f"{name}: {len(tools)} tools")
    check(OPERATIONS <= set(tools), f"tools missing: {OPERATIONS - set(tools)}")

    made_list = await value(client, "createList", {"title": f"interop {name}"})
    where = {"listId": made_list["id"]}
    texts = ["one", 'two, "quoted"', "drei ✓"]
    made = [await value(client, "createTask", {**where, "title": text, "priority": "high"}) for text in texts]
    check(await titles(client, where) == texts, "the tasks do not read back")

    gone = await client.call_tool("deleteTask", {"taskId": made[1]["id"]})
    check(not gone.is_error, f"deleteTask: {gone.content}")
    check(await titles(client, where) == [texts[0], texts[2]], "the task is not gone")

    # The model's mistake: an answer it can learn from, not an error of the protocol.
    wrong = await client.call_tool("createTask", {**where, "title": 7})
    check(wrong.is_error, "a wrong argument must come back as isError")
    check("title" in wrong.content[0].text, f"does not name the argument: {wrong.content}")

    end = await client.call_tool("deleteList", where)
    check(not end.is_error, f"deleteList: {end.content}")


async def list_tools(client: Client) -> list[str]:
    names: list[str] = []
    cursor = None
    while True:
        page = await client.list_tools(cursor=cursor)
        names += [tool.name for tool in page.tools]
        cursor = page.next_cursor
        if cursor is None:
            return names


async def titles(client: Client, where: dict) -> list[str]:
    return [task["title"] for task in (await value(client, "listTasks", where))["items"]]


async def value(client: Client, tool: str, arguments: dict) -> dict:
    result = await client.call_tool(tool, arguments)
    check(not result.is_error, f"{tool}: {result.content}")
    return result.structured_content or json.loads(result.content[0].text)


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
