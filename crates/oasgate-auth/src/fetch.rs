//! What is asked of other servers: by whoever sets this crate up, under its rules.
//!
//! There are two such rules. What a stranger names (client ID metadata documents) is fetched by one that reaches public
//! addresses only; what the operator names (providers, JWKS, portals) by one that the operator may let reach more. Both
//! follow no redirect, keep no cookie, and stop at [`FetchLimits`].

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

/// An answer, or why there is none.
pub type Fetching<'f> = BoxFuture<'f, Result<Response<Bytes>, FetchError>>;

/// Sends one request.
pub trait Fetch: Debug + Send + Sync {
    /// Sends a request as it is, and gives the whole answer whatever its status, redirects included.
    fn fetch(&self, request: Request<Bytes>, limits: FetchLimits) -> Fetching<'_>;
}

/// What an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Bytes of its body, on the wire and decompressed.
    pub bytes: usize,
    /// From the beginning to the end of it.
    pub time: Duration,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is one that must not be reached. Nothing was sent.
    #[error("{0} is at an address that this server does not connect to")]
    Refused(String),
    /// It has more bytes than it may have.
    #[error("{0} sent more than it may")]
    TooLarge(String),
    /// No connection, no answer, or none in time. Whether the request was acted upon is not known.
    #[error("{0} gave no answer")]
    Failed(String),
}
