//! What goes upstream for who calls.
//!
//! A client's token never does: it is exchanged, or another stands for it. The one thing of a caller's that is passed on
//! is an API key of the API itself, which has matched the operator's pattern and looks like no token. Owns that choice,
//! and the tokens that are had for it. Where they are put on a request, the program knows; grants are the broker's.

mod held;

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::auth::NoCredential;
use crate::inbound::KeyGate;
use crate::provider::{ProviderError, Remote, Tokens};
use crate::settings::{self, Settings};
use crate::{Identity, Parts, Presented, Secret, SetupError};
use held::Held;

/// What knows the credentials of grants.
pub(crate) trait Grants: Debug + Send + Sync {
    /// What goes upstream for this grant.
    fn credential<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Secret, NoCredential>>;

    /// Another one than the API has refused, if there can be one.
    fn renewed<'a>(
        &'a self,
        identity: &'a Identity,
        refused: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>, NoCredential>>;
}

/// The way out, by what callers have shown.
#[derive(Debug)]
pub(crate) struct Outbound {
    for_keys: Arc<Kind>,
    for_jwts: Arc<Kind>,
    for_grants: Arc<Kind>,
    for_machines: Arc<Kind>,
    keys: Option<Arc<KeyGate>>,
    grants: Option<Arc<dyn Grants>>,
}

#[derive(Debug)]
enum Kind {
    Static,
    Forward,
    OfGrant,
    Machine { source: Source, held: Held },
    Exchange { source: Source, held: Held },
}

