//! The circuit breaker: an origin that fails again and again is left alone for a while, and then asked once.
//!
//! Owns no clock: whoever asks says what time it is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// Failures in a row that open the circuit.
pub(super) const FAILURES: u32 = 10;
/// How long it stays open.
pub(super) const REST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Requests pass; so many in a row have failed.
    Closed(u32),
    /// None pass until then.
    Open(Instant),
    /// One has passed at this time, and all others wait for what becomes of it: but no longer than a rest.
    Probing(Instant),
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(0)
    }
}

/// The right to send one request. One that is dropped without having ended, because the caller went away, says nothing
/// of the origin.
#[derive(Debug)]
#[must_use]
pub(super) struct Pass<'b> {
    breaker: &'b Breaker,
    is_probe: bool,
}

impl Breaker {
    /// A pass, or how long there is none.
    pub(super) fn pass(&self, now: Instant) -> Result<Pass<'_>, Duration> {
        let mut state = self.state();
        let is_probe = match *state {
            State::Closed(_) => false,
            State::Open(until) if until > now => return Err(until - now),
            State::Open(_) => true,
            State::Probing(since) if since + REST > now => return Err(since + REST - now),
            // It may take as long as any request, and be slow for reasons of its own.
            State::Probing(_) => true,
        };
        if is_probe {
            *state = State::Probing(now);
        }
        Ok(Pass { breaker: self, is_probe })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Tells what became of the request.
    pub(super) fn end(mut self, is_well: bool, now: Instant) {
        let mut state = self.breaker.state();
        *state = match *state {
            // What was sent before the circuit opened, or before the probe, is no news.
            State::Open(until) if !self.is_probe => State::Open(until),
            State::Probing(since) if !self.is_probe => State::Probing(since),
            _ if is_well => State::Closed(0),
            State::Closed(failures) if failures + 1 < FAILURES => State::Closed(failures + 1),
            _ => State::Open(now + REST),
        };
        self.is_probe = false;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            *self.breaker.state() = State::Open(Instant::now());
        }
    }
}
