//! Who is calling, and what goes upstream for them: two axes, set apart from each other.
//!
//! ```text
//!             inbound                                         outbound
//!  request ─► Auth::protect ─► Identity ─► (a tool call) ─► Auth::credential ─► Secret, which the caller attaches
//!               │ api_key          ▲                            │ none, forward, grant, minted_key,
//!               │ resource_server  │                            │ client_credentials, token_exchange
//!               │ broker ──────────┘                            │
//!               └─ 401 with the way to sign in                  └─ refreshed once, whoever asks first
//!
//!  Auth::router: metadata, /register, /authorize, consent, callback, /token, /revoke     (the broker)
//! ```
//!
//! Owns OAuth: endpoints, the checks of tokens and keys, the store of grants, and what is sealed in it. Knows no OpenAPI
//! and no MCP: what it protects is a router, what it hands out is a [`Secret`]. It opens no connection of its own but to
//! its database: whoever sets it up gives it [`Fetch`], which decides what may be reached.
//!
//! A client's own token never goes upstream (MCP 2026-07-28, basic/authorization, "Token Passthrough"). What may be
//! forwarded is an API key that matches the operator's pattern, and never looks like a token.

mod auth;
mod broker;
mod cipher;
mod clock;
mod fetch;
mod flight;
mod identity;
mod inbound;
mod jwt;
mod keyring;
mod keys;
mod limits;
pub mod login;
mod outbound;
mod provider;
mod public_url;
mod random;
mod records;
mod replica;
mod seal;
mod secret;
mod settings;
mod store;
mod sweeper;
#[cfg(test)]
mod testing;
mod token;

pub use auth::{Auth, NoCredential, Operations, Parts, SetupError, Verified};
pub use clock::{Clock, Hand, Timestamp};
pub use fetch::{Fetch, FetchError, FetchLimits, Fetching};
pub use identity::{Identity, Presented, Verdict};
pub use keyring::{Keyring, KeyringError};
pub use keys::{KeyUse, keys_in_use};
pub use public_url::{PublicUrl, PublicUrlError};
pub use replica::{Difference, Replica};
pub use secret::Secret;
pub use settings::{
    ApiKeys, Broker, Cimd, ClientAuth, Consent, Inbound, Introspection, Issuer, KeyPlace, Leg, Limits,
    MachineClients, OAuthLeg, Others, Outbound, PasteLeg, PortalLeg, Provider, Registration, ResourceServer,
    Scope, Settings, TokenExchange, TrustedIdp, Verification,
};
pub use store::{Commit, Done, Entry, Expect, Memory, Postgres, Sqlite, Store, StoreError, Write};
pub use sweeper::sweep_forever;
