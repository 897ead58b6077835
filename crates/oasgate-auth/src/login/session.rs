//! What is kept of a sign-in: the tokens, and who we are to whom. It leaves this module sealed.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::LoginError;
use crate::provider::{ProviderError, Remote, Tokens};
use crate::settings::{ClientAuth, Provider};
use crate::{Clock, Fetch, Keyring, Secret, Timestamp};

/// What sessions are sealed for.
const PURPOSE: &str = "login session";
/// How long before its end an access token is replaced, in seconds.
const MARGIN: Timestamp = 30;
/// How long an access token is good for that does not say so, in seconds.
const UNSAID: Timestamp = 300;

/// A sign-in of this user.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// The number of this format.
    format: u8,
    issuer: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    client_id: String,
    client_secret: Option<String>,
    resource: Option<String>,
    access_token: String,
    until: Timestamp,
    refresh_token: Option<String>,
}

impl Session {
    pub(super) fn new(provider: &Provider, resource: Option<&str>, tokens: Tokens, now: Timestamp) -> Self {
        let client_secret = match &provider.auth {
            ClientAuth::Post(secret) | ClientAuth::Basic(secret) => Some(secret.expose().to_owned()),
            ClientAuth::None | ClientAuth::PrivateKeyJwt { .. } => None,
        };
        let mut session = Self {
            format: 1,
            issuer: provider.issuer.clone(),
            token_endpoint: provider.token_endpoint.clone(),
            revocation_endpoint: provider.revocation_endpoint.clone(),
            client_id: provider.client_id.clone(),
            client_secret,
            resource: resource.map(str::to_owned),
            access_token: String::new(),
            until: 0,
            refresh_token: None,
        };
        session.take(tokens, now);
        session
    }

    /// The access token, if it is good for a while yet.
    #[must_use]
    pub fn access_token(&self, clock: &Clock) -> Option<Secret> {
        (clock.now() < self.until).then(|| Secret::new(self.access_token.clone()))
    }

    /// The access token, if it is good for a while yet and not the one that the API has refused.
    #[must_use]
    pub fn other_than(&self, refused: &Secret, clock: &Clock) -> Option<Secret> {
        self.access_token(clock).filter(|token| token.expose() != refused.expose())
    }

    /// Has a new access token (RFC 6749, 6). The session must be kept anew then: the refresh token may be another.
    ///
    /// # Errors
    /// [`LoginError::Over`], if there is no way but to sign in again.
    pub async fn refresh(&mut self, fetch: &Arc<dyn Fetch>, clock: &Clock) -> Result<Secret, LoginError> {
        let refresh_token = self.refresh_token.clone().map(Secret::new).ok_or(LoginError::Over)?;
        match self.remote(fetch, clock)?.refresh(&refresh_token, self.resource.as_deref()).await {
            Ok(tokens) => {
                self.take(tokens, clock.now());
                Ok(Secret::new(self.access_token.clone()))
            }
            Err(ProviderError::Refused { .. }) => Err(LoginError::Over),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells the server that it is over (RFC 7009).
    ///
    /// # Errors
    /// Whether the server has heard is not known.
    pub async fn revoke(&self, fetch: &Arc<dyn Fetch>, clock: &Clock) -> Result<(), LoginError> {
        let remote = self.remote(fetch, clock)?;
        match &self.refresh_token {
            Some(token) => remote.revoke(&Secret::new(token.clone()), "refresh_token").await?,
            None => remote.revoke(&Secret::new(self.access_token.clone()), "access_token").await?,
        }
        Ok(())
    }

    /// Seals it. It opens about the same only.
    #[must_use]
    pub fn seal(&self, keyring: &Keyring, about: &str) -> Vec<u8> {
        let plain = serde_json::to_vec(self).map(secrecy::zeroize::Zeroizing::new).unwrap_or_default();
        keyring.seal(PURPOSE, about, &plain)
    }

    /// Opens it. None if it was sealed by another key or about something else, or is not as it was.
    #[must_use]
    pub fn open(keyring: &Keyring, about: &str, sealed: &[u8]) -> Option<Self> {
        let plain = keyring.open(PURPOSE, about, sealed)?;
        serde_json::from_slice(&plain).ok().filter(|session: &Self| session.format == 1)
    }

    fn remote(&self, fetch: &Arc<dyn Fetch>, clock: &Clock) -> Result<Remote, LoginError> {
        let provider = Provider {
            issuer: self.issuer.clone(),
            token_endpoint: self.token_endpoint.clone(),
            revocation_endpoint: self.revocation_endpoint.clone(),
            client_id: self.client_id.clone(),
            auth: self
                .client_secret
                .clone()
                .map_or(ClientAuth::None, |secret| ClientAuth::Post(Secret::new(secret))),
        };
        Remote::new(&provider, fetch, clock).map_err(|error| LoginError::Plan(error.to_string()))
    }

    fn take(&mut self, tokens: Tokens, now: Timestamp) {
        let good =
            tokens.expires_in.map_or(UNSAID, |told| Timestamp::try_from(told).unwrap_or(Timestamp::MAX));
        tokens.access_token.expose().clone_into(&mut self.access_token);
        self.until = now.saturating_add(good.saturating_sub(MARGIN));
        // The old one goes on if there is no other (RFC 6749, 6).
        if let Some(token) = tokens.refresh_token {
            self.refresh_token = Some(token.expose().to_owned());
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        use secrecy::zeroize::Zeroize as _;
        self.access_token.zeroize();
        self.refresh_token.zeroize();
        self.client_secret.zeroize();
    }
}

/// Nothing that is secret.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("issuer", &self.issuer)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
