// The TypeScript SDK, line 2 (`@modelcontextprotocol/client`), in either era of the protocol.
// usage: SIGNIN_WAY=auto|legacy ts2.mjs URL FILE begin|again

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";

import { converse } from "./conversation.mjs";

// A real browser says nothing of revisions.
const mode = process.env.SIGNIN_WAY === "legacy" ? "legacy" : "auto";

await converse(UnauthorizedError, (url, authProvider) => ({
  client: new Client({ name: "signin-ts2", version: "1" }, { versionNegotiation: { mode } }),
  transport: new StreamableHTTPClientTransport(url, { authProvider }),
}));
