//! From a readable request to its reply: which revision it is in, which method it asks for, and what that needs.
//! Knows both transports only as what they tell about a peer.
//!
//! Everything but the call of a tool is answered at once, from the borrowed request. A call becomes a [`Job`], which
//! owns what it needs, so that each transport can decide where it runs and what ends it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::about::About;
use crate::content::ToolResult;
use crate::context::{ClientInfo, Context};
use crate::envelope::Request;
use crate::fault::Fault;
use crate::handler::{CallError, Handler, ToolCall};
use crate::json;
use crate::list::{CacheScope, push_caching};
use crate::mirror::{self, Mirrored};
use crate::params::{Meta, Params};
use crate::reply::Reply;
use crate::revision::{Era, Revision};

/// What is known of a client before a message of it is read. Over HTTP that is the request; on stdio, what the
/// client said in `initialize`, which in the legacy era holds for the process.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) stated: Stated,
    pub(crate) client: Option<Arc<ClientInfo>>,
    pub(crate) http: Option<Arc<http::request::Parts>>,
}

/// The revision a transport says a message is in, for messages that don't say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stated {
    Supported(Revision),
    Unsupported(String),
}

impl Stated {
    pub(crate) fn read(version: &str) -> Self {
        Revision::parse(version).map_or_else(|| Self::Unsupported(version.to_owned()), Self::Supported)
    }
}

/// What becomes of a request.
pub(crate) enum Step {
    Done(Reply),
    Run(Job),
}

/// A request that takes time.
pub(crate) struct Job {
    id: Box<RawValue>,
    context: Context,
    call: ToolCall,
}

/// Answers a request, or makes it a job.
pub(crate) fn begin<H: Handler>(handler: &H, request: &Request<'_>, peer: &mut Peer) -> Step {
    let selected = select(request, peer);
    let outcome = match &selected {
        Ok(selected) => serve(handler, request, selected, peer),
        Err((_, fault)) => Err(fault.clone()),
    };
    let era = match &selected {
        Ok(selected) => selected.revision.era(),
        Err((era, _)) => *era,
    };
    outcome.unwrap_or_else(|fault| {
        tracing::debug!(code = fault.code(), ?era, "request refused");
        Step::Done(Reply::fault(request.id, era, &fault))
    })
}

impl Job {
    pub(crate) fn id(&self) -> &RawValue {
        &self.id
    }

    pub(crate) fn era(&self) -> Era {
        self.context.revision.era()
    }

    /// Cancelling it gives the request up.
    pub(crate) fn cancellation(&self) -> CancellationToken {
        self.context.cancelled.clone()
    }

    /// Runs to the reply, or to none if the request was given up. Dropping the future gives it up, too.
    pub(crate) async fn run<H: Handler>(self, handler: Arc<H>) -> Option<Reply> {
        let Self { id, context, call } = self;
        let (revision, begun) = (context.revision, Instant::now());
        let span = tracing::info_span!("tools/call", tool = shown(&call.name), %revision);
        let cancelled = context.cancelled.clone();
        // However this ends early, whoever watches the token hears of it.
        let dropped = context.cancelled.clone().drop_guard();
        // A panic of the handler is its own fault, not that of the requests that share a connection with it.
        let running =
            AssertUnwindSafe(handler.call_tool(call, context)).catch_unwind().instrument(span.clone());
        let outcome = tokio::select! {
            biased;
            () = cancelled.cancelled() => None,
            outcome = running => Some(outcome),
        };
        let spent = begun.elapsed();
        let Some(outcome) = outcome else {
            span.in_scope(|| tracing::debug!(?spent, outcome = "cancelled"));
            return None;
        };
        dropped.disarm();
        let outcome = outcome.unwrap_or_else(|_| Err(CallError::Internal("Internal error".to_owned())));
        span.in_scope(|| tracing::debug!(?spent, outcome = kind(&outcome)));
        Some(match outcome {
            Ok(result) => Reply::tool_result(&id, revision, &handler.about(), &result),
            Err(error) => Reply::fault(&id, revision.era(), &error.into()),
        })
    }
}

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        match error {
            CallError::UnknownTool(_) | CallError::InvalidParams(_) => Self::InvalidParams(error.to_string()),
            CallError::Internal(text) => Self::Internal(text.into()),
        }
    }
}

/// A request whose revision is settled.
struct Selected<'a> {
    revision: Revision,
    params: Params<'a>,
    meta: Meta<'a>,
}

/// Settles the revision (2026-07-28, basic/versioning.mdx, "Backward Compatibility with Initialization-Based
/// Versions"), and checks what a modern request must carry before anything else of it counts. An error comes with
/// the era whose HTTP status it takes.
fn select<'a>(request: &Request<'a>, peer: &Peer) -> Result<Selected<'a>, (Era, Fault)> {
    let stated_era = match &peer.stated {
        Stated::Supported(revision) => revision.era(),
        Stated::Unsupported(_) => Era::Modern,
    };
    let params = Params::read(request.params).map_err(|fault| (stated_era, fault))?;
    let meta = params.meta().map_err(|fault| (stated_era, fault))?;
    if meta.is_modern() || is_modern_only(&request.method) {
        let revision = stated_in_meta(request, &params, &meta, peer).map_err(|fault| (Era::Modern, fault))?;
        return Ok(Selected { revision, params, meta });
    }
    match &peer.stated {
        // The handshake settles the version itself, whatever a header says of it.
        _ if request.method == "initialize" => {
            Ok(Selected { revision: Revision::NEWEST_LEGACY, params, meta })
        }
        Stated::Supported(revision) if revision.era() == Era::Legacy => {
            Ok(Selected { revision: *revision, params, meta })
        }
        Stated::Supported(_) => Err((Era::Modern, meta.required().err().unwrap_or_else(no_meta))),
        Stated::Unsupported(version) => Err((Era::Modern, Fault::UnsupportedVersion(version.clone()))),
    }
}

