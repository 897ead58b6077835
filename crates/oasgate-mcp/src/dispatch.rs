//! From a readable request to its reply: which revision it is in, who asks, and where it goes from there. Knows both
//! transports only as what they tell about a peer, and leaves what methods mean to `methods`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::asks::Asks;
use crate::envelope::Request;
use crate::fault::Fault;
use crate::handler::Handler;
use crate::job::Job;
use crate::listen::Listening;
use crate::methods;
use crate::mirror::{self, Mirrored};
use crate::params::{Meta, Params};
use crate::reply::{Frames, Reply};
use crate::revision::{Era, Revision};
use crate::seal::{Purpose, Seal};
use crate::session::Session;

/// What both transports serve with.
#[derive(Debug)]
pub(crate) struct Core<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) seal: Seal,
    pub(crate) asks: Asks,
    /// How long a legacy client may take to answer a question.
    pub(crate) patience: Duration,
}

/// What is known of a client before a message of it is read. Over HTTP that is the request; on stdio, what the
/// client said in `initialize`, which in the legacy era holds for the process.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) stated: Stated,
    pub(crate) session: Known,
    pub(crate) http: Option<Arc<http::request::Parts>>,
    pub(crate) stream: Stream,
    /// Whether what a legacy client says now will still be known at its next request.
    pub(crate) remembers: bool,
    /// The bytes the message was read from, where they can be shared.
    pub(crate) body: Option<Bytes>,
}

/// The revision a transport says a message is in, for messages that don't say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stated {
    Supported(Revision),
    Unsupported(String),
}

/// What is remembered of a legacy client.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// Nothing, and that is how it is meant.
    Nothing,
    Session(Arc<Session>),
    /// It names a session that isn't there. For modern requests that means nothing.
    Lost,
}

/// Where a request can send messages before its response.
#[derive(Debug, Clone)]
pub(crate) enum Stream {
    None,
    /// A stream of its own.
    Own,
    /// One for all.
    Shared(mpsc::Sender<Frames>),
}

impl Stated {
    pub(crate) fn read(version: &str) -> Self {
        Revision::parse(version).map_or_else(|| Self::Unsupported(version.to_owned()), Self::Supported)
    }
}

impl Known {
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        match self {
            Self::Session(session) => Some(session),
            Self::Nothing | Self::Lost => None,
        }
    }
}

/// What becomes of a request.
pub(crate) enum Step {
    Done(Reply),
    Run(Box<Job>),
    Listen(Box<Listening>),
}

/// A request whose revision is settled.
pub(crate) struct Selected<'a> {
    pub(crate) revision: Revision,
    pub(crate) params: Params<'a>,
    pub(crate) meta: Meta<'a>,
}

/// Answers a request, or makes it a job.
pub(crate) fn begin<H: Handler>(core: &Core<H>, request: &Request<'_>, peer: &mut Peer) -> Step {
    let selected = select(request, peer);
    let era = match &selected {
        Ok(selected) => selected.revision.era(),
        Err((era, _)) => *era,
    };
    let outcome = selected
        .map_err(|(_, fault)| fault)
        .and_then(|selected| methods::serve(core, request, &selected, peer));
    outcome.unwrap_or_else(|fault| {
        tracing::debug!(code = fault.code(), ?era, "request refused");
        Step::Done(Reply::fault(request.id, era, &fault))
    })
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
        Stated::Supported(revision) if revision.era() == Era::Legacy => match peer.session {
            Known::Lost => Err((Era::Legacy, Fault::UnknownSession)),
            _ => Ok(Selected { revision: *revision, params, meta }),
        },
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
        let name = params.shown_name();
        let body = Mirrored { version: &version, method: &request.method, name: name.as_deref() };
        mirror::check(&http.headers, &body)?;
    }
    match revision {
        Some(revision) if legacy.is_none() || !is_modern_only(&request.method) => Ok(revision),
        _ => Err(Fault::UnsupportedVersion(version.into_owned())),
    }
}

/// What state of a request is sealed for.
///
/// # Errors
/// -32602 when the parameters can't be read.
pub(crate) fn purpose_of(method: &str, params: &[u8], principal: Option<&str>) -> Result<Purpose, Fault> {
    let unreadable = || Fault::InvalidParams("`params` can't be read".to_owned());
    let raw: &RawValue = serde_json::from_slice(params).map_err(|_| unreadable())?;
    let params = Params::read(Some(raw))?;
    let about = params.shown_name().unwrap_or_default();
    let arguments = params.arguments()?.map_or("null", RawValue::get);
    let arguments: Value = serde_json::from_str(arguments).map_err(|_| unreadable())?;
    Ok(Purpose::new(principal, method, &about, &arguments))
}

/// As much of a name from outside as is worth a log line or an error message.
pub(crate) fn shown(name: &str) -> &str {
    name.char_indices().nth(128).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

fn no_meta() -> Fault {
    Fault::MalformedMeta("`params._meta` must name the protocol version".to_owned())
}

/// Methods that a client of the modern era only can know.
fn is_modern_only(method: &str) -> bool {
    matches!(method, "server/discover" | "subscriptions/listen")
}
