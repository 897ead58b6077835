//! The time, so that tests need not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since the beginning of 1970, UTC.
pub type Timestamp = i64;

/// What tells the time to everything here. Clones tell the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

/// Moves a clock that stands still.
#[derive(Debug, Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `now` until it is moved.
    #[must_use]
    pub fn standing(now: Timestamp) -> (Self, Hand) {
        let time = Arc::new(AtomicI64::new(now));
        (Self(Some(Arc::clone(&time))), Hand(time))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(time) => time.load(Ordering::SeqCst),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|since| Timestamp::try_from(since.as_secs()).ok())
                .unwrap_or_default(),
        }
    }
}

impl Hand {
    /// Lets `seconds` pass.
    pub fn advance(&self, seconds: Timestamp) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}
