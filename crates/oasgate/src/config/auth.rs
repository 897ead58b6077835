//! The part of the file that says who may call, and as whom the API is called: its shape.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Lifetime, SecretRef};

/// Who may call: any of these at once, tried in this order without a second try. None: everybody.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Inbound {
    /// Those with a key of the API itself.
    pub api_key: Option<ApiKey>,
    /// Those with a token of another authorization server.
    pub resource_server: Option<ResourceServer>,
    /// Those who have signed in here.
    pub broker: Option<Broker>,
}

/// Keys of the API itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Where a key may stand: `authorization:bearer` or another scheme, or the name of a header field.
    #[serde(default = "bearer")]
    pub headers: Vec<String>,
    /// A regular expression for the key as a whole.
    pub pattern: String,
    /// How keys are tried before they are let in. Without it they are taken as they come, and the API decides.
    pub verify: Option<Verify>,
    /// A second path where only keys are taken, for clients that prefer signing in wherever they can: `/mcp/key`.
    pub path: Option<String>,
}

/// How a credential is tried.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The operationId that is called with it: one that every good credential may call, and without required arguments.
    pub operation: String,
    /// How long a good one is not tried again; 60s unless told, and with `0s` it is tried every time.
    pub ttl: Option<Lifetime>,
    /// How long a bad one is not tried again; 5s unless told.
    pub negative_ttl: Option<Lifetime>,
    /// A JSON pointer into the answer to what tells users apart, as in `/id`.
    pub subject: Option<String>,
}

/// Tokens of other authorization servers.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceServer {
    /// Those whose JWTs are taken.
    pub issuers: Vec<Issuer>,
    /// Where tokens that are no JWTs are asked about (RFC 7662).
    pub introspection: Option<Introspection>,
}

/// A trusted authorization server.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its identifier: compared byte for byte.
    pub issuer: String,
    /// What `aud` must hold; `public_url` unless told.
    pub audience: Option<String>,
    /// Where its keys are; found by discovery unless told.
    pub jwks_uri: Option<String>,
    /// The algorithms taken; RS256, PS256, ES256 and EdDSA unless told.
    #[serde(default)]
    pub algorithms: Vec<String>,
    /// The claim that tells users apart; `sub` unless told.
    pub subject_claim: Option<String>,
}

/// Token introspection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// The endpoint.
    pub url: String,
    /// The issuer it speaks for.
    pub issuer: String,
    /// What `aud` must hold; `public_url` unless told.
    pub audience: Option<String>,
    /// Takes answers without `aud`: then a token that was given for another resource of the same authorization server lets
    /// in, too.
    #[serde(default)]
    pub danger_allow_missing_audience: bool,
    /// Our identifier there.
    pub client_id: String,
    /// How we prove it.
    #[serde(flatten)]
    pub proof: Proof,
}

/// How we prove to a token endpoint who we are: nothing for a public client.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Proof {
    /// Our secret.
    pub client_secret: Option<SecretRef>,
    /// How the secret is sent: `basic` (default) or `post`.
    pub client_auth: Option<SecretStyle>,
    /// Our private key instead (`private_key_jwt`): PKCS #8 in PEM.
    pub private_key: Option<SecretRef>,
    /// The identifier of that key at the provider.
    pub key_id: Option<String>,
    /// What it signs with: RS256, PS256, ES256 (default) or EdDSA.
    pub algorithm: Option<String>,
}

/// How a client secret is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretStyle {
    /// By HTTP basic authentication.
    Basic,
    /// In the body.
    Post,
}

