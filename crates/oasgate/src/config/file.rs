//! What may stand in `oasgate.toml`: the shape of the file, and the source of its JSON Schema. What it means is told by
//! [`super::settings`] and [`super::flags`].

use std::collections::BTreeMap;
use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::auth::{Inbound, Outbound};
use super::value::{Network, SecretRef};

/// An oasgate server: what it serves, where, for whom, and as whom it calls the API.
///
/// Paths are relative to the folder of this file. Secrets are never written here: `env:NAME` or `file:PATH` says where
/// they are. What the command line says of `oasgate serve` comes before what is said here.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// The description: a file, or an http(s) URL.
    pub spec: Option<String>,
    /// Where requests go, instead of the servers that the description names.
    pub base_url: Option<String>,
    /// Which environment of the API this is: a sign-in that gives a key for another one is refused.
    pub environment: Option<String>,
    /// The URL of the MCP endpoint as clients have it, as in `https://mcp.example.com/mcp`. Needed for signing in: the one
    /// source of every URL told to clients.
    pub public_url: Option<String>,
    /// Where to listen; 127.0.0.1:8080 unless told.
    pub listen: Option<SocketAddr>,
    /// The path of the MCP endpoint here; the path of `public_url`, or `/mcp`, unless told.
    pub path: Option<String>,
    /// Names by which clients may address this server, besides localhost and the host of `public_url`.
    pub allowed_hosts: Vec<String>,
    /// Web origins whose pages may call this server, instead of those on localhost.
    pub allowed_origins: Vec<String>,
    /// Lets everybody in who can reach the address, if nobody is asked to sign in.
    pub allow_anonymous: bool,
    /// Proxies whose `X-Forwarded-For` tells a client's address, for limits: addresses or networks, as in `10.0.0.1` and
    /// `10.0.0.0/8`.
    pub trusted_proxies: Vec<Network>,
    /// How many processes like this one there are. More than one need the store `postgres`.
    pub replicas: Option<u16>,
    /// Lets requests go to private addresses though other machines reach this server.
    pub danger_allow_private_upstreams: bool,
    /// Lets sign-in, keys and tokens be fetched from private addresses: for providers inside the same network.
    pub danger_allow_private_providers: bool,
    /// How operations become tools.
    pub tools: Tools,
    /// What a call may cost.
    pub calls: Calls,
    /// Credentials of everybody's, by security scheme of the description: `env:NAME` or `file:PATH`.
    pub credentials: BTreeMap<String, SecretRef>,
    /// Header fields sent with every request: `env:NAME` or `file:PATH`.
    pub headers: BTreeMap<String, SecretRef>,
    /// Links for people, told in the metadata: `documentation`, `policy`, `terms`.
    pub links: Links,
    /// Who may call, and as whom the API is called.
    pub auth: Auth,
    /// Where grants are kept; in the SQLite file `oasgate.db` beside this one unless told.
    pub store: Option<Store>,
    /// The keys that seal what is kept.
    pub keys: Keys,
    /// How often somebody may do something.
    pub limits: Limits,
}

/// How operations become tools.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tools {
    /// What input schemas may contain: `portable` (default) or `full`.
    pub profile: Option<Profile>,
    /// The longest name a tool may have, in characters.
    pub name_limit: Option<u16>,
    /// Which operations become tools: patterns of operationId, `METHOD /path` or tag.
    pub include: Vec<String>,
    /// Which do not.
    pub exclude: Vec<String>,
    /// Only operations that change nothing.
    pub read_only: bool,
    /// What every name begins with.
    pub prefix: Option<String>,
    /// Lists output schemas, too.
    pub output_schema: bool,
    /// OpenAPI overlays, applied in this order.
    pub overlays: Vec<String>,
    /// Hosts on the web that references may lead to.
    pub allow_ref_hosts: Vec<String>,
    /// The tools that somebody has found good, as `oasgate tools --json` has written them: a description that says anything
    /// else is not served.
    pub pinned: Option<String>,
    /// Which calls a person must agree to: `never`, `marked` (default), `destructive`.
    pub confirm: Option<Confirm>,
}

/// What input schemas may contain.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// What every known host and model takes.
    Portable,
    /// All that the description says.
    Full,
}

/// Which calls a person must agree to.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// None.
    Never,
    /// Those the description marks.
    Marked,
    /// Those, and all that may change or remove something.
    Destructive,
}

/// What a call may cost.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// Seconds a request may take.
    pub timeout: Option<u16>,
    /// Bytes an answer may have.
    pub max_response: Option<usize>,
    /// Characters of an answer that are shown.
    pub max_characters: Option<u32>,
    /// Requests in flight to one origin.
    pub max_concurrent: Option<u16>,
    /// Bytes of answers that are kept as long as the API allows.
    pub cache_bytes: Option<u64>,
    /// Keeps also answers to requests that carry credentials, each for who asked.
    pub cache_credentialed: bool,
}

/// Links for people.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// Documentation for developers.
    pub documentation: Option<String>,
    /// The privacy policy.
    pub policy: Option<String>,
    /// The terms of service.
    pub terms: Option<String>,
}

/// Who may call, and as whom the API is called.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Who may call: any of these at once.
    pub inbound: Inbound,
    /// As whom the API is called.
    pub outbound: Option<Outbound>,
    /// What scopes mean, for the page that asks for consent: by name. Those of the description need not be here.
    pub scopes: BTreeMap<String, Scope>,
}

/// A scope.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// What it allows, for people.
    pub description: Option<String>,
    /// Scopes that whoever has this one has as well.
    pub implies: Vec<String>,
}

/// Where grants are kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Store {
    /// In memory: gone with the process.
    Memory {},
    /// In a SQLite file: for one machine.
    Sqlite {
        /// The file; `oasgate.db` unless told.
        #[serde(default)]
        path: Option<String>,
    },
    /// In PostgreSQL: for any number of replicas.
    Postgres {
        /// The connection string, as `env:NAME` or `file:PATH`.
        url: SecretRef,
    },
}

/// The keys that seal what is kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Master keys, newest first: each `env:NAME` or `file:PATH` of 32 bytes in base64url, as `oasgate keys new` prints them.
    /// The first seals, all open.
    pub master: Vec<SecretRef>,
    /// Instead of that, a file with one such key a line, newest first, which is made if it is not there and kept by
    /// `oasgate keys rotate`. Unless told, it lies beside the SQLite store.
    pub file: Option<String>,
}

/// How often somebody may do something.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests of one user.
    pub principal: Option<Rate>,
    /// Requests of one OAuth client.
    pub client: Option<Rate>,
    /// Requests from one address that show nothing valid, keys that are new where none is tried, and requests to sign-in
    /// pages. Once it is reached, nothing new that is shown from there is tried.
    pub address: Option<Rate>,
    /// Registrations of clients from one address.
    pub registration: Option<Rate>,
    /// Connections open from one address; 1,000 unless told, any number if 0. This machine and `trusted_proxies` are not
    /// counted.
    pub connections_per_address: Option<usize>,
}

/// A rate.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many in a minute.
    pub per_minute: u32,
    /// How many at once.
    pub burst: u32,
}
