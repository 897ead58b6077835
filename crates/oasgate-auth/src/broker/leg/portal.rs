//! Signing in at a page that mints a key for the user. The key itself never travels through a browser: what comes back
//! there is a code, and only we can exchange it (RFC 7636).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::{Arrival, Departure, LegError, Return};
use crate::auth::{Parts, SetupError};
use crate::broker::upstream::Held;
use crate::clock::Timestamp;
use crate::provider::{self, ProviderError};
use crate::random;
use crate::settings::PortalLeg;
use crate::token::Token;
use crate::{Fetch, Secret};

#[cfg(test)]
mod tests;

/// The page.
#[derive(Debug)]
pub(crate) struct Portal {
    settings: PortalLeg,
    environment: Option<String>,
    fetch: Arc<dyn Fetch>,
}

impl Portal {
    pub(super) fn new(
        settings: &PortalLeg,
        environment: Option<&str>,
        parts: &Parts,
    ) -> Result<Self, SetupError> {
        let Some(unsafe_) =
            [&settings.url, &settings.exchange_url].into_iter().find(|url| !provider::is_safe(url))
        else {
            let environment = environment.map(str::to_owned);
            return Ok(Self { settings: settings.clone(), environment, fetch: Arc::clone(&parts.operator) });
        };
        Err(SetupError(format!("the portal's {unsafe_} must be an https URL: keys are sent there")))
    }

    pub(super) fn url(&self) -> &str {
        &self.settings.url
    }

    pub(super) fn depart(&self, state: &Token, callback: &str) -> Result<Departure, LegError> {
        let verifier = random::secret();
        let unusable = ProviderError::Unusable("its page is at no URL");
        let mut url = Url::parse(&self.settings.url).map_err(|_| unusable)?;
        url.query_pairs_mut()
            .append_pair("state", state.expose())
            .append_pair("redirect_uri", callback)
            .append_pair("code_challenge", &random::challenge(&verifier))
            .append_pair("code_challenge_method", "S256");
        Ok(Departure { url: url.into(), keep: verifier })
    }

    pub(super) async fn arrive(&self, code: &str, returned: Return<'_>) -> Result<Arrival, LegError> {
        let mut body = json!({
            "code": code,
            "code_verifier": returned.keep,
            "redirect_uri": returned.callback,
        });
        if let (Some(id), Some(body)) = (&self.settings.client_id, body.as_object_mut()) {
            body.insert("client_id".to_owned(), json!(id));
        }
        let answer = self.exchange(body.to_string()).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let (Some(ours), Some(theirs)) = (self.environment.as_deref(), text("environment"))
            && ours != theirs
        {
            return Err(LegError::Environment { ours: ours.to_owned(), theirs: theirs.to_owned() });
        }
        let credential = text("credential").ok_or(ProviderError::Unusable("it has no `credential`"))?;
        if !credential.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ProviderError::Unusable("its `credential` cannot be sent").into());
        }
        let expires = answer.get("expires_at").filter(|value| !value.is_null());
        let unreadable = ProviderError::Unusable(
            "its `expires_at` is neither in seconds since 1970 nor a time of RFC 3339",
        );
        let expires = expires.map(|at| instant(at).ok_or(unreadable)).transpose()?;
        let (key_id, subject) = (text("key_id").map(str::to_owned), text("subject").map(str::to_owned));
        Ok(Arrival { subject, held: Held::Key { credential: Secret::new(credential), key_id, expires } })
    }

    async fn exchange(&self, body: String) -> Result<Map<String, Value>, LegError> {
        let mut request = Request::post(&self.settings.exchange_url)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json");
        if let Some(secret) = &self.settings.client_secret {
            request = request.header(AUTHORIZATION, self.basic(secret)?);
        }
        let unusable = |_| ProviderError::Unusable("its exchange is at no URL");
        let request = request.body(Bytes::from(body)).map_err(unusable)?;
        let answer =
            self.fetch.fetch(request, provider::TOKEN_LIMITS).await.map_err(|_| ProviderError::later())?;
        match answer.status() {
            StatusCode::OK | StatusCode::CREATED => {}
            status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                return Err(LegError::Refused(format!("the portal answered {status}")));
            }
            _ => return Err(ProviderError::later().into()),
        }
        Ok(serde_json::from_slice(answer.body())
            .map_err(|_| ProviderError::Unusable("it is no JSON object"))?)
    }

    fn basic(&self, secret: &Secret) -> Result<HeaderValue, LegError> {
        let id = self.settings.client_id.as_deref().unwrap_or_default();
        let pair = Secret::new(format!("{id}:{}", secret.expose()));
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair.expose())))
            .map_err(|_| ProviderError::Unusable("our secret cannot be sent"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// A point in time: seconds since 1970, as a number or in digits, or as RFC 3339, 5.6 writes it.
fn instant(at: &Value) -> Option<Timestamp> {
    if let Some(seconds) = at.as_i64() {
        return Some(seconds);
    }
    let text = at.as_str()?;
    text.parse().ok().or_else(|| Some(OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp()))
}