/// We are the authorization server: clients register, users sign in and agree, tokens are ours.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    /// How users show who they are: exactly one of `oauth`, `portal`, `paste`.
    pub oauth: Option<OAuth>,
    /// By a page elsewhere that mints a key for each user.
    pub portal: Option<Portal>,
    /// By pasting a key of the API, which is tried at once.
    pub paste: Option<Paste>,
    /// How a credential is tried, for `paste`, and to learn who a user is where the sign-in does not tell.
    pub verify: Option<Verify>,
    /// How a minted key is removed again when its grant is revoked.
    pub revoke: Option<Revoke>,
    /// What clients may ask for, and get unless they ask for less.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// How long access tokens live; 1h unless told.
    pub access_ttl: Option<Lifetime>,
    /// How long a grant lives that is not used; 30d unless told.
    pub refresh_ttl: Option<Lifetime>,
    /// Who may register a client: `open` (default), `off`, or `token`, which needs `registration_token`.
    pub registration: Option<Registration>,
    /// The initial access token of `registration = "token"`.
    pub registration_token: Option<SecretRef>,
    /// Which clients may be named by the URL of their metadata: `allowlist` (default), `off`, `open`. Clients are told so
    /// while one of those hosts can be reached, which is tried every few minutes; until then they register. Where
    /// `public_url` is on this machine, no host is asked unless this or `cimd_hosts` is told.
    pub cimd: Option<Cimd>,
    /// Hosts whose metadata documents are fetched; claude.ai, claude.com, chatgpt.com, vscode.dev and zed.dev unless told.
    pub cimd_hosts: Option<Vec<String>>,
    /// Files with metadata documents that are never fetched: each has its `client_id`.
    #[serde(default)]
    pub cimd_pinned: Vec<String>,
    /// Hosts that https redirects may go to; all unless told.
    #[serde(default)]
    pub redirect_hosts: Vec<String>,
    /// Schemes of applications' own that redirects may have, besides cursor, vscode, vscode-insiders, windsurf, zed.
    #[serde(default)]
    pub redirect_schemes: Vec<String>,
    /// Whether consent is asked for at every sign-in (`always`, default) or remembered by the browser (`remember`).
    pub consent: Option<Consent>,
    /// The issuer, where the origin of `public_url` is shared with the API: a URL on it with a path.
    pub issuer: Option<String>,
    /// Clients known beforehand: by client_id.
    #[serde(default)]
    pub clients: BTreeMap<String, Client>,
    /// Experimental: identity providers whose ID-JAGs are exchanged for tokens.
    #[serde(default)]
    pub trusted_idps: Vec<Issuer>,
}

/// Who may register a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Everybody, at a limited rate.
    Open,
    /// Who has the token.
    Token,
    /// Nobody.
    Off,
}

/// Which clients may be named by the URL of their metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cimd {
    /// None.
    Off,
    /// Those of `cimd_hosts` and `cimd_pinned`.
    Allowlist,
    /// All.
    Open,
}

/// How often consent is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// At every sign-in.
    Always,
    /// Once for each client and browser, but for programs on the user's machine that prove nothing.
    Remember,
}

/// A client known beforehand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its name for people.
    pub name: String,
    /// Its secret.
    pub secret: Option<SecretRef>,
    /// A file with its public keys (a JWK set), for `private_key_jwt`.
    pub jwks: Option<String>,
    /// Where it may be redirected to.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Whether it may act for itself, without a user.
    #[serde(default)]
    pub client_credentials: bool,
    /// What it may ask for then.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// Another authorization server where users sign in.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct OAuth {
    /// Its issuer: endpoints are found by discovery unless told.
    pub issuer: Option<String>,
    /// Where users sign in.
    pub authorization_endpoint: Option<String>,
    /// Where codes become tokens.
    pub token_endpoint: Option<String>,
    /// Where tokens are revoked.
    pub revocation_endpoint: Option<String>,
    /// Our identifier there.
    pub client_id: String,
    /// How we prove it.
    #[serde(flatten)]
    pub proof: Proof,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Further parameters of the authorization request: `audience`, `access_type`, `prompt`.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
    /// The resource asked for (RFC 8707); none unless told, as many providers refuse it.
    pub resource: Option<String>,
    /// Off only for providers that refuse PKCE.
    pub pkce: Option<bool>,
    /// Whether `openid` is asked for, so that the ID token tells who the user is.
    #[serde(default)]
    pub openid: bool,
    /// Where a user is looked up if no ID token tells.
    pub userinfo: Option<String>,
    /// The member of that answer that tells users apart; `sub` unless told.
    pub userinfo_subject: Option<String>,
    /// Further origins that a browser is redirected to while the user signs in, as in `https://sso.example.com`: without
    /// them Chromium stops there, as the page that asks for consent allows its form to lead to the provider only.
    #[serde(default)]
    pub sign_in_origins: Vec<String>,
}

