//! Logs, to stderr only: stdout belongs to results and, on stdio, to the protocol.
//!
//! `OASGATE_LOG` is a filter such as `debug` or `oasgate=trace,hyper=warn`; without it only warnings are shown.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging. The second start in one process changes nothing.
pub fn start() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .with_env_var("OASGATE_LOG")
        .from_env_lossy();
    let colours = colours(&io::stderr());
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colours);
    // The only error is that a subscriber is set already.
    let _ = logs.try_init();
}

/// Whether what is written there may have colours, and may move: a person looks at it and does not mind
/// (<https://no-color.org>).
pub fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
