//! Asking the authorization server about a token that says nothing itself (RFC 7662).

use std::sync::Arc;

use futures_util::FutureExt as _;
use serde_json::{Map, Value};

use super::Denied;
use super::resource_server::{Audience, Bearer, is_access_token, unavailable};
use crate::flight::Flights;
use crate::jwt::Claims;
use crate::provider::{ProviderError, Remote, is_safe};
use crate::settings::Introspection;
use crate::{Clock, Parts, PublicUrl, Secret, SetupError, Timestamp};

/// The introspection endpoint.
#[derive(Debug)]
pub(super) struct Introspector {
    url: String,
    issuer: String,
    audience: Audience,
    audience_may_be_missing: bool,
    remote: Arc<Remote>,
    clock: Clock,
    flights: Flights<Result<Map<String, Value>, ProviderError>>,
}

impl Introspector {
    /// # Errors
    /// The endpoint is no place for tokens, or the private key cannot sign.
    pub(super) fn new(
        settings: &Introspection,
        resource: &PublicUrl,
        parts: &Parts,
    ) -> Result<Self, SetupError> {
        if !is_safe(&settings.url) {
            return Err(SetupError("the introspection endpoint must be an https URL".to_owned()));
        }
        Ok(Self {
            url: settings.url.clone(),
            issuer: settings.issuer.clone(),
            audience: Audience::new(settings.audience.as_deref(), resource),
            audience_may_be_missing: settings.audience_may_be_missing,
            remote: Arc::new(Remote::new(&settings.client, &parts.operator, &parts.clock)?),
            clock: parts.clock.clone(),
            flights: Flights::default(),
        })
    }

    pub(super) fn speaks_for(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    /// Whose a token is. `hash` stands for it among those that are being asked about.
    pub(super) async fn ask(&self, token: &Secret, hash: &str) -> Result<Bearer, Denied> {
        let begin = || {
            let (remote, url, token) = (Arc::clone(&self.remote), self.url.clone(), token.clone());
            let ask = async move {
                // RFC 7662, 2.1
                let parameters = [("token", token.expose()), ("token_type_hint", "access_token")];
                remote.post(&url, &parameters).await
            };
            ask.boxed()
        };
        let answer = self.flights.join(hash, begin).await.map_err(unavailable)?;
        self.judge(&Claims::new(answer), self.clock.now())
    }

    /// RFC 7662, 2.2 and 4. What an answer does not say is for the authorization server to have checked, but for whom the
    /// token is (MCP 2026-07-28, basic/authorization, "Token Handling": only tokens for us are good); what it says must
    /// be so.
    fn judge(&self, claims: &Claims, now: Timestamp) -> Result<Bearer, Denied> {
        if claims.truth("active") != Some(true) {
            return Err(Denied::invalid("it is not active"));
        }
        let is_bearer = claims.text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"));
        if !is_bearer || !is_access_token(None, claims) {
            return Err(Denied::invalid("it is no bearer token for access"));
        }
        if claims.has("iss") && claims.text("iss") != Some(&self.issuer) {
            return Err(Denied::invalid("its issuer is not one that this server trusts"));
        }
        if claims.has("aud") {
            if !self.audience.is_among(claims) {
                return Err(Denied::invalid("it is not for this server: its `aud` is another"));
            }
        } else if !self.audience_may_be_missing {
            return Err(Denied::invalid("nothing says that it is for this server: it has no `aud`"));
        }
        let end = if claims.has("exp") || claims.has("nbf") {
            claims.check_time(now).map_err(|error| Denied::invalid(error.to_string()))?
        } else {
            Timestamp::MAX
        };
        Bearer::of(&self.issuer, claims, None, end)
    }
}
