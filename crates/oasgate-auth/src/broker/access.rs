//! Access tokens of ours, as requests bring them: whose they are, and what they are good for.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use moka::sync::Cache as Kept;

use super::error::STORE_RETRY;
use super::records::{AccessRecord, GrantRecord};
use super::shelf::put_until;
use super::upstream::Held;
use super::{Broker, refresh, scopes, shelf};
use crate::clock::Timestamp;
use crate::inbound::{AccessTokens, Denied};
use crate::seal::GrantKey;
use crate::token::{Token, TokenKind};
use crate::{Identity, Keyring, Presented, Secret, StoreError};

/// For how long what was found is believed, in seconds: so soon is a token dead that was revoked elsewhere.
const BELIEVED: Timestamp = 5;
/// How many tokens are remembered.
const MOST: u64 = 20_000;

/// What was found of late, by locator.
#[derive(Debug, Clone)]
pub(crate) struct Cache(Kept<String, Arc<Seen>>);

/// A token as it was found, and what it has opened.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) access: AccessRecord,
    pub(crate) grant: Option<GrantRecord>,
    opened: OnceLock<(GrantKey, Held)>,
    /// What every request with it is given.
    id: Option<Arc<str>>,
    principal: Arc<str>,
    client: Arc<str>,
    scopes: Arc<BTreeSet<String>>,
    expires: Timestamp,
    at: Timestamp,
}

impl Cache {
    pub(crate) fn new() -> Self {
        // Nothing that was opened stays longer than it is believed.
        let life = Duration::from_secs(BELIEVED.unsigned_abs());
        Self(Kept::builder().max_capacity(MOST).time_to_live(life).build())
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
            let invalid = || Denied::invalid("the token is unknown, has run out, or was revoked");
            let locator = token.locator(&self.keyring).ok_or_else(invalid)?;
            let seen = look_up(self, &locator).await.map_err(|error| {
                tracing::error!(%error, "the store failed");
                Denied::Later { retry_after: STORE_RETRY }
            })?;
            let seen = seen.ok_or_else(invalid)?;
            Ok(seen.identity(token, locator))
        })
    }

    fn recall(&self, token: &Token) -> Option<Identity> {
        let locator = token.locator(&self.keyring)?;
        let seen = recall(self, &locator, self.clock.now()).flatten()?;
        Some(seen.identity(token, locator))
    }
}

impl Seen {
    /// Who has sent it.
    fn identity(&self, token: &Token, locator: String) -> Identity {
        let presented = match &self.id {
            Some(grant) => Presented::Grant { grant: Arc::clone(grant), token: token.secret().clone() },
            None => Presented::Machine,
        };
        let mut identity = Identity::new(Arc::clone(&self.principal), presented);
        identity.client = Some(Arc::clone(&self.client));
        identity.scopes = Some(Arc::clone(&self.scopes));
        identity.locator = Some(locator);
        identity
    }

    /// The key of the grant, and what is sealed in it; none if the token opens nothing.
    pub(crate) fn open(&self, keyring: &Keyring, token: &Secret) -> Option<&(GrantKey, Held)> {
        if let Some(opened) = self.opened.get() {
            return Some(opened);
        }
        let token = Token::read(token).filter(|token| token.kind() == TokenKind::Access)?;
        let (id, grant) = (self.access.grant.as_deref()?, self.grant.as_ref()?);
        let key = GrantKey::unwrap(keyring, &token, &self.access.wrapped)?;
        let held = Held::open(&key, id, &grant.upstream)?;
        Some(self.opened.get_or_init(|| (key, held)))
    }
}

/// What is known of an access token that is alive, by where its record is kept.
///
/// # Errors
/// The store fails.
pub(crate) async fn look_up(broker: &Broker, locator: &str) -> Result<Option<Arc<Seen>>, StoreError> {
    let now = broker.clock.now();
    if let Some(seen) = recall(broker, locator, now) {
        return Ok(seen);
    }
    let Some(seen) = read(broker, locator, now).await? else {
        broker.tokens.forget(locator);
        return Ok(None);
    };
    let seen = Arc::new(seen);
    broker.tokens.0.insert(locator.to_owned(), Arc::clone(&seen));
    Ok(Some(seen))
}

/// What has been found of late, and whether it is alive. None if the store must be asked.
fn recall(broker: &Broker, locator: &str, now: Timestamp) -> Option<Option<Arc<Seen>>> {
    let seen = broker.tokens.0.get(locator).filter(|seen| now.saturating_sub(seen.at) < BELIEVED)?;
    Some((seen.expires > now).then_some(seen))
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
    let access = kept.record;
    Ok(Some(Seen {
        grant,
        opened: OnceLock::new(),
        id: access.grant.as_deref().map(Into::into),
        principal: access.principal.as_str().into(),
        client: access.client.as_str().into(),
        scopes: Arc::new(scopes::implied(&broker.settings.scopes, &access.scopes)),
        access,
        expires: kept.expires,
        at: now,
    }))
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
