//! Grants: what a user has granted a client, and the pairs of tokens that stand for it, one after the other.

use serde_json::{Value, json};

use super::Broker;
use super::records::{AccessRecord, GrantRecord, RefreshRecord, Rotation};
use super::shelf::{Kept, put_until};
use crate::clock::Timestamp;
use crate::random;
use crate::seal::GrantKey;
use crate::token::{Token, TokenKind};
use crate::{Commit, Expect, StoreError, Write};

/// A pair of tokens, not given to anybody before it is kept.
pub(crate) struct Pair {
    grant: String,
    access: Token,
    refresh: Token,
    scopes: Vec<String>,
    /// The locator of the refresh token before it.
    retires: Option<String>,
}

impl Pair {
    /// Makes one.
    pub(crate) fn mint(broker: &Broker, id: &str, scopes: Vec<String>, retires: Option<String>) -> Self {
        let mint = |kind| Token::mint(kind, &broker.keyring);
        Self {
            grant: id.to_owned(),
            access: mint(TokenKind::Access),
            refresh: mint(TokenKind::Refresh),
            scopes,
            retires,
        }
    }

    /// Keeps it, with other changes, if the grant is as it was found: who revokes it at the same moment has revoked
    /// this pair, too.
    pub(crate) async fn keep(
        &self,
        broker: &Broker,
        grant: &Kept<GrantRecord>,
        key: &GrantKey,
        mut writes: Vec<Write>,
    ) -> Result<Commit, StoreError> {
        let (id, shelf, keyring) = (self.grant.as_str(), &broker.shelf, &broker.keyring);
        let access = AccessRecord {
            grant: Some(id.to_owned()),
            client: grant.record.client.clone(),
            principal: grant.record.principal.clone(),
            scopes: self.scopes.clone(),
            wrapped: key.wrap(keyring, &self.access),
            retires: self.retires.clone(),
        };
        let refresh = RefreshRecord {
            grant: id.to_owned(),
            client: grant.record.client.clone(),
            wrapped: key.wrap(keyring, &self.refresh),
            state: Rotation::Current,
            retires: self.retires.clone(),
        };
        let (Some(at), Some(rt)) = (self.access.locator(keyring), self.refresh.locator(keyring)) else {
            // A token just minted names a key that is there.
            return Err(StoreError("the master key is gone".to_owned()));
        };
        let life = seconds(broker.rules.refresh_ttl);
        writes.push(shelf.put(&at, &access, Some(id), broker.access_ttl(), Expect::Absent));
        writes.push(shelf.put(&rt, &refresh, Some(id), life, Expect::Absent));
        let expires = grant.expires.max(broker.clock.now().saturating_add(life));
        writes.push(put_until(id, &grant.record, Some(id), expires, grant.unchanged()));
        shelf.commit(writes).await
    }

    /// What the client is told (RFC 6749, 5.1).
    pub(crate) fn response(&self, broker: &Broker) -> Value {
        json!({
            "access_token": self.access.expose(),
            "token_type": "Bearer",
            "expires_in": broker.access_ttl(),
            "refresh_token": self.refresh.expose(),
            "scope": self.scopes.join(" "),
        })
    }
}

/// Ends a grant, with all that stands for it.
pub(crate) async fn destroy(broker: &Broker, id: &str) -> Result<(), StoreError> {
    let _made = broker.shelf.commit(vec![Write::DeleteGroup(id.to_owned())]).await?;
    broker.tokens.forget_grant(id);
    Ok(())
}

/// What a user is known by here: the same for all grants of one, and nothing that tells who it is. A user of whom nothing
/// is known is another one at each sign-in.
pub(crate) fn principal(broker: &Broker, subject: Option<&str>) -> String {
    match subject {
        Some(subject) => principal_of(broker.leg.namespace(), subject),
        None => format!("user:{}", random::identifier()),
    }
}

/// The same for a subject of some issuer.
pub(crate) fn principal_of(issuer: &str, subject: &str) -> String {
    let mut hash = random::sha256(&json!([issuer, subject]).to_string());
    hash.truncate(32);
    format!("user:{hash}")
}

/// A duration in whole seconds.
pub(crate) fn seconds(duration: std::time::Duration) -> Timestamp {
    Timestamp::try_from(duration.as_secs()).unwrap_or(Timestamp::MAX)
}

impl Broker {
    /// How long access tokens live, in seconds.
    pub(crate) fn access_ttl(&self) -> Timestamp {
        seconds(self.rules.access_ttl)
    }
}
