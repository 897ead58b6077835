//! HTTP/1.1 and HTTP/2 over connections that are kept: sends one request, and no more of it than that.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, PROXY_AUTHORIZATION, RANGE, USER_AGENT};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client as Pool, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::address::{Names, Reach};
use super::connect::{Connector, Proxies};
use super::fault::layers;
use super::tls::Trust;
use super::{Limits, coding, wire};

/// What requests say of who sends them.
pub(super) const OURS: &str = concat!("oasgate/", env!("CARGO_PKG_VERSION"));

/// The fields that an answer's header may have. What they may hold together is in [`wire`].
const FIELDS: usize = 128;
/// How long a connection is kept for the next request.
const KEPT: Duration = Duration::from_secs(60);
/// How often a request that the other side says it has not begun with is sent again.
const REFUSED: u32 = 2;

/// The client. Clones share its connections.
#[derive(Clone)]
pub(super) struct Client {
    pool: Pool<Connector, Full<Bytes>>,
    proxies: Option<Arc<Proxies>>,
}

impl Client {
    pub(super) fn new(
        reach: Reach,
        trust: Trust,
        proxies: Option<Arc<Proxies>>,
        limits: &Limits,
    ) -> Result<Self, rustls::Error> {
        let connector = Connector::new(Names::of(reach), trust.config()?, proxies.clone(), limits.connect);
        let pool = Pool::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT)
            // As many as there may be requests: none is made only to be thrown away.
            .pool_max_idle_per_host(limits.concurrency)
            .http1_max_headers(FIELDS)
            .http2_max_header_list_size(wire::HEADER)
            .build(connector);
        Ok(Self { pool, proxies })
    }

    /// The request as it is sent, with what it says of us and of the codings that are undone here.
    pub(super) fn prepare(&self, request: Request<Bytes>) -> Request<Full<Bytes>> {
        let mut request = request.map(Full::new);
        let proxy = self.proxies.as_ref().and_then(|proxies| proxies.credential(request.uri()));
        let headers = request.headers_mut();
        // A part of a compressed answer is not a compressed part of it (RFC 9110, 14.2).
        if !headers.contains_key(RANGE) {
            headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(coding::ACCEPTED));
        }
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(OURS));
        headers.extend(proxy.map(|credential| (PROXY_AUTHORIZATION, credential)));
        request
    }

    /// Sends a request, until its answer begins.
    pub(super) async fn send(&self, request: &Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        let mut left = REFUSED;
        loop {
            let answer = self.pool.request(request.clone()).await;
            match &answer {
                Err(error) if left > 0 && is_refused(error) => left -= 1,
                _ => return answer,
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// Whether the other side says that it has not begun with a request (RFC 9113, 8.7): anything may be sent again then.
fn is_refused(error: &Error) -> bool {
    let error = layers(error).find_map(|layer| layer.downcast_ref::<h2::Error>());
    error.filter(|error| error.is_remote()).is_some_and(|error| {
        error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
            || error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)
    })
}
