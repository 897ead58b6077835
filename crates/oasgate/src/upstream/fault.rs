//! Why there is no answer, and who is at fault, in words a model can act on. No text holds a path, a query or a
//! header field: those may hold credentials.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::Limits;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The upstream's or the operator's: no connection came about, so nothing has been done.
    #[error(
        "No connection to the API at {origin}: {cause}. Nothing was sent. The API may be down, or the operator's base URL \
         wrong; other arguments do not help, trying later may."
    )]
    Unreachable {
        /// Where it was to go.
        origin: String,
        /// What the system said.
        cause: String,
    },
    /// The upstream's: it takes too long.
    #[error(
        "The API at {origin} did not answer within {} s. What the call does may still happen: before you repeat a call that \
         changes something, look whether it has.", .after.as_secs_f32()
    )]
    Timeout {
        /// Where it went.
        origin: String,
        /// The patience.
        after: Duration,
    },
    /// The upstream's: it answers more than anybody could read.
    #[error(
        "The API at {origin} answered with more than {} MiB; the answer was dropped, though the call was made. Ask for less: a \
         filter, a smaller page, fewer fields.", *.limit as f32 / (1 << 20) as f32
    )]
    TooLarge {
        /// Where it went.
        origin: String,
        /// Bytes an answer may have.
        limit: usize,
    },
    /// The upstream's: the connection broke, or what it sent is not HTTP.
    #[error(
        "The connection to the API at {origin} broke before the answer was complete: {cause}. What the call does may have \
         happened: before you repeat a call that changes something, look whether it has."
    )]
    Broken {
        /// Where it went.
        origin: String,
        /// What the client said.
        cause: String,
    },
    /// The caller's: no client could send such a path without changing it.
    #[error(
        "Nothing was sent: the path would not reach the API as it was meant, because it has a segment that is `.` or `..`, or \
         a backslash."
    )]
    Unsendable,
}

impl Fault {
    /// What happened, without advice for a model: for a document that could not be fetched.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Unreachable { origin, cause } => format!("no connection to {origin}: {cause}"),
            Self::Timeout { origin, after } => {
                format!("no answer from {origin} within {} s", after.as_secs_f32())
            }
            Self::TooLarge { origin, limit } => format!("{origin} answered with more than {limit} bytes"),
            Self::Broken { origin, cause } => format!("the connection to {origin} broke: {cause}"),
            Self::Unsendable => "its URL cannot be sent unchanged".to_owned(),
        }
    }

    pub(super) fn of(error: &reqwest::Error, origin: String, limits: &Limits) -> Self {
        let cause = cause(error);
        if error.is_connect() {
            let cause = if error.is_timeout() {
                format!("none within {} s", limits.connect.as_secs_f32())
            } else {
                cause
            };
            return Self::Unreachable { origin, cause };
        }
        Self::Broken { origin, cause }
    }

    pub(super) fn cut(error: &reqwest::Error, origin: &str) -> Self {
        Self::Broken { origin: origin.to_owned(), cause: cause(error) }
    }
}

/// What is at the bottom of an error: the layers above it say only that there is one, or name the URL.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut bottom: &dyn Error = error;
    while let Some(below) = bottom.source() {
        bottom = below;
    }
    match bottom.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "nothing listens there (connection refused)".to_owned(),
        _ if bottom.downcast_ref::<reqwest::Error>().is_some() => "the request failed".to_owned(),
        _ => bottom.to_string(),
    }
}
