//! The upstream: the one client of the process, and the only place that sends anything.
//!
//! ```text
//!  send ── the deadline of the whole
//!   └─ attempt, again if `retry` says so ── `origin`: a slot, and the circuit breaker
//!       └─ exchange, on if `redirect` says so ── `address`: where nothing is sent
//!           └─ `wire` ─► `coding` ─► `body`: as many bytes as an answer may have
//! ```
//!
//! Owns time, size, retries and redirects. What it is given is sent as it is, and what comes back is whole or an error
//! that says who is at fault: no cookie is kept, no redirect leads to another origin. Knows nothing of operations,
//! credentials or MCP.

mod address;
mod body;
mod breaker;
mod coding;
mod fault;
mod origin;
mod redirect;
mod retry;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, RANGE};
use http::{HeaderValue, Request, Response};
use tokio::time::{Instant, sleep, timeout_at};
use url::{Position, Url};

pub use fault::Fault;
pub use redirect::Redirects;
pub(crate) use retry::retry_after;

use address::Reach;
use origin::{Origin, Origins};
use retry::Retries;

/// What a request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long a request may take from beginning to end: waiting for a slot, retries, redirects and the whole answer
    /// included.
    pub whole: Duration,
    /// How long an answer that has begun may pause.
    pub idle: Duration,
    /// How many bytes an answer may have, on the wire and decompressed.
    pub body: usize,
    /// How many requests may be in flight to one origin.
    pub concurrency: usize,
    /// How long a request may wait for one of these to end.
    pub queue: Duration,
}

