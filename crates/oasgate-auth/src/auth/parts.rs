//! What the program gives, and what it may be told in return.

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::{Clock, Fetch, Keyring, Secret, Store};

/// What an [`Auth`](super::Auth) works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where records are kept.
    pub store: Arc<dyn Store>,
    /// The operator's master keys.
    pub keyring: Keyring,
    /// What tells the time.
    pub clock: Clock,
    /// Fetches what strangers name: public addresses only.
    pub strangers: Arc<dyn Fetch>,
    /// Fetches what the operator has named.
    pub operator: Arc<dyn Fetch>,
    /// The API itself.
    pub operations: Arc<dyn Operations>,
}

/// What the program can do with the API for us.
pub trait Operations: Debug + Send + Sync {
    /// Tries a key or a token by the one operation that is configured for it.
    fn verify<'a>(&'a self, credential: &'a Secret) -> BoxFuture<'a, Verified>;

    /// Deletes a key that was minted at sign-in, by the operation that is configured for it, if there is one. Whether it
    /// succeeds is for the program to log.
    fn revoke<'a>(&'a self, key_id: &'a str, credential: &'a Secret) -> BoxFuture<'a, ()>;
}

/// What trying a credential has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// The API takes it.
    Good {
        /// Whose it is, if the operation's answer tells.
        subject: Option<String>,
    },
    /// The API refuses it.
    Bad,
    /// The API gave no answer that tells. The text says what happened, for the log.
    Unknown(String),
}

/// Why nothing can go upstream for somebody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCredential {
    /// What was granted is gone, or the API no longer takes it. Only signing in again helps: 401.
    #[error("the sign-in is no longer good for this API; sign in again")]
    SignInAgain,
    /// It cannot be had now: a provider or the store does not answer. The grant is kept.
    #[error("the credential for this API cannot be had now; try again in {retry_after} s")]
    Later {
        /// When to try again, in seconds.
        retry_after: u64,
    },
    /// The way this caller has signed in gives nothing that could go upstream. The operator's to mend.
    #[error("{0}")]
    Impossible(&'static str),
}

/// Why settings cannot be used. The operator's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SetupError(pub String);
