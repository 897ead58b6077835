//! One task: its state, and what is said of it. Knows nothing of other tasks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use crate::capabilities::Capabilities;
use crate::content::ToolResult;
use crate::context::Context;
use crate::fault::Fault;
use crate::handler::CallError;
use crate::input::{InputRequest, InputRequired, Inputs, push_requests};
use crate::json;
use crate::revision::{Era, Revision};
use crate::tasks::TaskOptions;
use crate::time::rfc3339;

/// A task, for whoever works on it.
#[derive(Debug)]
pub struct Task(Arc<Record>);

impl Task {
    pub(crate) fn new(record: Arc<Record>) -> Self {
        Self(record)
    }

    /// What clients call it. It can't be guessed.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Says what is being done, to whoever asks.
    pub fn note(&self, message: impl Into<String>) {
        self.0.change(|state| state.message = Some(message.into()));
    }

    /// Asks the client, and waits until everything is answered, or the task is given up. State is handed back as it
    /// is: it does not travel.
    ///
    /// # Errors
    /// [`CallError::MissingCapability`] if the client can't be asked this. Return it.
    pub async fn ask(&self, required: InputRequired) -> Result<Inputs, CallError> {
        let missing = required.missing(&self.0.capabilities);
        if !missing.is_empty() {
            return Err(CallError::MissingCapability(missing));
        }
        let (requests, state) = required.into_parts();
        let answered = self.0.ask(requests);
        let responses = match answered {
            Some(answered) => answered.await.unwrap_or_default(),
            None => HashMap::new(),
        };
        Ok(Inputs { responses, state })
    }
}

/// What is kept of a task.
#[derive(Debug)]
pub(crate) struct Record {
    id: Arc<str>,
    principal: Option<Arc<str>>,
    capabilities: Capabilities,
    options: TaskOptions,
    created: SystemTime,
    begun: Instant,
    cancelled: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    status: Status,
    message: Option<String>,
    updated: SystemTime,
    /// How often the client has been asked: keys may not be used twice in the life of a task.
    rounds: usize,
}

#[derive(Debug)]
enum Status {
    Working,
    InputRequired(Questions),
    /// With the result, as JSON.
    Completed(Vec<u8>),
    /// With the error, as JSON.
    Failed(Vec<u8>),
    Cancelled,
}

#[derive(Debug)]
struct Questions {
    /// By the key the client sees: the key the handler knows, and what is asked.
    pending: Vec<(String, String, InputRequest)>,
    answers: HashMap<String, Box<RawValue>>,
    answered: oneshot::Sender<HashMap<String, Box<RawValue>>>,
}

impl Questions {
    /// The questions that are left. When there are none, the work goes on.
    fn take(mut self, given: HashMap<String, Box<RawValue>>) -> Option<Self> {
        for (key, answer) in given {
            if let Some(at) = self.pending.iter().position(|(shown, ..)| *shown == key) {
                let (_, known, _) = self.pending.remove(at);
                self.answers.insert(known, answer);
            }
        }
        if !self.pending.is_empty() {
            return Some(self);
        }
        // Fails when the work has been given up.
        let _ = self.answered.send(self.answers);
        None
    }
}

impl Record {
    pub(crate) fn new(id: Arc<str>, context: &Context, options: TaskOptions) -> Self {
        let created = SystemTime::now();
        Self {
            id,
            principal: context.principal.clone(),
            capabilities: context.capabilities.clone(),
            options,
            created,
            begun: Instant::now(),
            cancelled: CancellationToken::new(),
            state: Mutex::new(State { status: Status::Working, message: None, updated: created, rounds: 0 }),
        }
    }

    pub(crate) fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    pub(crate) fn belongs_to(&self, principal: Option<&str>) -> bool {
        self.principal.as_deref() == principal
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.options.ttl
    }

