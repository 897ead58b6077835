//! Why there is no answer, and who is at fault, in words a model can act on. No text holds a path, a query or a
//! header field: those may hold credentials.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::legacy;

use super::Limits;
use super::address::Private;
use super::connect::Slow;
use super::wire::HEADER;

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
    /// The upstream's: it began to answer, and went silent.
    #[error(
        "The API at {origin} began to answer, and then sent nothing for {} s. What the call does may have happened: before you \
         repeat a call that changes something, look whether it has.", .after.as_secs_f32()
    )]
    Idle {
        /// Where it went.
        origin: String,
        /// The patience.
        after: Duration,
    },
    /// The upstream's: its answer decompresses as only attacks do.
    #[error(
        "The API at {origin} answered with something that decompresses to more than {ratio} times its size, as attacks do; the \
         answer was dropped, though the call was made. Other arguments hardly help; the operator should look at the API."
    )]
    Inflated {
        /// Where it went.
        origin: String,
        /// How many bytes a byte may become.
        ratio: usize,
    },
    /// The upstream's: it has more to say about its answer than anybody could read.
    #[error(
        "The API at {origin} answered with a header of more than {} KiB; the answer was dropped, though the call was made. \
         Other arguments hardly help; the operator should look at the API.", HEADER >> 10
    )]
    Header {
        /// Where it went.
        origin: String,
    },
    /// The upstream's: the connection broke before the answer began, or what it sent is not HTTP.
    #[error(
        "The connection to the API at {origin} broke before it answered: {cause}. What the call does may have happened: before \
         you repeat a call that changes something, look whether it has."
    )]
    Broken {
        /// Where it went.
        origin: String,
        /// What the client said.
        cause: String,
    },
    /// The upstream's: the answer ends too early, or is not what its header says.
    #[error(
        "The answer of the API at {origin} is not complete: {cause}. What the call does may have happened: before you repeat a \
         call that changes something, look whether it has."
    )]
    Cut {
        /// Where it went.
        origin: String,
        /// What the client said.
        cause: String,
    },
    /// Nobody's: too much is going on at once.
    #[error(
        "Nothing was sent: {limit} calls to the API at {origin} are in flight, which is all it is to have at once. Call again, \
         with fewer calls at the same time."
    )]
    Busy {
        /// Where it was to go.
        origin: String,
        /// How many may be in flight.
        limit: usize,
    },
    /// The upstream's: it has failed so often that it is left alone for a while.
    #[error(
        "Nothing was sent: the last {failures} requests to the API at {origin} failed, so it is left alone. Call again in {} s; \
         other arguments do not help.", .rest.as_secs_f32().ceil()
    )]
    Resting {
        /// Where it was to go.
        origin: String,
        /// How often it has failed.
        failures: u32,
        /// How long it is left alone.
        rest: Duration,
    },
    /// Nobody's: all answers together are more than there is room for.
    #[error(
        "The answer of the API at {origin} was dropped, though the call was made: the answers to all calls that are in flight \
         have more than {} MiB together, which is all this server has room for. Call again with fewer calls at the same time, \
         or ask for less; before you repeat a call that changes something, look whether it has.",
        *.limit as f32 / (1 << 20) as f32
    )]
    NoRoom {
        /// Where it went.
        origin: String,
        /// Bytes that all answers together may have.
        limit: usize,
    },
    /// The operator's, or the description's: an address that those who are served here must not reach.
    #[error(
        "Nothing was sent: the address of the API at {origin} is private, and this server is open to other machines. Other \
         arguments do not help; the operator can allow it with --danger-allow-private-upstreams."
    )]
    Private {
        /// Where it was to go.
        origin: String,
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
            Self::Idle { origin, after } => format!("{origin} sent nothing for {} s", after.as_secs_f32()),
            Self::Inflated { origin, ratio } => {
                format!("what {origin} answered decompresses to more than {ratio} times its size")
            }
            Self::Header { origin } => format!("{origin} answered with too large a header"),
            Self::Broken { origin, cause } => format!("the connection to {origin} broke: {cause}"),
            Self::Cut { origin, cause } => format!("the answer of {origin} is not complete: {cause}"),
            Self::Busy { origin, limit } => format!("{limit} requests to {origin} are in flight"),
            Self::Resting { origin, failures, .. } => {
                format!("the last {failures} requests to {origin} failed")
            }
            Self::NoRoom { limit, .. } => format!("all answers together have more than {limit} bytes"),
            Self::Private { origin } => format!("the address of {origin} is private"),
            Self::Unsendable => "its URL cannot be sent unchanged".to_owned(),
        }
    }

    /// Why an answer has not begun.
    pub(super) fn of(error: &legacy::Error, origin: String, limits: &Limits) -> Self {
        if layers(error).any(|layer| layer.is::<Private>()) {
            return Self::Private { origin };
        }
        if !error.is_connect() {
            return Self::Broken { origin, cause: cause(error) };
        }
        let is_slow = |layer: &(dyn Error + 'static)| {
            let kind = layer.downcast_ref::<io::Error>().map(io::Error::kind);
            layer.is::<Slow>() || kind == Some(io::ErrorKind::TimedOut)
        };
        let cause = if layers(error).any(is_slow) {
            format!("none within {} s", limits.connect.as_secs_f32())
        } else {
            cause(error)
        };
        Self::Unreachable { origin, cause }
    }

    /// Why an answer has not ended.
    pub(super) fn cut(error: &hyper::Error, origin: String) -> Self {
        Self::Cut { origin, cause: cause(error) }
    }
}

/// What is at the bottom of an error: the layers above it say only that there is one.
fn cause(error: &(dyn Error + 'static)) -> String {
    let bottom = layers(error).last().unwrap_or(error);
    match bottom.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "nothing listens there (connection refused)".to_owned(),
        _ => bottom.to_string(),
    }
}

/// An error and what it is made of, from the top.
pub(super) fn layers<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&layer: &&(dyn Error + 'static)| {
        // The source of an I/O error that has one of ours inside is the source of ours.
        match layer.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => layer.source(),
        }
    })
}
