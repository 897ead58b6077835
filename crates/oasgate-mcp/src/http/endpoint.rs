//! From an HTTP request to an HTTP response. Knows the shape of messages and the statuses of transports; what a
//! method means is `dispatch`'s.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request as HttpRequest;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use crate::asks::Asks;
use crate::batch::Batch;
use crate::context::Context;
use crate::dispatch::{self, Core, Known, Peer, Stated, Step, Stream};
use crate::envelope::{self, Message, Payload, Request};
use crate::fault::Fault;
use crate::handler::Handler;
use crate::http::body::{self, Unread};
use crate::http::events::{Answering, Listener, Running};
use crate::http::guard::{self, refusal};
use crate::http::options::Options;
use crate::http::serve::closing;
use crate::http::sessions::{self, Sessions};
use crate::job::Job;
use crate::listen::Listening;
use crate::mirror;
use crate::reply::Reply;
use crate::revision::{Era, Revision};

/// The endpoint: a handler and the limits around it.
pub(crate) struct Endpoint<H> {
    core: Arc<Core<H>>,
    options: Arc<Options>,
    sessions: Sessions,
    in_flight: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    /// For the bytes of messages.
    room: Arc<Semaphore>,
}

/// What a request takes as long as it is worked on: a place among those in flight, and room for its message.
pub(crate) struct Permit {
    _place: OwnedSemaphorePermit,
    _room: Option<OwnedSemaphorePermit>,
}