/// Where tokens are had, and what is always asked for.
#[derive(Debug, Clone)]
struct Source {
    remote: Arc<Remote>,
    parameters: Arc<[(&'static str, String)]>,
}

/// The name of the only token that is kept where all callers share it.
const SHARED: &str = "";

const NO_KEY: &str = "only an API key can be passed on, and this caller has shown another credential; the operator must \
     choose what goes upstream for them";
const NO_GRANT: &str = "this caller has not signed in here, so there is nothing that could go upstream for them; the \
     operator must choose what does";
const NO_TOKEN: &str = "only a token of a trusted issuer can be exchanged, and this caller has shown another credential; \
     the operator must choose what goes upstream for them";
const REFUSED: &str = "the API's authorization server gives this server no token; the operator must look at the log, and at \
     how this server is registered there";

impl Outbound {
    /// The ways out that the settings choose.
    ///
    /// # Errors
    /// The operator's: a provider or a private key that cannot be.
    pub(crate) fn new(
        settings: &Settings,
        parts: &Parts,
        keys: Option<Arc<KeyGate>>,
        grants: Option<Arc<dyn Grants>>,
    ) -> Result<Self, SetupError> {
        let of_all = Arc::new(Kind::new(&settings.outbound, parts)?);
        let or = |told: &Option<settings::Outbound>| match told {
            Some(told) => Kind::new(told, parts).map(Arc::new),
            None => Ok(Arc::clone(&of_all)),
        };
        Ok(Self {
            for_keys: or(&settings.others.api_key)?,
            for_jwts: or(&settings.others.resource_server)?,
            for_machines: or(&settings.others.machines)?,
            for_grants: of_all,
            keys,
            grants,
        })
    }

    /// What goes upstream for this caller; nothing of ours, if the operator gives one for everybody.
    ///
    /// # Errors
    /// There is nothing, now or ever.
    pub(crate) async fn credential(&self, identity: &Identity) -> Result<Option<Secret>, NoCredential> {
        match (self.kind(&identity.presented), &identity.presented) {
            (Kind::Static, _) => Ok(None),
            // Keys may be taken beside sign-in; nothing stands for them then but themselves.
            (Kind::Forward | Kind::OfGrant, Presented::ApiKey(key)) => Ok(Some(key.clone())),
            (Kind::Forward, _) => Err(NoCredential::Impossible(NO_KEY)),
            (Kind::OfGrant, _) => self.grants(identity)?.credential(identity).await.map(Some),
            (Kind::Machine { source, held }, _) => {
                held.get(SHARED, || source.machine()).await.map(Some).map_err(refused_to_us)
            }
            (Kind::Exchange { source, held }, Presented::Jwt(token)) => {
                held.get(token.expose(), || source.exchange(token)).await.map(Some).map_err(refused_to_them)
            }
            (Kind::Exchange { .. }, _) => Err(NoCredential::Impossible(NO_TOKEN)),
        }
    }

    /// Another credential than the one that the API has refused. None if there is no other: it is refused for good.
    ///
    /// # Errors
    /// There is nothing, now or ever.
    pub(crate) async fn renewed(
        &self,
        identity: &Identity,
        refused: &Secret,
    ) -> Result<Option<Secret>, NoCredential> {
        match (self.kind(&identity.presented), &identity.presented) {
            (Kind::Static, _) => Ok(None),
            (Kind::Forward | Kind::OfGrant, Presented::ApiKey(key)) => {
                // It was good when it was tried; from now on it is tried again.
                self.keys.iter().for_each(|keys| keys.forget(key));
                Ok(None)
            }
            (Kind::Forward, _) => Ok(None),
            (Kind::OfGrant, _) => self.grants(identity)?.renewed(identity, refused).await,
            (Kind::Machine { source, held }, _) => {
                held.renew(SHARED, refused, || source.machine()).await.map_err(refused_to_us)
            }
            (Kind::Exchange { source, held }, Presented::Jwt(token)) => {
                held.renew(token.expose(), refused, || source.exchange(token)).await.map_err(refused_to_them)
            }
            (Kind::Exchange { .. }, _) => Err(NoCredential::Impossible(NO_TOKEN)),
        }
    }

    fn kind(&self, presented: &Presented) -> &Kind {
        match presented {
            Presented::ApiKey(_) => &self.for_keys,
            Presented::Jwt(_) => &self.for_jwts,
            Presented::Grant { .. } => &self.for_grants,
            Presented::Machine => &self.for_machines,
        }
    }

    fn grants(&self, identity: &Identity) -> Result<&dyn Grants, NoCredential> {
        let has_grant = matches!(identity.presented, Presented::Grant { .. });
        self.grants.as_deref().filter(|_| has_grant).ok_or(NoCredential::Impossible(NO_GRANT))
    }
}

impl Kind {
    fn new(told: &settings::Outbound, parts: &Parts) -> Result<Self, SetupError> {
        let held = || Held::new(parts.clock.clone());
        Ok(match told {
            settings::Outbound::Static => Self::Static,
            settings::Outbound::Forward => Self::Forward,
            settings::Outbound::Grant | settings::Outbound::MintedKey => Self::OfGrant,
            settings::Outbound::ClientCredentials { provider, scopes, audience, resource } => {
                // Some want to be told by a parameter of their own whom the token is for.
                let asked = [
                    ("grant_type", Some("client_credentials")),
                    ("audience", audience.as_deref()),
                    ("resource", resource.as_deref()),
                ];
                Self::Machine { source: Source::new(provider, &asked, scopes, parts)?, held: held() }
            }
            settings::Outbound::TokenExchange(exchange) => {
                // RFC 8693, 2.1
                let asked = [
                    ("grant_type", Some("urn:ietf:params:oauth:grant-type:token-exchange")),
                    ("subject_token_type", Some(ACCESS_TOKEN)),
                    ("requested_token_type", Some(ACCESS_TOKEN)),
                    ("audience", exchange.audience.as_deref()),
                    ("resource", exchange.resource.as_deref()),
                ];
                let source = Source::new(&exchange.provider, &asked, &exchange.scopes, parts)?;
                Self::Exchange { source, held: held() }
            }
        })
    }
}

/// RFC 8693, 3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

impl Source {
    fn new(
        provider: &settings::Provider,
        asked: &[(&'static str, Option<&str>)],
        scopes: &[String],
        parts: &Parts,
    ) -> Result<Self, SetupError> {
        if provider.issuer.is_none() && provider.token_endpoint.is_none() {
            return Err(SetupError(
                "there is no issuer and no token endpoint: nowhere to have a token from".to_owned(),
            ));
        }
        let scope = (!scopes.is_empty()).then(|| scopes.join(" "));
        let asked = asked.iter().filter_map(|(name, value)| Some((*name, (*value)?.to_owned())));
        let parameters = asked.chain(scope.map(|scope| ("scope", scope))).collect();
        Ok(Self { remote: Arc::new(Remote::new(provider, &parts.operator, &parts.clock)?), parameters })
    }

    /// A token of our own (RFC 6749, 4.4).
    fn machine(&self) -> BoxFuture<'static, Result<Tokens, ProviderError>> {
        self.clone().ask(None).boxed()
    }

    /// A token in exchange for the caller's (RFC 8693, 2.1).
    fn exchange(&self, token: &Secret) -> BoxFuture<'static, Result<Tokens, ProviderError>> {
        self.clone().ask(Some(token.clone())).boxed()
    }

    async fn ask(self, subject: Option<Secret>) -> Result<Tokens, ProviderError> {
        let subject = subject.as_ref().map(|token| ("subject_token", token.expose()));
        let always = self.parameters.iter().map(|(name, value)| (*name, value.as_str()));
        let parameters: Vec<(&str, &str)> = always.chain(subject).collect();
        self.remote.grant(&parameters).await
    }
}

/// Whatever the provider has against a request in which nothing is the caller's, signing in again does not change it.
fn refused_to_us(error: ProviderError) -> NoCredential {
    match error {
        ProviderError::Later { retry_after } => NoCredential::Later { retry_after },
        error => {
            tracing::error!(%error, "no token for the API");
            NoCredential::Impossible(REFUSED)
        }
    }
}

/// A subject token that is good for nothing is `invalid_request` by RFC 8693, 2.2.2, and `invalid_grant` by custom.
fn refused_to_them(error: ProviderError) -> NoCredential {
    match error {
        ProviderError::Refused { code } if matches!(code.as_str(), "invalid_grant" | "invalid_request") => {
            tracing::warn!(code, "a token was not exchanged");
            NoCredential::SignInAgain
        }
        error => refused_to_us(error),
    }
}
