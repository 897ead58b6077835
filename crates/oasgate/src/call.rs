//! One call, on one screen: look up, check, bind, attach credentials, send, shape.
//!
//! Owns the order, and nothing else: that arguments are checked before anything is built from them, and that
//! credentials come last, right before the only line that sends. MCP and the command line both call this.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use oasgate_tools::{Catalog, Outcome, Part, Plan, Refusal, Tool, bind, shape};
use serde_json::value::RawValue;

use crate::credential::{Choice, Credentials, Show};
use crate::upstream::{Redirects, Upstream};

/// All that calls need; it is the same for every caller.
#[derive(Debug)]
pub struct Caller {
    /// The tools.
    pub catalog: Arc<Catalog>,
    /// What the upstream asks for.
    pub credentials: Credentials,
    /// The way there.
    pub upstream: Upstream,
    /// How much of an answer is shown.
    pub shown: oasgate_tools::Limits,
}

impl Caller {
    /// Calls a tool by name, or by its `operationId`; none if there is no such tool. Whatever goes wrong beyond that
    /// is an outcome, which says who is at fault.
    pub async fn call(&self, name: &str, arguments: Option<&RawValue>) -> Option<Outcome> {
        let tool = self.catalog.get(name)?;
        Some(match self.bind(tool, arguments) {
            Ok(request) => self.send(&tool.plan, request).await,
            Err(refusal) => Outcome::failure(refusal.to_string()),
        })
    }

    /// The request of a call as it would be sent, its credentials covered.
    ///
    /// # Errors
    /// A [`Refusal`], if the arguments make no request.
    pub fn preview(&self, tool: &Tool, arguments: Option<&RawValue>) -> Result<Request<Bytes>, Refusal> {
        let request = self.bind(tool, arguments)?;
        let choice = self.credentials.choose(&tool.plan.security);
        self.attach(&choice, &tool.plan, request, Show::Covered)
    }

    fn bind(&self, tool: &Tool, arguments: Option<&RawValue>) -> Result<Request<Bytes>, Refusal> {
        let arguments = tool.check(arguments)?;
        bind(&tool.plan, &arguments)
    }

    async fn send(&self, plan: &Plan, request: Request<Bytes>) -> Outcome {
        let choice = self.credentials.choose(&plan.security);
        let request = match self.attach(&choice, plan, request, Show::Plain) {
            Ok(request) => request,
            Err(refusal) => return Outcome::failure(refusal.to_string()),
        };
        let answer = match self.upstream.send(request, Redirects::SameOrigin).await {
            Ok(answer) => self.credentials.mask(answer),
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