/// The revision `_meta` names. A client may name a legacy one there, chosen from what `server/discover` offers; it
/// is then answered as that revision has it.
fn stated_in_meta(
    request: &Request<'_>,
    params: &Params<'_>,
    meta: &Meta<'_>,
    peer: &Peer,
) -> Result<Revision, Fault> {
    let version = meta.required()?;
    let revision = Revision::parse(&version);
    let legacy = revision.filter(|revision| revision.era() == Era::Legacy);
    if let (Some(http), None) = (&peer.http, legacy) {
        let name = params.name_or_uri();
        let body = Mirrored { version: &version, method: &request.method, name: name.as_deref() };
        mirror::check(&http.headers, &body)?;
    }
    match revision {
        Some(revision) if legacy.is_none() || !is_modern_only(&request.method) => Ok(revision),
        _ => Err(Fault::UnsupportedVersion(version.into_owned())),
    }
}

fn no_meta() -> Fault {
    Fault::MalformedMeta("`params._meta` must name the protocol version".to_owned())
}

/// Methods that a client of the modern era only can know.
fn is_modern_only(method: &str) -> bool {
    matches!(method, "server/discover" | "subscriptions/listen")
}

fn serve<H: Handler>(
    handler: &H,
    request: &Request<'_>,
    selected: &Selected<'_>,
    peer: &mut Peer,
) -> Result<Step, Fault> {
    let Selected { revision, params, meta } = selected;
    let (id, about) = (request.id, || handler.about());
    let reply = match (revision.era(), request.method.as_ref()) {
        (Era::Legacy, "initialize") => initialize(id, params, peer, &about())?,
        (Era::Legacy, "ping") => Reply::result(id, *revision, &about(), |_| {}),
        (Era::Modern, "server/discover") => discover(id, *revision, &about()),
        (_, "tools/list") => {
            let list = handler.tools(&context(*revision, meta, peer));
            let page = list.page(params.cursor()?.as_deref()).ok_or_else(|| {
                Fault::InvalidParams("Invalid cursor: the list has changed; begin without one".to_owned())
            })?;
            Reply::page(id, revision.era(), &about(), page)
        }
        (_, "tools/call") => {
            let arguments = params.arguments()?.map(ToOwned::to_owned);
            let call = ToolCall::new(params.name()?, arguments);
            let context = context(*revision, meta, peer);
            return Ok(Step::Run(Job { id: id.to_owned(), context, call }));
        }
        (_, method) => return Err(Fault::UnknownMethod(shown(method).to_owned())),
    };
    tracing::debug!(method = %request.method, %revision, "answered");
    Ok(Step::Done(reply))
}

fn context(revision: Revision, meta: &Meta<'_>, peer: &Peer) -> Context {
    let mut context = Context::new(revision);
    context.client = meta.client_info().map(Arc::new);
    // A modern request stands alone; what an earlier one said of the client doesn't count for it
    // (2026-07-28, basic/index.mdx, "Statelessness").
    if revision.era() == Era::Legacy {
        context.client = context.client.or_else(|| peer.client.clone());
    }
    context.trace = meta.trace();
    context.http.clone_from(&peer.http);
    context
}

/// The legacy handshake (2025-11-25, basic/lifecycle.mdx, "Version Negotiation"). No session is minted, so nothing
/// but a process on stdio remembers it.
fn initialize(id: &RawValue, params: &Params<'_>, peer: &mut Peer, about: &About) -> Result<Reply, Fault> {
    let requested = Revision::parse(&params.protocol_version()?);
    let revision =
        requested.filter(|revision| revision.era() == Era::Legacy).unwrap_or(Revision::NEWEST_LEGACY);
    peer.stated = Stated::Supported(revision);
    peer.client = params.client_info().map(Arc::new);
    Ok(Reply::result(id, revision, about, |out| {
        out.extend_from_slice(br#""protocolVersion":"#);
        json::push(out, revision.as_str());
        out.push(b',');
        push_capabilities(out, about);
        out.extend_from_slice(br#","serverInfo":"#);
        out.extend_from_slice(about.serialised());
    }))
}

/// 2026-07-28, server/discover.mdx.
fn discover(id: &RawValue, revision: Revision, about: &About) -> Reply {
    Reply::result(id, revision, about, |out| {
        out.extend_from_slice(br#""supportedVersions":"#);
        json::push(out, &Revision::ALL.map(Revision::as_str));
        out.push(b',');
        push_capabilities(out, about);
        push_caching(out, about.ttl(), CacheScope::Private);
    })
}

/// What the server can do and how to use it: told the same way in both eras.
fn push_capabilities(out: &mut Vec<u8>, about: &About) {
    out.extend_from_slice(br#""capabilities":{"tools":{}}"#);
    if let Some(instructions) = about.instructions() {
        out.extend_from_slice(br#","instructions":"#);
        json::push(out, instructions);
    }
}

/// As much of a name from outside as is worth a log line or an error message.
fn shown(name: &str) -> &str {
    name.char_indices().nth(128).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

fn kind(outcome: &Result<ToolResult, CallError>) -> &'static str {
    match outcome {
        Ok(result) if result.is_error => "tool error",
        Ok(_) => "complete",
        Err(CallError::UnknownTool(_)) => "unknown tool",
        Err(CallError::InvalidParams(_)) => "invalid params",
        Err(CallError::Internal(_)) => "internal error",
    }
}
