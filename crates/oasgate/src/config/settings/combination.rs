//! What goes upstream against who is let in: for every way in there must be something that can go.

use super::Work;
use crate::config::auth::{Broker, Inbound, Outbound, OutboundKind, Sent};

/// A way in, and what goes upstream for who has come by it.
struct Way<'f> {
    /// What lets them in.
    inbound: &'static str,
    /// What may be said of them alone.
    own: &'static str,
    is_open: bool,
    told: Option<&'f Sent>,
    /// Why nothing of this kind can be had for them.
    impossible: fn(OutboundKind, &Inbound) -> Option<&'static str>,
}

impl Work<'_> {
    /// What goes upstream must be had from who is let in.
    pub(super) fn check_combination(&mut self) {
        let Some(outbound) = &self.config.file.auth.outbound else { return };
        let inbound = &self.config.file.auth.inbound;
        if let Some(lacking) = lacking(outbound.all.kind, inbound) {
            self.wrong(format!("`auth.outbound.kind = \"{}\"` {lacking}", outbound.all.kind.as_str()));
            return;
        }
        let ways = ways(inbound, outbound);
        for way in &ways {
            self.check_way(way, outbound.all.kind, inbound);
        }
        let open = || ways.iter().filter(|way| way.is_open);
        let kinds = || open().map(|way| way.told.map_or(outbound.all.kind, |told| told.kind));
        if kinds().any(OutboundKind::is_shared) && !kinds().all(OutboundKind::is_shared) {
            self.wrong(
                "`auth.outbound` sends what callers have of their own for some, and what is everybody's, or nothing, for others: \
                 that does not go together. `client_credentials` gives a token of our own to those who have none",
            );
        }
        if kinds().any(|kind| kind == OutboundKind::None) && !self.config.file.credentials.is_empty() {
            self.wrong(
                "`auth.outbound.kind = \"none\"` and `[credentials]` contradict each other: say `static`",
            );
        }
        if !kinds().any(OutboundKind::is_shared) && !self.config.file.credentials.is_empty() {
            self.wrong(
                "`[credentials]` are everybody's, and `auth.outbound` says that each caller has their own: remove one of them",
            );
        }
    }

    fn check_way(&mut self, way: &Way<'_>, usual: OutboundKind, inbound: &Inbound) {
        let Way { inbound: lets_in, own, .. } = way;
        if !way.is_open {
            if way.told.is_some() {
                self.wrong(format!(
                    "`auth.outbound.{own}` says what goes upstream for callers whom nothing lets in: there is no `{lets_in}`"
                ));
            }
            return;
        }
        let (key, kind) = match way.told {
            Some(told) => (format!("auth.outbound.{own}.kind"), told.kind),
            // Keys are forwarded beside what is had by signing in.
            None if *own == "api_key" && matches!(usual, OutboundKind::Grant | OutboundKind::MintedKey) => {
                return;
            }
            None => ("auth.outbound.kind".to_owned(), usual),
        };
        if let Some(reason) = (way.impossible)(kind, inbound) {
            let kind = kind.as_str();
            self.wrong(format!(
                "`{key} = \"{kind}\"` does not go together with `{lets_in}`: {reason}. `[auth.outbound.{own}]` says what goes \
                 upstream for these callers alone"
            ));
        }
    }

    /// Nobody is asked who they are: nothing of theirs can go upstream, and nothing is had for them.
    pub(super) fn check_open(&mut self, outbound: &Outbound) {
        let Outbound { api_key, resource_server, broker, machines, .. } = outbound;
        let ways = [api_key, resource_server, broker, machines].into_iter().flatten();
        if std::iter::once(&outbound.all).chain(ways).any(|sent| !sent.kind.is_shared()) {
            self.wrong(
                "`auth.outbound` says what goes upstream for callers, and `auth.inbound` asks nobody: say who may call, or give what \
                 everybody shares as `[credentials]`",
            );
        }
    }
}

