// What every JavaScript client does: signs a user in, calls, lets its token run out and calls again; or, in a new
// process, calls with what it has kept. Owns the conversation, what is kept and the redirect; knows no client.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const { BROWSER, SIGNIN_TOOLS, SIGNIN_USER, SIGNIN_EXPIRY } = process.env;

/** What both lines of the SDK want of whoever signs in with them; it is kept in a file. */
class Provider {
  #file;
  #kept;

  constructor(file, redirectUrl) {
    this.#file = file;
    this.#kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    this.redirectUrl = redirectUrl;
  }

  get clientMetadata() {
    return {
      client_name: "A script with the TypeScript SDK",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    };
  }

  state = () => this.#keep("state", crypto.randomUUID());
  clientInformation = () => this.#kept.client;
  saveClientInformation = (client) => void this.#keep("client", client);
  tokens = () => this.#kept.tokens;
  saveTokens = (tokens) => void this.#keep("tokens", tokens);
  codeVerifier = () => this.#kept.verifier;
  saveCodeVerifier = (verifier) => void this.#keep("verifier", verifier);

  redirectToAuthorization(url) {
    spawn(BROWSER, [url.href], { stdio: "ignore" });
  }

  /** Whether the state that came back is the one that was sent. */
  check(parameters) {
    assert.equal(parameters.get("error"), null, `refused: ${parameters}`);
    assert.equal(parameters.get("state"), this.#kept.state, "a state of somebody else's came back");
  }

  #keep(name, value) {
    this.#kept[name] = value;
    writeFileSync(this.#file, JSON.stringify(this.#kept));
    return value;
  }
}

/**
 * The whole of it. `open(url, provider)` gives `{ client, transport }`, not connected; the error is the client's own.
 */
export async function converse(UnauthorizedError, open) {
  const [address, file, act] = process.argv.slice(2);
  if (!["begin", "again"].includes(act)) throw new Error("usage: <client> URL FILE begin|again");
  const callbacks = createServer();
  await once(callbacks.listen(0, "127.0.0.1"), "listening");
  const provider = new Provider(file, `http://127.0.0.1:${callbacks.address().port}/callback`);

  let { client, transport } = open(new URL(address), provider);
  if (act === "begin") {
    const called = once(callbacks, "request");
    await assert.rejects(client.connect(transport), UnauthorizedError);
    const [request, response] = await called;
    response.end("You can close this page.");
    const parameters = new URL(request.url, address).searchParams;
    provider.check(parameters);
    await transport.finishAuth(parameters);
    ({ client, transport } = open(new URL(address), provider));
  }
  await client.connect(transport);
  await work(client);
  if (act === "begin") {
    const before = provider.tokens().access_token;
    await sleep(Number(SIGNIN_EXPIRY) * 1000);
    await work(client);
    assert.notEqual(provider.tokens().access_token, before, "the token should have run out");
  }
  await client.close();
  callbacks.close();
  console.log(act === "begin" ? "signed in, called, refreshed" : "called with what was kept");
}

/** Everything is there, and the API knows who calls. */
async function work(client) {
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort().join(), SIGNIN_TOOLS);
  const result = await client.callTool({ name: "getMe", arguments: {} });
  assert.ok(!result.isError, JSON.stringify(result));
  const me = result.structuredContent ?? JSON.parse(result.content[0].text);
  assert.ok(Object.values(me).includes(SIGNIN_USER), `the API knows somebody else: ${JSON.stringify(me)}`);
}