/// A page elsewhere that signs users in and mints a key for each.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The page.
    pub url: String,
    /// Where the code it gives becomes the key.
    pub exchange_url: String,
    /// Our identifier there.
    pub client_id: Option<String>,
    /// Our secret there.
    pub client_secret: Option<SecretRef>,
    /// Further origins that a browser is redirected to while the user signs in, as in `https://sso.example.com`.
    #[serde(default)]
    pub sign_in_origins: Vec<String>,
}

/// A page of ours where users paste a key.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Paste {
    /// Where users find their key.
    pub help_url: Option<String>,
    /// What the key is called there; `API key` unless told.
    pub label: Option<String>,
}

/// How a minted key is removed again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// The operationId that does it.
    pub operation: String,
    /// The argument that takes the identifier of the key.
    pub argument: String,
}

/// As whom the API is called.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Outbound {
    /// For all callers of whom nothing else is said.
    #[serde(flatten)]
    pub all: Sent,
    /// For those with a key of the API itself, instead of that.
    pub api_key: Option<Sent>,
    /// For those with a token of another authorization server.
    pub resource_server: Option<Sent>,
    /// For those who have signed in here.
    pub broker: Option<Sent>,
    /// For clients that act for themselves, and those that an identity provider vouches for.
    pub machines: Option<Sent>,
    /// The security scheme of the description that the credential is for, where there are several.
    pub scheme: Option<String>,
    /// The header field it goes into, instead of where the description says.
    pub header: Option<String>,
    /// What that field holds: `{credential}` stands for the credential. `{credential}` alone unless told; in
    /// `Authorization`, `Bearer {credential}`.
    pub value: Option<String>,
}

/// What goes upstream for some callers, and where it is had.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Sent {
    /// What it is.
    pub kind: OutboundKind,
    /// The token endpoint's issuer, for `client_credentials` and `token_exchange`.
    pub issuer: Option<String>,
    /// The token endpoint, unless it is found by discovery.
    pub token_endpoint: Option<String>,
    /// Our identifier there.
    pub client_id: Option<String>,
    /// How we prove it.
    #[serde(flatten)]
    pub proof: Proof,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The resource asked for (RFC 8707).
    pub resource: Option<String>,
    /// Whom the token is for (RFC 8693, 2.1), and for `client_credentials` at providers that want to be told so.
    pub audience: Option<String>,
}

/// What goes upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutboundKind {
    /// Nothing.
    None,
    /// The credentials under `[credentials]`, the same for everybody.
    Static,
    /// The API key that the caller has shown.
    Forward,
    /// The access token of the user's own, from signing in by `oauth`.
    Grant,
    /// The key that was minted by `portal` or pasted.
    MintedKey,
    /// A token of our own, the same for everybody.
    ClientCredentials,
    /// A token for the API in exchange for the caller's.
    TokenExchange,
}

impl OutboundKind {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Static => "static",
            Self::Forward => "forward",
            Self::Grant => "grant",
            Self::MintedKey => "minted_key",
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "token_exchange",
        }
    }

    /// Whether it is everybody's, or nobody's.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(self, Self::None | Self::Static)
    }
}

fn bearer() -> Vec<String> {
    vec!["authorization:bearer".to_owned()]
}
