//! How often somebody may do something: counted in this process, within bounds however many they are.
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A): of each key one number is kept, the time at which it would be
//! back at rest. With several replicas each counts for itself, and the operator divides the limits among them. Knows
//! nothing of what is limited.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use moka::sync::Cache;

use crate::Limits;
use crate::clock::Clock;

pub(crate) mod address;
#[cfg(test)]
mod tests;

/// The keys that are remembered. Of more than that, those that come seldom are forgotten, and may begin anew.
const MOST_KEYS: u64 = 100_000;
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
    rest: Cache<(LimitKind, u64), Arc<AtomicI64>>,
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
        let slowest = [limits.principal, limits.client, limits.address, limits.registration];
        let slowest =
            slowest.into_iter().filter_map(Rate::of).map(|rate| rate.interval + rate.tolerance).max();
        // After that every key is at rest, and as good as never seen: or it has been idle for a day, which is as good.
        let idle = Duration::from_micros(slowest.unwrap_or(MINUTE).unsigned_abs()) + Duration::from_secs(1);
        let idle = idle.min(Duration::from_secs(24 * 60 * 60));
        let rest = Cache::builder().max_capacity(MOST_KEYS).time_to_idle(idle).build();
        Self { limits, clock, hasher: RandomState::new(), rest }
    }

    /// Counts one, unless it is one too many. A limit with a zero lets nothing through.
    pub(crate) fn check(&self, kind: LimitKind, key: &str) -> Result<(), RetryAfter> {
        let Some(rate) = Rate::of(self.limit(kind)) else { return Err(RetryAfter(60)) };
        let now = self.clock.now().saturating_mul(SECOND);
        let rest = self.rest.get_with((kind, self.hasher.hash_one(key)), || Arc::new(AtomicI64::new(now)));
        let counted =
            rest.fetch_update(Ordering::AcqRel, Ordering::Acquire, |rest| rate.count(rest, now).ok());
        counted.map(drop).or_else(|rest| rate.count(rest, now).map(drop))
    }

    /// Takes back one that was counted: it turned out not to count.
    pub(crate) fn give_back(&self, kind: LimitKind, key: &str) {
        let rest = self.rest.get(&(kind, self.hasher.hash_one(key)));
        if let (Some(rate), Some(rest)) = (Rate::of(self.limit(kind)), rest) {
            rest.fetch_sub(rate.interval, Ordering::AcqRel);
        }
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
