//! Which requests are sent again, when, and how often.
//!
//! Only those that may be repeated without asking anybody: idempotent methods (RFC 9110, 9.2.2), and those that carry
//! an `Idempotency-Key`. Only after a failure before the answer began, or where the upstream says when to come back.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, Method, Request, Response};
use tokio::time::Instant;

use super::Fault;

#[cfg(test)]
mod tests;

/// How often one request is sent again.
const MOST: u32 = 2;
/// The longest that an upstream may ask to wait: a model has better things to do, and is told instead.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause before the first retry of a failure; each further one may be twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// draft-ietf-httpapi-idempotency-key-header, 2.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The retries of one request.
#[derive(Debug)]
pub(super) struct Retries<'b> {
    left: u32,
    deadline: Instant,
    budget: &'b Budget,
}

/// What an origin's retries may cost together, in tenths of a retry: each request pays in one, so that an origin in
/// trouble gets at most a tenth more.
#[derive(Debug)]
pub(super) struct Budget(AtomicU32);

impl Budget {
    const RETRY: u32 = 10;
    const MOST: u32 = 10 * Self::RETRY;

    fn deposit(&self) {
        self.change(|tenths| Some(Self::MOST.min(tenths + 1)));
    }

    fn withdraw(&self) -> bool {
        self.change(|tenths| tenths.checked_sub(Self::RETRY))
    }

    fn change(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(Self::MOST))
    }
}

impl<'b> Retries<'b> {
    pub(super) fn new<B>(request: &Request<B>, budget: &'b Budget, deadline: Instant) -> Self {
        budget.deposit();
        Self { left: if is_repeatable(request) { MOST } else { 0 }, deadline, budget }
    }

    /// How long to wait before the request is sent again; none if this is the answer.
    pub(super) fn wait(&mut self, answer: &Result<Response<Bytes>, Fault>) -> Option<Duration> {
        if self.left == 0 {
            return None;
        }
        let wait = match answer {
            Ok(answer) if matches!(answer.status().as_u16(), 429 | 503) => {
                // All that wait for the same second must not come at once.
                let asked = retry_after(answer.headers(), SystemTime::now())?;
                (asked <= PATIENCE).then(|| asked + jitter(PAUSE))?
            }
            Err(Fault::Unreachable { .. } | Fault::Broken { .. }) => {
                jitter(PAUSE * (1 << (MOST - self.left)))
            }
            _ => return None,
        };
        if Instant::now() + wait >= self.deadline || !self.budget.withdraw() {
            return None;
        }
        self.left -= 1;
        tracing::debug!(?wait, "sending again");
        Some(wait)
    }
}

fn is_repeatable<B>(request: &Request<B>) -> bool {
    let method = request.method();
    method.is_safe()
        || matches!(*method, Method::PUT | Method::DELETE)
        || method.as_str() == "QUERY"
        || request.headers().contains_key(IDEMPOTENCY_KEY)
}

/// How long `Retry-After` asks to wait: seconds, or a date, which is taken by the upstream's own clock where it tells
/// (RFC 9110, 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let after = text(RETRY_AFTER)?;
    if let Ok(seconds) = after.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let now = text(DATE).and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    Some(httpdate::parse_http_date(after).ok()?.duration_since(now).unwrap_or_default())
}

/// Any time up to this: full jitter.
fn jitter(most: Duration) -> Duration {
    let parts = getrandom::u32().unwrap_or(u32::MAX);
    most.mul_f64(f64::from(parts) / f64::from(u32::MAX))
}
