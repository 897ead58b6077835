//! One call, on one screen: look up, check, bind, attach credentials, send, shape.
//!
//! Owns the order, and nothing else: that arguments are checked before anything is built from them, and that
//! credentials come last, right before the only line that sends. MCP and the command line both call this.

mod accepted;
mod file;
mod idempotency;
mod own;
#[cfg(test)]
mod tests;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use oasgate_auth::Identity;
use oasgate_tools::{Catalog, Outcome, Part, Plan, Refusal, Tool, bind, shape};
use serde_json::value::RawValue;
use tokio::time::sleep;

use crate::auth::SignIn;
use crate::cache::{Asked, Cache};
use crate::credential::{Choice, Credentials, Secret, Show};
use crate::login::Login;
use crate::upstream::{Fault, Redirects, Upstream};

pub use accepted::Pending;
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
    /// Who calls, and what they have of their own; none if nobody is asked.
    pub sign_in: Option<SignIn>,
    /// The sign-in of this machine's user, if there is one.
    pub login: Option<Login>,
}

/// What there is to know of a call besides its tool and arguments.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallContext<'c> {
    /// Who calls, if that is known.
    pub principal: Option<&'c str>,
    /// What they have shown to prove it, if they were asked.
    pub identity: Option<&'c Identity>,
    /// The trace that the call is part of.
    pub trace: Trace<'c>,
    /// The `Idempotency-Key`, where the operation has one and the arguments do not: a fresh one unless told.
    pub key: Option<&'c str>,
}

/// For a monitor whose URL no HTTP client takes.
const UNASKABLE: &str = "the API has accepted the call, but where it tells more cannot be asked";

/// What has come of a call.
#[derive(Debug)]
pub struct Called {
    /// The answer.
    pub outcome: Outcome,
    /// If the answer is only that the API has taken the call on: where it tells more.
    pub pending: Option<Pending>,
}

impl From<Outcome> for Called {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, pending: None }
    }
}

impl Caller {
    /// Calls a tool by name, or by its `operationId`; none if there is no such tool. Whatever goes wrong beyond that
    /// is an outcome, which says who is at fault.
    pub async fn call(
        &self,
        name: &str,
        arguments: Option<&RawValue>,
        context: CallContext<'_>,
    ) -> Option<Called> {
        let tool = self.catalog.get(name)?;
        // In a place of its own: what is around it is moved a few times before it runs, and has room for it twice.
        Some(Box::pin(self.run(tool, arguments, context)).await)
    }

    async fn run(&self, tool: &Tool, arguments: Option<&RawValue>, context: CallContext<'_>) -> Called {
        match self.bind(tool, arguments, context.key).await {
            Ok(request) => {
                let uri = request.uri().clone();
                self.send(&tool.plan, request, context, |answer| Pending::of(answer, &uri)).await
            }
            Err(refusal) => Outcome::failure(refusal.to_string()).into(),
        }
    }

    /// Asks how a call goes that the API has taken on, as often as it takes. `tell` hears before each time how long it
    /// will be until then. Whoever drops it asks no more.
    pub async fn follow(
        &self,
        plan: &Plan,
        mut pending: Pending,
        context: CallContext<'_>,
        tell: impl Fn(Duration),
    ) -> Outcome {
        loop {
            tell(pending.wait());
            sleep(pending.wait()).await;
            let Some(request) = pending.request(plan) else {
                return Outcome::failure(UNASKABLE.to_owned());
            };
            let called = Box::pin(self.send(plan, request, context, |answer| pending.after(answer))).await;
            let Some(after) = called.pending else {
                self.cache.forget(pending.call());
                return called.outcome;
            };
            pending = after;
        }
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
        let request = Box::pin(self.bind(tool, arguments, key)).await?;
        let own = self.credentials.are_callers().then(|| Secret::new("****"));
        let choice = self.credentials.choose(&tool.plan.security, own.as_ref());
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

    /// `pending` tells whether an answer is the last. A token of the user's own that the API refuses is renewed once: what
    /// was refused has not been acted upon (RFC 9110, 15.5.2).
    async fn send(
        &self,
        plan: &Plan,
        request: Request<Bytes>,
        context: CallContext<'_>,
        pending: impl Fn(&Response<Bytes>) -> Option<Pending>,
    ) -> Called {
        let mut own = match self.own(plan, context.identity).await {
            Ok(own) => own,
            Err(reason) => return Outcome::failure(reason).into(),
        };
        let mut request = request;
        let mut again = own.as_ref().map(|_| request.clone());
        loop {
            let (called, status) = self.send_as(own.as_ref(), plan, request, context, &pending).await;
            let refused = own.filter(|_| status == Some(StatusCode::UNAUTHORIZED));
            let Some(refused) = refused else { return called };
            let Some(next) = again.take() else {
                self.refused_again(context.identity, &refused).await;
                return called;
            };
            match self.renewed(context.identity, &refused).await {
                Ok(Some(fresh)) => (own, request) = (Some(fresh), next),
                Ok(None) => return called,
                Err(reason) => return Outcome::failure(reason).into(),
            }
        }
    }

    async fn send_as(
        &self,
        own: Option<&Secret>,
        plan: &Plan,
        mut request: Request<Bytes>,
        context: CallContext<'_>,
        pending: impl Fn(&Response<Bytes>) -> Option<Pending>,
    ) -> (Called, Option<StatusCode>) {
        let asked = Asked::of(&request, context.principal);
        context.trace.pass_on(request.headers_mut());
        let choice = self.credentials.choose(&plan.security, own);
        let request = match self.attach(&choice, plan, request, Show::Plain) {
            Ok(request) => request,
            Err(refusal) => return (Outcome::failure(refusal.to_string()).into(), None),
        };
        // Of the answer as it came: a link may hold what is masked.
        let mut more = None;
        let send = async |request| {
            let answer = self.upstream.send(request, Redirects::SameOrigin).await?;
            more = pending(&answer);
            Ok(answer)
        };
        let answer = match self.cache.answer(asked, request, send).await {
            Ok(answer) => self.credentials.mask(&choice, answer),
            Err::<_, Fault>(fault) => return (Outcome::failure(fault.to_string()).into(), None),
        };
        let status = answer.status();
        let advice = self.credentials.advice(&choice, status);
        let mut outcome = shape(plan, answer, &self.shown);
        outcome.parts.extend(advice.map(Part::Text));
        (Called { outcome, pending: more }, Some(status))
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
