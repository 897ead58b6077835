//! What `oasgate-auth` reaches others by: the client of the [`upstream`](crate::upstream), under stricter rules.
//!
//! Two rules. What strangers name (the metadata of clients) is fetched by https, from public addresses only, and by no
//! proxy. What the operator names (providers, portals) is fetched from public addresses, too, unless the operator says
//! that it is inside. Either way no redirect is followed, and the whole keeps within the size and time that the asker
//! gives. Owns the translation; knows nothing of what is fetched.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::uri::Scheme;
use oasgate_auth::{Fetch, FetchError, FetchLimits, Fetching};

use crate::upstream::{Fault, Limits, Redirects, SetupError, Upstream};

#[cfg(test)]
mod tests;

/// Fetches by one of the rules.
#[derive(Debug)]
pub struct Fetcher {
    upstream: Upstream,
    /// Whether what is not encrypted is refused.
    https_only: bool,
}

/// One provider that hangs must not keep the others waiting, nor all room for answers.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(3),
    whole: Duration::from_secs(15),
    idle: Duration::from_secs(5),
    body: 1 << 20,
    memory: 16 << 20,
    concurrency: 32,
    queue: Duration::from_secs(2),
};

impl Fetcher {
    /// For what strangers name.
    ///
    /// # Errors
    /// When the system has no room for a client.
    pub fn strangers() -> Result<Arc<dyn Fetch>, SetupError> {
        Ok(Arc::new(Self { upstream: Upstream::public_only(LIMITS)?, https_only: true }))
    }

    /// For what the operator names; also inside of the operator's network, and by the proxy of the environment, if
    /// `private` says so.
    ///
    /// # Errors
    /// As [`Fetcher::strangers`].
    pub fn operator(private: bool) -> Result<Arc<dyn Fetch>, SetupError> {
        let upstream = if private { Upstream::new(LIMITS) } else { Upstream::public_only(LIMITS) };
        Ok(Arc::new(Self { upstream: upstream?, https_only: false }))
    }
}

impl Fetch for Fetcher {
    fn fetch(&self, request: Request<Bytes>, limits: FetchLimits) -> Fetching<'_> {
        Box::pin(async move {
            // Only the host is told: a path or a query may hold what is nobody's business.
            let name = request.uri().host().unwrap_or("the URL").to_owned();
            if self.https_only && request.uri().scheme() != Some(&Scheme::HTTPS) {
                return Err(FetchError::Refused(name));
            }
            let limits = Limits { whole: limits.time, body: limits.bytes, ..LIMITS };
            let answer = self.upstream.with_limits(limits).send(request, Redirects::Never).await;
            answer.map_err(|fault| {
                // What strangers name need not be there, and whoever asks for it says what follows.
                if self.https_only {
                    tracing::debug!(reason = fault.reason(), "fetching failed");
                } else {
                    tracing::warn!(reason = fault.reason(), "fetching failed");
                }
                match fault {
                    Fault::Private { .. } | Fault::Unsendable => FetchError::Refused(name),
                    Fault::TooLarge { .. } | Fault::Inflated { .. } | Fault::Header { .. } => {
                        FetchError::TooLarge(name)
                    }
                    _ => FetchError::Failed(name),
                }
            })
        })
    }
}
