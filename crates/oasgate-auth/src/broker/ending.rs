//! The end of a grant: here at once, and then where what it held came from.
//!
//! In a task of its own. Who asks for the end waits for the first part only, and going away stops neither: a key that was
//! minted and that nobody can name any more would stay good for ever.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::leg::Leg;
use super::records::GrantRecord;
use super::shelf::{Shelf, delete};
use super::upstream::Held;
use super::{Broker, access};
use crate::auth::Operations;
use crate::seal::GrantKey;
use crate::{Commit, StoreError, Write};

/// How often a grant may be changed by others between being read and being removed.
const TRIES: usize = 10;

/// Ends a grant, with all that stands for it. With its key at hand, what it held is given back, too: the provider is told
/// (RFC 7009), a minted key is deleted, both as well as it can be done.
///
/// # Errors
/// The store fails: then nothing has ended.
pub(crate) async fn end(broker: &Broker, id: &str, key: Option<GrantKey>) -> Result<(), StoreError> {
    let ending = Ending {
        shelf: broker.shelf.clone(),
        tokens: broker.tokens.clone(),
        leg: Arc::clone(&broker.leg),
        operations: Arc::clone(&broker.operations),
        id: id.to_owned(),
        key,
    };
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let ended = ending.here().await;
        let (answer, held) = ended.map_or_else(|error| (Err(error), None), |held| (Ok(()), held));
        // Nobody may be waiting any more.
        let _heard = tell.send(answer);
        if let Some(held) = held {
            ending.elsewhere(&held).await;
        }
    });
    told.await.unwrap_or_else(|_| Err(StoreError("this process is about to end".to_owned())))
}

struct Ending {
    shelf: Shelf,
    tokens: access::Cache,
    leg: Arc<Leg>,
    operations: Arc<dyn Operations>,
    id: String,
    key: Option<GrantKey>,
}

impl Ending {
    /// Ends it, and gives what it held, if that can be opened.
    async fn here(&self) -> Result<Option<Held>, StoreError> {
        let held = self.remove().await?;
        self.tokens.forget_grant(&self.id);
        if held.is_none() {
            // By what was shown nothing can be opened any more, so nobody can name it there.
            tracing::warn!(
                grant = self.id,
                "a grant has ended; what it held is not given back at the API or the provider"
            );
        }
        Ok(held)
    }

    /// What is given back must be what was removed: it may be renewed at the same moment, and then the new is what counts.
    async fn remove(&self) -> Result<Option<Held>, StoreError> {
        let all = || Write::DeleteGroup(self.id.clone());
        if let Some(key) = &self.key {
            for _ in 0..TRIES {
                let Some(found) = self.shelf.find::<GrantRecord>(&self.id).await? else { break };
                let removal = vec![delete::<GrantRecord>(&self.id, found.unchanged()), all()];
                if self.shelf.commit(removal).await? == Commit::Made {
                    return Ok(Held::open(key, &self.id, &found.record.upstream));
                }
            }
        }
        let _made = self.shelf.commit(vec![all()]).await?;
        Ok(None)
    }

    async fn elsewhere(&self, held: &Held) {
        if let Held::Key { credential, key_id: Some(key_id), .. } = held {
            self.operations.revoke(key_id, credential).await;
        }
        self.leg.revoke(held).await;
    }
}
