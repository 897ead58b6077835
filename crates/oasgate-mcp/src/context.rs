//! What a handler learns about a request apart from its parameters. Knows no method.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use crate::capabilities::Capabilities;
use crate::input::Inputs;
use crate::level::LogLevel;
use crate::outlet::Outlet;
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
    /// What the client can be asked, and which extensions it knows. Of a legacy client over HTTP that is known only
    /// where [`http::Options::sessions`](crate::http::Options::sessions) lets it be remembered.
    pub capabilities: Capabilities,
    /// Who calls, as [`Handler::principal`](crate::Handler::principal) has made out.
    pub principal: Option<Arc<str>>,
    /// What the client has answered to an [`InputRequired`](crate::InputRequired).
    pub inputs: Inputs,
    /// The trace the client wants this request to be part of.
    pub trace: Trace,
    /// Method, URI, headers and extensions of the HTTP request, when the transport is HTTP. Whatever a layer in
    /// front put into the extensions (who is signed in, say) is found here.
    pub http: Option<Arc<http::request::Parts>>,
    /// Cancelled when the client gives the request up. The handler's future is dropped in that case; the token is
    /// for work it has handed to other tasks.
    pub cancelled: CancellationToken,
    pub(crate) outlet: Option<Arc<Outlet>>,
}

impl Context {
    /// A context that knows nothing but the revision.
    #[must_use]
    pub fn new(revision: Revision) -> Self {
        Self {
            revision,
            client: None,
            capabilities: Capabilities::default(),
            principal: None,
            inputs: Inputs::default(),
            trace: Trace::default(),
            http: None,
            cancelled: CancellationToken::new(),
            outlet: None,
        }
    }

    /// Whether the client wants to hear of progress, and can.
    #[must_use]
    pub fn wants_progress(&self) -> bool {
        self.outlet.as_ref().is_some_and(|outlet| outlet.wants_progress())
    }

    /// Tells how far the request has got, out of `total` if that is known, if the client wants to hear of it. A value
    /// that isn't greater than the one before is left out.
    pub fn progress(&self, progress: f64, total: Option<f64>, message: Option<&str>) {
        if let Some(outlet) = self.live_outlet() {
            outlet.progress(progress, total, message);
        }
    }

    /// Whether the client wants log messages of this level, and can have them.
    #[must_use]
    pub fn wants_log(&self, level: LogLevel) -> bool {
        self.outlet.as_ref().is_some_and(|outlet| outlet.wants_log(level))
    }

    /// Tells the client what goes on, if it wants log messages of this level: a text, or any other JSON. It must hold
    /// nothing that the client may not know (2026-07-28, server/utilities/logging.mdx, "Security").
    pub fn log(&self, level: LogLevel, logger: Option<&str>, data: &(impl Serialize + ?Sized)) {
        if let Some(outlet) = self.live_outlet() {
            outlet.log(level, logger, data);
        }
    }

    /// Nothing may be sent for a request that was given up (2026-07-28, basic/patterns/cancellation.mdx).
    fn live_outlet(&self) -> Option<&Outlet> {
        self.outlet.as_deref().filter(|_| !self.cancelled.is_cancelled())
    }
}

impl fmt::Debug for Context {
    /// Leaves out the HTTP request: its headers hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("revision", &self.revision)
            .field("client", &self.client)
            .field("capabilities", &self.capabilities)
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
