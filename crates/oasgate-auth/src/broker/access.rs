//! Access tokens of ours, as requests bring them: whose they are, and what they are good for.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use moka::sync::Cache as Kept;

use super::error::STORE_RETRY;
use super::records::{AccessRecord, GrantRecord};
use super::shelf::put_until;
use super::{Broker, refresh, scopes, shelf};
use crate::clock::Timestamp;
use crate::inbound::{AccessTokens, Denied};
use crate::token::Token;
use crate::{Identity, Presented, Secret, StoreError};

/// For how long what was found is believed, in seconds: so soon is a token dead that was revoked elsewhere.
const BELIEVED: Timestamp = 5;
/// How many tokens are remembered.
const MOST: u64 = 20_000;

/// What was found of late, by locator.
#[derive(Debug, Clone)]
pub(crate) struct Cache(Kept<String, Arc<Seen>>);

/// A token as it was found.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) access: AccessRecord,
    pub(crate) grant: Option<GrantRecord>,
    expires: Timestamp,
    at: Timestamp,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self(Kept::new(MOST))
    }

    /// Forgets a token at once.
    pub(crate) fn forget(&self, locator: &str) {
        self.0.invalidate(locator);
    }

    /// Forgets all tokens of a grant at once.
    pub(crate) fn forget_grant(&self, grant: &str) {
        let all: Vec<_> =
            self.0.iter().filter(|(_, seen)| seen.access.grant.as_deref() == Some(grant)).collect();
        for (locator, _) in all {
            self.0.invalidate(&*locator);
        }
    }
}

impl AccessTokens for Broker {
    fn identify<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<Identity, Denied>> {
        Box::pin(async move {
            let seen = look_up(self, token).await.map_err(|error| {
                tracing::error!(%error, "the store failed");
                Denied::Later { retry_after: STORE_RETRY }
            })?;
            let seen =
                seen.ok_or_else(|| Denied::invalid("the token is unknown, has run out, or was revoked"))?;
            let access = &seen.access;
            let presented = match &access.grant {
                Some(grant) => {
                    Presented::Grant { grant: grant.as_str().into(), token: Secret::new(token.expose()) }
                }
                None => Presented::Machine,
            };
            let mut identity = Identity::new(access.principal.as_str(), presented);
            identity.client = Some(access.client.as_str().into());
            identity.scopes = Some(scopes::implied(&self.settings.scopes, &access.scopes));
            Ok(identity)
        })
    }
}

/// What is known of an access token that is alive.
///
/// # Errors
/// The store fails.
pub(crate) async fn look_up(broker: &Broker, token: &Token) -> Result<Option<Arc<Seen>>, StoreError> {
    let Some(locator) = token.locator(&broker.keyring) else { return Ok(None) };
    let now = broker.clock.now();
    if let Some(seen) = broker.tokens.0.get(&locator)
        && now.saturating_sub(seen.at) < BELIEVED
    {
        return Ok((seen.expires > now).then_some(seen));
    }
    let Some(seen) = read(broker, &locator, now).await? else {
        broker.tokens.forget(&locator);
        return Ok(None);
    };
    let seen = Arc::new(seen);
    broker.tokens.0.insert(locator, Arc::clone(&seen));
    Ok(Some(seen))
}

async fn read(broker: &Broker, locator: &str, now: Timestamp) -> Result<Option<Seen>, StoreError> {
    let Some(kept) = broker.shelf.find::<AccessRecord>(locator).await? else { return Ok(None) };
    let grant = match &kept.record.grant {
        // A token outlives no grant.
        Some(id) => match broker.shelf.find::<GrantRecord>(id).await? {
            Some(grant) => Some(grant.record),
            None => return Ok(None),
        },
        None => None,
    };
    if kept.record.retires.is_some() {
        retire(broker, locator, &kept).await?;
    }
    Ok(Some(Seen { access: kept.record, grant, expires: kept.expires, at: now }))
}

/// The first use of a token: the pair has arrived, and the refresh token before it is spent. If somebody else changes
/// either at the same moment, the next use sees to it.
async fn retire(broker: &Broker, locator: &str, kept: &shelf::Kept<AccessRecord>) -> Result<(), StoreError> {
    let used = AccessRecord { retires: None, ..kept.record.clone() };
    let group = used.grant.as_deref();
    let mut writes = vec![put_until(locator, &used, group, kept.expires, kept.unchanged())];
    if let Some(before) = &kept.record.retires {
        writes.extend(refresh::spend(broker, before).await?);
    }
    let _made = broker.shelf.commit(writes).await?;
    Ok(())
}