/// The client. Clones share its connections, and what it knows of each origin.
#[derive(Debug, Clone)]
pub struct Upstream {
    client: reqwest::Client,
    reach: Reach,
    limits: Limits,
    origins: Arc<Origins>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct SetupError(String);

/// The fields that an answer's header may have. What they may hold together is in [`wire`].
const FIELDS: usize = 128;
/// Connections that are kept for the next request.
const IDLE_CONNECTIONS: usize = 32;
const KEPT: Duration = Duration::from_secs(60);

impl Limits {
    /// Hosts give a tool call up after 65 s, so an answer must be there before.
    pub const DEFAULT: Self = Self {
        connect: Duration::from_secs(3),
        whole: Duration::from_secs(60),
        idle: Duration::from_secs(15),
        body: 8 << 20,
        concurrency: 64,
        queue: Duration::from_secs(15),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Upstream {
    /// A client that uses the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`), if there is one. Where the system
    /// has no certificates, as in small containers, it comes about all the same, and trusts nobody.
    ///
    /// # Errors
    /// When the system has no room for one.
    pub fn new(limits: Limits) -> Result<Self, SetupError> {
        Self::within(Reach::Everywhere, limits)
    }

    /// A client that sends to public addresses only. It uses no proxy: whom that one connects to, nobody here can tell.
    ///
    /// # Errors
    /// As [`Upstream::new`].
    pub fn public_only(limits: Limits) -> Result<Self, SetupError> {
        Self::within(Reach::Public, limits)
    }

    /// A client that uses no proxy and no TLS: for an upstream on this machine.
    ///
    /// # Errors
    /// As [`Upstream::new`].
    pub fn direct(limits: Limits) -> Result<Self, SetupError> {
        let client = builder(&limits, Reach::Everywhere).no_proxy().tls_certs_only([]).build();
        Self::of(client, limits, Reach::Everywhere)
    }

    fn within(reach: Reach, limits: Limits) -> Result<Self, SetupError> {
        let client = builder(&limits, reach).build().or_else(|error| {
            tracing::warn!(
                cause = fault::cause(&error),
                "https will fail: install the system's CA certificates"
            );
            builder(&limits, reach).tls_certs_only([]).build()
        });
        Self::of(client, limits, reach)
    }

    fn of(
        client: reqwest::Result<reqwest::Client>,
        limits: Limits,
        reach: Reach,
    ) -> Result<Self, SetupError> {
        let client = client.map_err(|error| SetupError(fault::cause(&error)))?;
        Ok(Self { client, reach, limits, origins: Arc::default() })
    }

    /// The same client with other limits.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// Sends a request, and reads the answer to its end. Dropping the future aborts the request.
    ///
    /// # Errors
    /// A [`Fault`], if there is no whole answer. An answer of any status is none.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        redirects: Redirects,
    ) -> Result<Response<Bytes>, Fault> {
        let url = url(&request)?;
        self.reach.admits(&url)?;
        let deadline = Instant::now() + self.limits.whole;
        let origin = self.origins.get(&name(&url), self.limits.concurrency);
        let mut retries = Retries::new(&request, &origin.budget, deadline);
        loop {
            let answer = self.attempt(&request, &url, redirects, &origin, deadline).await;
            match retries.wait(&answer) {
                Some(wait) => sleep(wait).await,
                None => return answer,
            }
        }
    }

    async fn attempt(
        &self,
        request: &Request<Bytes>,
        url: &Url,
        redirects: Redirects,
        origin: &Origin,
        deadline: Instant,
    ) -> Result<Response<Bytes>, Fault> {
        let _slot = origin.slot(deadline.min(Instant::now() + self.limits.queue)).await?;
        let pass = origin.pass(Instant::now())?;
        let answer = timeout_at(deadline, self.exchange(request, url.clone(), redirects)).await;
        let timeout = || Err(Fault::Timeout { origin: name(url), after: self.limits.whole });
        let answer = answer.unwrap_or_else(|_| timeout());
        pass.end(origin::is_well(&answer), Instant::now());
        answer
    }

    async fn exchange(
        &self,
        request: &Request<Bytes>,
        mut url: Url,
        redirects: Redirects,
    ) -> Result<Response<Bytes>, Fault> {
        let mut left = redirect::MOST;
        loop {
            let answer = self.once(request, url.clone()).await?;
            match redirects.next(request.method(), &url, &answer) {
                Some(next) if left > 0 => url = next,
                _ => return body::whole(answer, request.method(), &self.limits, name(&url)).await,
            }
            left -= 1;
        }
    }

    async fn once(&self, request: &Request<Bytes>, url: Url) -> Result<reqwest::Response, Fault> {
        let origin = name(&url);
        let mut sent = reqwest::Request::new(request.method().clone(), url);
        sent.headers_mut().clone_from(request.headers());
        // A part of a compressed answer is not a compressed part of it (RFC 9110, 14.2).
        if !request.headers().contains_key(RANGE) {
            sent.headers_mut().entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(coding::ACCEPTED));
        }
        if !request.body().is_empty() {
            *sent.body_mut() = Some(request.body().clone().into());
        }
        tracing::debug!(method = %request.method(), %origin, "sending");
        let answer = self.client.execute(sent).await;
        let answer = answer.map_err(|error| Fault::of(&error, origin, &self.limits))?;
        tracing::debug!(status = answer.status().as_u16(), "answered");
        Ok(answer)
    }
}

/// The URL of a request, if the client's parser reads it as the request has it: that one resolves dot segments
/// (also `%2E`) and takes `\` for `/` (WHATWG URL, 4.4), and so would send it to another path.
fn url(request: &Request<Bytes>) -> Result<Url, Fault> {
    let url = Url::parse(&request.uri().to_string()).map_err(|_| Fault::Unsendable)?;
    let same = &url[Position::BeforePath..Position::AfterPath] == request.uri().path();
    if same { Ok(url) } else { Err(Fault::Unsendable) }
}

/// Scheme and authority: the origin's name, and all of a URL that messages have, since path and query may hold what is
/// nobody's business.
fn name(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}

fn builder(limits: &Limits, reach: Reach) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("oasgate/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(limits.connect)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(KEPT)
        .http1_max_headers(FIELDS)
        .http2_max_header_list_size(wire::HEADER)
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    match reach {
        Reach::Everywhere => builder,
        Reach::Public => builder.no_proxy().dns_resolver(address::PublicOnly),
    }
}
