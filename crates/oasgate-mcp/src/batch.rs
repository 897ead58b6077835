//! JSON-RPC batches, which revision 2025-03-26 makes servers accept (basic/index.mdx, "Batching") and no other
//! has. Knows no method but the one that may not be in a batch.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::dispatch::{self, Core, Peer, Stated, Step};
use crate::envelope::{self, Message, Request};
use crate::fault::Fault;
use crate::handler::Handler;
use crate::job::Job;
use crate::params::Params;
use crate::reply::{Frames, Reply};
use crate::revision::Era;

/// The requests of a batch, as far as they could be answered at once.
pub(crate) struct Batch<'a> {
    steps: Vec<Step>,
    /// The notifications among the requests.
    pub(crate) notifications: Vec<(Cow<'a, str>, Option<&'a RawValue>)>,
}

impl<'a> Batch<'a> {
    /// Reads and begins every message of a batch.
    ///
    /// # Errors
    /// -32600 when the peer speaks a revision without batches, or the batch has more than `limit` messages.
    pub(crate) fn begin<H: Handler>(
        core: &Core<H>,
        items: &[&'a RawValue],
        peer: &mut Peer,
        limit: usize,
    ) -> Result<Self, Fault> {
        if !matches!(&peer.stated, Stated::Supported(revision) if revision.has_batches()) {
            let reason = "Invalid request: only revision 2025-03-26 has batches; send each message by itself";
            return Err(Fault::InvalidRequest(reason.into()));
        }
        if items.len() > limit {
            let reason = format!("Invalid request: a batch may have {limit} messages at most");
            return Err(Fault::InvalidRequest(reason.into()));
        }
        let mut batch = Self { steps: Vec::with_capacity(items.len()), notifications: Vec::new() };
        for item in items {
            match envelope::message(item) {
                Err(unreadable) => batch.steps.push(Step::Done(Reply::unreadable(&unreadable))),
                Ok(Message::Request(request)) => batch.steps.push(begin_one(core, &request, peer)),
                Ok(Message::Notification { method, params }) => batch.notifications.push((method, params)),
                Ok(Message::Response(response)) => core.asks.answer(&response),
            }
        }
        Ok(batch)
    }

    /// The requests that take time.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.steps.iter().filter_map(|step| match step {
            Step::Run(job) => Some(&**job),
            Step::Done(_) | Step::Listen(_) => None,
        })
    }

    /// Runs the requests, one after the other so that a batch is no way around the limit on requests in flight, and
    /// joins the replies. None if nothing in the batch is to be answered.
    pub(crate) fn run<H: Handler>(
        self,
        core: Arc<Core<H>>,
    ) -> impl Future<Output = Option<Frames>> + Send + use<H> {
        run(self.steps, core)
    }
}

fn begin_one<H: Handler>(core: &Core<H>, request: &Request<'_>, peer: &mut Peer) -> Step {
    if is_batchable(request) {
        return dispatch::begin(core, request, peer);
    }
    let fault = Fault::InvalidRequest("Invalid request: it may not be part of a batch".into());
    Step::Done(Reply::fault(request.id, Era::Legacy, &fault))
}

/// The handshake may not be in a batch (2025-03-26, basic/lifecycle.mdx, "Initialization"), nor may requests of a
/// revision that has none.
fn is_batchable(request: &Request<'_>) -> bool {
    let meta = Params::read(request.params).and_then(|params| params.meta());
    request.method != "initialize" && !meta.is_ok_and(|meta| meta.is_modern())
}

async fn run<H: Handler>(steps: Vec<Step>, core: Arc<Core<H>>) -> Option<Frames> {
    let mut out = Vec::new();
    for step in steps {
        let reply = match step {
            Step::Done(reply) => Some(reply),
            Step::Run(job) => job.run(Arc::clone(&core)).await,
            // Only modern requests listen, and they are in no batch.
            Step::Listen(_) => None,
        };
        for (index, frame) in reply.into_iter().flat_map(|reply| reply.frames).enumerate() {
            if index == 0 {
                out.push(if out.is_empty() { b'[' } else { b',' });
            }
            out.extend_from_slice(&frame);
        }
    }
    if out.is_empty() {
        return None;
    }
    out.push(b']');
    Some(Frames::one(out))
}
