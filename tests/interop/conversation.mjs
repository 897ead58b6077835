// What every JavaScript client says to oasgate in front of the task list, and what it must hear.
// Owns the conversation; knows no client: `listTools` and `callTool` are given.

import assert from "node:assert/strict";

/** The operations of specs/tasklist.yaml, each of which must be a tool. */
export const OPERATIONS = [
  "completeTask", "createList", "createTask", "deleteList", "deleteTask", "exportTasks",
  "getList", "getTask", "listLists", "listTasks", "updateTask",
];

/** Where the server is: `{ url }`, or `{ command, args }` to start one. */
export function target(argv) {
  const [first, ...args] = argv;
  if (!first) throw new Error("usage: <client> URL | COMMAND [ARGUMENT...]");
  return /^https?:/.test(first) ? { url: new URL(first) } : { command: first, args };
}

/** The whole conversation; throws at the first answer that is not what it must be. */
export async function converse(name, listTools, callTool) {
  const tools = await listTools();
  console.log(`${name}: ${tools.length} tools`);
  const missing = OPERATIONS.filter((operation) => !tools.some((tool) => tool.name === operation));
  assert.deepEqual(missing, [], "tools missing");

  const value = async (tool, args) => {
    const result = await callTool({ name: tool, arguments: args });
    assert.ok(!result.isError, `${tool}: ${JSON.stringify(result.content)}`);
    return result.structuredContent ?? JSON.parse(result.content[0].text);
  };
  const titles = async (listId) => (await value("listTasks", { listId })).items.map((task) => task.title);

  const list = await value("createList", { title: `interop ${name}` });
  const made = [];
  for (const title of ["one", "two, \"quoted\"", "drei ✓"]) {
    made.push(await value("createTask", { listId: list.id, title, due: "2026-12-01", tags: ["interop", name] }));
  }
  assert.deepEqual(await titles(list.id), made.map((task) => task.title));

  const gone = await callTool({ name: "deleteTask", arguments: { taskId: made[1].id } });
  assert.ok(!gone.isError, `deleteTask: ${JSON.stringify(gone.content)}`);
  assert.deepEqual(await titles(list.id), [made[0].title, made[2].title]);

  // The model's mistake: an answer it can learn from, not an error of the protocol.
  const wrong = await callTool({ name: "createTask", arguments: { listId: list.id, title: 7 } });
  assert.equal(wrong.isError, true, "a wrong argument must come back as isError");
  assert.ok(wrong.content[0].text.includes("title"), `does not name the argument: ${wrong.content[0].text}`);

  const end = await callTool({ name: "deleteList", arguments: { listId: list.id } });
  assert.ok(!end.isError, `deleteList: ${JSON.stringify(end.content)}`);
}
