//! Signing in at another authorization server, to which we are one client for all our users (RFC 6749, 4.1).
//!
//! Owns the authorization request and what is checked when it is answered: the issuer (RFC 9207), the PKCE verifier, the
//! ID token or whoever else says who the user is. The token endpoint itself is [`crate::provider`]'s.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Arrival, Departure, LegError, RenewError, Return};
use crate::auth::{Operations, Parts, SetupError, Verified};
use crate::broker::assertion::ALGORITHMS;
use crate::broker::random;
use crate::broker::upstream::Held;
use crate::jwt::{Claims, Unverified};
use crate::provider::{self, ProviderError, Remote, RemoteKeys, Tokens};
use crate::settings::{Issuer, OAuthLeg};
use crate::token::Token;
use crate::{Clock, Fetch, Secret};

/// The other server.
#[derive(Debug)]
pub(crate) struct OAuth {
    settings: OAuthLeg,
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
        Ok(Self {
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
        let unusable = ProviderError::Unusable("its authorization endpoint is no URL");
        let mut url = Url::parse(&endpoint).map_err(|_| unusable)?;
        let settings = &self.settings;
        let scopes = settings.scopes.join(" ");
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code");
        query.append_pair("client_id", &settings.provider.client_id);
        query.append_pair("redirect_uri", callback);
        query.append_pair("state", state.expose());
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes);
        }
        if settings.pkce {
            query.append_pair("code_challenge", &random::challenge(&keep.verifier));
            query.append_pair("code_challenge_method", "S256");
        }
        if settings.openid {
            query.append_pair("nonce", &keep.nonce);
        }
        if let Some(resource) = &settings.resource {
            query.append_pair("resource", resource);
        }
        query.extend_pairs(&settings.extra);
        drop(query);
        let keep =
            serde_json::to_string(&keep).map_err(|_| LegError::Untrusted("it cannot be remembered"))?;
        Ok(Departure { url: url.into(), keep })
    }

    pub(super) async fn arrive(&self, code: &str, returned: Return<'_>) -> Result<Arrival, LegError> {
        let keep: Keep =
            serde_json::from_str(returned.keep).map_err(|_| LegError::Untrusted("nothing is known of it"))?;
        self.check_issuer(returned.issuer).await?;
        let mut parameters =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", returned.callback)];
        if self.settings.pkce {
            parameters.push(("code_verifier", &keep.verifier));
        }
        parameters.extend(self.settings.resource.as_deref().map(|resource| ("resource", resource)));
        let tokens = self.remote.token(&parameters).await?;
        let subject = self.subject(&tokens, &keep.nonce).await?;
        Ok(Arrival { subject, held: self.held(tokens, None) })
    }

    pub(super) async fn renew(&self, refresh: &Secret) -> Result<Held, RenewError> {
        let mut parameters = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        parameters.extend(self.settings.resource.as_deref().map(|resource| ("resource", resource)));
        match self.remote.token(&parameters).await {
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
    async fn check_issuer(&self, told: Option<&str>) -> Result<(), LegError> {
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

    /// Who the user is.
    async fn subject(&self, tokens: &Tokens, nonce: &str) -> Result<Option<String>, LegError> {
        if self.settings.openid {
            return self.id_token(tokens, nonce).await.map(Some);
        }
        if let Some((url, member)) = &self.settings.userinfo {
            return self.userinfo(url, member, &tokens.access_token).await.map(Some);
        }
        match self.operations.verify(&tokens.access_token).await {
            Verified::Good { subject } => Ok(subject),
            Verified::Bad => Err(LegError::Refused("the API does not take the token".to_owned())),
            Verified::Unknown(_) => Ok(None),
        }
    }

    /// OpenID Connect Core, 3.1.3.7.
    async fn id_token(&self, tokens: &Tokens, nonce: &str) -> Result<String, LegError> {
        let (Some(token), Some(keys)) = (&tokens.id_token, &self.keys) else {
            return Err(LegError::Untrusted("it has no ID token"));
        };
        let untrusted = |_| LegError::Untrusted("its ID token does not hold");
        let token = Unverified::parse(token.expose()).map_err(untrusted)?;
        let keys = keys.having(token.kid()).await?;
        let claims = token.verify(&keys, &ALGORITHMS).map_err(untrusted)?.claims;
        claims.check_time(self.clock.now()).map_err(untrusted)?;
        self.check_claims(&claims, nonce)?;
        claims.identifier("sub").ok_or(LegError::Untrusted("its ID token has no `sub`"))
    }

    fn check_claims(&self, claims: &Claims, nonce: &str) -> Result<(), LegError> {
        let provider = &self.settings.provider;
        if claims.text("iss") != provider.issuer.as_deref() {
            return Err(LegError::Untrusted("its ID token is of another issuer"));
        }
        let audience = claims.audience();
        let is_ours = audience.contains(&provider.client_id.as_str())
            && (audience.len() == 1 || claims.text("azp") == Some(&provider.client_id));
        if !is_ours {
            return Err(LegError::Untrusted("its ID token is for another client"));
        }
        if claims.text("nonce").is_some_and(|told| random::is_same(told, nonce)) {
            return Ok(());
        }
        Err(LegError::Untrusted("its ID token is of another sign-in"))
    }

    /// OpenID Connect Core, 5.3, or whatever the API has like it.
    async fn userinfo(&self, url: &str, member: &str, token: &Secret) -> Result<String, LegError> {
        let unusable = |why| LegError::Provider(ProviderError::Unusable(why));
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| unusable("its token cannot be sent"))?;
        bearer.set_sensitive(true);
        let request = Request::get(url).header(ACCEPT, "application/json").header(AUTHORIZATION, bearer);
        let request = request.body(Bytes::new()).map_err(|_| unusable("its user info is at no URL"))?;
        let answer = self.fetch.fetch(request, provider::LIMITS).await.map_err(|_| ProviderError::later())?;
        if answer.status() != StatusCode::OK {
            return Err(LegError::Refused("it does not tell who the user is".to_owned()));
        }
        let claims = serde_json::from_slice(answer.body()).map(Claims::new).ok();
        claims
            .and_then(|claims| claims.identifier(member))
            .ok_or(unusable("its user info does not tell users apart"))
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
