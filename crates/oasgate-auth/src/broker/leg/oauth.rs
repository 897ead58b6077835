//! Signing in at another authorization server, to which we are one client for all our users (RFC 6749, 4.1).
//!
//! Owns the authorization request and what is checked when it is answered: the issuer (RFC 9207), the PKCE verifier, the
//! ID token or whoever else says who the user is. Requests themselves are [`crate::provider`]'s.

mod subject;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Arrival, Departure, LegError, RenewError, Return};
use crate::auth::{Operations, Parts, SetupError};
use crate::broker::upstream::Held;
use crate::provider::flow::{self, Asked};
use crate::provider::{ProviderError, Remote, RemoteKeys, Tokens};
use crate::random;
use crate::settings::{Issuer, OAuthLeg};
use crate::token::Token;
use crate::{Clock, Fetch, Secret};

/// The other server.
#[derive(Debug)]
pub(crate) struct OAuth {
    settings: OAuthLeg,
    /// What is asked for: `openid` too, where the ID token is to tell who the user is (OpenID Connect Core, 3.1.2.1).
    scopes: Vec<String>,
    remote: Remote,
    keys: Option<RemoteKeys>,
    fetch: Arc<dyn Fetch>,
    operations: Arc<dyn Operations>,
    clock: Clock,
}

/// What must be at hand when the browser comes back.
#[derive(Serialize, Deserialize)]
struct Keep {
    verifier: String,
    nonce: String,
}

impl OAuth {
    pub(super) fn new(settings: &OAuthLeg, parts: &Parts) -> Result<Self, SetupError> {
        let provider = &settings.provider;
        let issuer = provider.issuer.as_deref();
        if issuer.is_none() && (settings.openid || settings.authorization_endpoint.is_none()) {
            let why = "the OAuth provider needs an `issuer`: without one neither its endpoints nor its ID tokens can be checked";
            return Err(SetupError(why.to_owned()));
        }
        let keys = issuer.filter(|_| settings.openid).map(|issuer| {
            let issuer = Issuer {
                issuer: issuer.to_owned(),
                audience: None,
                jwks_uri: None,
                algorithms: Vec::new(),
                subject_claim: None,
            };
            RemoteKeys::new(&issuer, &parts.operator, &parts.clock)
        });
        let mut scopes = settings.scopes.clone();
        if settings.openid && !scopes.iter().any(|scope| scope == "openid") {
            scopes.insert(0, "openid".to_owned());
        }
        Ok(Self {
            scopes,
            remote: Remote::new(provider, &parts.operator, &parts.clock)?,
            keys,
            settings: settings.clone(),
            fetch: Arc::clone(&parts.operator),
            operations: Arc::clone(&parts.operations),
            clock: parts.clock.clone(),
        })
    }

    /// Whom subjects belong to.
    pub(super) fn namespace(&self) -> &str {
        let provider = &self.settings.provider;
        provider.issuer.as_deref().or(provider.token_endpoint.as_deref()).unwrap_or_default()
    }

    /// Where users sign in.
    pub(super) async fn authorization_endpoint(&self) -> Result<String, LegError> {
        if let Some(endpoint) = &self.settings.authorization_endpoint {
            return Ok(endpoint.clone());
        }
        let found = self.remote.metadata().await?;
        let endpoint = found.and_then(|found| found.authorization_endpoint.clone());
        Ok(endpoint.ok_or(ProviderError::Unusable("its metadata lacks the authorization endpoint"))?)
    }

