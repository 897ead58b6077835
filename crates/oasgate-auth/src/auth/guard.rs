//! What every request to the MCP endpoint goes through: who sends it, how many of them, and what became of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Auth;
use crate::broker::error::OAuthError;
use crate::inbound::{Challenge, Denied};
use crate::limits::{LimitKind, RetryAfter, address};
use crate::{Identity, Verdict};

/// Lets a request in, with who has sent it, or answers it.
pub(super) async fn guard(State(auth): State<Arc<Auth>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let identity = match auth.identify(&head).await {
        Ok(identity) => Arc::new(identity),
        Err(refusal) => return refusal.into_response(),
    };
    if let Err(retry_after) = auth.count(&identity) {
        return too_many(retry_after);
    }
    let uri = head.uri.clone();
    head.extensions.insert(Arc::clone(&identity));
    let response = next.run(Request::from_parts(head, body)).await;
    match identity.verdict() {
        None => response,
        Some(verdict) => auth.inbound.challenge(uri.path(), denied(verdict)).into_response(),
    }
}

/// Why a request goes no further.
enum Refusal {
    /// Its address has failed too often.
    TooMany(RetryAfter),
    /// What it shows lets nobody in.
    Challenge(Challenge),
}

impl Auth {
    /// Who sends a request. What is not known to be good is counted before anybody is asked about it, and not only once it
    /// has failed: or else whoever guesses has guesses in flight without number, and the API or an authorization server
    /// is asked about each.
    async fn identify(&self, head: &Parts) -> Result<Identity, Refusal> {
        let shown = self.inbound.shown(head);
        if let Ok(shown) = &shown
            && let Some(identity) = self.inbound.recall(shown, head.uri.path())
        {
            return Ok(identity);
        }
        let address = address::of(head, &self.settings.trusted_proxies);
        let count = || self.limiter.check(LimitKind::Address, &address).map_err(Refusal::TooMany);
        let shown = match shown {
            Ok(shown) => shown,
            Err(challenge) => return Err(count().err().unwrap_or(Refusal::Challenge(challenge))),
        };
        let familiar = self.inbound.familiar();
        let name = familiar.name(&shown.secret);
        let is_known = familiar.knows(&name);
        if !is_known {
            count()?;
        }
        match self.inbound.identify(shown, head.uri.path()).await {
            Ok(identity) => {
                if !is_known {
                    familiar.remember(name);
                    if self.inbound.is_proven(&identity.presented) {
                        self.limiter.give_back(LimitKind::Address, &address);
                    }
                }
                Ok(identity)
            }
            Err(challenge) => {
                if is_known && challenge.status == StatusCode::UNAUTHORIZED {
                    familiar.forget(&name);
                    count()?;
                }
                Err(Refusal::Challenge(challenge))
            }
        }
    }

    fn count(&self, identity: &Identity) -> Result<(), RetryAfter> {
        self.limiter.check(LimitKind::Principal, &identity.principal)?;
        match &identity.client {
            Some(client) => self.limiter.check(LimitKind::Client, client),
            None => Ok(()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::TooMany(retry_after) => too_many(retry_after),
            Self::Challenge(challenge) => challenge.into_response(),
        }
    }
}

fn denied(verdict: &Verdict) -> Denied {
    match verdict {
        Verdict::SignInAgain => Denied::invalid("the API no longer takes what was granted; sign in again"),
        Verdict::NeedsScopes(scopes) => Denied::NeedsScopes(scopes.clone()),
    }
}

/// 429 (RFC 6585, 4).
pub(super) fn too_many(RetryAfter(seconds): RetryAfter) -> Response {
    OAuthError::too_many(seconds).into_response()
}
