//! What is known of each origin: how many requests are in flight, whether it is well, what its retries may cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::Response;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::Fault;
use super::breaker::{self, Breaker, Pass};
use super::retry::Budget;

/// All origins so far. There are no more than the description and the operator name.
#[derive(Debug, Default)]
pub(super) struct Origins(Mutex<HashMap<String, Arc<Origin>>>);

/// One origin.
#[derive(Debug)]
pub(super) struct Origin {
    name: String,
    concurrency: usize,
    slots: Semaphore,
    breaker: Breaker,
    pub(super) budget: Budget,
}

impl Origins {
    pub(super) fn get(&self, name: &str, concurrency: usize) -> Arc<Origin> {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = origins.get(name) {
            return Arc::clone(origin);
        }
        let origin = Arc::new(Origin {
            name: name.to_owned(),
            concurrency,
            slots: Semaphore::new(concurrency),
            breaker: Breaker::default(),
            budget: Budget::default(),
        });
        origins.insert(name.to_owned(), Arc::clone(&origin));
        origin
    }
}

impl Origin {
    /// A slot, which is free again when it is dropped.
    pub(super) async fn slot(&self, until: Instant) -> Result<SemaphorePermit<'_>, Fault> {
        let slot = timeout_at(until, self.slots.acquire()).await;
        slot.ok()
            .and_then(Result::ok)
            .ok_or_else(|| Fault::Busy { origin: self.name.clone(), limit: self.concurrency })
    }

    /// A pass of the circuit breaker.
    pub(super) fn pass(&self, now: Instant) -> Result<Pass<'_>, Fault> {
        self.breaker.pass(now).map_err(|rest| Fault::Resting {
            origin: self.name.clone(),
            failures: breaker::FAILURES,
            rest,
        })
    }
}

/// Whether this is from an origin that works. An answer to a request that it cannot serve is (501, 505); one from a
/// gateway in front of it is not; one that is too large is.
pub(super) fn is_well(answer: &Result<Response<Bytes>, Fault>) -> bool {
    match answer {
        Ok(answer) => !matches!(answer.status().as_u16(), 500 | 502 | 503 | 504),
        Err(fault) => !matches!(
            fault,
            Fault::Unreachable { .. }
                | Fault::Timeout { .. }
                | Fault::Idle { .. }
                | Fault::Broken { .. }
                | Fault::Cut { .. }
        ),
    }
}
