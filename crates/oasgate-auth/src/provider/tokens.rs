//! What a token endpoint grants, as providers write it.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, RefreshToken, Scope, TokenResponse};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{ProviderError, object};
use crate::Secret;

/// What a token endpoint grants (RFC 6749, 5.1).
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access_token: Secret,
    /// How long it is good for, in seconds.
    pub(crate) expires_in: Option<u64>,
    pub(crate) refresh_token: Option<Secret>,
    /// OpenID Connect Core, 3.1.3.3.
    pub(crate) id_token: Option<Secret>,
}

impl Tokens {
    /// Reads a grant. A token of another type than `Bearer` (RFC 6750) would have to be sent in another way.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ProviderError> {
        let body = object(body).ok_or(ProviderError::Unusable("it is no JSON object"))?;
        Self::of(&body).map_err(ProviderError::Unusable)
    }

    fn of(body: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        // Some leave it out, and some exchanges say `N_A` for what is no token to be sent (RFC 8693, 2.2.1).
        if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("Bearer")) {
            return Err("its token is not of the type Bearer");
        }
        let access_token = text("access_token").ok_or("it has no `access_token`")?;
        if !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("its `access_token` cannot be sent");
        }
        // Some write the number as a text.
        let seconds =
            body.get("expires_in").and_then(|told| told.as_u64().or_else(|| told.as_str()?.parse().ok()));
        Ok(Self {
            access_token: Secret::new(access_token),
            expires_in: seconds,
            refresh_token: text("refresh_token").map(Secret::new),
            id_token: text("id_token").map(Secret::new),
        })
    }
}

/// The same, in the form that the crate oauth2 reads: as leniently as [`Tokens`] does.
#[derive(Debug)]
pub(super) struct Granted {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    pub(super) tokens: Tokens,
}

impl<'de> Deserialize<'de> for Granted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let tokens = Tokens::of(&Map::deserialize(from)?).map_err(D::Error::custom)?;
        Ok(Self {
            access_token: AccessToken::new(tokens.access_token.expose().to_owned()),
            refresh_token: tokens
                .refresh_token
                .as_ref()
                .map(|token| RefreshToken::new(token.expose().to_owned())),
            tokens,
        })
    }
}

/// The crate asks for it, and never does it.
impl Serialize for Granted {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("tokens are not written"))
    }
}

impl TokenResponse for Granted {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        self.tokens.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}
