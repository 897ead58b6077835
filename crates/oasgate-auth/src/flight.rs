//! Single flight: of all who want the same thing at the same moment, one fetches it, and all get it.
//!
//! Nothing is spawned: what is under way is driven by whoever waits for it, and ends with the last who does. Knows
//! nothing of what is fetched, and keeps nothing: what is worth keeping is kept by what is fetched, before it ends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, WeakShared};

#[cfg(test)]
mod tests;

/// What is under way, by what it is for.
pub(crate) struct Flights<T>(Mutex<HashMap<String, WeakShared<BoxFuture<'static, T>>>>);

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// What is under way for `key`, or what `begin` begins.
    pub(crate) async fn join(&self, key: &str, begin: impl FnOnce() -> BoxFuture<'static, T>) -> T {
        let flight = {
            let mut flights = self.flights();
            match flights.get(key).and_then(WeakShared::upgrade) {
                // One that has landed is over: its news is as old as its beginning.
                Some(flight) if flight.peek().is_none() => flight,
                _ => {
                    flights
                        .retain(|_, flight| flight.upgrade().is_some_and(|flight| flight.peek().is_none()));
                    let flight = begin().shared();
                    if let Some(weak) = flight.downgrade() {
                        flights.insert(key.to_owned(), weak);
                    }
                    flight
                }
            }
        };
        flight.await
    }

    /// No change stops halfway, so that what a thread has left behind when it panicked is whole.
    fn flights(&self) -> MutexGuard<'_, HashMap<String, WeakShared<BoxFuture<'static, T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Flights<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}
