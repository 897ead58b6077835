//! What an operator decides. The program reads it from its configuration; here it is what it means, with every secret
//! already in hand and every pattern compiled.

mod outbound;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::HeaderName;
use ipnet::IpNet;
use regex::Regex;

use crate::{PublicUrl, Secret};

pub use outbound::{Others, Outbound, TokenExchange};

/// All of it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the server is for its clients.
    pub public_url: PublicUrl,
    /// What it calls itself on pages and in metadata: the title of the API.
    pub name: String,
    /// Where its documentation, privacy policy and terms are, by the names of RFC 9728, 2: `resource_documentation`,
    /// `resource_policy_uri`, `resource_tos_uri`.
    pub links: BTreeMap<String, String>,
    /// Who may call.
    pub inbound: Inbound,
    /// What goes upstream for who has signed in here, and for all others of whom nothing else is said.
    pub outbound: Outbound,
    /// What goes upstream for others.
    pub others: Others,
    /// The scopes there are, for consent and for step-up.
    pub scopes: Vec<Scope>,
    /// How many operations the API has here: what is agreed to where there are no scopes.
    pub operations: usize,
    /// How often somebody may do something.
    pub limits: Limits,
    /// The proxies whose `X-Forwarded-For` is believed, for limits by address; nobody's unless told.
    pub trusted_proxies: Vec<IpNet>,
    /// Which of the API's environments this is, if sign-in must agree on it: `prod`, `test`.
    pub environment: Option<String>,
}

/// A scope (RFC 6749, 3.3).
#[derive(Debug, Clone)]
pub struct Scope {
    /// Its name.
    pub name: String,
    /// What it allows, for people.
    pub description: String,
    /// How many operations need it.
    pub operations: usize,
    /// Scopes that are as good as had by who has this one.
    pub implies: Vec<String>,
}

/// Who may call: any of these at once, tried in a fixed order without a second try. None of them: everybody.
#[derive(Debug, Clone, Default)]
pub struct Inbound {
    /// Those with a key of the API itself.
    pub api_key: Option<ApiKeys>,
    /// Those with a token of another authorization server.
    pub resource_server: Option<ResourceServer>,
    /// Those who have signed in here.
    pub broker: Option<Broker>,
}

/// Keys of the API itself.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    /// Where they may stand in a request.
    pub places: Vec<KeyPlace>,
    /// What they look like, as a whole. What looks like a JWT is none, whatever this says.
    pub pattern: Regex,
    /// How long what was found out about a key holds; none if keys are not tried before they are let in.
    pub verification: Option<Verification>,
    /// A second path at which only keys are taken and no way to sign in is told, for clients that prefer signing in
    /// wherever they can.
    pub path: Option<String>,
}

/// How long what was found out about a key holds. Zero: each time it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// That it is good.
    pub ttl: Duration,
    /// That it is bad.
    pub negative_ttl: Duration,
}

/// A place of an API key in a request to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// `Authorization: SCHEME key`.
    Authorization(String),
    /// A header field of its own.
    Header(HeaderName),
}

/// Tokens of other authorization servers.
#[derive(Debug, Clone, Default)]
pub struct ResourceServer {
    /// Those trusted.
    pub issuers: Vec<Issuer>,
    /// Where tokens that say nothing themselves are asked about.
    pub introspection: Option<Introspection>,
}

/// A trusted authorization server.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its identifier, compared byte for byte with `iss`.
    pub issuer: String,
    /// What `aud` must hold; the public URL unless told.
    pub audience: Option<String>,
    /// Where its keys are; found by discovery (RFC 8414, OpenID Connect Discovery) unless told.
    pub jwks_uri: Option<String>,
    /// The algorithms taken (RFC 7518, 3.1): of `RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA`.
    pub algorithms: Vec<String>,
    /// The claim that tells users apart: `sub` unless told.
    pub subject_claim: Option<String>,
}

/// Token introspection (RFC 7662).
#[derive(Debug, Clone)]
pub struct Introspection {
    /// The endpoint.
    pub url: String,
    /// The issuer that it speaks for: what the metadata names.
    pub issuer: String,
    /// Who we are to it.
    pub client: Provider,
    /// What `aud` must hold; the public URL unless told.
    pub audience: Option<String>,
    /// Whether an answer without `aud` is taken: then a token that was given for another resource of the same
    /// authorization server lets in, too.
    pub audience_may_be_missing: bool,
}

