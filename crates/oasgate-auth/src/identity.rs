//! Who calls: what `Auth::protect` finds out, and puts into the extensions of a request as
//! `Arc<Identity>`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::Secret;

/// Who sent a request, proven.
pub struct Identity {
    /// The same for all requests of one user, and for no other's: what answers, tasks and sealed state are kept by. Tells
    /// nothing secret.
    pub principal: Arc<str>,
    /// The OAuth client that acts for the user, where there is one.
    pub client: Option<Arc<str>>,
    /// What the token is good for; none where tokens say nothing of scopes.
    pub scopes: Option<Arc<BTreeSet<String>>>,
    /// What was shown to prove it.
    pub presented: Presented,
    /// Where the record of a token of ours is kept.
    pub(crate) locator: Option<String>,
    verdict: OnceLock<Verdict>,
}

/// What a request came with.
pub enum Presented {
    /// A key of the API itself, which matches the operator's pattern. The only thing that may be forwarded.
    ApiKey(Secret),
    /// A token of another authorization server, for us.
    Jwt(Secret),
    /// An access token of ours, and the grant behind it.
    Grant {
        /// Which grant.
        grant: Arc<str>,
        /// The token, which opens what is sealed in it.
        token: Secret,
    },
    /// An access token of ours for a machine, with no user and no grant behind it.
    Machine,
}

/// What a call found out that changes the answer to the whole HTTP request: the client must sign in again, or ask for
/// more. An answer that has already begun is not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The API no longer takes the credential: 401 `invalid_token` (RFC 6750, 3.1).
    SignInAgain,
    /// The operation needs all of these scopes: 403 `insufficient_scope` (RFC 6750, 3.1).
    NeedsScopes(Vec<String>),
}

impl Identity {
    /// Somebody who has shown what they have.
    #[must_use]
    pub fn new(principal: impl Into<Arc<str>>, presented: Presented) -> Self {
        let (principal, verdict) = (principal.into(), OnceLock::new());
        Self { principal, client: None, scopes: None, presented, locator: None, verdict }
    }

    /// Says what the answer must be instead. The first verdict stays.
    pub fn judge(&self, verdict: Verdict) {
        drop(self.verdict.set(verdict));
    }

    /// What was found out, if anything was.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.get()
    }

    /// Which of `needed` the token lacks.
    pub fn lacks<'n>(&self, needed: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
        let Some(scopes) = &self.scopes else { return Vec::new() };
        needed.into_iter().filter(|scope| !scopes.contains(*scope)).collect()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("principal", &self.principal)
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey(_) => "ApiKey",
            Self::Jwt(_) => "Jwt",
            Self::Grant { .. } => "Grant",
            Self::Machine => "Machine",
        })
    }
}