fn ways<'f>(inbound: &'f Inbound, outbound: &'f Outbound) -> [Way<'f>; 4] {
    let broker = inbound.broker.as_ref();
    [
        Way {
            inbound: "auth.inbound.api_key",
            own: "api_key",
            is_open: inbound.api_key.is_some(),
            told: outbound.api_key.as_ref(),
            impossible: |kind, _| match kind {
                OutboundKind::Grant | OutboundKind::MintedKey => {
                    Some("who shows a key has nothing else here; their key can be forwarded")
                }
                OutboundKind::TokenExchange => Some("a key is no token that could be exchanged"),
                _ => None,
            },
        },
        Way {
            inbound: "auth.inbound.resource_server",
            own: "resource_server",
            is_open: inbound.resource_server.is_some(),
            told: outbound.resource_server.as_ref(),
            impossible: |kind, _| match kind {
                OutboundKind::Forward => Some(
                    "a token that was made for this server must not be passed on (MCP, \"Token Passthrough\"); it can be exchanged \
                     (`token_exchange`)",
                ),
                OutboundKind::Grant | OutboundKind::MintedKey => {
                    Some("they have signed in elsewhere, and nothing of theirs is kept here")
                }
                _ => None,
            },
        },
        Way {
            inbound: "auth.inbound.broker",
            own: "broker",
            is_open: broker.is_some(),
            told: outbound.broker.as_ref(),
            impossible: of_signed_in,
        },
        Way {
            inbound: "auth.inbound.broker.clients",
            own: "machines",
            is_open: broker.is_some_and(has_machines),
            told: outbound.machines.as_ref(),
            impossible: |kind, _| match kind {
                OutboundKind::ClientCredentials | OutboundKind::None | OutboundKind::Static => None,
                _ => Some(
                    "clients that act for themselves, and users of `trusted_idps`, have nothing of their own for the API; a token of \
                     ours can be had for them (`client_credentials`)",
                ),
            },
        },
    ]
}

fn of_signed_in(kind: OutboundKind, inbound: &Inbound) -> Option<&'static str> {
    let has_oauth = inbound.broker.as_ref().is_some_and(|broker| broker.oauth.is_some());
    match kind {
        OutboundKind::Forward => Some(
            "it is for keys only, and who signs in has none to forward. Say what goes upstream for them (`grant`, `minted_key`); \
             keys are forwarded beside that",
        ),
        OutboundKind::Grant if !has_oauth => {
            Some("it needs `auth.inbound.broker.oauth`: the token comes from signing in there")
        }
        OutboundKind::MintedKey if has_oauth => {
            Some("it needs `auth.inbound.broker` with `portal` or `paste`: the key comes from there")
        }
        OutboundKind::TokenExchange => Some("a token of this server is worth nothing elsewhere"),
        _ => None,
    }
}

/// Whether somebody can come in by the broker who has no grant.
fn has_machines(broker: &Broker) -> bool {
    broker.clients.values().any(|client| client.client_credentials) || !broker.trusted_idps.is_empty()
}

/// What must let somebody in for a kind to make sense at all.
fn lacking(kind: OutboundKind, inbound: &Inbound) -> Option<&'static str> {
    match kind {
        OutboundKind::Forward if inbound.api_key.is_none() => {
            Some("needs `auth.inbound.api_key`: nothing else may be forwarded")
        }
        OutboundKind::Grant if inbound.broker.is_none() => {
            Some("needs `auth.inbound.broker.oauth`: the token comes from signing in there")
        }
        OutboundKind::MintedKey if inbound.broker.is_none() => {
            Some("needs `auth.inbound.broker` with `portal` or `paste`: the key comes from there")
        }
        OutboundKind::TokenExchange if inbound.resource_server.is_none() => {
            Some("needs `auth.inbound.resource_server`: it is the caller's token that is exchanged")
        }
        _ => None,
    }
}