impl<H: Handler> Endpoint<H> {
    pub(crate) fn new(handler: Arc<H>, options: Arc<Options>) -> Self {
        let permits = |limit: usize| Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS)));
        let core =
            Core { handler, seal: options.seal.clone(), asks: Asks::default(), patience: options.patience };
        Self {
            core: Arc::new(core),
            sessions: Sessions::new(options.sessions),
            in_flight: permits(options.in_flight),
            streams: permits(options.streams),
            room: permits(options.body_room),
            options,
        }
    }

    /// Answers a request that may come in.
    pub(crate) async fn answer(&self, request: HttpRequest) -> Response {
        let (parts, body) = request.into_parts();
        let parts = Arc::new(parts);
        match parts.method {
            Method::GET => self.get(&parts),
            Method::DELETE => self.delete(&parts),
            _ => self.post(parts, body).await,
        }
    }

    /// A message.
    async fn post(&self, parts: Arc<Parts>, body: Body) -> Response {
        if let Err(reply) = guard::negotiate(&parts.headers) {
            return response(reply);
        }
        let read = body::read(body, self.options.body_limit, &self.room);
        let read = match timeout(self.options.body_timeout, read).await {
            Ok(Ok(read)) => read,
            Ok(Err(unread)) => return self.unread(&unread),
            Err(_) => {
                return response(refusal(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive"));
            }
        };
        // Only what is here can be worked on, so that clients which are slow to send take no place.
        let Ok(place) = Arc::clone(&self.in_flight).try_acquire_owned() else {
            tracing::warn!(in_flight = self.options.in_flight, "request refused: too many in flight");
            return busy();
        };
        self.receive(parts, read.bytes, Permit { _place: place, _room: read.room }).await
    }

    fn unread(&self, unread: &Unread) -> Response {
        match unread {
            Unread::TooLong => response(refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the message is longer than this server takes",
            )),
            Unread::Broken => response(refusal(StatusCode::BAD_REQUEST, "the body ended before its end")),
            Unread::NoRoom => {
                tracing::warn!(body_room = self.options.body_room, "message refused: no room");
                busy()
            }
        }
    }

    /// The stream on which a remembered legacy client hears of changes (2025-11-25, basic/transports.mdx, "Listening
    /// for Messages from the Server").
    fn get(&self, parts: &Arc<Parts>) -> Response {
        if !guard::accepts_events(&parts.headers) {
            return response(refusal(
                StatusCode::NOT_ACCEPTABLE,
                "the Accept header must allow text/event-stream",
            ));
        }
        match (self.known(parts), self.core.handler.changes()) {
            (Known::Session(session), Some(changes)) => self.listen(Listening::of_session(session, changes)),
            (Known::Session(_), None) => {
                response(refusal(StatusCode::METHOD_NOT_ALLOWED, "there is nothing to listen to"))
            }
            (Known::Nothing, _) => {
                response(refusal(StatusCode::BAD_REQUEST, "the Mcp-Session-Id header is missing"))
            }
            (Known::Lost, _) => lost(),
        }
    }

    /// The end of a session ("Session Management", 5).
    fn delete(&self, parts: &Arc<Parts>) -> Response {
        match self.known(parts) {
            Known::Session(_) => {
                self.sessions.close(&parts.headers);
                StatusCode::NO_CONTENT.into_response()
            }
            Known::Nothing => {
                response(refusal(StatusCode::BAD_REQUEST, "the Mcp-Session-Id header is missing"))
            }
            Known::Lost => lost(),
        }
    }

    async fn receive(&self, parts: Arc<Parts>, bytes: Bytes, permit: Permit) -> Response {
        let mut peer = self.peer(&parts, &bytes);
        match envelope::payload(&bytes) {
            Err(unreadable) => response(Reply::unreadable(&unreadable)),
            Ok(Payload::Single(Message::Request(request))) => self.request(&request, peer, permit).await,
            Ok(Payload::Single(Message::Notification { method, .. })) => notified(&method, &peer),
            Ok(Payload::Single(Message::Response(answer))) => {
                self.core.asks.answer(&answer);
                responded(&peer)
            }
            Ok(Payload::Batch(items)) => {
                peer.stream = Stream::None;
                self.batch(&items, peer, permit).await
            }
        }
    }

    async fn request(&self, request: &Request<'_>, mut peer: Peer, permit: Permit) -> Response {
        match dispatch::begin(&self.core, request, &mut peer) {
            Step::Done(reply) => {
                let mut response = response(reply);
                if request.method == "initialize" {
                    self.remember(&peer, &mut response);
                }
                response
            }
            Step::Run(job) => self.run(job, request.id, permit).await,
            Step::Listen(listening) => self.listen(*listening),
        }
    }

    async fn run(&self, mut job: Box<Job>, id: &RawValue, permit: Permit) -> Response {
        let (era, frames) = (job.era(), job.frames.take());
        let reply = match (era, frames) {
            // Dropped with this future, which the server drops when the client disconnects.
            (Era::Modern, None) => job.run(Arc::clone(&self.core)).await,
            (Era::Modern, Some(frames)) => {
                let running = Box::pin(job.run(Arc::clone(&self.core)));
                match self.first(running, frames, Some(permit)).await {
                    Ok(reply) => reply,
                    Err(answering) => return answering.into_response(),
                }
            }
            (Era::Legacy, None) => run_to_end(job.run(Arc::clone(&self.core)), permit).await.flatten(),
            (Era::Legacy, Some(frames)) => {
                let ended = run_to_end(job.run(Arc::clone(&self.core)), permit);
                let running = Box::pin(async { ended.await.flatten() });
                match self.first(running, frames, None).await {
                    Ok(reply) => reply,
                    Err(answering) => return answering.into_response(),
                }
            }
        };
        response(reply.unwrap_or_else(|| {
            let fault = Fault::Internal("Internal error: the server gave the request up".into());
            Reply::fault(id, era, &fault)
        }))
    }

    /// What comes first: the reply, or something that makes it the end of a stream.
    async fn first(
        &self,
        mut running: Running,
        mut frames: tokio::sync::mpsc::Receiver<crate::reply::Frames>,
        permit: Option<Permit>,
    ) -> Result<Option<Reply>, Answering> {
        let keep_alive = self.options.keep_alive;
        let first = tokio::select! {
            biased;
            Some(first) = frames.recv() => first,
            reply = &mut running => {
                // Something may have been told just before the end.
                let Ok(first) = frames.try_recv() else { return Ok(reply) };
                running = Box::pin(std::future::ready(reply));
                first
            }
        };
        Err(Answering { first: Some(first), frames, running: Some(running), permit, keep_alive })
    }

    fn listen(&self, listening: Listening) -> Response {
        let Ok(permit) = Arc::clone(&self.streams).try_acquire_owned() else {
            tracing::warn!(streams = self.options.streams, "listener refused: too many");
            return busy();
        };
        let until = Instant::now() + self.options.stream_lifetime;
        let keep_alive = self.options.keep_alive;
        Listener { listening, _permit: permit, until, closing: closing(), keep_alive }.into_response()
    }

    /// A batch (2025-03-26, basic/index.mdx, "Batching"). It counts as one request in flight, however long it is.
    async fn batch(&self, items: &[&RawValue], mut peer: Peer, permit: Permit) -> Response {
        let batch = match Batch::begin(&self.core, items, &mut peer, self.options.batch) {
            Ok(batch) => batch,
            Err(fault) => return response(Reply::refusal(StatusCode::BAD_REQUEST, &fault)),
        };
        match run_to_end(batch.run(Arc::clone(&self.core)), permit).await.flatten() {
            Some(frames) => response(Reply { status: StatusCode::OK, frames }),
            None => StatusCode::ACCEPTED.into_response(),
        }
    }

    fn peer(&self, parts: &Arc<Parts>, bytes: &Bytes) -> Peer {
        let session = self.known(parts);
        let accepts_events = guard::accepts_events(&parts.headers);
        Peer {
            stated: stated(parts, &session),
            session,
            http: Some(Arc::clone(parts)),
            stream: if accepts_events { Stream::Own } else { Stream::None },
            remembers: self.sessions.are_kept(),
            body: Some(bytes.clone()),
        }
    }

    fn known(&self, parts: &Arc<Parts>) -> Known {
        self.sessions.find(&parts.headers, || {
            let mut context = Context::new(Revision::NEWEST_LEGACY);
            context.http = Some(Arc::clone(parts));
            self.core.handler.principal(&context)
        })
    }

    /// Keeps what a client has said in its handshake, and tells it under which id.
    fn remember(&self, peer: &Peer, response: &mut Response) {
        let Known::Session(session) = &peer.session else { return };
        let id = self.sessions.open(Arc::clone(session));
        if let Some(id) = id.and_then(|id| HeaderValue::try_from(id).ok()) {
            response.headers_mut().insert(sessions::ID, id);
        }
    }
}

