//! Bearer authentication (RFC 6750): who may call the API.
//!
//! Owns the token and its comparison. Refuses to know what a call does.

use std::{fmt, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};

use crate::problem::Problem;

/// The token of the API; neither `Display` nor `Serialize`, and not shown by `Debug`.
#[derive(Clone)]
pub(crate) struct Token(Arc<[u8]>);

impl Token {
    /// `None` if `text` is empty.
    pub(crate) fn new(text: String) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.into_bytes().into()))
    }

    /// Looks at every byte of the guess, so that the time taken says nothing of how far it was right.
    fn matches(&self, guess: &[u8]) -> bool {
        let differing = self.0.iter().zip(guess).fold(0, |seen, (ours, theirs)| seen | (ours ^ theirs));
        differing == 0 && self.0.len() == guess.len()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Lets a request through if it carries the token, and answers 401 with a challenge if not.
pub(crate) async fn require(
    State(token): State<Token>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    match presented(request.headers()) {
        Some(guess) if token.matches(guess) => Ok(next.run(request).await),
        Some(_) => Err(Problem::unauthorized("This bearer token is not valid here.", true)),
        None => Err(Problem::unauthorized("Send the token as `Authorization: Bearer <token>`.", false)),
    }
}

/// The credentials of the `Bearer` scheme; the scheme's name is case-insensitive (RFC 9110 §11.1).
fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, credentials) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| credentials.trim_ascii())
}
