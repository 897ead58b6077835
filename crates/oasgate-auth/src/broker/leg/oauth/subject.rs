//! Who has signed in: by the ID token, by what tells about users, or by what the API says of the token.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, StatusCode};

use super::OAuth;
use crate::Secret;
use crate::auth::Verified;
use crate::broker::assertion::ALGORITHMS;
use crate::broker::leg::LegError;
use crate::jwt::{Claims, Unverified};
use crate::provider::{self, ProviderError, Tokens};
use crate::random;

impl OAuth {
    /// Who the user is.
    pub(super) async fn subject(&self, tokens: &Tokens, nonce: &str) -> Result<Option<String>, LegError> {
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
}
