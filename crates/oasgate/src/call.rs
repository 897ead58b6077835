//! One call, on one screen: look up, check, bind, attach credentials, send, shape.
//!
//! Owns the order, and nothing else: that arguments are checked before anything is built from them, and that
//! credentials come last, right before the only line that sends. MCP and the command line both call this.

mod file;
mod idempotency;
mod trace;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use oasgate_tools::{Catalog, Outcome, Part, Plan, Refusal, Tool, bind, shape};
use serde_json::value::RawValue;

use crate::cache::{Asked, Cache};
use crate::credential::{Choice, Credentials, Show};
use crate::upstream::{Redirects, Upstream};

pub use file::Files;
pub use idempotency::fresh as fresh_key;
pub use trace::Trace;

/// All that calls need; it is the same for every caller.
#[derive(Debug)]
pub struct Caller {
    /// The tools.
    pub catalog: Arc<Catalog>,
    /// What the upstream asks for.
    pub credentials: Credentials,
    /// The way there.
    pub upstream: Upstream,
    /// Answers that need not be asked for again.
    pub cache: Cache,
    /// The files that arguments may name.
    pub files: Files,
    /// How much of an answer is shown.
    pub shown: oasgate_tools::Limits,
}

/// What there is to know of a call besides its tool and arguments.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallContext<'c> {
    /// Who calls, if that is known.
    pub principal: Option<&'c str>,
    /// The trace that the call is part of.
    pub trace: Trace<'c>,
    /// The `Idempotency-Key`, where the operation has one and the arguments do not: a fresh one unless told.
    pub key: Option<&'c str>,
}

impl Caller {
    /// Calls a tool by name, or by its `operationId`; none if there is no such tool. Whatever goes wrong beyond that
    /// is an outcome, which says who is at fault.
    pub async fn call(
        &self,
        name: &str,
        arguments: Option<&RawValue>,
        context: CallContext<'_>,
    ) -> Option<Outcome> {
        let tool = self.catalog.get(name)?;
        Some(match self.bind(tool, arguments, context.key).await {
            Ok(request) => self.send(&tool.plan, request, context).await,
            Err(refusal) => Outcome::failure(refusal.to_string()),
        })
    }

    /// The request of a call as it would be sent with this `Idempotency-Key` ([`CallContext::key`]), its credentials
    /// covered.
    ///
    /// # Errors
    /// A [`Refusal`], if the arguments make no request.
    pub async fn preview(
        &self,
        tool: &Tool,
        arguments: Option<&RawValue>,
        key: Option<&str>,
    ) -> Result<Request<Bytes>, Refusal> {
        let request = self.bind(tool, arguments, key).await?;
        let choice = self.credentials.choose(&tool.plan.security, None);
        self.attach(&choice, &tool.plan, request, Show::Covered)
    }

    async fn bind(
        &self,
        tool: &Tool,
        arguments: Option<&RawValue>,
        key: Option<&str>,
    ) -> Result<Request<Bytes>, Refusal> {
        let mut arguments = tool.check(arguments)?;
        self.files.read(&tool.plan, &mut arguments).await?;
        idempotency::fill(&tool.plan, &mut arguments, key);
        bind(&tool.plan, &arguments)
    }

    async fn send(&self, plan: &Plan, mut request: Request<Bytes>, context: CallContext<'_>) -> Outcome {
        let asked = Asked::of(&request, context.principal);
        context.trace.pass_on(request.headers_mut());
        let choice = self.credentials.choose(&plan.security, None);
        let request = match self.attach(&choice, plan, request, Show::Plain) {
            Ok(request) => request,
            Err(refusal) => return Outcome::failure(refusal.to_string()),
        };
        let send = async |request| self.upstream.send(request, Redirects::SameOrigin).await;
        let answer = match self.cache.answer(asked, request, send).await {
            Ok(answer) => self.credentials.mask(&choice, answer),
            Err(fault) => return Outcome::failure(fault.to_string()),
        };
        let advice = self.credentials.advice(&choice, answer.status());
        let mut outcome = shape(plan, answer, &self.shown);
        outcome.parts.extend(advice.map(Part::Text));
        outcome
    }

    fn attach(
        &self,
        choice: &Choice<'_>,
        plan: &Plan,
        request: Request<Bytes>,
        show: Show,
    ) -> Result<Request<Bytes>, Refusal> {
        let server = plan.server.as_ref().ok_or_else(|| Refusal::new("", "the operation has no server"))?;
        let attached = self.credentials.attach(choice, server, request, show);
        attached.map_err(|error| Refusal::new("", error.to_string()))
    }
}
