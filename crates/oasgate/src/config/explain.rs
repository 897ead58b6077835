//! What a configuration makes, told to the operator: who may call, as whom the API is called, what is kept where, and
//! what is dangerous about it.

use std::fmt;

use oasgate_auth::{Cimd, Leg, Others, Outbound, Registration};
use serde_json::{Map, Value};

use super::settings::{Keeping, MasterKeys, Prepared};
use super::{Config, file};

/// Headings, and what there is to say under each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained(Vec<(&'static str, Vec<String>)>);

impl Config {
    /// Explains what this file makes; `prepared` is what it says of who may call, if it asks, and `served` what is
    /// served.
    #[must_use]
    pub fn explain(&self, prepared: Option<&Prepared>, served: String) -> Explained {
        let mut said = vec![("serves", vec![served]), ("listens on", vec![self.place()])];
        match prepared {
            None => said.push(("who may call", vec!["everybody who can reach it".to_owned()])),
            Some(prepared) => {
                said.push(("clients use", vec![prepared.settings.public_url.resource().to_owned()]));
                said.push(("who may call", callers(prepared)));
                said.push(("without that", vec![challenge(prepared)]));
                said.push(("goes upstream", outbound(prepared)));
                said.push(("is kept", vec![keeping(prepared)]));
            }
        }
        let dangers = self.dangers(prepared);
        said.push(("dangers", if dangers.is_empty() { vec!["none".to_owned()] } else { dangers }));
        Explained(said)
    }

    fn place(&self) -> String {
        let listen =
            self.file.listen.map_or_else(|| "127.0.0.1:8080".to_owned(), |address| address.to_string());
        format!("http://{listen}{}", self.mount().unwrap_or_else(|| "/mcp".to_owned()))
    }

    fn dangers(&self, prepared: Option<&Prepared>) -> Vec<String> {
        let file::File { listen, allow_anonymous, .. } = &self.file;
        let is_open = listen.is_some_and(|address| !address.ip().to_canonical().is_loopback());
        let rows = [
            (
                prepared.is_none() && is_open && *allow_anonymous,
                "everybody who reaches this address uses the API with your credentials (allow_anonymous)",
            ),
            (
                prepared.is_some() && is_open,
                "this address speaks http: what ends TLS must be in front of it, and nobody else may reach it",
            ),
            (
                prepared.is_some_and(|prepared| {
                    !prepared.settings.public_url.is_loopback()
                        && prepared.settings.trusted_proxies.is_empty()
                }),
                "whoever comes through the proxy in front counts as one address, and one of them can use up the limits of all: \
                 name it (trusted_proxies)",
            ),
            (
                prepared
                    .and_then(|prepared| prepared.settings.inbound.api_key.as_ref())
                    .is_some_and(|keys| keys.verification.is_none()),
                "whatever looks like a key lets its bearer in: only the API tells whether it is one (api_key without verify)",
            ),
            (
                self.file.danger_allow_private_upstreams,
                "requests may be led to private addresses (danger_allow_private_upstreams)",
            ),
            (
                self.file.danger_allow_private_providers,
                "keys, tokens and sign-in are fetched from private addresses, too (danger_allow_private_providers)",
            ),
            (
                self.file.calls.cache_credentialed,
                "answers to requests with credentials are kept, each for who asked (cache_credentialed)",
            ),
            (
                prepared.is_some_and(|prepared| matches!(prepared.keeping, Keeping::Memory)),
                "everybody must sign in again when the process ends (store memory)",
            ),
            (
                prepared
                    .and_then(|prepared| {
                        prepared.settings.inbound.resource_server.as_ref()?.introspection.as_ref()
                    })
                    .is_some_and(|asked| asked.audience_may_be_missing),
                "a token for another resource of the authorization server may let in (danger_allow_missing_audience)",
            ),
            (
                prepared
                    .and_then(|prepared| prepared.settings.inbound.broker.as_ref())
                    .is_some_and(|broker| matches!(broker.cimd, Cimd::Open { .. })),
                "any site can be a client (cimd open): users must look at the name of the host they agree to",
            ),
        ];
        rows.into_iter().filter(|(is_so, _)| *is_so).map(|(_, danger)| danger.to_owned()).collect()
    }
}

impl Explained {
    /// As JSON: an object of headings, each with its lines.
    #[must_use]
    pub fn json(&self) -> Value {
        let said = self.0.iter().map(|(heading, lines)| ((*heading).to_owned(), Value::from(lines.clone())));
        Value::Object(said.collect::<Map<_, _>>())
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, lines) in &self.0 {
            for (index, line) in lines.iter().enumerate() {
                writeln!(f, "{:<15}{line}", if index == 0 { heading } else { "" })?;
            }
        }
        Ok(())
    }
}

