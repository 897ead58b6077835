//! SIGHUP, which means two things: that somebody wants the description read again, and that the terminal is gone.

use crate::listen;

#[cfg(not(unix))]
pub use elsewhere::Hangups;
#[cfg(not(unix))]
use elsewhere::hung_up;
#[cfg(unix)]
pub use unix::Hangups;
#[cfg(unix)]
use unix::hung_up;

/// Done when the program is told to stop, or its terminal is gone. The signals are caught from the call on.
pub fn told_to_stop() -> impl Future<Output = ()> + Send {
    let (stop, gone) = (listen::told_to_stop(), hung_up());
    async move {
        tokio::select! {
            () = stop => {}
            () = gone => {}
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::File;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The wishes to have the description read again. From its making on SIGHUP does not end the program by itself.
    #[derive(Debug)]
    pub struct Hangups(Option<Signal>);

    impl Default for Hangups {
        fn default() -> Self {
            Self(signal(SignalKind::hangup()).ok())
        }
    }

    impl Hangups {
        /// The next one.
        pub(crate) async fn next(&mut self) {
            let Some(signals) = &mut self.0 else { return std::future::pending().await };
            if signals.recv().await.is_none() {
                std::future::pending().await
            }
        }
    }

    /// Done when the terminal that the program was started on is gone: it would stay behind with nobody to stop it.
    pub(super) fn hung_up() -> impl Future<Output = ()> + Send {
        let mut hangups = Hangups::default();
        let had_terminal = has_terminal();
        async move {
            loop {
                hangups.next().await;
                if had_terminal && !has_terminal() {
                    return;
                }
            }
        }
    }

    /// Whether there is a controlling terminal (POSIX.1-2024, Base Definitions, 10.1).
    fn has_terminal() -> bool {
        File::open("/dev/tty").is_ok()
    }
}

#[cfg(not(unix))]
mod elsewhere {
    /// The wishes to have the description read again: there is no signal for them here.
    #[derive(Debug, Default)]
    pub struct Hangups(());

    impl Hangups {
        /// There is none.
        pub(crate) async fn next(&mut self) {
            std::future::pending().await
        }
    }

    /// Never done: whoever closes a terminal here ends what runs on it.
    pub(super) async fn hung_up() {
        std::future::pending().await
    }
}
