//! The upstream: the one client of the process, and the only place that sends anything.
//!
//! Owns time, size and redirects. What it is given is sent as it is, and what comes back is whole or an error that
//! says who is at fault: nothing is retried, no cookie is kept, no redirect leads to another origin. Knows nothing of
//! operations, credentials or MCP.

mod body;
mod fault;
mod redirect;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use url::{Position, Url};

pub use fault::Fault;
pub use redirect::Redirects;

/// What a request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long a request may take from beginning to end, redirects and the whole answer included.
    pub whole: Duration,
    /// How many bytes an answer may have, decompressed.
    pub body: usize,
}

/// The client. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Upstream {
    client: reqwest::Client,
    limits: Limits,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct SetupError(String);

impl Default for Limits {
    /// Hosts give a tool call up after 65 s, so an answer must be there before.
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), whole: Duration::from_secs(60), body: 8 << 20 }
    }
}

impl Upstream {
    /// A client that uses the proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`), if there is one. Where the system
    /// has no certificates, as in small containers, it comes about all the same, and trusts nobody.
    ///
    /// # Errors
    /// When the system has no room for one.
    pub fn new(limits: Limits) -> Result<Self, SetupError> {
        let client = builder(&limits).build().or_else(|error| {
            tracing::warn!(
                cause = fault::cause(&error),
                "https will fail: install the system's CA certificates"
            );
            builder(&limits).tls_certs_only([]).build()
        });
        Self::of(client, limits)
    }

    /// A client that uses no proxy and no TLS: for an upstream on this machine.
    ///
    /// # Errors
    /// As [`Upstream::new`].
    pub fn direct(limits: Limits) -> Result<Self, SetupError> {
        Self::of(builder(&limits).no_proxy().tls_certs_only([]).build(), limits)
    }

    fn of(client: reqwest::Result<reqwest::Client>, limits: Limits) -> Result<Self, SetupError> {
        let client = client.map_err(|error| SetupError(fault::cause(&error)))?;
        Ok(Self { client, limits })
    }

    /// The same client with other limits.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { client: self.client.clone(), limits }
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
        let origin = origin(&url);
        let answer = tokio::time::timeout(self.limits.whole, self.exchange(request, url, redirects));
        answer.await.unwrap_or_else(|_| Err(Fault::Timeout { origin, after: self.limits.whole }))
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        mut url: Url,
        redirects: Redirects,
    ) -> Result<Response<Bytes>, Fault> {
        let mut left = redirect::MOST;
        loop {
            let answer = self.once(&request, url.clone()).await?;
            match redirects.next(request.method(), &url, &answer) {
                Some(next) if left > 0 => url = next,
                _ => return body::whole(answer, request.method(), self.limits.body, &origin(&url)).await,
            }
            left -= 1;
        }
    }

    async fn once(&self, request: &Request<Bytes>, url: Url) -> Result<reqwest::Response, Fault> {
        let origin = origin(&url);
        let mut sent = reqwest::Request::new(request.method().clone(), url);
        sent.headers_mut().clone_from(request.headers());
        if !request.body().is_empty() {
            *sent.body_mut() = Some(request.body().clone().into());
        }
        tracing::debug!(method = %request.method(), %origin, "sending");
        let answer =
            self.client.execute(sent).await.map_err(|error| Fault::of(&error, origin, &self.limits))?;
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

/// Scheme and authority, for messages: path and query may hold what is nobody's business.
fn origin(url: &Url) -> String {
    url[..Position::BeforePath].to_owned()
}

fn builder(limits: &Limits) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("oasgate/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(limits.connect)
        .tcp_nodelay(true)
}
