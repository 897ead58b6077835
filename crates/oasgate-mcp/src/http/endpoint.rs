//! From an HTTP request to an HTTP response. Knows the shape of messages and the statuses of transports; what a
//! method means is `dispatch`'s.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request as HttpRequest;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::batch::Batch;
use crate::dispatch::{self, Peer, Stated, Step};
use crate::envelope::{self, Message, Payload, Request};
use crate::fault::Fault;
use crate::handler::Handler;
use crate::http::body::{self, Unread};
use crate::http::guard::{self, refusal};
use crate::http::options::Options;
use crate::mirror;
use crate::reply::Reply;
use crate::revision::{Era, Revision};

/// The endpoint: a handler and the limits around it.
pub(crate) struct Endpoint<H> {
    handler: Arc<H>,
    options: Arc<Options>,
    in_flight: Arc<Semaphore>,
}

impl<H: Handler> Endpoint<H> {
    pub(crate) fn new(handler: Arc<H>, options: Arc<Options>) -> Self {
        let permits = options.in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self { handler, options, in_flight: Arc::new(Semaphore::new(permits)) }
    }

    /// Answers a message that was posted.
    pub(crate) async fn post(&self, request: HttpRequest) -> Response {
        let (parts, body) = request.into_parts();
        if let Err(reply) = guard::negotiate(&parts.headers) {
            return response(reply);
        }
        let Ok(permit) = Arc::clone(&self.in_flight).try_acquire_owned() else {
            tracing::warn!(in_flight = self.options.in_flight, "request refused: too many in flight");
            return busy();
        };
        let read = timeout(self.options.body_timeout, body::read(body, self.options.body_limit));
        match read.await {
            Ok(Ok(bytes)) => self.receive(parts, &bytes, permit).await,
            Ok(Err(Unread::TooLong)) => response(refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the message is longer than this server takes",
            )),
            Ok(Err(Unread::Broken)) => {
                response(refusal(StatusCode::BAD_REQUEST, "the body ended before its end"))
            }
            Err(_) => response(refusal(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive")),
        }
    }

    async fn receive(&self, parts: Parts, bytes: &[u8], permit: OwnedSemaphorePermit) -> Response {
        let stated = stated(&parts);
        let peer = Peer { stated, client: None, http: Some(Arc::new(parts)) };
        match envelope::payload(bytes) {
            Err(unreadable) => response(Reply::unreadable(&unreadable)),
            Ok(Payload::Single(Message::Request(request))) => {
                response(self.request(&request, peer, permit).await)
            }
            Ok(Payload::Single(Message::Notification { method, .. })) => notified(&method, &peer.stated),
            Ok(Payload::Single(Message::Response)) => responded(&peer.stated),
            Ok(Payload::Batch(items)) => self.batch(&items, peer, permit).await,
        }
    }

    async fn request(&self, request: &Request<'_>, mut peer: Peer, permit: OwnedSemaphorePermit) -> Reply {
        let handler = Arc::clone(&self.handler);
        let reply = match dispatch::begin(&*handler, request, &mut peer) {
            Step::Done(reply) => Some(reply),
            // Dropped with this future, which the server drops when the client disconnects.
            Step::Run(job) if job.era() == Era::Modern => job.run(handler).await,
            Step::Run(job) => run_to_end(job.run(handler), permit).await.flatten(),
        };
        reply.unwrap_or_else(|| {
            let fault = Fault::Internal("Internal error: the server gave the request up".into());
            Reply::fault(request.id, Era::Legacy, &fault)
        })
    }

    /// A batch (2025-03-26, basic/index.mdx, "Batching"). It counts as one request in flight, however long it is.
    async fn batch(&self, items: &[&RawValue], mut peer: Peer, permit: OwnedSemaphorePermit) -> Response {
        let handler = Arc::clone(&self.handler);
        let batch = match Batch::begin(&*handler, items, &mut peer) {
            Ok(batch) => batch,
            Err(fault) => return response(Reply::refusal(StatusCode::BAD_REQUEST, &fault)),
        };
        match run_to_end(batch.run(handler), permit).await.flatten() {
            Some(frames) => response(Reply { status: StatusCode::OK, frames }),
            None => StatusCode::ACCEPTED.into_response(),
        }
    }
}

/// Runs what must outlive the connection, and counts as in flight as long as it does. None if the runtime ends.
async fn run_to_end<T: Send + 'static>(
    running: impl Future<Output = T> + Send + 'static,
    permit: OwnedSemaphorePermit,
) -> Option<T> {
    let counted = async move {
        let done = running.await;
        drop(permit);
        done
    };
    tokio::spawn(counted.in_current_span()).await.ok()
}

/// The revision the headers state.
fn stated(parts: &Parts) -> Stated {
    match parts.headers.get(&mirror::VERSION) {
        None => Stated::Supported(Revision::ASSUMED_OVER_HTTP),
        Some(version) => Stated::read(&String::from_utf8_lossy(version.as_bytes())),
    }
}

/// 202 for a notification. No revision has one over HTTP that asks for more: requests are cancelled by closing their
/// stream, and without sessions an id alone doesn't say whose request is meant.
fn notified(method: &str, stated: &Stated) -> Response {
    if let Stated::Unsupported(version) = stated {
        let fault = Fault::UnsupportedVersion(version.clone());
        return response(Reply::refusal(StatusCode::BAD_REQUEST, &fault));
    }
    if !method.starts_with("notifications/") {
        return response(refusal(StatusCode::BAD_REQUEST, "Invalid request: `id` is missing"));
    }
    StatusCode::ACCEPTED.into_response()
}

/// This server asks nothing, so there is nothing to respond to. Legacy clients are told 202, as their revisions
/// have it; modern ones must not send responses (2026-07-28, basic/transports/streamable-http.mdx, "Sending Messages").
fn responded(stated: &Stated) -> Response {
    match stated {
        Stated::Supported(revision) if revision.era() == Era::Legacy => StatusCode::ACCEPTED.into_response(),
        _ => response(refusal(StatusCode::BAD_REQUEST, "Invalid request: a response was not asked for")),
    }
}

/// A reply as an HTTP response.
pub(crate) fn response(reply: Reply) -> Response {
    let mut response = Response::new(Body::new(reply.frames));
    *response.status_mut() = reply.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn busy() -> Response {
    let mut response = response(refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "too many requests in flight; try again in a second",
    ));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
