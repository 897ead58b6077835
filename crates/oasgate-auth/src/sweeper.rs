//! Removing what is past its time, over and over. Nothing depends on it but the room that records take: a store shows
//! none that is past its time.

use std::convert::Infallible;
use std::time::Duration;

use crate::cipher;
use crate::store::Store;

#[cfg(test)]
mod tests;

/// Sweeps a store about once a minute, until it is dropped. Replicas of one store do not keep step.
pub async fn sweep_forever(store: &dyn Store) -> Infallible {
    loop {
        let [chance] = *cipher::random();
        tokio::time::sleep(pause(chance)).await;
        sweep(store).await;
    }
}

/// Between 45 and 75 seconds.
fn pause(chance: u8) -> Duration {
    Duration::from_secs(45) + Duration::from_millis(u64::from(chance) * 30_000 / 255)
}

/// A store that cannot be swept now can be later: that is no reason to end.
async fn sweep(store: &dyn Store) {
    match store.sweep().await {
        Ok(records) => tracing::debug!(records, "what was past its time is removed from the store"),
        Err(error) => tracing::warn!(%error, "the store could not be swept"),
    }
}
