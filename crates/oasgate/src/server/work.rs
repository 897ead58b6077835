//! One call, and who waits for it: its client, or nobody. A call that takes long, or that the API has only accepted,
//! becomes a task for clients that know tasks (SEP-2663); others wait, and get what the API has answered.
//!
//! Owns the choice; what a task is belongs to the protocol, and how an accepted call is followed to the call.

use std::sync::Arc;
use std::time::Duration;

use oasgate_mcp::{CallError, Context, Task, Tasks, ToolCall, ToolResult};
use oasgate_tools::{Outcome, Tool};
use tokio::time::timeout;

use super::{Offer, progress, result, unknown};
use crate::auth;
use crate::call::{CallContext, Called, Pending, Trace};

/// A call that may be made: nobody needs to be asked any more.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) offer: Arc<Offer>,
    pub(super) call: ToolCall,
    pub(super) context: Context,
    /// The `Idempotency-Key`, if it is settled.
    pub(super) key: Option<String>,
}

impl Work {
    /// Does it for a client that waits.
    pub(super) async fn wait(self) -> Result<ToolResult, CallError> {
        let called = progress::telling(&self.context, self.origin(), Box::pin(self.begin())).await?;
        self.result(called.outcome)
    }

    /// Does it for a client that knows tasks, and waits only so long.
    pub(super) async fn wait_or_start(
        self,
        tasks: &Tasks,
        patience: Duration,
    ) -> Result<ToolResult, CallError> {
        let work = Arc::new(self);
        let mut begun = {
            let work = Arc::clone(&work);
            Box::pin(async move { work.begin().await })
        };
        let context = work.context.clone();
        let telling = progress::telling(&context, work.origin(), &mut begun);
        let called = match timeout(patience, telling).await {
            Ok(called) => called?,
            // Where there is no room for one more, its client waits on.
            Err(_) if !tasks.has_room() => begun.await?,
            Err(_) => return Err(tasks.start(&context, |task| work.end(begun, task))),
        };
        let Some(pending) = called.pending else { return work.result(called.outcome) };
        let follower = Arc::clone(&work);
        match tasks.start(&context, |task| async move { follower.follow(pending, &task).await }) {
            started @ CallError::Task(_) => Err(started),
            _ => work.result(called.outcome),
        }
    }

    async fn begin(&self) -> Result<Called, CallError> {
        let caller = &self.offer.caller;
        let called = caller.call(&self.call.name, self.call.arguments.as_deref(), self.circumstances()).await;
        called.ok_or_else(|| unknown(&caller.catalog, &self.call.name))
    }

    /// Goes on with what has begun, as a task.
    async fn end(
        self: Arc<Self>,
        begun: impl Future<Output = Result<Called, CallError>>,
        task: Task,
    ) -> Result<ToolResult, CallError> {
        task.note("waiting for the API to answer");
        let called = begun.await?;
        match called.pending {
            Some(pending) => self.follow(pending, &task).await,
            None => self.result(called.outcome),
        }
    }

    async fn follow(&self, pending: Pending, task: &Task) -> Result<ToolResult, CallError> {
        let tell = |wait: Duration| {
            let seconds = wait.as_secs_f64().ceil();
            task.note(format!("the API has accepted the call; it is asked how it goes in {seconds} s"));
        };
        let outcome = self.offer.caller.follow(&self.tool()?.plan, pending, self.circumstances(), tell).await;
        self.result(outcome)
    }

    fn result(&self, outcome: Outcome) -> Result<ToolResult, CallError> {
        Ok(result(outcome, self.tool()?.output_schema().is_some()))
    }

    fn tool(&self) -> Result<&Tool, CallError> {
        let catalog = &self.offer.caller.catalog;
        catalog.get(&self.call.name).ok_or_else(|| unknown(catalog, &self.call.name))
    }

    fn origin(&self) -> Option<&str> {
        self.tool().ok()?.plan.server.as_ref().map(|server| server.origin.as_str())
    }

    fn circumstances(&self) -> CallContext<'_> {
        let trace = &self.context.trace;
        let trace = Trace { parent: trace.traceparent.as_deref(), state: trace.tracestate.as_deref() };
        CallContext {
            principal: self.context.principal.as_deref(),
            identity: auth::identity(&self.context).map(AsRef::as_ref),
            trace,
            key: self.key.as_deref(),
        }
    }
}
