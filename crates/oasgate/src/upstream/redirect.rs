//! Which redirects are followed: those that cannot carry a credential, or a write, to where it was not meant to go.

use http::header::LOCATION;
use http::{HeaderMap, Method, StatusCode, Uri};
use url::Url;

use super::target;

/// How many are followed in one exchange.
pub(super) const MOST: usize = 3;

/// How far a redirect may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Nowhere: for what only the one that was asked may answer.
    Never,
    /// Within the origin (RFC 6454, 4): for requests that may carry credentials.
    SameOrigin,
    /// Within the host, also from http to https: for documents, which are fetched without credentials.
    SameHost,
}

impl Redirects {
    /// Where to go on, or none if this is the answer. Only `GET` and `HEAD` are sent again: for them all statuses
    /// mean the same (RFC 9110, 15.4).
    pub(super) fn next(
        self,
        method: &Method,
        from: &Uri,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<Uri> {
        if !is_redirect(status) || !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let from = Url::parse(&from.to_string()).ok()?;
        let to = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
        let uri = self.allow(&from, &to).then(|| to.as_str().parse().ok()).flatten()?;
        target::check(&uri).is_ok().then_some(uri)
    }

    fn allow(self, from: &Url, to: &Url) -> bool {
        let host = |url: &Url| url.host_str().map(str::to_owned);
        let upgrade = || {
            let schemes = from.scheme() == "http" && to.scheme() == "https";
            schemes && from.port().is_none() && to.port().is_none() && host(from) == host(to)
        };
        self != Self::Never
            && to.username().is_empty()
            && to.password().is_none()
            && (to.origin() == from.origin() || self == Self::SameHost && upgrade())
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
