//! A request that takes time: it owns what it needs, so that each transport can decide where it runs and what ends
//! it. Knows what to do with each way a handler can end one, and no transport.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt as _;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::asks::Asking;
use crate::capabilities::{ClientFeature, TASKS};
use crate::completion::{Completion, CompletionQuery};
use crate::content::ToolResult;
use crate::context::Context;
use crate::dispatch::{Core, purpose_of, shown};
use crate::fault::Fault;
use crate::handler::{CallError, Handler, ToolCall};
use crate::input::{InputRequired, push_requests};
use crate::json;
use crate::prompt::{PromptGet, PromptResult};
use crate::reply::{Frames, Reply};
use crate::resource::{ResourceContents, ResourceRead};
use crate::revision::Era;

/// How often a legacy client is asked for one request. A handler that asks for ever has a defect.
const MAX_ROUNDS: usize = 32;

/// A request that takes time.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: Box<RawValue>,
    pub(crate) context: Context,
    pub(crate) work: Work,
    /// The parameters as they came: state that is given out is sealed for them.
    pub(crate) params: Bytes,
    /// How to ask a legacy client that can be asked.
    pub(crate) asking: Option<Asking>,
    /// What the request tells while it runs, if it has a stream of its own.
    pub(crate) frames: Option<mpsc::Receiver<Frames>>,
}

/// What the handler is to do.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Tool(ToolCall),
    Resource(ResourceRead),
    Prompt(PromptGet),
    Completion(CompletionQuery),
}

/// What the handler has done.
enum Done {
    Tool(ToolResult),
    Resource(ResourceContents),
    Prompt(PromptResult),
    Completion(Completion),
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
    pub(crate) async fn run<H: Handler>(self, core: Arc<Core<H>>) -> Option<Reply> {
        let begun = Instant::now();
        let end = End {
            id: self.id,
            context: self.context.clone(),
            method: self.work.method(),
            params: self.params,
        };
        let span = tracing::info_span!(
            "request",
            method = end.method,
            name = shown(self.work.about()),
            revision = %end.context.revision
        );
        // However this ends early, whoever watches the token hears of it.
        let dropped = end.context.cancelled.clone().drop_guard();
        let running = run_asking(&*core.handler, self.work, self.context, self.asking);
        let outcome = tokio::select! {
            biased;
            () = end.context.cancelled.cancelled() => None,
            outcome = running.instrument(span.clone()) => Some(outcome),
        };
        if let Some(outlet) = &end.context.outlet {
            outlet.close();
        }
        let spent = begun.elapsed();
        let Some(outcome) = outcome else {
            span.in_scope(|| tracing::debug!(?spent, outcome = "cancelled"));
            return None;
        };
        dropped.disarm();
        span.in_scope(|| tracing::debug!(?spent, outcome = kind(&outcome)));
        Some(end.reply(&core, outcome))
    }
}

impl Work {
    pub(crate) const fn method(&self) -> &'static str {
        match self {
            Self::Tool(_) => "tools/call",
            Self::Resource(_) => "resources/read",
            Self::Prompt(_) => "prompts/get",
            Self::Completion(_) => "completion/complete",
        }
    }

    /// What the method is about.
    fn about(&self) -> &str {
        match self {
            Self::Tool(call) => &call.name,
            Self::Resource(read) => &read.uri,
            Self::Prompt(prompt) => &prompt.name,
            Self::Completion(query) => &query.argument,
        }
    }
}

/// Runs the handler, and for a legacy client that must answer something first, again with the answers.
async fn run_asking<H: Handler>(
    handler: &H,
    work: Work,
    mut context: Context,
    asking: Option<Asking>,
) -> Result<Done, CallError> {
    let Some(asking) = asking else { return run_once(handler, work, context).await };
    for _ in 0..MAX_ROUNDS {
        let required = match run_once(handler, work.clone(), context.clone()).await {
            Err(CallError::InputRequired(required)) => required,
            outcome => return outcome,
        };
        let missing = required.missing(&context.capabilities);
        if !missing.is_empty() {
            return Err(CallError::MissingCapability(missing));
        }
        let (requests, state) = required.into_parts();
        context.inputs.responses = asking.ask(requests).await.map_err(CallError::Internal)?;
        context.inputs.state = state;
    }
    Err(CallError::Internal(format!("gave up after {MAX_ROUNDS} questions")))
}

/// A panic of the handler is its own fault, not that of the requests that share a connection with it.
async fn run_once<H: Handler>(handler: &H, work: Work, context: Context) -> Result<Done, CallError> {
    let running = async {
        Ok(match work {
            Work::Tool(call) => Done::Tool(handler.call_tool(call, context).await?),
            Work::Resource(read) => Done::Resource(handler.read_resource(read, context).await?),
            Work::Prompt(prompt) => Done::Prompt(handler.get_prompt(prompt, context).await?),
            Work::Completion(query) => Done::Completion(handler.complete(query, context).await?),
        })
    };
    AssertUnwindSafe(running)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(CallError::Internal("Internal error".to_owned())))
}

/// What is needed to turn an outcome into a reply.
struct End {
    id: Box<RawValue>,
    context: Context,
    method: &'static str,
    params: Bytes,
}

