// What every JavaScript client says to oasgate in front of the task list, and what it must hear.
// Owns the conversation; knows no client: `listTools` and `callTool(params, signal)` are given.

import assert from "node:assert/strict";

/** The operations of specs/tasklist.yaml, each of which must be a tool. */
const OPERATIONS = [
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
export async function converse(name, client) {
  const tools = (await client.listTools()).map((tool) => tool.name);
  console.log(`${name}: ${tools.length} tools`);
  const missing = [...OPERATIONS, "never"].filter((operation) => !tools.includes(operation));
  assert.deepEqual(missing, [], "tools missing");
  assert.equal(new Set(tools).size, Number(process.env.TOOLS), "not all tools, or one twice");

  await tasks(name, client);
  await errors(client);
  await cancel(name, client);
  assert.ok(Array.isArray((await value(client, "listLists", {})).items), "nothing works after a cancellation");
}

/** Calls that change something, and read it back. */
async function tasks(name, client) {
  const titles = async (listId) => (await value(client, "listTasks", { listId })).items.map((task) => task.title);
  const list = await value(client, "createList", { title: `interop ${name}` });
  const made = [];
  for (const title of ["one", "two, \"quoted\"", "drei ✓"]) {
    made.push(await value(client, "createTask", { listId: list.id, title, due: "2026-12-01", tags: ["interop", name] }));
  }
  assert.deepEqual(await titles(list.id), made.map((task) => task.title));
  await succeed(client, "deleteTask", { taskId: made[1].id });
  assert.deepEqual(await titles(list.id), [made[0].title, made[2].title]);
  await succeed(client, "deleteList", { listId: list.id });
}

/** The model's mistake and the API's refusal are answers to learn from; a tool that is not there is an error. */
async function errors(client) {
  const wrong = await client.callTool({ name: "createTask", arguments: { listId: 1, title: 7 } });
  assert.equal(wrong.isError, true, "a wrong argument must come back as isError");
  assert.ok(wrong.content[0].text.includes("title"), `does not name the argument: ${wrong.content[0].text}`);

  const refused = await client.callTool({ name: "getTask", arguments: { taskId: 999_999_999 } });
  assert.equal(refused.isError, true, "what the API refuses must come back as isError");
  assert.ok(refused.content[0].text.includes("404"), `does not say how: ${refused.content[0].text}`);

  await assert.rejects(client.callTool({ name: "noSuchTool", arguments: {} }), (error) => {
    assert.equal(error.code, -32602, `an unknown tool must be told as invalid params: ${error}`);
    return error.message.includes("noSuchTool");
  });
}

/** A call that is given up ends at the API, too, wherever its era has a way to say so. */
async function cancel(name, client) {
  const key = encodeURIComponent(`${name} ${process.pid}`).replaceAll("%20", "-");
  const giveUp = new AbortController();
  const waiting = client.callTool({ name: "never", arguments: { key } }, giveUp.signal);
  waiting.catch(() => {}); // looked at below
  await fetch(`${process.env.UPSTREAM}/arrived/${key}`);
  giveUp.abort(new Error("given up"));
  await assert.rejects(waiting);
  if (process.env.CANCEL_IS_HEARD) await fetch(`${process.env.UPSTREAM}/ended/${key}`);
}

async function value(client, tool, args) {
  const result = await succeed(client, tool, args);
  return result.structuredContent ?? JSON.parse(result.content[0].text);
}

async function succeed(client, tool, args) {
  const result = await client.callTool({ name: tool, arguments: args });
  assert.ok(!result.isError, `${tool}: ${JSON.stringify(result.content)}`);
  return result;
}
