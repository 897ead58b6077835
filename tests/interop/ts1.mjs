// The TypeScript SDK, line 1 (`@modelcontextprotocol/sdk`): opens with `initialize`.
// usage: ts1.mjs URL | COMMAND [ARGUMENT...]

import assert from "node:assert/strict";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { converse, target } from "./conversation.mjs";

const { url, command, args } = target(process.argv.slice(2));
const transport = url
  ? new StreamableHTTPClientTransport(url)
  : new StdioClientTransport({ command, args, env: process.env });
const client = new Client({ name: "interop-ts1", version: "1" });
await client.connect(transport);
try {
  assert.equal(client.getServerVersion().title, "Task list");
  const callTool = (params, signal) => client.callTool(params, undefined, { signal });
  await converse("ts1", { listTools, callTool });
} finally {
  await client.close();
}

/** This line of the SDK leaves the cursors to its user. */
async function listTools() {
  const tools = [];
  let [cursor, pages] = [undefined, 0];
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor });
    tools.push(...page.tools);
    [cursor, pages] = [page.nextCursor, pages + 1];
  } while (cursor !== undefined);
  assert.ok(pages > 1, "all tools came in one page");
  return tools;
}