/// We are the authorization server, and somebody else knows the users.
#[derive(Debug, Clone)]
pub struct Broker {
    /// How users show who they are.
    pub leg: Leg,
    /// What clients may ask for and get unless they ask for less.
    pub scopes: Vec<String>,
    /// How long access tokens live.
    pub access_ttl: Duration,
    /// How long a grant lives that is not used.
    pub refresh_ttl: Duration,
    /// Dynamic client registration (RFC 7591).
    pub registration: Registration,
    /// Client ID metadata documents.
    pub cimd: Cimd,
    /// Hosts that https redirects may go to; all if empty.
    pub redirect_hosts: Vec<String>,
    /// Schemes of applications' own that redirects may have (RFC 8252, 7.1), besides those with a dot in them.
    pub redirect_schemes: Vec<String>,
    /// Whether consent is asked for every time.
    pub consent: Consent,
    /// Clients that the operator has registered: by identifier.
    pub clients: BTreeMap<String, MachineClients>,
    /// The issuer, if it is not the origin of the public URL: needed where that origin is shared with others. The
    /// endpoints are then below its path.
    pub issuer: Option<String>,
    /// Identity providers whose ID-JAGs are exchanged for tokens; experimental, none unless told.
    pub trusted_idps: Vec<TrustedIdp>,
}

/// A client that the operator has registered.
#[derive(Debug, Clone)]
pub struct MachineClients {
    /// Its name for people.
    pub name: String,
    /// Its secret, for `client_secret_basic` and `client_secret_post`.
    pub secret: Option<Secret>,
    /// Its public keys as a JWK set (RFC 7517, 5), for `private_key_jwt`.
    pub jwks: Option<String>,
    /// Where it may be redirected to; none for a client that acts only for itself.
    pub redirect_uris: Vec<String>,
    /// Whether it may act for itself (RFC 6749, 4.4).
    pub client_credentials: bool,
    /// What it may ask for then.
    pub scopes: Vec<String>,
}

/// An identity provider whose assertions are taken at the token endpoint (ID-JAG).
#[derive(Debug, Clone)]
pub struct TrustedIdp {
    /// Its identifier and keys.
    pub issuer: Issuer,
}

/// Who may register a client.
#[derive(Debug, Clone)]
pub enum Registration {
    /// Everybody, at a limited rate.
    Open,
    /// Who has this initial access token (RFC 7591, 3).
    Token(Secret),
    /// Nobody.
    Off,
}

/// Which clients may be named by the URL of their metadata (OAuth Client ID Metadata Document).
#[derive(Debug, Clone)]
pub enum Cimd {
    /// None.
    Off,
    /// Those at these hosts, and those whose documents are at hand: by URL.
    Allowlist {
        /// The hosts whose documents are fetched.
        hosts: Vec<String>,
        /// The documents that are at hand, and never fetched.
        pinned: BTreeMap<String, String>,
    },
    /// All.
    Open {
        /// The documents that are at hand, and never fetched.
        pinned: BTreeMap<String, String>,
    },
}

/// How often consent is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// At every sign-in.
    Always,
    /// Once for each client, redirect and set of scopes in a browser, for 30 days; of clients that prove themselves, or are
    /// redirected to by https. Any program of a machine could pretend to be one of the others.
    Remember,
}

/// How users of the broker show who they are, and what goes upstream for them comes about.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one of it in a process")]
pub enum Leg {
    /// By signing in at another OAuth provider.
    OAuth(OAuthLeg),
    /// By signing in at a page that mints a key for them.
    Portal(PortalLeg),
    /// By pasting a key of the API, which is tried at once.
    Paste(PasteLeg),
}

/// Another authorization server, of which we are a client.
#[derive(Debug, Clone)]
pub struct OAuthLeg {
    /// Who it is, and who we are to it.
    pub provider: Provider,
    /// Where users sign in; found by discovery unless told.
    pub authorization_endpoint: Option<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Parameters for the authorization request besides the usual: `audience`, `access_type`, `prompt`.
    pub extra: BTreeMap<String, String>,
    /// The resource (RFC 8707) that is asked for; none for providers that refuse the parameter.
    pub resource: Option<String>,
    /// Whether PKCE is used; off only for providers that refuse it.
    pub pkce: bool,
    /// Whether `openid` is asked for and the ID token tells who the user is.
    pub openid: bool,
    /// Where a user is looked up (OpenID Connect Core, 5.3, or the like), if no ID token tells, and the member of the
    /// answer that tells users apart.
    pub userinfo: Option<(String, String)>,
    /// Origins that a browser may be led on to while the user signs in, besides that of the page itself: a provider's
    /// form of sign-in elsewhere, the identity providers it federates with.
    pub sign_in_origins: Vec<String>,
}

