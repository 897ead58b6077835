// The TypeScript SDK, line 1 (`@modelcontextprotocol/sdk`), which opens with `initialize`.
// usage: ts1.mjs URL FILE begin|again

import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { converse } from "./conversation.mjs";

await converse(UnauthorizedError, (url, authProvider) => {
  const transport = new StreamableHTTPClientTransport(url, { authProvider });
  // It wants the code alone.
  const finishAuth = transport.finishAuth.bind(transport);
  transport.finishAuth = (parameters) => finishAuth(parameters.get("code"));
  return { client: new Client({ name: "signin-ts1", version: "1" }), transport };
});
