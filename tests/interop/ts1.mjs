// The TypeScript SDK, line 1 (`@modelcontextprotocol/sdk`): opens with `initialize`.
// usage: ts1.mjs URL | COMMAND [ARGUMENT...]

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
  await converse("ts1", listTools, (params) => client.callTool(params));
} finally {
  await client.close();
}

/** This line of the SDK leaves the cursors to its user. */
async function listTools() {
  const tools = [];
  let cursor;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor });
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return tools;
}
