//! The upstream: the one client of the process, and the only place that sends anything.
//!
//! ```text
//!  send ── the deadline of the whole
//!   └─ attempt, again if `retry` says so ── `origin`: a slot, and the circuit breaker
//!       └─ exchange, on if `redirect` says so ── `address`: where nothing is sent
//!           ├─ `client`, over connections from `connect`
//!           └─ `wire` ─► `coding` ─► `body`: as many bytes as an answer may have, and as there is `room` for
//! ```
//!
//! Owns time, size, retries and redirects. What it is given is sent as it is, and what comes back is whole or an error
//! that says who is at fault: no cookie is kept, no redirect leads to another origin. Knows nothing of operations,
//! credentials or MCP.

mod address;
mod body;
mod breaker;
mod client;
mod coding;
mod connect;
mod fault;
mod origin;
mod redirect;
mod retry;
mod room;
mod target;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::{Instant, sleep, timeout_at};

pub use fault::Fault;
pub use redirect::Redirects;
pub(crate) use retry::retry_after;

use address::Reach;
use client::Client;
use connect::Proxies;
use origin::{Origin, Origins};
use retry::Retries;
use room::Room;
use tls::Trust;

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
    /// How many bytes the answers to all requests in flight may have together, decompressed.
    pub memory: usize,
    /// How many requests may be in flight to one origin.
    pub concurrency: usize,
    /// How long a request may wait for one of these to end.
    pub queue: Duration,
}

/// The client. Clones share its connections, and what it knows of each origin.
#[derive(Debug, Clone)]
pub struct Upstream {
    client: Client,
    reach: Reach,
    limits: Limits,
    room: Room,
    origins: Arc<Origins>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct SetupError(String);

impl Limits {
    /// Hosts give a tool call up after 65 s, so an answer must be there before.
    pub const DEFAULT: Self = Self {
        connect: Duration::from_secs(3),
        whole: Duration::from_secs(60),
        idle: Duration::from_secs(15),
        body: 8 << 20,
        memory: 256 << 20,
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
        Self::of(Reach::Everywhere, Trust::nobody(), None, limits)
    }

    fn within(reach: Reach, limits: Limits) -> Result<Self, SetupError> {
        let proxies = || if reach == Reach::Public { None } else { Proxies::of_the_system() };
        Self::of(reach, Trust::System, proxies(), limits).or_else(|SetupError(cause)| {
            tracing::warn!(cause, "https will fail: install the system's CA certificates");
            Self::of(reach, Trust::nobody(), proxies(), limits)
        })
    }

    fn of(
        reach: Reach,
        trust: Trust,
        proxies: Option<Arc<Proxies>>,
        limits: Limits,
    ) -> Result<Self, SetupError> {
        let client = Client::new(reach, trust, proxies, &limits);
        let client = client.map_err(|error| SetupError(error.to_string()))?;
        Ok(Self { client, reach, limits, room: Room::new(limits.memory), origins: Arc::default() })
    }

    /// The same client with other limits, but for those on connections and on all answers together.
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
        target::check(request.uri())?;
        self.reach.admits(request.uri())?;
        let origin = self.origins.get(request.uri(), self.limits.concurrency).ok_or(Fault::Unsendable)?;
        let deadline = Instant::now() + self.limits.whole;
        let mut retries = Retries::new(&request, &origin.budget, deadline);
        let request = self.client.prepare(request);
        loop {
            let answer = self.attempt(&request, redirects, &origin, deadline).await;
            match retries.wait(&answer) {
                Some(wait) => sleep(wait).await,
                None => return answer,
            }
        }
    }

    async fn attempt(
        &self,
        request: &Request<Full<Bytes>>,
        redirects: Redirects,
        origin: &Origin,
        deadline: Instant,
    ) -> Result<Response<Bytes>, Fault> {
        let now = Instant::now();
        let _slot = origin.slot(deadline.min(now + self.limits.queue)).await?;
        let pass = origin.pass(now)?;
        let answer = timeout_at(deadline, self.exchange(request, redirects, &origin.name)).await;
        let timeout = || Err(Fault::Timeout { origin: origin.name.clone(), after: self.limits.whole });
        let answer = answer.unwrap_or_else(|_| timeout());
        pass.end(origin::is_well(&answer), Instant::now());
        answer
    }

    async fn exchange(
        &self,
        request: &Request<Full<Bytes>>,
        redirects: Redirects,
        origin: &str,
    ) -> Result<Response<Bytes>, Fault> {
        let mut answer = self.once(request, origin).await?;
        let mut from = request.uri().clone();
        for _ in 0..redirect::MOST {
            let next = redirects.next(request.method(), &from, answer.status(), answer.headers());
            let Some(next) = next else { break };
            let mut request = request.clone();
            request.uri_mut().clone_from(&next);
            answer = self.once(&request, origin).await?;
            from = next;
        }
        body::whole(answer, request.method(), &self.limits, &self.room, origin).await
    }

    async fn once(&self, request: &Request<Full<Bytes>>, origin: &str) -> Result<Response<Incoming>, Fault> {
        tracing::debug!(method = %request.method(), %origin, "sending");
        let answer = self.client.send(request).await;
        let answer = answer.map_err(|error| Fault::of(&error, target::name(request.uri()), &self.limits))?;
        tracing::debug!(status = answer.status().as_u16(), "answered");
        Ok(answer)
    }
}
