//! Telling a client that a call still runs (2026-07-28, basic/patterns/progress.mdx).
//!
//! Owns when it is told, and in which words. Whether anybody wants to know is the protocol's to say.

use std::time::Duration;

use oasgate_mcp::Context;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

#[cfg(test)]
mod tests;

/// What takes less is not worth a word.
const QUIET: Duration = Duration::from_secs(1);

/// How often something is said after that.
const PERIOD: Duration = Duration::from_secs(2);

/// Waits for `call`. From its second second on the client hears of it, every two seconds, if it wants to.
pub(super) async fn telling<T>(context: &Context, origin: Option<&str>, call: impl Future<Output = T>) -> T {
    if context.wants_progress() {
        every(call, |waited| context.progress(waited.as_secs_f64(), None, Some(&words(origin, waited)))).await
    } else {
        call.await
    }
}

async fn every<T>(call: impl Future<Output = T>, tell: impl Fn(Duration)) -> T {
    let begun = Instant::now();
    let mut ticks = interval_at(begun + QUIET, PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut call = std::pin::pin!(call);
    loop {
        tokio::select! {
            biased;
            done = &mut call => return done,
            now = ticks.tick() => tell(now - begun),
        }
    }
}

/// `waiting for api.example.com, 3 s`
fn words(origin: Option<&str>, waited: Duration) -> String {
    let origin = origin.and_then(|origin| origin.parse::<http::Uri>().ok());
    let host =
        origin.as_ref().and_then(http::Uri::authority).map_or("the API", |authority| authority.as_str());
    format!("waiting for {host}, {} s", waited.as_secs())
}
