//! A store that lets everybody else go first, so that whatever can come between does.

use std::sync::Arc;

use super::world::World;
use crate::store::Done;
use crate::{Commit, Entry, Store, Write};

/// A store at which others come first, whenever they can.
#[derive(Debug)]
pub(super) struct Crowded(Arc<dyn Store>);

impl Crowded {
    /// A world on the same store, by way of this.
    pub(super) fn of(world: &World) -> World {
        world.on(Arc::new(Self(Arc::clone(&world.store))))
    }
}

impl Store for Crowded {
    fn get<'s>(&'s self, key: &'s str) -> Done<'s, Option<Entry>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.get(key).await
        })
    }

    fn commit(&self, writes: Vec<Write>) -> Done<'_, Commit> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.commit(writes).await
        })
    }

    fn list<'s>(&'s self, prefix: &'s str, after: &'s str, limit: usize) -> Done<'s, Vec<(String, Entry)>> {
        self.0.list(prefix, after, limit)
    }

    fn sweep(&self) -> Done<'_, u64> {
        self.0.sweep()
    }

    fn is_shared(&self) -> bool {
        self.0.is_shared()
    }
}
