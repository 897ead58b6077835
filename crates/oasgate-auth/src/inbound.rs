//! Who is calling: one constant order of questions, and no second try.
//!
//! ```text
//!  request ─► shown ─► several? 400 · in the query? 401
//!               ├─ begins as our tokens do ─► the broker
//!               ├─ looks like a JWT        ─► resource_server: a configured issuer's, or nobody's
//!               ├─ matches the pattern     ─► api_key
//!               ├─ opaque, as a bearer     ─► introspection
//!               └─ else                    ─► challenge: 401
//! ```
//!
//! What has matched one of these is never tried as another. That a JWT cannot come to the API keys is the line between
//! what may be forwarded and what must not (MCP 2026-07-28, basic/authorization, "Token Passthrough"). Owns this order.
//! Knows nothing of what goes upstream.

mod api_key;
mod challenge;
mod familiar;
mod introspection;
mod resource_server;
mod shown;

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::request;

pub(crate) use api_key::KeyGate;
pub(crate) use challenge::Challenge;
pub(crate) use familiar::Familiar;
pub(crate) use shown::Shown;

use crate::settings::{ApiKeys, Settings};
use crate::token::{Token, TokenKind};
use crate::{Identity, Parts, Presented, Secret, SetupError, jwt};
use challenge::Challenges;
use resource_server::ResourceServer;

/// What knows the access tokens that this server has issued.
pub(crate) trait AccessTokens: Debug + Send + Sync {
    /// Whose a token is.
    fn identify<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<Identity, Denied>>;

    /// The same, if it has been found out so lately that nobody needs to be asked.
    fn recall(&self, token: &Token) -> Option<Identity>;
}

/// Why a request is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It shows nothing: 401, without an error (RFC 6750, 3.1).
    Absent,
    /// It is wrong in itself: 400 `invalid_request`.
    Malformed(&'static str),
    /// What it shows is good for nothing: 401 `invalid_token`. The text is for who develops the client.
    Invalid(String),
    /// The token is not good for this: 403 `insufficient_scope`, with all that is needed.
    NeedsScopes(Vec<String>),
    /// Whether it is good cannot be found out now: 503.
    Later {
        /// When to try again, in seconds.
        retry_after: u64,
    },
}

impl Denied {
    pub(crate) fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid(why.into())
    }
}

/// The ways in.
#[derive(Debug)]
pub(crate) struct Inbound {
    api_keys: Option<(ApiKeys, Arc<KeyGate>)>,
    resource_server: Option<ResourceServer>,
    broker: Option<Arc<dyn AccessTokens>>,
    /// The path at which only keys are taken.
    keys_path: Option<String>,
    challenges: Challenges,
    familiar: Arc<Familiar>,
}

impl Inbound {
    /// The ways in that the settings open. `broker` is what knows our own tokens, where there are any.
    ///
    /// # Errors
    /// The operator's: what is configured cannot be.
    pub(crate) fn new(
        settings: &Settings,
        parts: &Parts,
        broker: Option<Arc<dyn AccessTokens>>,
    ) -> Result<Self, SetupError> {
        let inbound = &settings.inbound;
        let resource_server = inbound.resource_server.as_ref();
        let keys = inbound.api_key.as_ref();
        let familiar = Arc::new(Familiar::new(parts.keyring.clone(), parts.clock.clone()));
        let gate = |keys| Arc::new(KeyGate::new(keys, parts, Arc::clone(&familiar)));
        Ok(Self {
            api_keys: keys.map(|keys| (keys.clone(), gate(keys))),
            resource_server: resource_server
                .map(|trusted| ResourceServer::new(trusted, settings, parts))
                .transpose()?,
            broker,
            keys_path: keys
                .and_then(|keys| keys.path.clone())
                .filter(|path| path != settings.public_url.path()),
            challenges: Challenges::new(settings),
            familiar,
        })
    }

