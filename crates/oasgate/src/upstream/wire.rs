//! An answer as it arrives: counted, never more than it may have, and never silent for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::{Fault, Limits};

/// Bytes that the header of an answer may have, names and values together.
pub(super) const HEADER: u32 = 64 << 10;

/// The chunks of one answer.
pub(super) struct Wire {
    body: Incoming,
    origin: String,
    idle: Duration,
    limit: usize,
    read: Arc<AtomicUsize>,
}

impl Wire {
    /// Begins to read. A length that the upstream announces is believed at once if it is too much, unless it announces
    /// what a `GET` would get (RFC 9110, 8.6).
    pub(super) fn new(
        headers: &HeaderMap,
        body: Incoming,
        method: &Method,
        limits: &Limits,
        origin: &str,
    ) -> Result<Self, Fault> {
        let origin = origin.to_owned();
        let size = |headers: &HeaderMap| -> usize {
            headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
        };
        if size(headers) > HEADER as usize {
            return Err(Fault::Header { origin });
        }
        let announced = headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if method != Method::HEAD && announced.is_some_and(|length| length > limits.body as u64) {
            return Err(Fault::TooLarge { origin, limit: limits.body });
        }
        Ok(Self { body, origin, idle: limits.idle, limit: limits.body, read: Arc::default() })
    }

    /// How many bytes have been read: a counter, which goes on.
    pub(super) fn read(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.read)
    }

    /// The chunks, until the first fault.
    pub(super) fn chunks(self) -> impl Stream<Item = Result<Bytes, Fault>> + Send {
        stream::try_unfold(self, async |mut wire| Ok(wire.next().await?.map(|chunk| (chunk, wire))))
    }

    /// The next chunk. Trailers are none, and nobody has asked for them (RFC 9110, 6.5.1).
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let origin = || self.origin.clone();
        loop {
            let frame = timeout(self.idle, self.body.frame()).await;
            let frame = frame.map_err(|_| Fault::Idle { origin: origin(), after: self.idle })?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|error| Fault::cut(&error, origin()))?;
            let Ok(chunk) = frame.into_data() else { continue };
            if self.read.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len() > self.limit {
                return Err(Fault::TooLarge { origin: origin(), limit: self.limit });
            }
            return Ok(Some(chunk));
        }
    }
}
