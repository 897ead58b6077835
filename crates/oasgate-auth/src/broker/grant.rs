//! Grants: what a user has granted a client, and the pairs of tokens that stand for it, one after the other.

use serde_json::{Value, json};

use super::Broker;
use super::records::{AccessRecord, GrantRecord, RefreshRecord, Rotation, Successors};
use super::shelf::{Kept, put_until};
use crate::clock::Timestamp;
use crate::random;
use crate::seal::GrantKey;
use crate::token::{Token, TokenKind};
use crate::{Commit, Expect, Keyring, StoreError, Write};

/// A pair of tokens, not given to anybody before it is kept.
pub(crate) struct Pair {
    access: Token,
    refresh: Token,
    scopes: Vec<String>,
    /// When the access token runs out.
    expires: Timestamp,
}

impl Pair {
    /// The first of a grant.
    pub(crate) fn mint(broker: &Broker, scopes: Vec<String>) -> Self {
        let mint = |kind| Token::mint(kind, &broker.keyring);
        Self {
            access: mint(TokenKind::Access),
            refresh: mint(TokenKind::Refresh),
            scopes,
            expires: broker.clock.now().saturating_add(broker.access_ttl()),
        }
    }

    /// The one that follows a refresh token, the same however often it is asked for. None if the master key that it was
    /// made under is not at hand.
    pub(crate) fn after(keyring: &Keyring, token: &Token, next: &Successors) -> Option<Self> {
        let follow = |kind| token.next(kind, keyring, &next.kid, &next.salt);
        Some(Self {
            access: follow(TokenKind::Access)?,
            refresh: follow(TokenKind::Refresh)?,
            scopes: next.scopes.clone(),
            expires: next.expires,
        })
    }

    /// Keeps it, with other changes, if the grant is as it was found: who revokes it at the same moment has revoked
    /// this pair, too. `retires` is the locator of the refresh token before it.
    pub(crate) async fn keep(
        &self,
        broker: &Broker,
        (id, grant): (&str, &Kept<GrantRecord>),
        key: &GrantKey,
        retires: Option<&str>,
        mut writes: Vec<Write>,
    ) -> Result<Commit, StoreError> {
        let (shelf, keyring) = (&broker.shelf, &broker.keyring);
        let access = AccessRecord {
            grant: Some(id.to_owned()),
            client: grant.record.client.clone(),
            principal: grant.record.principal.clone(),
            scopes: self.scopes.clone(),
            wrapped: key.wrap(keyring, &self.access),
            retires: retires.map(str::to_owned),
        };
        let refresh = RefreshRecord {
            grant: id.to_owned(),
            client: grant.record.client.clone(),
            wrapped: key.wrap(keyring, &self.refresh),
            state: Rotation::Current,
            retires: retires.map(str::to_owned),
        };
        let (Some(at), Some(rt)) = (self.access.locator(keyring), self.refresh.locator(keyring)) else {
            // A token just made names a key that is there.
            return Err(StoreError("the master key is gone".to_owned()));
        };
        let life = seconds(broker.rules.refresh_ttl);
        writes.push(put_until(&at, &access, Some(id), self.expires, Expect::Absent));
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
            "expires_in": self.expires.saturating_sub(broker.clock.now()).max(0),
            "refresh_token": self.refresh.expose(),
            "scope": self.scopes.join(" "),
        })
    }
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
