"""What every Python client says to oasgate in front of the task list, and what it must hear.

Owns the conversation; knows no client: `list_tools` gives names, `call_tool` whether it failed, the structured content
and the content.
"""

import json

OPERATIONS = {
    "completeTask", "createList", "createTask", "deleteList", "deleteTask", "exportTasks",
    "getList", "getTask", "listLists", "listTasks", "updateTask",
}  # fmt: skip


async def converse(name, list_tools, call_tool) -> None:
    async def value(tool: str, arguments: dict) -> dict:
        failed, structured, content = await call_tool(tool, arguments)
        check(not failed, f"{tool}: {content}")
        return structured or json.loads(content[0].text)

    async def titles() -> list[str]:
        return [task["title"] for task in (await value("listTasks", where))["items"]]

    tools = await list_tools()
    print(f"{name}: {len(tools)} tools")
    check(OPERATIONS <= set(tools), f"tools missing: {OPERATIONS - set(tools)}")

    where = {"listId": (await value("createList", {"title": f"interop {name}"}))["id"]}
    texts = ["one", 'two, "quoted"', "drei ✓"]
    made = [await value("createTask", {**where, "title": text, "priority": "high"}) for text in texts]
    check(await titles() == texts, "the tasks do not read back")

    failed, _, content = await call_tool("deleteTask", {"taskId": made[1]["id"]})
    check(not failed, f"deleteTask: {content}")
    check(await titles() == [texts[0], texts[2]], "the task is not gone")

    # The model's mistake: an answer it can learn from, not an error of the protocol.
    failed, _, content = await call_tool("createTask", {**where, "title": 7})
    check(failed, "a wrong argument must come back as isError")
    check("title" in content[0].text, f"does not name the argument: {content}")

    failed, _, content = await call_tool("deleteList", where)
    check(not failed, f"deleteList: {content}")


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")
