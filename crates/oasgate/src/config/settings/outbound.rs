//! As whom the API is called.

use http::header::AUTHORIZATION;
use oasgate_auth::{Others, Outbound, Provider, TokenExchange};

use super::Work;
use crate::config::auth::{OutboundKind, Sent};
use crate::credential::Placement;

impl Work<'_> {
    pub(super) fn outbound(&mut self) -> (Outbound, Others) {
        let Some(told) = &self.config.file.auth.outbound else {
            self.wrong(
                "`auth.outbound` is needed: as whom the API is called, as in `kind = \"grant\"`, `\"minted_key\"`, `\"forward\"` or \
                 `\"static\"`",
            );
            return (Outbound::Static, Others::default());
        };
        let all = self.sent(&told.all, "auth.outbound");
        let mut of = |told: &Option<Sent>, way: &str| {
            told.as_ref().map(|told| self.sent(told, &format!("auth.outbound.{way}")))
        };
        let others = Others {
            api_key: of(&told.api_key, "api_key"),
            resource_server: of(&told.resource_server, "resource_server"),
            machines: of(&told.machines, "machines"),
        };
        let Some(signed_in) = of(&told.broker, "broker") else { return (all, others) };
        let Others { api_key, resource_server, machines } = others;
        let or_all = |told: Option<Outbound>| Some(told.unwrap_or_else(|| all.clone()));
        let others = Others {
            api_key: or_all(api_key),
            resource_server: or_all(resource_server),
            machines: or_all(machines),
        };
        (signed_in, others)
    }

    fn sent(&mut self, told: &Sent, what: &str) -> Outbound {
        match told.kind {
            OutboundKind::None | OutboundKind::Static => Outbound::Static,
            OutboundKind::Forward => Outbound::Forward,
            OutboundKind::Grant => Outbound::Grant,
            OutboundKind::MintedKey => Outbound::MintedKey,
            OutboundKind::ClientCredentials => Outbound::ClientCredentials {
                provider: self.provider(told, what),
                scopes: told.scopes.clone(),
                audience: told.audience.clone(),
                resource: told.resource.clone(),
            },
            OutboundKind::TokenExchange => Outbound::TokenExchange(TokenExchange {
                provider: self.provider(told, what),
                audience: told.audience.clone(),
                resource: told.resource.clone(),
                scopes: told.scopes.clone(),
            }),
        }
    }

    fn provider(&mut self, told: &Sent, what: &str) -> Provider {
        if told.issuer.is_none() && told.token_endpoint.is_none() {
            self.wrong(format!("`{what}` needs `issuer` or `token_endpoint`: where the token is had"));
        }
        let client_id = told.client_id.clone().unwrap_or_else(|| {
            self.wrong(format!("`{what}.client_id` is needed: who we are to the token endpoint"));
            String::new()
        });
        Provider {
            issuer: told.issuer.clone(),
            token_endpoint: told.token_endpoint.clone(),
            revocation_endpoint: None,
            client_id,
            auth: self.proof(&told.proof, what),
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
}
