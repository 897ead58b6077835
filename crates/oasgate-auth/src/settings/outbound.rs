//! What goes upstream, for whom.

use super::Provider;

/// What goes upstream for who calls.
#[derive(Debug, Clone)]
pub enum Outbound {
    /// What the operator gives the program for everybody, if anything: nothing of ours.
    Static,
    /// The API key that the caller has shown.
    Forward,
    /// The access token of the grant's own, refreshed when it has run out.
    Grant,
    /// The key that was minted or pasted at sign-in.
    MintedKey,
    /// A token of our own, the same for all callers (RFC 6749, 4.4).
    ClientCredentials {
        /// Where it is had.
        provider: Provider,
        /// What is asked for.
        scopes: Vec<String>,
        /// Whom it is for, with providers that want to be told so.
        audience: Option<String>,
        /// The resource that is asked for (RFC 8707).
        resource: Option<String>,
    },
    /// A token for the API in exchange for the caller's (RFC 8693).
    TokenExchange(TokenExchange),
}

/// What goes upstream for who has not signed in here, by what they have shown; the same as for who has unless told.
#[derive(Debug, Clone, Default)]
pub struct Others {
    /// For those with a key of the API itself.
    pub api_key: Option<Outbound>,
    /// For those with a token of another authorization server.
    pub resource_server: Option<Outbound>,
    /// For clients that act for themselves, and those that an identity provider vouches for.
    pub machines: Option<Outbound>,
}

/// An exchange of tokens.
#[derive(Debug, Clone)]
pub struct TokenExchange {
    /// Where it happens.
    pub provider: Provider,
    /// Whom the token is for.
    pub audience: Option<String>,
    /// The resource it is for (RFC 8707).
    pub resource: Option<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
}

impl Outbound {
    /// Whether every caller has their own.
    #[must_use]
    pub fn is_callers(&self) -> bool {
        !matches!(self, Self::Static)
    }
}