    pub(super) async fn depart(&self, state: &Token, callback: &str) -> Result<Departure, LegError> {
        let keep = Keep { verifier: random::secret(), nonce: random::secret() };
        let endpoint = self.authorization_endpoint().await?;
        let settings = &self.settings;
        let asked = Asked {
            endpoint: &endpoint,
            client_id: &settings.provider.client_id,
            redirect_uri: callback,
            state: state.expose(),
            verifier: settings.pkce.then_some(&keep.verifier),
            scopes: &self.scopes,
            resource: settings.resource.as_deref(),
        };
        let nonce = settings.openid.then_some(("nonce", keep.nonce.as_str()));
        let extra = settings.extra.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let url = asked.url(&nonce.into_iter().chain(extra).collect::<Vec<_>>());
        let url = url.ok_or(ProviderError::Unusable("its authorization endpoint is no URL"))?;
        let keep =
            serde_json::to_string(&keep).map_err(|_| LegError::Untrusted("it cannot be remembered"))?;
        Ok(Departure { url, keep })
    }

    pub(super) async fn arrive(&self, code: &str, returned: Return<'_>) -> Result<Arrival, LegError> {
        let keep: Keep =
            serde_json::from_str(returned.keep).map_err(|_| LegError::Untrusted("nothing is known of it"))?;
        self.check_issuer(returned.issuer).await?;
        let tokens = self.remote.exchange(flow::Returned {
            code,
            redirect_uri: returned.callback,
            verifier: self.settings.pkce.then_some(&keep.verifier),
            resource: self.settings.resource.as_deref(),
        });
        let tokens = tokens.await?;
        let subject = self.subject(&tokens, &keep.nonce).await?;
        Ok(Arrival { subject, held: self.held(tokens, None) })
    }

    pub(super) async fn look_up(&self) {
        if self.settings.provider.token_endpoint.is_none() {
            drop(self.remote.metadata().await);
        }
    }

    pub(super) async fn renew(&self, refresh: &Secret) -> Result<Held, RenewError> {
        match self.remote.refresh(refresh, self.settings.resource.as_deref()).await {
            Ok(tokens) => Ok(self.held(tokens, Some(refresh))),
            Err(error) if error.is_invalid_grant() => Err(RenewError::Dead),
            Err(ProviderError::Later { retry_after }) => Err(RenewError::Later(retry_after)),
            Err(error) => {
                // That the operator's own secret is wrong, say, is no reason to lose what users have granted.
                tracing::error!(%error, "tokens could not be refreshed at the provider");
                Err(RenewError::Later(30))
            }
        }
    }

    pub(super) async fn revoke(&self, access: &Secret, refresh: Option<&Secret>) {
        let revoked = match refresh {
            Some(refresh) => self.remote.revoke(refresh, "refresh_token").await,
            None => self.remote.revoke(access, "access_token").await,
        };
        if let Err(error) = revoked {
            tracing::warn!(%error, "the provider was not told that a grant is over");
        }
    }

    /// RFC 9207, 2.4: an answer is its who says so; one that must say so, and does not, is nobody's.
    pub(super) async fn check_issuer(&self, told: Option<&str>) -> Result<(), LegError> {
        let promised = match self.remote.metadata().await {
            Ok(found) => found.is_some_and(|found| found.authorization_response_iss_parameter_supported),
            // With endpoints that the operator has named it must do without.
            Err(error) if self.settings.provider.token_endpoint.is_none() => return Err(error.into()),
            Err(_) => false,
        };
        match (told, self.settings.provider.issuer.as_deref()) {
            (Some(told), Some(own)) if told != own => Err(LegError::Untrusted("it is of another issuer")),
            (None, _) if promised => Err(LegError::Untrusted("it does not say which issuer it is of")),
            _ => Ok(()),
        }
    }

    /// A refresh token that is not replaced stays (RFC 6749, 6).
    fn held(&self, tokens: Tokens, before: Option<&Secret>) -> Held {
        let lives = tokens.expires_in.and_then(|seconds| i64::try_from(seconds).ok());
        Held::Tokens {
            access: tokens.access_token,
            refresh: tokens.refresh_token.or_else(|| before.cloned()),
            expires: lives.map(|seconds| self.clock.now().saturating_add(seconds)),
        }
    }
}
