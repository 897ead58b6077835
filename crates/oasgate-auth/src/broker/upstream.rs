//! What goes upstream for a grant: sealed in it, renewed when it has run out, by one at a time.
//!
//! A provider may take each refresh token once only. So of all tasks and all replicas one asks: within this process by
//! a lock, among several by a lease in the store. Whoever has waited reads what the other has got.

mod grants;
mod held;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Mutex;

use super::access;
use super::error::STORE_RETRY;
use super::leg::{Leg, RenewError};
use super::records::{GrantRecord, Lease};
use super::shelf::{Kept, Shelf, delete, put_until};
use crate::auth::NoCredential;
use crate::clock::{Clock, Timestamp};
use crate::random;
use crate::seal::GrantKey;
use crate::{Commit, Expect, Secret, StoreError, Write};

pub(crate) use held::{Held, Use};

/// How long a lease lasts that nobody gives back, in seconds: longer than a token endpoint is waited for
/// ([`TOKEN_LIMITS`](crate::provider::TOKEN_LIMITS)).
const LEASE: Timestamp = 20;
/// How long, and how often, another's lease is waited for.
const WAIT: Duration = Duration::from_millis(200);
const WAITS: usize = 60;
/// How often a grant may be changed by others between being read and being written.
const TRIES: usize = 10;

/// Renews what goes upstream.
#[derive(Debug)]
pub(crate) struct Upstream {
    leg: Arc<Leg>,
    shelf: Shelf,
    clock: Clock,
    tokens: access::Cache,
    locks: Cache<String, Arc<Mutex<()>>>,
}

/// A grant with what is sealed in it.
struct Opened {
    grant: Kept<GrantRecord>,
    held: Held,
}

impl Upstream {
    pub(crate) fn new(leg: Arc<Leg>, shelf: Shelf, clock: Clock, tokens: access::Cache) -> Self {
        let locks = Cache::builder().time_to_idle(Duration::from_secs(120)).build();
        Self { leg, shelf, clock, tokens, locks }
    }

    async fn current(
        &self,
        id: &str,
        key: &GrantKey,
        refused: Option<&Secret>,
    ) -> Result<Secret, NoCredential> {
        let lock = self.locks.get_with(id.to_owned(), Arc::default);
        let _turn = lock.lock().await;
        let owner = random::identifier();
        for _ in 0..WAITS {
            match self.open(id, key).await?.held.usable(self.clock.now(), refused) {
                Use::Now(secret) => return Ok(secret),
                Use::Over => return self.over(id).await,
                // Where the provider is must be known beforehand: finding that out may take longer than a lease.
                Use::Renew(_) => self.leg.look_up().await,
            }
            if self.take_lease(id, &owner).await.map_err(|error| failed(&error))? {
                let renewed = self.renew(id, key, refused).await;
                self.return_lease(id, &owner).await;
                return renewed;
            }
            tokio::time::sleep(WAIT).await;
        }
        Err(NoCredential::Later { retry_after: 1 })
    }

    /// Renews it, unless whoever had the lease before has done so.
    async fn renew(
        &self,
        id: &str,
        key: &GrantKey,
        refused: Option<&Secret>,
    ) -> Result<Secret, NoCredential> {
        let held = self.open(id, key).await?.held;
        let meanwhile = match held.usable(self.clock.now(), refused) {
            Use::Now(secret) => return Ok(secret),
            Use::Over => return self.over(id).await,
            Use::Renew(meanwhile) => meanwhile,
        };
        match self.leg.renew(&held).await {
            Ok(held) => self.keep(id, key, held).await,
            Err(RenewError::Dead) => {
                tracing::info!(grant = id, "the provider no longer knows of a grant; it is removed");
                self.over(id).await
            }
            Err(RenewError::Later(retry_after)) => meanwhile.ok_or(NoCredential::Later { retry_after }),
        }
    }

    /// Keeps what is new. Others may change the grant meanwhile (its end, say), and it is written onto theirs: what goes
    /// upstream changes only who has the lease.
    async fn keep(&self, id: &str, key: &GrantKey, held: Held) -> Result<Secret, NoCredential> {
        for _ in 0..TRIES {
            let Ok(Opened { grant, .. }) = self.open(id, key).await else { break };
            let record = GrantRecord { upstream: held.seal(key, id), ..grant.record.clone() };
            let write = put_until(id, &record, Some(id), grant.expires, grant.unchanged());
            if self.shelf.commit(vec![write]).await.map_err(|error| failed(&error))? == Commit::Made {
                self.tokens.forget_grant(id);
                return match held.usable(self.clock.now(), None) {
                    Use::Now(secret) | Use::Renew(Some(secret)) => Ok(secret),
                    Use::Renew(None) | Use::Over => Err(NoCredential::Later { retry_after: 1 }),
                };
            }
        }
        // Revoked meanwhile: then nobody has any use for it.
        self.leg.revoke(&held).await;
        Err(NoCredential::SignInAgain)
    }

    async fn open(&self, id: &str, key: &GrantKey) -> Result<Opened, NoCredential> {
        let grant = self.shelf.find::<GrantRecord>(id).await.map_err(|error| failed(&error))?;
        let grant = grant.ok_or(NoCredential::SignInAgain)?;
        let held = Held::open(key, id, &grant.record.upstream).ok_or(NoCredential::SignInAgain)?;
        Ok(Opened { grant, held })
    }

    /// The grant is good for nothing any more.
    async fn over<T>(&self, id: &str) -> Result<T, NoCredential> {
        let _made = self
            .shelf
            .commit(vec![Write::DeleteGroup(id.to_owned())])
            .await
            .map_err(|error| failed(&error))?;
        self.tokens.forget_grant(id);
        Err(NoCredential::SignInAgain)
    }

    async fn take_lease(&self, id: &str, owner: &str) -> Result<bool, StoreError> {
        let lease = Lease { owner: owner.to_owned() };
        let write = self.shelf.put(id, &lease, None, LEASE, Expect::Absent);
        Ok(self.shelf.commit(vec![write]).await? == Commit::Made)
    }

    /// Gives the lease back, if it is still this one. If that fails, it runs out.
    async fn return_lease(&self, id: &str, owner: &str) {
        if let Ok(Some(kept)) = self.shelf.find::<Lease>(id).await
            && kept.record.owner == owner
        {
            drop(self.shelf.commit(vec![delete::<Lease>(id, kept.unchanged())]).await);
        }
    }
}

fn failed(error: &StoreError) -> NoCredential {
    tracing::error!(%error, "the store failed");
    NoCredential::Later { retry_after: STORE_RETRY }
}
