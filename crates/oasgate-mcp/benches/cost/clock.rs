//! Time on a CPU.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// What a thread has spent on a CPU, from `/proc`; where there is no such file, wall time stands in for it.
pub(crate) struct Clock {
    stat: Option<PathBuf>,
    begun: Instant,
}

impl Clock {
    /// Of the thread that asks; it may be read from others.
    pub(crate) fn of_this_thread() -> Self {
        let thread = fs::read_link("/proc/thread-self").ok();
        let stat = thread.map(|thread| PathBuf::from("/proc").join(thread).join("schedstat"));
        Self { stat: stat.filter(|stat| stat.exists()), begun: Instant::now() }
    }

    /// Since some moment in the past.
    pub(crate) fn spent(&self) -> Duration {
        let Some(stat) = &self.stat else { return self.begun.elapsed() };
        // Linux brings the number up to date when a thread leaves its CPU.
        thread::yield_now();
        // The first number: nanoseconds on a CPU (Linux, Documentation/scheduler/sched-stats.rst).
        let text = fs::read_to_string(stat).unwrap_or_default();
        Duration::from_nanos(
            text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default(),
        )
    }
}
