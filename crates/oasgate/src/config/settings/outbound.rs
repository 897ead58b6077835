//! As whom the API is called, and what does not go together with who may call.

use http::header::AUTHORIZATION;
use oasgate_auth::{Outbound, Provider, TokenExchange};

use super::Work;
use crate::config::auth::{self, OutboundKind};
use crate::credential::Placement;

impl Work<'_> {
    pub(super) fn outbound(&mut self) -> Outbound {
        let Some(told) = &self.config.file.auth.outbound else {
            self.wrong(
                "`auth.outbound` is needed: as whom the API is called, as in `kind = \"grant\"`, `\"minted_key\"`, `\"forward\"` or \
                 `\"static\"`",
            );
            return Outbound::Static;
        };
        match told.kind {
            OutboundKind::None | OutboundKind::Static => Outbound::Static,
            OutboundKind::Forward => Outbound::Forward,
            OutboundKind::Grant => Outbound::Grant,
            OutboundKind::MintedKey => Outbound::MintedKey,
            OutboundKind::ClientCredentials => Outbound::ClientCredentials {
                provider: self.provider(told),
                scopes: told.scopes.clone(),
                resource: told.resource.clone(),
            },
            OutboundKind::TokenExchange => Outbound::TokenExchange(TokenExchange {
                provider: self.provider(told),
                audience: told.audience.clone(),
                resource: told.resource.clone(),
                scopes: told.scopes.clone(),
            }),
        }
    }

    fn provider(&mut self, told: &auth::Outbound) -> Provider {
        if told.issuer.is_none() && told.token_endpoint.is_none() {
            self.wrong("`auth.outbound` needs `issuer` or `token_endpoint`: where the token is had");
        }
        let client_id = told.client_id.clone().unwrap_or_else(|| {
            self.wrong("`auth.outbound.client_id` is needed: who we are to the token endpoint");
            String::new()
        });
        Provider {
            issuer: told.issuer.clone(),
            token_endpoint: told.token_endpoint.clone(),
            revocation_endpoint: None,
            client_id,
            auth: self.proof(&told.proof, "auth.outbound"),
        }
    }

    pub(super) fn placement(&mut self) -> Placement {
        let Some(told) = &self.config.file.auth.outbound else { return Placement::default() };
        let field = told.header.as_ref().and_then(|name| {
            let Ok(name) = name.parse::<http::HeaderName>() else {
                self.wrong("`auth.outbound.header` is not the name of a header field");
                return None;
            };
            let usual = if name == AUTHORIZATION { "Bearer {credential}" } else { "{credential}" };
            Some((name, told.value.clone().unwrap_or_else(|| usual.to_owned())))
        });
        if told.value.as_ref().is_some_and(|value| value.matches("{credential}").count() != 1) {
            self.wrong("`auth.outbound.value` must hold `{credential}` once: that is what is replaced");
        }
        if told.value.is_some() && told.header.is_none() {
            self.wrong(
                "`auth.outbound.value` says what a field holds: name the field as `auth.outbound.header`",
            );
        }
        Placement { scheme: told.scheme.clone(), field }
    }

    /// What goes upstream must be had from who is let in.
    pub(super) fn check_combination(&mut self) {
        let Some(outbound) = &self.config.file.auth.outbound else { return };
        let inbound = &self.config.file.auth.inbound;
        let broker = inbound.broker.as_ref();
        match outbound.kind {
            OutboundKind::Forward if inbound.resource_server.is_some() => self.wrong(
                "`auth.outbound.kind = \"forward\"` does not go together with `auth.inbound.resource_server`: a token that was made \
                 for this server must not be passed on (MCP, \"Token Passthrough\"); use `token_exchange`",
            ),
            OutboundKind::Forward if broker.is_some() => self.wrong(
                "`auth.outbound.kind = \"forward\"` is for keys only: who signs in has none to forward. Say what goes upstream for \
                 them (`grant`, `minted_key`); keys are forwarded beside that",
            ),
            OutboundKind::Forward if inbound.api_key.is_none() => self.wrong(
                "`auth.outbound.kind = \"forward\"` needs `auth.inbound.api_key`: nothing else may be forwarded",
            ),
            OutboundKind::Grant if broker.is_none_or(|broker| broker.oauth.is_none()) => {
                self.wrong("`auth.outbound.kind = \"grant\"` needs `auth.inbound.broker.oauth`: the token comes from signing in there");
            }
            OutboundKind::MintedKey if broker.is_none_or(|broker| broker.oauth.is_some()) => self.wrong(
                "`auth.outbound.kind = \"minted_key\"` needs `auth.inbound.broker` with `portal` or `paste`: the key comes from there",
            ),
            OutboundKind::TokenExchange if inbound.resource_server.is_none() => self.wrong(
                "`auth.outbound.kind = \"token_exchange\"` needs `auth.inbound.resource_server`: it is the caller's token that is exchanged",
            ),
            _ => {}
        }
        let serves_static = matches!(outbound.kind, OutboundKind::None | OutboundKind::Static);
        if outbound.kind == OutboundKind::None && !self.config.file.credentials.is_empty() {
            self.wrong(
                "`auth.outbound.kind = \"none\"` and `[credentials]` contradict each other: say `static`",
            );
        }
        if !serves_static && !self.config.file.credentials.is_empty() {
            self.wrong(
                "`[credentials]` are everybody's, and `auth.outbound` says that each caller has their own: remove one of them",
            );
        }
    }

    /// Nobody is asked who they are: nothing of theirs can go upstream.
    pub(super) fn check_open(&mut self, kind: OutboundKind) {
        if !matches!(kind, OutboundKind::None | OutboundKind::Static | OutboundKind::ClientCredentials) {
            self.wrong(
                "`auth.outbound` sends what callers have, and `auth.inbound` asks nobody: say who may call",
            );
        }
    }
}
