//! What is known of each origin: how many requests are in flight, whether it is well, what its retries may cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Response, Uri};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::breaker::{self, Breaker, Pass};
use super::retry::Budget;
use super::{Fault, target};

/// All origins so far. There are no more than the description and the operator name.
#[derive(Debug, Default)]
pub(super) struct Origins(Mutex<HashMap<(Scheme, Authority), Arc<Origin>>>);

/// One origin.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) name: String,
    concurrency: usize,
    slots: Semaphore,
    breaker: Breaker,
    pub(super) budget: Budget,
}

impl Origins {
    /// The origin of an absolute URI (RFC 6454, 4).
    pub(super) fn get(&self, uri: &Uri, concurrency: usize) -> Option<Arc<Origin>> {
        let key = (uri.scheme()?.clone(), uri.authority()?.clone());
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(Origin {
                name: target::name(uri),
                concurrency,
                slots: Semaphore::new(concurrency),
                breaker: Breaker::default(),
                budget: Budget::default(),
            })
        };
        Some(Arc::clone(origins.entry(key).or_insert_with(new)))
    }
}

impl Origin {
    /// A slot, which is free again when it is dropped.
    pub(super) async fn slot(&self, until: Instant) -> Result<SemaphorePermit<'_>, Fault> {
        // Those who wait come first: what they wait for is not there to be tried.
        if let Ok(slot) = self.slots.try_acquire() {
            return Ok(slot);
        }
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

/// Whether this is from an origin that works. An answer to a request that it cannot serve is (501, 505), and so is one to
/// a request that breaks it (500): what one caller sends must not take it from the others. One from a gateway in front of
/// it is not; one that is too large is.
pub(super) fn is_well(answer: &Result<Response<Bytes>, Fault>) -> bool {
    match answer {
        Ok(answer) => !matches!(answer.status().as_u16(), 502..=504),
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
