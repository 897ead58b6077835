//! How often somebody may do something: counted in this process, within bounds however many they are.
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A): of each key one number is kept, the time at which it would be
//! back at rest. With several replicas each counts for itself, and the operator divides the limits among them. Knows
//! nothing of what is limited.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Limits;
use crate::clock::Clock;

pub(crate) mod address;
#[cfg(test)]
mod tests;

/// The keys that are remembered.
const MOST_KEYS: usize = 128 * 1024;
const PARTS: usize = 64;
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;

/// What is counted, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LimitKind {
    /// Requests of one principal.
    Principal,
    /// Requests of one OAuth client.
    Client,
    /// Requests from one address.
    Address,
    /// Registrations from one address.
    Registration,
}

/// After how many seconds there is room again (RFC 9110, 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryAfter(pub(crate) u64);

/// Counts.
pub(crate) struct Limiter {
    limits: Limits,
    clock: Clock,
    /// Keys as hashes that nobody else can compute: short, and not to be steered into each other.
    hasher: RandomState,
    /// When each is at rest, in parts that are locked apart.
    parts: [Mutex<HashMap<u64, i64>>; PARTS],
}

/// What a limit comes to, in microseconds.
#[derive(Clone, Copy)]
struct Rate {
    /// From one to the next.
    interval: i64,
    /// How far ahead of its rest a key may be.
    tolerance: i64,
}

impl Limiter {
    pub(crate) fn new(limits: Limits, clock: Clock) -> Self {
        let parts = std::array::from_fn(|_| Mutex::default());
        Self { limits, clock, hasher: RandomState::new(), parts }
    }

    /// Counts one, unless it is one too many. A limit with a zero lets nothing through.
    pub(crate) fn check(&self, kind: LimitKind, key: &str) -> Result<(), RetryAfter> {
        let Some(rate) = Rate::of(self.limit(kind)) else { return Err(RetryAfter(60)) };
        let now = self.clock.now().saturating_mul(SECOND);
        let (key, mut part) = self.part(kind, key);
        let rest = rate.count(part.get(&key).copied().unwrap_or(now), now)?;
        if part.len() >= MOST_KEYS / PARTS && !part.contains_key(&key) {
            make_room(&mut part, now);
        }
        part.insert(key, rest);
        Ok(())
    }

    /// Takes back one that was counted: it turned out not to count.
    pub(crate) fn give_back(&self, kind: LimitKind, key: &str) {
        let (key, mut part) = self.part(kind, key);
        if let (Some(rate), Some(rest)) = (Rate::of(self.limit(kind)), part.get_mut(&key)) {
            *rest -= rate.interval;
        }
    }

    /// The hash of a key, and the part it is in.
    fn part(&self, kind: LimitKind, key: &str) -> (u64, MutexGuard<'_, HashMap<u64, i64>>) {
        let hash = self.hasher.hash_one((kind, key));
        // The length of an array that is not empty leaves a remainder within it.
        let at = usize::try_from(hash % PARTS as u64).unwrap_or_default();
        let part = self.parts.get(at).unwrap_or(&self.parts[0]);
        (hash, part.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn limit(&self, kind: LimitKind) -> (u32, u32) {
        match kind {
            LimitKind::Principal => self.limits.principal,
            LimitKind::Client => self.limits.client,
            LimitKind::Address => self.limits.address,
            LimitKind::Registration => self.limits.registration,
        }
    }
}

/// Forgets those that are at rest, which are as good as never seen; or else anyone, who may begin anew.
fn make_room(part: &mut HashMap<u64, i64>, now: i64) {
    part.retain(|_, rest| *rest > now);
    if part.len() >= MOST_KEYS / PARTS
        && let Some(anyone) = part.keys().next().copied()
    {
        part.remove(&anyone);
    }
}

impl Rate {
    fn of((per_minute, at_once): (u32, u32)) -> Option<Self> {
        let interval = MINUTE.checked_div(i64::from(per_minute))?;
        let more = at_once.checked_sub(1)?;
        Some(Self { interval, tolerance: interval.saturating_mul(i64::from(more)) })
    }

    /// When the key is at rest after one more.
    fn count(self, rest: i64, now: i64) -> Result<i64, RetryAfter> {
        // No key is ever further ahead than that, unless the clock was set back: which is not held against it.
        let was_set_back = rest > now.saturating_add(self.interval + self.tolerance);
        let rest = if was_set_back { now } else { rest.max(now) };
        let early = rest - now - self.tolerance;
        if early > 0 {
            return Err(RetryAfter(u64::try_from(early).unwrap_or_default().div_ceil(SECOND.unsigned_abs())));
        }
        Ok(rest + self.interval)
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("limits", &self.limits).finish_non_exhaustive()
    }
}
