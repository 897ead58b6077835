//! The flag that says after which time a call becomes a task.

use std::time::Duration;

use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Tasking {
    /// Seconds after which a call goes on as a task, for clients that know tasks
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    task_after: u16,
}

impl Tasking {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.task_after.into())
    }
}
