//! An example of an API whose users sign in at a portal, which mints a key for each: videos under `/v1`, the portal under
//! `/portal`.
//!
//! Two environments are kept apart, as such companies do: a key of `test` is refused by an API that is `prod`.
//! Owns both services and what they remember, in memory. Knows no MCP and no oasgate.

mod api;
mod portal;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// What the two services share.
#[derive(Debug, Clone)]
pub struct Company {
    environment: Arc<str>,
    /// What the portal mints keys for, if that is not what the API takes.
    minted: Arc<str>,
    client_secret: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    keys: HashMap<String, Key>,
    codes: HashMap<String, Code>,
    videos: Vec<Video>,
}

/// A key of a user.
#[derive(Debug, Clone)]
struct Key {
    id: String,
    user: String,
    environment: String,
}

/// A code that becomes a key, once.
#[derive(Debug)]
struct Code {
    user: String,
    redirect_uri: String,
    challenge: String,
}

#[derive(Debug, Clone, serde::Serialize)]
struct Video {
    id: u64,
    title: String,
    #[serde(skip)]
    user: String,
}

impl Company {
    /// A company whose API is in `environment`, and whose portal mints keys for `minted`. Who exchanges codes at it knows
    /// the secret.
    #[must_use]
    pub fn new(environment: &str, minted: &str, client_secret: &str) -> Self {
        Self {
            environment: environment.into(),
            minted: minted.into(),
            client_secret: client_secret.into(),
            state: Arc::default(),
        }
    }

    /// The API and the portal.
    pub fn router(&self) -> Router {
        Router::new().nest("/v1", api::router()).nest("/portal", portal::router()).with_state(self.clone())
    }

    /// The keys that are good, for who wants to see whether one has been deleted, or shown where it must not be.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.state().keys.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 bits that nobody can guess.
fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