impl End {
    fn reply<H: Handler>(&self, core: &Core<H>, outcome: Result<Done, CallError>) -> Reply {
        let era = self.context.revision.era();
        let written = match outcome {
            Ok(done) => Ok(self.done(&*core.handler, done)),
            Err(CallError::InputRequired(required)) => self.unfinished(core, &required),
            Err(CallError::Task(task)) if self.may_be_a_task() => {
                let write = |out: &mut Vec<u8>| out.extend_from_slice(task.written.as_bytes());
                Ok(Reply::unfinished(&self.id, &core.handler.about(), "task", write))
            }
            Err(CallError::Task(_)) => {
                let tasks = vec![ClientFeature::Extension(TASKS.to_owned())];
                Err(Fault::of(CallError::MissingCapability(tasks), era))
            }
            Err(error) => Err(Fault::of(error, era)),
        };
        written.unwrap_or_else(|fault| Reply::fault(&self.id, era, &fault))
    }

    fn done<H: Handler>(&self, handler: &H, done: Done) -> Reply {
        let (id, revision, about) = (&*self.id, self.context.revision, handler.about());
        match done {
            Done::Tool(result) => Reply::sized_result(id, revision, &about, result.size_hint(), |out| {
                result.write(revision, out)
            }),
            Done::Resource(mut contents) => {
                // What was made of answers is for this request only (2026-07-28, basic/patterns/mrtr.mdx).
                if !self.context.inputs.is_empty() {
                    contents = ResourceContents::new(contents.parts);
                }
                let write = |out: &mut Vec<u8>| contents.write(revision.era(), out);
                Reply::sized_result(id, revision, &about, contents.size_hint(), write)
            }
            Done::Prompt(prompt) => Reply::result(id, revision, &about, |out| prompt.write(revision, out)),
            Done::Completion(completion) => Reply::result(id, revision, &about, |out| completion.write(out)),
        }
    }

    /// Asks a modern client (2026-07-28, basic/patterns/mrtr.mdx, "Server Requirements").
    fn unfinished<H: Handler>(&self, core: &Core<H>, required: &InputRequired) -> Result<Reply, Fault> {
        let (missing, era) = (required.missing(&self.context.capabilities), self.context.revision.era());
        if !missing.is_empty() {
            return Err(Fault::of(CallError::MissingCapability(missing), era));
        }
        let (requests, state) = (required.requests(), required.state());
        let asks_nothing = requests.is_empty() && state.is_none();
        if era == Era::Legacy || self.method == "completion/complete" || asks_nothing {
            return Err(Fault::Internal("Internal error: the server can't ask its client here".into()));
        }
        let sealed = state.map(|state| self.seal(core, state)).transpose()?;
        Ok(Reply::unfinished(&self.id, &core.handler.about(), "input_required", |out| {
            if !requests.is_empty() {
                out.extend_from_slice(br#""inputRequests":"#);
                push_requests(requests.iter().map(|(key, request)| (key.as_str(), request)), out);
                out.push(b',');
            }
            if let Some(sealed) = sealed {
                out.extend_from_slice(br#""requestState":"#);
                json::push(out, &sealed);
            }
        }))
    }

    fn seal<H: Handler>(&self, core: &Core<H>, state: &str) -> Result<String, Fault> {
        let purpose = purpose_of(self.method, &self.params, self.context.principal.as_deref())?;
        let sealed = core.seal.close(state, &purpose);
        sealed.ok_or_else(|| Fault::Internal("Internal error: the server has no key for state".into()))
    }

    /// Only a call, and only for a client that says so in this request (SEP-2663, "Capability Negotiation").
    fn may_be_a_task(&self) -> bool {
        self.method == "tools/call" && self.context.capabilities.tasks
    }
}

impl Fault {
    /// What a handler's error is to the client.
    pub(crate) fn of(error: CallError, era: Era) -> Self {
        match error {
            CallError::UnknownTool(_) | CallError::UnknownPrompt(_) | CallError::InvalidParams(_) => {
                Self::InvalidParams(error.to_string())
            }
            CallError::UnknownResource(uri) => Self::UnknownResource(uri, era),
            // Legacy revisions have no error of its own for it.
            CallError::MissingCapability(_) if era == Era::Legacy => Self::InvalidParams(error.to_string()),
            CallError::MissingCapability(features) => Self::MissingCapability(features),
            CallError::Internal(text) => Self::Internal(text.into()),
            CallError::InputRequired(_) | CallError::Task(_) => {
                Self::Internal("Internal error: the server can't do this here".into())
            }
        }
    }
}

fn kind(outcome: &Result<Done, CallError>) -> &'static str {
    match outcome {
        Ok(Done::Tool(result)) if result.is_error => "tool error",
        Ok(_) => "complete",
        Err(CallError::UnknownTool(_) | CallError::UnknownResource(_) | CallError::UnknownPrompt(_)) => {
            "unknown"
        }
        Err(CallError::InvalidParams(_)) => "invalid params",
        Err(CallError::MissingCapability(_)) => "missing capability",
        Err(CallError::InputRequired(_)) => "input required",
        Err(CallError::Task(_)) => "task",
        Err(CallError::Internal(_)) => "internal error",
    }
}
