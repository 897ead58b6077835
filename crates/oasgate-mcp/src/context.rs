//! What a handler learns about a request apart from its parameters. Knows no method.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use crate::revision::Revision;

/// The circumstances of one request.
#[derive(Clone)]
#[non_exhaustive]
pub struct Context {
    /// The revision the request is answered in; its era is [`Revision::era`].
    pub revision: Revision,
    /// Who calls, as they say themselves: for display and logs, never for decisions
    /// (2026-07-28, basic/index.mdx, "Per-response protocol fields", note).
    pub client: Option<Arc<ClientInfo>>,
    /// The trace the client wants this request to be part of.
    pub trace: Trace,
    /// Method, URI, headers and extensions of the HTTP request, when the transport is HTTP. Whatever a layer in
    /// front put into the extensions (who is signed in, say) is found here.
    pub http: Option<Arc<http::request::Parts>>,
    /// Cancelled when the client gives the request up. The handler's future is dropped in that case; the token is
    /// for work it has handed to other tasks.
    pub cancelled: CancellationToken,
}

impl Context {
    /// A context that knows nothing but the revision.
    #[must_use]
    pub fn new(revision: Revision) -> Self {
        Self {
            revision,
            client: None,
            trace: Trace::default(),
            http: None,
            cancelled: CancellationToken::new(),
        }
    }
}

impl fmt::Debug for Context {
    /// Leaves out the HTTP request: its headers hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("revision", &self.revision)
            .field("client", &self.client)
            .field("trace", &self.trace)
            .finish_non_exhaustive()
    }
}

/// Name and version of the client program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ClientInfo {
    /// The programmatic name.
    pub name: String,
    /// The version, in whatever scheme the client has.
    pub version: String,
    /// The name for people.
    #[serde(default)]
    pub title: Option<String>,
}

impl ClientInfo {
    pub(crate) fn read(raw: &RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }
}

/// W3C Trace Context and Baggage as the client gave them in `_meta`; the values are not checked
/// (2026-07-28, basic/index.mdx, "OpenTelemetry trace context").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trace {
    /// W3C Trace Context, section 3.2.
    pub traceparent: Option<String>,
    /// W3C Trace Context, section 3.3.
    pub tracestate: Option<String>,
    /// W3C Baggage, section 3.
    pub baggage: Option<String>,
}