fn callers(prepared: &Prepared) -> Vec<String> {
    let inbound = &prepared.settings.inbound;
    let mut said = Vec::new();
    if let Some(broker) = &inbound.broker {
        let how = match &broker.leg {
            Leg::OAuth(oauth) => format!(
                "at {}",
                oauth
                    .provider
                    .issuer
                    .as_deref()
                    .or(oauth.authorization_endpoint.as_deref())
                    .unwrap_or("the provider")
            ),
            Leg::Portal(portal) => format!("at {}, which mints a key for each", portal.url),
            Leg::Paste(_) => "by pasting a key of the API here".to_owned(),
        };
        said.push(format!(
            "who has signed in {how}; access tokens live {} s, grants {} s unused",
            broker.access_ttl.as_secs(),
            broker.refresh_ttl.as_secs()
        ));
        let registers = match broker.registration {
            Registration::Open => "register themselves (RFC 7591)",
            Registration::Token(_) => "register with a token",
            Registration::Off => "are known beforehand",
        };
        let named = match &broker.cimd {
            Cimd::Off => String::new(),
            Cimd::Allowlist { hosts, pinned } if hosts.is_empty() => match pinned.len() {
                0 => String::new(),
                count => format!(", or are named by their metadata, which is at hand ({count} pinned)"),
            },
            Cimd::Allowlist { hosts, pinned } => {
                format!(", or are named by their metadata at {} ({} pinned)", hosts.join(", "), pinned.len())
            }
            Cimd::Open { .. } => ", or are named by their metadata anywhere".to_owned(),
        };
        said.push(format!("  by clients that {registers}{named}"));
        let machines = broker.clients.values().filter(|client| client.client_credentials).count();
        if machines > 0 {
            said.push(format!("  and {machines} machines for themselves (client credentials)"));
        }
    }
    if let Some(server) = &inbound.resource_server {
        said.extend(server.issuers.iter().map(|issuer| format!("who has a token of {}", issuer.issuer)));
        said.extend(
            server.introspection.iter().map(|asked| format!("who has a token that {} knows", asked.issuer)),
        );
    }
    if let Some(keys) = &inbound.api_key {
        let tried = match (&prepared.trial, keys.verification) {
            (Some(trial), Some(verification)) => match verification.ttl.as_secs() {
                0 => format!(", tried by `{}` every time", trial.operation),
                seconds => format!(", tried by `{}` every {seconds} s", trial.operation),
            },
            _ => ", not tried beforehand".to_owned(),
        };
        said.push(format!("who has an API key that matches {}{tried}", keys.pattern));
    }
    said
}

fn challenge(prepared: &Prepared) -> String {
    let inbound = &prepared.settings.inbound;
    if inbound.broker.is_none() && inbound.resource_server.is_none() {
        return "401, and nothing that begins a sign-in".to_owned();
    }
    let url = &prepared.settings.public_url;
    format!("401 that leads to {}/.well-known/oauth-protected-resource{}", url.origin(), url.path())
}

fn outbound(prepared: &Prepared) -> Vec<String> {
    let place = match &prepared.placement.field {
        Some((name, value)) => format!(" as `{name}: {value}`"),
        None => match &prepared.placement.scheme {
            Some(scheme) => format!(" for the security scheme `{scheme}`"),
            None => " where the description says".to_owned(),
        },
    };
    let Others { api_key, resource_server, machines } = &prepared.settings.others;
    let others =
        [("for API keys", api_key), ("for tokens of others", resource_server), ("for machines", machines)];
    let told =
        others.into_iter().filter_map(|(who, told)| Some(format!("{who}: {}", sent(told.as_ref()?, &place))));
    std::iter::once(sent(&prepared.settings.outbound, &place)).chain(told).collect()
}

fn sent(outbound: &Outbound, place: &str) -> String {
    match outbound {
        Outbound::Static => "what `[credentials]` has, the same for everybody".to_owned(),
        Outbound::Forward => format!("the caller's API key{place}"),
        Outbound::Grant => format!("the user's own access token{place}, refreshed here"),
        Outbound::MintedKey => format!("the user's own key{place}"),
        Outbound::ClientCredentials { .. } => format!("a token of our own{place}, the same for everybody"),
        Outbound::TokenExchange(_) => format!("a token in exchange for the caller's{place}"),
    }
}

fn keeping(prepared: &Prepared) -> String {
    let keys = match &prepared.keys {
        MasterKeys::Given(keys) => format!("sealed with {} master key(s)", keys.len()),
        MasterKeys::InFile(path) => format!("sealed with the keys in {}", path.display()),
        MasterKeys::Ephemeral => "sealed with a key of this process".to_owned(),
    };
    match &prepared.keeping {
        Keeping::Memory => format!("in memory, {keys}"),
        Keeping::Sqlite(path) => format!("in {}, {keys}", path.display()),
        Keeping::Postgres(_) => format!("in PostgreSQL, {keys}"),
    }
}
