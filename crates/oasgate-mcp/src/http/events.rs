//! Event streams: responses that tell something before they end (2026-07-28, basic/transports/streamable-http.mdx,
//! "Receiving Messages"). Knows frames and the format of streams; what is in them is for others.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::http::endpoint::Permit;
use crate::listen::Listening;
use crate::reply::{Frames, Reply};

/// A request that runs.
pub(crate) type Running = Pin<Box<dyn Future<Output = Option<Reply>> + Send>>;

/// A response that tells what its request tells, and ends with the reply. Dropping it drops the request.
pub(crate) struct Answering {
    /// What is to be sent first.
    pub(crate) first: Option<Frames>,
    pub(crate) frames: mpsc::Receiver<Frames>,
    /// None when it has ended.
    pub(crate) running: Option<Running>,
    /// Counts the request as in flight.
    pub(crate) permit: Option<Permit>,
    pub(crate) keep_alive: Duration,
}

impl Answering {
    pub(crate) fn into_response(self) -> Response {
        response(unfold(self, async |mut answering| Some((answering.next().await?, answering))))
    }

    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(event(first));
        }
        let running = self.running.as_mut()?;
        let reply = tokio::select! {
            biased;
            Some(frames) = self.frames.recv() => return Some(event(frames)),
            reply = running => reply,
            () = sleep(self.keep_alive) => return Some(comment()),
        };
        (self.running, self.permit) = (None, None);
        let mut last = Vec::new();
        while let Ok(frames) = self.frames.try_recv() {
            last.extend_from_slice(&event(frames));
        }
        last.extend(reply.into_iter().flat_map(|reply| event(reply.frames)));
        Some(last.into())
    }
}

/// A response that tells news for as long as its client listens.
pub(crate) struct Listener {
    pub(crate) listening: Listening,
    /// Counts the stream as open, until it is dropped.
    pub(crate) _permit: OwnedSemaphorePermit,
    /// When the client has to come again.
    pub(crate) until: Instant,
    /// Cancelled when the server stops.
    pub(crate) closing: CancellationToken,
    pub(crate) keep_alive: Duration,
}

impl Listener {
    pub(crate) fn into_response(self) -> Response {
        response(unfold((self, false), async |(mut listener, mut is_ending)| {
            let next = listener.next(&mut is_ending).await?;
            Some((next, (listener, is_ending)))
        }))
    }

    async fn next(&mut self, is_ending: &mut bool) -> Option<Bytes> {
        if !*is_ending {
            tokio::select! {
                biased;
                () = self.closing.cancelled() => {}
                () = sleep_until(self.until) => {}
                frames = self.listening.next() => return frames.map(event),
                () = sleep(self.keep_alive) => return Some(comment()),
            }
            *is_ending = true;
            self.listening.end();
        }
        self.listening.next().await.map(event)
    }
}

/// A message as an event (HTML, section 9.2.5, "Parsing an event stream").
fn event(frames: Frames) -> Bytes {
    let line = frames.into_line();
    [b"data: ", &*line, b"\n\n"].concat().into()
}

/// What keeps a connection open on which there is nothing to tell.
fn comment() -> Bytes {
    Bytes::from_static(b":\n\n")
}

fn response(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    use futures_util::StreamExt as _;
    let mut response = Response::new(Body::from_stream(events.map(Ok::<_, Infallible>)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Keeps proxies from holding events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}
