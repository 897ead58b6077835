//! Documents on the web: the entry, what lies below it, and what is on the hosts that the operator allows.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use oasgate_spec::ReadError;
use tokio::runtime::Handle;
use url::{Position, Url};

use super::Validators;
use crate::upstream::{Limits, Redirects, Upstream};

/// What fetching one document may cost.
const LIMITS: Limits = Limits { connect: Duration::from_secs(10), body: 64 << 20, ..Limits::DEFAULT };

/// The part of the web that a description may be read from.
#[derive(Debug)]
pub(super) struct Web {
    /// The entry, if it is on the web itself.
    entry: Option<Url>,
    /// `HOST` or `HOST:PORT`.
    hosts: Vec<String>,
    upstream: Upstream,
    runtime: Option<Handle>,
}

impl Web {
    pub(super) fn new(entry: Option<&Url>, hosts: &[String], upstream: &Upstream) -> Self {
        let (hosts, runtime) = (hosts.to_vec(), Handle::try_current().ok());
        Self { entry: entry.cloned(), hosts, upstream: upstream.with_limits(LIMITS), runtime }
    }

    /// Fetches a document, if it may be. Blocks: loading is done on a thread of its own.
    pub(super) fn read(&self, uri: &Url) -> Result<(Vec<u8>, Validators), ReadError> {
        if !self.allows(uri) {
            let host = uri.host_str().unwrap_or_default();
            let message =
                format!("nothing is fetched from {host} unless it is allowed with --allow-ref-host {host}");
            return Err(ReadError(message));
        }
        let runtime =
            self.runtime.as_ref().ok_or_else(|| ReadError("there is no network here".to_owned()))?;
        tracing::info!(uri = shown(uri), "fetching");
        runtime.block_on(self.fetch(uri))
    }

    async fn fetch(&self, uri: &Url) -> Result<(Vec<u8>, Validators), ReadError> {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() =
            uri.as_str().parse().map_err(|_| ReadError("its URL cannot be fetched".to_owned()))?;
        let answer = self.upstream.send(request, Redirects::SameHost).await;
        let answer = answer.map_err(|fault| ReadError(fault.reason()))?;
        match answer.status() {
            status if status.is_success() => {
                let validators = Validators::of(answer.headers(), answer.body());
                Ok((answer.into_body().into(), validators))
            }
            status if status.is_redirection() => {
                let to = answer.headers().get(http::header::LOCATION).and_then(|to| to.to_str().ok());
                let to = to.unwrap_or("nowhere");
                Err(ReadError(format!(
                    "{} redirects to {to}, which is not followed: name that URL itself",
                    shown(uri)
                )))
            }
            status => Err(ReadError(format!("{} answered {status}", shown(uri)))),
        }
    }

    pub(super) fn allows(&self, uri: &Url) -> bool {
        let listed = |listed: &String| {
            let host = uri.host_str().unwrap_or_default();
            let with_port = || uri.port_or_known_default().map(|port| format!("{host}:{port}"));
            listed.eq_ignore_ascii_case(host)
                || with_port().is_some_and(|host| listed.eq_ignore_ascii_case(&host))
        };
        is_plain(uri)
            && (self.entry.as_ref().is_some_and(|entry| is_below(entry, uri))
                || self.hosts.iter().any(listed))
    }
}

/// The URL of an entry, if it can be fetched.
pub(super) fn entry(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok().filter(is_plain)?;
    url.set_fragment(None);
    Some(url)
}

/// A URL as messages have it: a query may hold a token.
pub(super) fn shown(url: &Url) -> String {
    let query = if url.query().is_some() { "?…" } else { "" };
    format!("{}{query}", &url[..Position::AfterPath])
}

/// http(s), and no credentials in it, which every log on the way would keep.
fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
}

/// Whether a document is on the same origin, at or below the folder of the entry.
fn is_below(entry: &Url, uri: &Url) -> bool {
    let folder = entry.path().rfind('/').and_then(|slash| entry.path().get(..=slash)).unwrap_or("/");
    entry.origin() == uri.origin() && uri.path().starts_with(folder)
}
