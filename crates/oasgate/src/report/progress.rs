//! Something that moves while a person waits: on a terminal only, so nothing of it gets into logs and pipes.

use std::io;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::telemetry;

/// A line that moves until it is dropped, and is gone then.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Starts it, on stderr; it is nothing where that is no terminal, or the operator wants no colours.
    #[must_use]
    pub fn start(work: String) -> Self {
        if !telemetry::colours(&io::stderr()) {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{spinner} {msg} … {elapsed}");
        let bar = ProgressBar::new_spinner();
        let bar =
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())).with_message(work);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
