// npm's `oidc-provider`, as the authorization server that users of the stages `oidc` and `resource` sign in at.
// usage: SIGNIN_ISSUER=URL SIGNIN_URL=URL SIGNIN_REDIRECT=URL PROVIDER_CLIENT_SECRET=TEXT SIGNIN_TTL=SECONDS \
//        provider.mjs
//
// Users have any name and any password. oasgate is a client known beforehand, others register; tokens for SIGNIN_URL
// (RFC 8707) are JWTs, the others are asked about by the API (RFC 7662). Refresh tokens are used once.

import { generateKeyPairSync } from "node:crypto";

import { jwtVerify } from "jose";
import Provider from "oidc-provider";

const { SIGNIN_ISSUER, SIGNIN_URL, SIGNIN_REDIRECT, PROVIDER_CLIENT_SECRET, SIGNIN_TTL } = process.env;
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
// oasgate lets clocks differ by so many seconds: a JWT that has run out for its client would be good for longer there.
const SKEW = 60;

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), kid: "signin", use: "sig", alg: "RS256" };
const lifetime = Number(SIGNIN_TTL);
// Good for longer than any one call takes, and shorter than oasgate waits with the next.
const opaqueLifetime = 15;
const known = { client_secret: PROVIDER_CLIENT_SECRET, token_endpoint_auth_method: "client_secret_basic" };

const provider = new Provider(SIGNIN_ISSUER, {
  clients: [
    {
      ...known,
      client_id: "oasgate",
      redirect_uris: [SIGNIN_REDIRECT],
      grant_types: ["authorization_code", "refresh_token", EXCHANGE],
    },
    { ...known, client_id: "api", redirect_uris: [], response_types: [], grant_types: [] },
  ],
  cookies: { keys: [PROVIDER_CLIENT_SECRET] },
  features: {
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, indicator) => {
        if (indicator !== SIGNIN_URL) throw new Error(`no such resource: ${indicator}`);
        return { scope: "notes", accessTokenFormat: "jwt" };
      },
      useGrantedResource: () => true,
    },
  },
  formats: { customizers: { jwt: (_, __, jwt) => void (jwt.payload.exp -= SKEW) } },
  // Clients that were told of `offline_access` would have to ask for consent in a way that not all of them know.
  issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  jwks: { keys: [key] },
  rotateRefreshToken: true,
  scopes: ["openid", "notes"],
  ttl: { AccessToken: (_, token) => (token.resourceServer ? lifetime : opaqueLifetime) },
});

// RFC 8693: a token for the API, of the user that a token for SIGNIN_URL is about.
provider.registerGrantType(
  EXCHANGE,
  async (ctx) => {
    const { client, params } = ctx.oidc;
    const checks = { issuer: SIGNIN_ISSUER, audience: SIGNIN_URL, clockTolerance: SKEW };
    const { payload } = await jwtVerify(params.subject_token, publicKey, checks);
    const grant = new provider.Grant({ accountId: payload.sub, clientId: client.clientId });
    const about = { accountId: payload.sub, client, grantId: await grant.save(), gty: "exchange", scope: "notes" };
    const token = new provider.AccessToken(about);
    const value = await token.save();
    const issued = { access_token: value, issued_token_type: ACCESS_TOKEN, token_type: "Bearer" };
    ctx.body = { ...issued, expires_in: token.expiration };
  },
  ["subject_token", "subject_token_type", "audience", "scope"],
);

provider.on("server_error", (_, error) => console.error(error));
const server = provider.listen(0, "127.0.0.1", () => {
  console.error(`provider on http://127.0.0.1:${server.address().port}`);
});