/// A token endpoint, and who we are to it.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The issuer, if endpoints are found by discovery and answers are held to it (RFC 9207).
    pub issuer: Option<String>,
    /// The token endpoint; found by discovery unless told.
    pub token_endpoint: Option<String>,
    /// The revocation endpoint (RFC 7009), likewise.
    pub revocation_endpoint: Option<String>,
    /// Our client identifier.
    pub client_id: String,
    /// How we prove that we are it.
    pub auth: ClientAuth,
}

/// How a client proves to a token endpoint who it is (RFC 6749, 2.3; RFC 7523, 2.2).
#[derive(Debug, Clone)]
pub enum ClientAuth {
    /// Not at all: a public client.
    None,
    /// By HTTP basic authentication.
    Basic(Secret),
    /// By its secret in the body.
    Post(Secret),
    /// By a signed assertion.
    PrivateKeyJwt {
        /// The private key, PKCS #8 in PEM.
        key: Secret,
        /// Its identifier at the provider.
        key_id: Option<String>,
        /// `RS256`, `PS256`, `ES256` or `EdDSA`.
        algorithm: String,
    },
}

/// A page elsewhere that signs users in and mints a key for each. The key comes by a code, never in a URL.
#[derive(Debug, Clone)]
pub struct PortalLeg {
    /// The page. `state`, `redirect_uri`, `code_challenge` and `code_challenge_method` are added to its query.
    pub url: String,
    /// Where the code is exchanged: it is posted there as JSON, `{code, code_verifier, redirect_uri}`, and the answer is
    /// `{credential, expires_at?, key_id?, subject?, environment?}`. `expires_at` is in seconds since 1970, or a text as in
    /// RFC 3339, 5.6.
    pub exchange_url: String,
    /// Who we are to it.
    pub client_id: Option<String>,
    /// How we prove it: by `Authorization: Basic` if told.
    pub client_secret: Option<Secret>,
    /// Origins that a browser may be led on to while the user signs in, besides that of the page itself: the
    /// identity providers that it signs users in by.
    pub sign_in_origins: Vec<String>,
}

/// A page of ours where users paste a key.
#[derive(Debug, Clone)]
pub struct PasteLeg {
    /// Where users find their key: a link on the page.
    pub help_url: Option<String>,
    /// What the key is called there.
    pub label: String,
}

/// How often somebody may do something: in a minute, and at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests to the MCP endpoint of one principal.
    pub principal: (u32, u32),
    /// Requests of one OAuth client, whoever it acts for.
    pub client: (u32, u32),
    /// Requests from one address that show nothing valid, keys that are new where none is tried, and requests to the
    /// endpoints of the broker. Once it is reached, nobody is asked about what is new from there.
    pub address: (u32, u32),
    /// Registrations from one address.
    pub registration: (u32, u32),
}

impl Inbound {
    /// Whether anybody has to say who they are.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.api_key.is_some() || self.resource_server.is_some() || self.broker.is_some()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { principal: (600, 100), client: (6000, 1000), address: (300, 60), registration: (20, 10) }
    }
}

impl Settings {
    /// The scopes that clients are told to ask for, in metadata and in challenges.
    pub(crate) fn told_scopes(&self) -> Vec<&str> {
        match &self.inbound.broker {
            Some(broker) => broker.scopes.iter().map(String::as_str).collect(),
            None => self.scopes.iter().map(|scope| scope.name.as_str()).collect(),
        }
    }

    /// Whether every caller has their own of what goes upstream.
    #[must_use]
    pub fn is_callers(&self) -> bool {
        let Others { api_key, resource_server, machines } = &self.others;
        let others = [api_key, resource_server, machines].into_iter().flatten();
        std::iter::once(&self.outbound).chain(others).any(Outbound::is_callers)
    }

    /// The scopes that tokens of ours must have for operations that need them: those that a client can ask for. What else
    /// an operation needs is between the user and the API. None if tokens are of other issuers: they must have whatever
    /// the operation needs.
    #[must_use]
    pub fn demanded_scopes(&self) -> Option<BTreeSet<String>> {
        self.inbound.broker.as_ref().map(|broker| broker.scopes.iter().cloned().collect())
    }
}

/// The scopes of a token, with those that they imply.
pub(crate) fn implied<'s>(known: &[Scope], scopes: impl IntoIterator<Item = &'s String>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut open: Vec<&str> = scopes.into_iter().map(String::as_str).collect();
    while let Some(scope) = open.pop() {
        if out.insert(scope.to_owned()) {
            let implies = known.iter().filter(|own| own.name == scope).flat_map(|own| &own.implies);
            open.extend(implies.map(String::as_str));
        }
    }
    out
}
