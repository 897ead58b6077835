//! Why a sign-in elsewhere, or what came of one, is good for nothing: what the log says, and what the client is told.

use crate::provider::ProviderError;

/// Why nothing has come of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LegError {
    /// The user has not agreed over there.
    #[error("the user has denied access")]
    Denied,
    /// The other server refuses. Its code goes to the log.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
    /// The answer is not that of the server that was asked, or not to what it was asked.
    #[error("the answer cannot be trusted: {0}")]
    Untrusted(&'static str),
    /// What was signed in to is another environment than this server's.
    #[error("the key is for the environment {theirs}, this server is for {ours}")]
    Environment {
        /// This server's.
        ours: String,
        /// The key's.
        theirs: String,
    },
    /// The other server cannot be used.
    #[error("{0}")]
    Provider(#[from] ProviderError),
}

impl LegError {
    /// What the client is told (RFC 6749, 4.1.2.1).
    pub(crate) fn for_client(&self) -> (&'static str, &'static str) {
        match self {
            Self::Denied => ("access_denied", "the user has not agreed at the provider"),
            Self::Refused(_) => ("access_denied", "the provider has refused the sign-in"),
            Self::Untrusted(_) => ("server_error", "the provider's answer could not be trusted"),
            Self::Environment { .. } => {
                ("access_denied", "the account is of another environment than this server's")
            }
            Self::Provider(ProviderError::Later { .. }) => {
                ("temporarily_unavailable", "the provider does not answer; try again")
            }
            Self::Provider(_) => ("server_error", "the provider's answer could not be used"),
        }
    }
}

/// Why what goes upstream could not be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RenewError {
    /// The provider no longer knows of it, and never will again.
    Dead,
    /// It may still, later: so many seconds.
    Later(u64),
}
