//! Calls that go on while their client does something else (SEP-2663, the extension `io.modelcontextprotocol/tasks`):
//! kept in memory, for a time, up to a number. Knows no transport; `methods` reads the requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use serde_json::value::RawValue;
use tokio::time::timeout;

use crate::capabilities::{ClientFeature, TASKS};
use crate::content::ToolResult;
use crate::context::Context;
use crate::fault::Fault;
use crate::handler::CallError;
use crate::seal::unguessable;

mod record;
#[cfg(test)]
mod tests;

use record::Record;
pub use record::Task;

/// How tasks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskOptions {
    /// How long a task is kept, counted from its beginning; one that isn't done by then is given up. An hour unless
    /// told.
    pub ttl: Duration,
    /// How often a client should ask; every second unless told.
    pub poll: Duration,
    /// How many there may be at a time, done or not; a thousand unless told.
    pub limit: usize,
}

impl Default for TaskOptions {
    fn default() -> Self {
        Self { ttl: Duration::from_secs(3600), poll: Duration::from_secs(1), limit: 1000 }
    }
}

/// The tasks of a server. They are in the memory of this process: requests for a task must reach the one that has it
/// (clients name it in the `Mcp-Name` header), and a restart forgets them.
#[derive(Debug)]
pub struct Tasks {
    options: TaskOptions,
    all: Mutex<HashMap<Arc<str>, Arc<Record>>>,
}

/// A task that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedTask {
    pub(crate) written: Box<str>,
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new(options: TaskOptions) -> Self {
        Self { options, all: Mutex::default() }
    }

    /// Begins a task and returns what a call that is answered with it returns: the error [`CallError::Task`]. For a
    /// client that doesn't know tasks it is [`CallError::MissingCapability`], and nothing is begun: ask
    /// [`Context::capabilities`] first, and do the work at once.
    ///
    /// What the work returns becomes the result of the task. It can ask its client by [`Task::ask`].
    pub fn start<F, W>(&self, context: &Context, work: F) -> CallError
    where
        F: FnOnce(Task) -> W,
        W: Future<Output = Result<ToolResult, CallError>> + Send + 'static,
    {
        if !context.capabilities.tasks {
            return CallError::MissingCapability(vec![ClientFeature::Extension(TASKS.to_owned())]);
        }
        let Some(id) = unguessable() else {
            return CallError::Internal("the system has no randomness to give".to_owned());
        };
        let record = Arc::new(Record::new(id.into(), context, self.options));
        if !self.keep(&record) {
            return CallError::Internal("too many tasks; try again later".to_owned());
        }
        let written = record.written();
        tokio::spawn(run(Arc::clone(&record), self.options.ttl, work(Task::new(record))));
        CallError::Task(StartedTask { written: written.into() })
    }

    /// Whether there is room for one more, if nobody else takes it.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.with(|all| all.len() < self.options.limit || all.values().any(|record| record.is_over()))
    }

    /// The state of a task, as the members of a `DetailedTask`.
    ///
    /// # Errors
    /// -32602 when there is no such task for this principal.
    pub(crate) fn get(&self, id: &str, principal: Option<&str>) -> Result<String, Fault> {
        self.find(id, principal).map(|record| record.written_in_full())
    }

    /// Takes answers to what a task has asked; those that nobody waits for are ignored.
    ///
    /// # Errors
    /// As [`Tasks::get`].
    pub(crate) fn update(
        &self,
        id: &str,
        principal: Option<&str>,
        answers: HashMap<String, Box<RawValue>>,
    ) -> Result<(), Fault> {
        self.find(id, principal).map(|record| record.answer(answers))
    }

    /// Gives a task up, unless it is done.
    ///
    /// # Errors
    /// As [`Tasks::get`].
    pub(crate) fn cancel(&self, id: &str, principal: Option<&str>) -> Result<(), Fault> {
        self.find(id, principal).map(|record| record.cancel())
    }

    fn find(&self, id: &str, principal: Option<&str>) -> Result<Arc<Record>, Fault> {
        let found = self.with(|all| all.get(id).cloned());
        found
            .filter(|record| !record.is_over() && record.belongs_to(principal))
            .ok_or_else(|| Fault::InvalidParams(format!("Unknown task: {id}")))
    }

    /// Whether there was room for it.
    fn keep(&self, record: &Arc<Record>) -> bool {
        self.with(|all| {
            if all.len() >= self.options.limit {
                all.retain(|_, record| !record.is_over());
            }
            let fits = all.len() < self.options.limit;
            if fits {
                all.insert(record.id(), Arc::clone(record));
            }
            fits
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Arc<str>, Arc<Record>>) -> T) -> T {
        act(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.with(|all| all.drain().for_each(|(_, record)| record.cancel()));
    }
}

/// Runs the work to its end, or until it is given up.
async fn run(
    record: Arc<Record>,
    ttl: Duration,
    work: impl Future<Output = Result<ToolResult, CallError>> + Send,
) {
    let begun = Instant::now();
    let work = timeout(ttl, std::panic::AssertUnwindSafe(work).catch_unwind());
    tokio::select! {
        biased;
        () = record.cancelled() => {}
        ended = work => record.finish(match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(CallError::Internal("Internal error".to_owned())),
            Err(_) => Err(CallError::Internal("the task took too long".to_owned())),
        }),
    }
    tracing::debug!(spent = ?begun.elapsed(), status = record.status(), "task ended");
}
