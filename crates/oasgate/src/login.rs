//! Sign-ins of the user of this machine: `oasgate login` keeps one, and calls find it.
//!
//! ```text
//!  plan      what the description says of where to sign in
//!  loopback  where the browser comes back to          browser  what opens it
//!  keep      the sealed file of each sign-in, locked against other processes
//! ```
//!
//! Owns files and the way of the browser. How signing in goes, `oasgate-auth` knows.

mod browser;
mod keep;
mod loopback;
mod plan;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

use oasgate_auth::login::LoginError;
use oasgate_auth::{Clock, Fetch, Secret};
use oasgate_tools::SchemeUse;

pub use browser::open;
pub use keep::{Folder, Place};
pub use loopback::Loopback;
pub use plan::{is_signable, plan};

/// The sign-in that calls use.
#[derive(Debug, Clone)]
pub struct Login {
    scheme: String,
    place: Place,
    fetch: Arc<dyn Fetch>,
    clock: Clock,
}

/// Why a sign-in is of no use now.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The user's: there is none, or it is over.
    #[error("nobody is signed in, or the sign-in is over: run `oasgate login` again")]
    SignInAgain,
    /// The authorization server's.
    #[error("the sign-in cannot be refreshed now: {0}")]
    Server(LoginError),
    /// The machine's.
    #[error("the sign-in cannot be read or kept: {0}")]
    File(#[from] io::Error),
}

impl From<LoginError> for Unusable {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Over => Self::SignInAgain,
            error => Self::Server(error),
        }
    }
}

impl Login {
    /// The sign-in of this place, for a security scheme.
    #[must_use]
    pub fn new(scheme: &str, place: Place, fetch: Arc<dyn Fetch>, clock: Clock) -> Self {
        Self { scheme: scheme.to_owned(), place, fetch, clock }
    }

    /// Whether an operation that asks for one of these takes it.
    #[must_use]
    pub fn serves(&self, security: &[Vec<SchemeUse>]) -> bool {
        security.iter().flatten().any(|used| used.scheme == self.scheme)
    }

    /// The access token, refreshed if it has run out.
    ///
    /// # Errors
    /// [`Unusable`]
    pub async fn token(&self) -> Result<Secret, Unusable> {
        self.other_than(None).await
    }

    /// Another access token than the one that the API has refused.
    ///
    /// # Errors
    /// [`Unusable`]
    pub async fn renewed(&self, refused: &Secret) -> Result<Secret, Unusable> {
        self.other_than(Some(refused)).await
    }

    /// Other processes may be refreshing the same: who comes second finds what the first has got, as a refresh token is
    /// good for one use only.
    async fn other_than(&self, refused: Option<&Secret>) -> Result<Secret, Unusable> {
        let held = self.place.lock().await?;
        let mut session = held.read()?.ok_or(Unusable::SignInAgain)?;
        let known = match refused {
            Some(refused) => session.other_than(refused, &self.clock),
            None => session.access_token(&self.clock),
        };
        if let Some(token) = known {
            return Ok(token);
        }
        let token = session.refresh(&self.fetch, &self.clock).await?;
        held.write(&session)?;
        Ok(token)
    }
}
