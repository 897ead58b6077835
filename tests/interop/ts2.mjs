// The TypeScript SDK, line 2 (`@modelcontextprotocol/client`), in either era of the protocol.
// usage: [MCP_ERA=legacy|auto|pinned] ts2.mjs URL | COMMAND [ARGUMENT...]

import assert from "node:assert/strict";

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { converse, target } from "./conversation.mjs";

// `auto` asks with `server/discover` and falls back: that it must not have to is checked below.
const MODES = { legacy: "legacy", auto: "auto", pinned: { pin: "2026-07-28" } };

const era = process.env.MCP_ERA ?? "auto";
const { url, command, args } = target(process.argv.slice(2));
const transport = url
  ? new StreamableHTTPClientTransport(url)
  : new StdioClientTransport({ command, args, env: process.env });
const client = new Client({ name: "interop-ts2", version: "1" }, { versionNegotiation: { mode: MODES[era] } });
await client.connect(transport);
try {
  assert.equal(client.getProtocolEra(), era === "legacy" ? "legacy" : "modern");
  assert.equal(client.getServerVersion().title, "Task list");
  // Without a cursor, this line of the SDK follows them all.
  const listTools = async () => (await client.listTools()).tools;
  await converse(`ts2 ${era}`, { listTools, callTool: (params, signal) => client.callTool(params, { signal }) });
} finally {
  await client.close();
}
