// The API of the stages `oidc` and `resource`: notes of whoever the provider says a token belongs to (RFC 7662).
// usage: SIGNIN_ISSUER=URL PROVIDER_CLIENT_SECRET=TEXT upstream.mjs

import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const { SIGNIN_ISSUER, PROVIDER_CLIENT_SECRET } = process.env;
const proof = `Basic ${btoa(`api:${PROVIDER_CLIENT_SECRET}`)}`;
const notes = [];

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request);
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
});

async function answer(request) {
  const user = await whose(request.headers.authorization?.match(/^Bearer (.+)$/)?.[1]);
  if (!user) return [401, { error: "the token is missing, unknown or has expired" }];
  // It shows the caller what it was shown, as some do.
  if (request.url === "/v1/me") return [200, { user, shown: request.headers.authorization }];
  if (request.url !== "/v1/notes") return [404, { error: "there is nothing here" }];
  if (request.method === "POST") notes.push({ user, text: (await json(request)).text });
  return [200, notes.filter((note) => note.user === user)];
}

async function whose(token) {
  if (!token) return undefined;
  const answered = await fetch(`${SIGNIN_ISSUER}/token/introspection`, {
    method: "POST",
    headers: { authorization: proof },
    body: new URLSearchParams({ token }),
  });
  const { active, sub } = await answered.json();
  return active ? sub : undefined;
}

server.listen(0, "127.0.0.1", () => console.error(`upstream on http://127.0.0.1:${server.address().port}`));
