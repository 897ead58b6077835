//! What every request to the MCP endpoint goes through: who sends it, how many of them, and what became of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Auth;
use crate::broker::error::OAuthError;
use crate::inbound::Denied;
use crate::limits::{LimitKind, RetryAfter, address};
use crate::{Identity, Verdict};

/// Lets a request in, with who has sent it, or answers it.
pub(super) async fn guard(State(auth): State<Arc<Auth>>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let identity = match auth.inbound.identify(&head).await {
        Ok(identity) => Arc::new(identity),
        Err(challenge) => {
            let address = address::of(&head, &auth.settings.trusted_proxies);
            let counted = auth.limiter.check(LimitKind::Address, &address);
            return counted.map_or_else(too_many, |()| challenge.into_response());
        }
    };
    if let Err(retry_after) = auth.count(&identity) {
        return too_many(retry_after);
    }
    let path = head.uri.path().to_owned();
    head.extensions.insert(Arc::clone(&identity));
    let response = next.run(Request::from_parts(head, body)).await;
    match identity.verdict() {
        None => response,
        Some(verdict) => auth.inbound.challenge(&path, denied(verdict)).into_response(),
    }
}

impl Auth {
    fn count(&self, identity: &Identity) -> Result<(), RetryAfter> {
        self.limiter.check(LimitKind::Principal, &identity.principal)?;
        match &identity.client {
            Some(client) => self.limiter.check(LimitKind::Client, client),
            None => Ok(()),
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
