//! An example of a company's API: jobs under `/v1`, for who has an access token of the company's authorization server
//! under `/oauth`, or an API key.
//!
//! Users named `viewer` may read and not write; more than so many calls in a minute are refused. Owns both services and
//! what they remember, in memory. Knows no MCP and no oasgate.

mod api;
mod oauth;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// What the two services share.
#[derive(Debug, Clone)]
pub struct Company {
    client_secret: Arc<str>,
    settings: Settings,
    state: Arc<Mutex<State>>,
}

/// How patient the company is.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Seconds that an access token lives.
    pub token_lifetime: u64,
    /// Calls of one user after which every further one is refused with 429.
    pub calls: u32,
}

#[derive(Debug, Default)]
struct State {
    codes: HashMap<String, Code>,
    /// Access tokens and API keys, and whose they are.
    tokens: HashMap<String, String>,
    refresh_tokens: HashMap<String, String>,
    calls: HashMap<String, u32>,
    jobs: Vec<Job>,
    seen: HashSet<String>,
    banned: HashSet<String>,
}

#[derive(Debug)]
struct Code {
    user: String,
    redirect_uri: String,
    challenge: String,
}

#[derive(Debug, Clone, serde::Serialize)]
struct Job {
    id: u64,
    name: String,
    owner: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { token_lifetime: 3600, calls: 1000 }
    }
}

impl Company {
    /// A company that one client knows the secret of, and whose user `ada` has this API key.
    #[must_use]
    pub fn new(client_secret: &str, api_key: &str, settings: Settings) -> Self {
        let company = Self { client_secret: client_secret.into(), settings, state: Arc::default() };
        company.state().tokens.insert(api_key.to_owned(), "ada".to_owned());
        company
    }

    /// The API and the authorization server.
    pub fn router(&self) -> Router {
        Router::new().nest("/v1", api::router()).nest("/oauth", oauth::router()).with_state(self.clone())
    }

    /// Makes every access token and API key bad from now on; refresh tokens stay good.
    pub fn forget_tokens(&self) {
        self.state().tokens.clear();
    }

    /// Makes everything bad that anybody has.
    pub fn forget_everybody(&self) {
        let mut state = self.state();
        state.tokens.clear();
        state.refresh_tokens.clear();
    }

    /// Refuses whatever a user shows from now on, new tokens included.
    pub fn ban(&self, user: &str) {
        self.state().banned.insert(user.to_owned());
    }

    /// The credentials that the API has been shown, good or bad.
    #[must_use]
    pub fn seen(&self) -> HashSet<String> {
        self.state().seen.clone()
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