/// Runs what must outlive the connection, and counts as in flight as long as it does. None if the runtime ends.
fn run_to_end<T: Send + 'static>(
    running: impl Future<Output = T> + Send + 'static,
    permit: Permit,
) -> impl Future<Output = Option<T>> + Send {
    let counted = async move {
        let done = running.await;
        drop(permit);
        done
    };
    let spawned = tokio::spawn(counted.in_current_span());
    async { spawned.await.ok() }
}

/// The revision the headers state. A client that is remembered need not repeat what it has said.
fn stated(parts: &Parts, known: &Known) -> Stated {
    match (parts.headers.get(&mirror::VERSION), known) {
        (Some(version), _) => Stated::read(&String::from_utf8_lossy(version.as_bytes())),
        (None, Known::Session(session)) => Stated::Supported(session.revision),
        (None, _) => Stated::Supported(Revision::ASSUMED_OVER_HTTP),
    }
}

/// 202 for a notification. No revision has one over HTTP that asks for more: requests are cancelled by closing their
/// stream, and an id alone doesn't say whose request is meant.
fn notified(method: &str, peer: &Peer) -> Response {
    if let Stated::Unsupported(version) = &peer.stated {
        let fault = Fault::UnsupportedVersion(version.clone());
        return response(Reply::refusal(StatusCode::BAD_REQUEST, &fault));
    }
    if !method.starts_with("notifications/") {
        return response(refusal(StatusCode::BAD_REQUEST, "Invalid request: `id` is missing"));
    }
    if matches!((&peer.session, &peer.stated), (Known::Lost, Stated::Supported(revision)) if revision.era() == Era::Legacy)
    {
        return lost();
    }
    StatusCode::ACCEPTED.into_response()
}

/// Legacy clients are told 202, as their revisions have it, whether or not anybody waits for what they say; modern
/// ones must not send responses (2026-07-28, basic/transports/streamable-http.mdx, "Sending Messages").
fn responded(peer: &Peer) -> Response {
    match &peer.stated {
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

fn lost() -> Response {
    response(Reply::refusal(StatusCode::NOT_FOUND, &Fault::UnknownSession))
}

fn busy() -> Response {
    let mut response = response(refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "too many requests in flight; try again in a second",
    ));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
