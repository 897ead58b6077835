// The TypeScript SDK, line 2 (`@modelcontextprotocol/client`), in either era of the protocol.
// usage: [MCP_ERA=legacy|modern] ts2.mjs URL | COMMAND [ARGUMENT...]

import assert from "node:assert/strict";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { converse, target } from "./conversation.mjs";

const era = process.env.MCP_ERA ?? "modern";
const { url, command, args } = target(process.argv.slice(2));
const transport = url
  ? new StreamableHTTPClientTransport(url)
  : new StdioClientTransport({ command, args, env: process.env });
// `auto` asks with `server/discover` and falls back: that it must not have to is checked below.
const mode = era === "modern" ? "auto" : "legacy";
const client = new Client({ name: "interop-ts2", version: "1" }, { versionNegotiation: { mode } });
await client.connect(transport);
try {
  assert.equal(client.getProtocolEra(), era);
  // Without a cursor, this line of the SDK follows them all.
  await converse(`ts2 ${era}`, async () => (await client.listTools()).tools, (params) => client.callTool(params));
} finally {
  await client.close();
}
