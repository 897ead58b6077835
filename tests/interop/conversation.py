"""What every Python client says to oasgate in front of the task list, and what it must hear.

Owns the conversation; knows no client: that is a `Client`.
"""

import asyncio
import json
import os
import typing
import urllib.parse
import urllib.request

OPERATIONS = {
    "completeTask", "createList", "createTask", "deleteList", "deleteTask", "exportTasks",
    "getList", "getTask", "listLists", "listTasks", "updateTask",
}  # fmt: skip


class Client(typing.NamedTuple):
    name: str
    # The names of all tools.
    list_tools: typing.Callable[[], typing.Awaitable[list[str]]]
    # (tool, arguments): whether it failed, the structured content, the content.
    call_tool: typing.Callable[[str, dict], typing.Awaitable[tuple]]
    # (a call that runs): gives it up, in the way of the client.
    give_up: typing.Callable[[asyncio.Task], typing.Awaitable[None]]


async def give_up(call: asyncio.Task) -> None:
    """How most clients do it: whoever waits for an answer stops waiting."""
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


async def converse(client: Client) -> None:
    tools = await client.list_tools()
    print(f"{client.name}: {len(tools)} tools")
    check(OPERATIONS <= set(tools), f"tools missing: {OPERATIONS - set(tools)}")
    check(len(set(tools)) == int(os.environ["TOOLS"]), "not all tools, or one twice")

    await tasks(client)
    await errors(client)
    await cancel(client)
    check("items" in await value(client, "listLists", {}), "nothing works after a cancellation")


async def tasks(client: Client) -> None:
    """Calls that change something, and read it back."""
    where = {"listId": (await value(client, "createList", {"title": f"interop {client.name}"}))["id"]}

    async def titles() -> list[str]:
        return [task["title"] for task in (await value(client, "listTasks", where))["items"]]

    texts = ["one", 'two, "quoted"', "drei ✓"]
    made = [await value(client, "createTask", {**where, "title": text, "priority": "high"}) for text in texts]
    check(await titles() == texts, "the tasks do not read back")
    await succeed(client, "deleteTask", {"taskId": made[1]["id"]})
    check(await titles() == [texts[0], texts[2]], "the task is not gone")
    await succeed(client, "deleteList", where)


async def errors(client: Client) -> None:
    """The model's mistake and the API's refusal are answers to learn from; a tool that is not there is an error."""
    failed, _, content = await client.call_tool("createTask", {"listId": 1, "title": 7})
    check(failed, "a wrong argument must come back as isError")
    check("title" in content[0].text, f"does not name the argument: {content}")

    failed, _, content = await client.call_tool("getTask", {"taskId": 999_999_999})
    check(failed, "what the API refuses must come back as isError")
    check("404" in content[0].text, f"does not say how: {content}")

    try:
        answer = await client.call_tool("noSuchTool", {})
    except Exception as error:  # each client has its own
        check("noSuchTool" in str(error), f"does not name the tool: {error!r}")
        code = getattr(getattr(error, "error", None), "code", -32602)
        check(code == -32602, f"an unknown tool must be told as invalid params: {code}")
    else:
        check(False, f"an unknown tool must be an error, not {answer}")


async def cancel(client: Client) -> None:
    """A call that is given up ends at the API, too, wherever its era has a way to say so."""
    key = f"{client.name} {os.getpid()}".replace(" ", "-")
    call = asyncio.create_task(client.call_tool("never", {"key": key}))
    await hear(f"arrived/{key}")
    await client.give_up(call)
    if os.environ.get("CANCEL_IS_HEARD"):
        await hear(f"ended/{key}")


async def hear(path: str) -> None:
    """Waits for what the API has to tell of a call that is never answered."""
    url = f"{os.environ['UPSTREAM']}/{urllib.parse.quote(path)}"
    await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=60).read())


async def value(client: Client, tool: str, arguments: dict) -> dict:
    structured, content = await succeed(client, tool, arguments)
    return structured or json.loads(content[0].text)


async def succeed(client: Client, tool: str, arguments: dict) -> tuple:
    failed, structured, content = await client.call_tool(tool, arguments)
    check(not failed, f"{tool}: {content}")
    return structured, content


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")