    pub(crate) fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.cancelled.cancelled()
    }

    pub(crate) fn status(&self) -> &'static str {
        self.with(|state| state.status.name())
    }

    /// Gives it up, unless it is done.
    pub(crate) fn cancel(&self) {
        self.settle(Status::Cancelled);
        self.cancelled.cancel();
    }

    /// Ends it: a result is a result, however bad; only what is no result has failed (SEP-2663, "Task Status").
    pub(crate) fn finish(&self, outcome: Result<ToolResult, CallError>) {
        let mut out = Vec::new();
        self.settle(match outcome {
            Ok(result) => {
                out.extend_from_slice(br#"{"resultType":"complete","#);
                result.write(Revision::V2026_07_28, &mut out);
                out.push(b'}');
                Status::Completed(out)
            }
            Err(error) => {
                Fault::of(error, Era::Modern).push_error(&mut out);
                Status::Failed(out)
            }
        });
    }

    /// Takes answers to what has been asked, and lets the work go on when all are there.
    pub(crate) fn answer(&self, given: HashMap<String, Box<RawValue>>) {
        self.change(|state| {
            let questions = match std::mem::replace(&mut state.status, Status::Working) {
                Status::InputRequired(questions) => questions,
                other => return state.status = other,
            };
            state.status = questions.take(given).map_or(Status::Working, Status::InputRequired);
        });
    }

    /// Where the answers will come; none if nothing is asked.
    fn ask(
        &self,
        requests: Vec<(String, InputRequest)>,
    ) -> Option<oneshot::Receiver<HashMap<String, Box<RawValue>>>> {
        if requests.is_empty() {
            return None;
        }
        let (answered, receiver) = oneshot::channel();
        self.change(|state| {
            state.rounds += 1;
            let shown = |key: &str| format!("{key}-{}", state.rounds);
            let pending = requests.into_iter().map(|(key, request)| (shown(&key), key, request)).collect();
            let answers = HashMap::new();
            state.status = Status::InputRequired(Questions { pending, answers, answered });
        });
        Some(receiver)
    }

    /// The members of a `Task`.
    pub(crate) fn written(&self) -> String {
        self.with(|state| self.write(state))
    }

    /// The members of a `DetailedTask`.
    pub(crate) fn written_in_full(&self) -> String {
        self.with(|state| {
            let mut out = self.write(state).into_bytes();
            match &state.status {
                Status::Working | Status::Cancelled => {}
                Status::InputRequired(questions) => {
                    out.extend_from_slice(br#","inputRequests":"#);
                    let pending =
                        questions.pending.iter().map(|(shown, _, request)| (shown.as_str(), request));
                    push_requests(pending, &mut out);
                }
                Status::Completed(result) => {
                    out.extend_from_slice(br#","result":"#);
                    out.extend_from_slice(result);
                }
                Status::Failed(error) => {
                    out.extend_from_slice(br#","error":"#);
                    out.extend_from_slice(error);
                }
            }
            String::from_utf8(out).unwrap_or_default()
        })
    }

    fn write(&self, state: &State) -> String {
        let mut message = String::new();
        if let Some(text) = &state.message {
            message = format!(r#""statusMessage":{},"#, json::text(text.as_str()));
        }
        format!(
            r#""taskId":"{}","status":"{}",{message}"createdAt":"{}","lastUpdatedAt":"{}","ttlMs":{},"pollIntervalMs":{}"#,
            self.id,
            state.status.name(),
            rfc3339(self.created),
            rfc3339(state.updated),
            millis(self.options.ttl),
            millis(self.options.poll),
        )
    }

    fn settle(&self, status: Status) {
        self.change(|state| state.status = status);
    }

    /// What is done changes no more, and is no newer for that somebody has tried.
    fn change(&self, act: impl FnOnce(&mut State)) {
        self.with(|state| {
            if !state.status.is_terminal() {
                act(state);
                state.updated = SystemTime::now();
            }
        });
    }

    /// Nothing that holds the lock can panic half-way, so what a poisoned one guards is whole.
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Status {
    const fn name(&self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::InputRequired(_) => "input_required",
            Self::Completed(_) => "completed",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    const fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_) | Self::Cancelled)
    }
}

/// At least one: the extension has positive integers.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}