    /// The keys that have been tried: to forget one that the API no longer takes.
    pub(crate) fn keys(&self) -> Option<Arc<KeyGate>> {
        self.api_keys.as_ref().map(|(_, gate)| Arc::clone(gate))
    }

    /// The credentials that have let somebody in of late.
    pub(crate) fn familiar(&self) -> &Familiar {
        &self.familiar
    }

    /// What a request shows. Nobody is asked for that.
    ///
    /// # Errors
    /// The answer that it gets instead.
    pub(crate) fn shown(&self, request: &request::Parts) -> Result<Shown, Challenge> {
        let shown = Shown::of(request, self.api_keys.as_ref().map(|(keys, _)| keys));
        shown.map_err(|denied| self.challenge(request.uri.path(), denied))
    }

    /// Who shows this, at this path, if that is a token about which nobody needs to be asked.
    pub(crate) fn recall(&self, shown: &Shown, path: &str) -> Option<Identity> {
        if !shown.is_bearer || self.is_for_keys(path) {
            return None;
        }
        if TokenKind::any_begins(shown.secret.expose()) {
            let token = access_token(&shown.secret)?;
            return self.broker.as_ref()?.recall(&token);
        }
        self.resource_server.as_ref()?.recall(&shown.secret)
    }

    /// Who shows this, at this path. The API, an authorization server or the store may be asked.
    ///
    /// # Errors
    /// The answer that they get instead.
    pub(crate) async fn identify(&self, shown: Shown, path: &str) -> Result<Identity, Challenge> {
        let identity = self.decide(shown, self.is_for_keys(path)).await;
        identity.map_err(|denied| self.challenge(path, denied))
    }

    /// Whether what somebody has shown is proven to be theirs. A key that nobody has tried is not: anybody can make one
    /// up that matches the pattern.
    pub(crate) fn is_proven(&self, presented: &Presented) -> bool {
        match presented {
            Presented::ApiKey(_) => self.api_keys.as_ref().is_some_and(|(_, gate)| gate.proves()),
            Presented::Jwt(_) | Presented::Grant { .. } | Presented::Machine => true,
        }
    }

    /// The answer to a request at this path that is not let in, or not let do what it asks for.
    pub(crate) fn challenge(&self, path: &str, denied: Denied) -> Challenge {
        self.challenges.of(denied, self.is_for_keys(path))
    }

    fn is_for_keys(&self, path: &str) -> bool {
        self.keys_path.as_deref() == Some(path)
    }

    async fn decide(&self, shown: Shown, keys_only: bool) -> Result<Identity, Denied> {
        let text = shown.secret.expose();
        if TokenKind::any_begins(text) {
            let token = access_token(&shown.secret).filter(|_| shown.is_bearer);
            return match (token, &self.broker) {
                (Some(token), Some(broker)) if !keys_only => broker.identify(&token).await,
                _ => Err(Denied::invalid("it is no access token of this server")),
            };
        }
        if jwt::is_jwt_shaped(text) {
            return match &self.resource_server {
                Some(trusted) if !keys_only && shown.is_bearer => trusted.identify_jwt(&shown.secret).await,
                _ => Err(Denied::invalid("JWTs are not accepted here")),
            };
        }
        if let Some((keys, gate)) = &self.api_keys
            && shown.is_key_place
            && matches_whole(keys, text)
        {
            return gate.identify(shown.secret).await;
        }
        match &self.resource_server {
            Some(trusted) if !keys_only && shown.is_bearer => trusted.identify_opaque(&shown.secret).await,
            _ => Err(Denied::invalid("it is nothing that this server accepts")),
        }
    }
}

/// The access token of ours that a text is.
fn access_token(secret: &Secret) -> Option<Token> {
    Token::read(secret).filter(|token| token.kind() == TokenKind::Access)
}

/// Whether a text is matched as a whole, however the pattern is written.
fn matches_whole(keys: &ApiKeys, text: &str) -> bool {
    keys.pattern.find(text).is_some_and(|found| found.len() == text.len())
}
