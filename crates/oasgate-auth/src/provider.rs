//! Other servers of OAuth: where their endpoints are, who we are to them, and what they answer.
//!
//! ```text
//!  discovery ──► Metadata ──► jwks      ──► KeySet, to verify by
//!                   │
//!                   └───────► Remote    ──► requests for tokens and about them, authenticated by client_auth
//!                                └─ flow ──► those that the crate oauth2 makes: codes, refresh tokens
//! ```
//!
//! Owns requests to them and what comes back. What a token is then used for, those know who ask for one. Whom a provider
//! is for decides which [`Fetch`](crate::Fetch) it is reached by.

mod client_auth;
mod discovery;
pub(crate) mod flow;
mod jwks;
mod remote;
mod tokens;

#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::RETRY_AFTER;
use serde_json::{Map, Value};

pub(crate) use discovery::{Discovery, Metadata};
pub(crate) use jwks::RemoteKeys;
pub(crate) use remote::Remote;
pub(crate) use tokens::Tokens;

use crate::FetchLimits;

/// What any answer of a provider may cost.
pub(crate) const LIMITS: FetchLimits = FetchLimits { bytes: 256 << 10, time: Duration::from_secs(5) };
/// What an answer may cost that is worth waiting for: a token that was refreshed is lost if nobody hears of it.
pub(crate) const TOKEN_LIMITS: FetchLimits = FetchLimits { bytes: 256 << 10, time: Duration::from_secs(15) };
/// When to try again, in seconds, if a provider does not say.
const RETRY: u64 = 5;
/// The longest that a provider is believed to mean.
const LONGEST_RETRY: u64 = 3600;

/// Why a provider gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It says no, and will again: the code of RFC 6749, 5.2.
    #[error("the provider refuses: {code}")]
    Refused {
        /// What it calls it, if it is a code as the standards have them; else nothing.
        code: String,
    },
    /// It does not answer, or says that it cannot now. What was asked for may have been done.
    #[error("the provider gives no answer; try again in {retry_after} s")]
    Later {
        /// When to try again, in seconds.
        retry_after: u64,
    },
    /// It answers, and not as the standards have it. The operator's to mend, or the provider's.
    #[error("the provider's answer cannot be used: {0}")]
    Unusable(&'static str),
}

impl ProviderError {
    /// Whether what was shown to it (a code, a refresh token, a subject token) is good for nothing any more
    /// (RFC 6749, 5.2).
    pub(crate) fn is_invalid_grant(&self) -> bool {
        matches!(self, Self::Refused { code } if code == "invalid_grant")
    }

    pub(crate) fn later() -> Self {
        Self::Later { retry_after: RETRY }
    }

    /// What an answer that grants nothing means. What has no status of a refusal is not one, whatever its body says.
    pub(crate) fn of(answer: &Response<Bytes>) -> Self {
        let status = answer.status();
        if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
            let told =
                answer.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.trim().parse().ok());
            return Self::Later { retry_after: told.unwrap_or(RETRY).clamp(1, LONGEST_RETRY) };
        }
        if status.is_client_error() {
            let code = object(answer.body()).as_ref().and_then(refusal).unwrap_or_default();
            return Self::Refused { code };
        }
        Self::Unusable("it is neither what was asked for nor an error")
    }
}

/// The JSON object that an answer is.
pub(crate) fn object(body: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}

/// The code of the error that an answer is, if it is one (RFC 6749, 5.2).
fn refusal(body: &Map<String, Value>) -> Option<String> {
    let error = body.get("error")?.as_str()?;
    (!body.contains_key("access_token"))
        .then(|| if is_code(error) { error.to_owned() } else { String::new() })
}

/// Whether something can be a code of RFC 6749, 5.2: it goes to logs.
fn is_code(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Whether a URL is one that secrets and tokens may be sent to: https, or this machine.
pub(crate) fn is_safe(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_plain && (url.scheme() == "https" || url.scheme() == "http" && is_here)
}
