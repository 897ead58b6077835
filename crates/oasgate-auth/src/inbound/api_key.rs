//! Keys of the API itself: each is tried by one call, if the operator has named one, and what came of it holds for a
//! while.
//!
//! Kept is a keyed hash of a key, and for as long as the verdict holds. Knows nothing of the call itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use moka::sync::Cache;

use super::Denied;
use super::familiar::Familiar;
use crate::auth::{Operations, Verified};
use crate::flight::Flights;
use crate::settings::{ApiKeys, Verification};
use crate::{Clock, Identity, Keyring, Parts, Presented, Secret, Timestamp};

/// Keys whose verdict is kept, of each kind: those that are made up do not drive out those that are good.
const KEPT: u64 = 10_000;
/// When to try again if the API does not say whether a key is good, in seconds.
const RETRY: u64 = 5;

/// The gate for API keys.
#[derive(Debug)]
pub(crate) struct KeyGate {
    /// None if keys are taken as they come, and the API decides.
    trial: Option<Trial>,
    keyring: Keyring,
    familiar: Arc<Familiar>,
}

/// How keys are tried, and what came of it.
#[derive(Debug)]
struct Trial {
    ttl: Timestamp,
    negative_ttl: Timestamp,
    operations: Arc<dyn Operations>,
    clock: Clock,
    good: Cache<String, (Option<String>, Timestamp)>,
    bad: Cache<String, Timestamp>,
    flights: Flights<Verified>,
}

impl KeyGate {
    pub(super) fn new(settings: &ApiKeys, parts: &Parts, familiar: Arc<Familiar>) -> Self {
        let trial = settings.verification.map(|verification| Trial::new(verification, parts));
        Self { trial, keyring: parts.keyring.clone(), familiar }
    }

    /// Who has this key. It matches the pattern, and is no token.
    pub(super) async fn identify(&self, key: Secret) -> Result<Identity, Denied> {
        let digest = self.digest(&key);
        let subject = match &self.trial {
            Some(trial) => trial.verify(&digest, &key).await?,
            None => None,
        };
        let principal = match subject {
            Some(subject) => format!("key-of {subject}"),
            None => format!("key {digest}"),
        };
        Ok(Identity::new(principal, Presented::ApiKey(key)))
    }

    /// Whether who got in here has been proven to have a key: else anybody could have made it up.
    pub(super) fn proves(&self) -> bool {
        self.trial.is_some()
    }

    /// Forgets that a key is good: the API has refused it since.
    pub(crate) fn forget(&self, key: &Secret) {
        if let Some(trial) = &self.trial {
            trial.good.invalidate(&self.digest(key));
        }
        self.familiar.forget(&self.familiar.name(key));
    }

    fn digest(&self, key: &Secret) -> String {
        self.keyring.digest("api key", key.expose())
    }
}

impl Trial {
    fn new(verification: Verification, parts: &Parts) -> Self {
        let seconds = |time: Duration| Timestamp::try_from(time.as_secs()).unwrap_or(Timestamp::MAX);
        Self {
            ttl: seconds(verification.ttl),
            negative_ttl: seconds(verification.negative_ttl),
            operations: Arc::clone(&parts.operations),
            clock: parts.clock.clone(),
            good: Cache::new(KEPT),
            bad: Cache::new(KEPT),
            flights: Flights::default(),
        }
    }

    async fn verify(&self, digest: &str, key: &Secret) -> Result<Option<String>, Denied> {
        let refused = || Denied::invalid("the API does not accept this key");
        let now = self.clock.now();
        if let Some((subject, until)) = self.good.get(digest)
            && now < until
        {
            return Ok(subject);
        }
        if self.bad.get(digest).is_some_and(|until| now < until) {
            return Err(refused());
        }
        let begin = || {
            let (operations, key) = (Arc::clone(&self.operations), key.clone());
            async move { operations.verify(&key).await }.boxed()
        };
        match self.flights.join(digest, begin).await {
            Verified::Good { subject } => {
                self.good.insert(digest.to_owned(), (subject.clone(), now.saturating_add(self.ttl)));
                Ok(subject)
            }
            Verified::Bad => {
                self.good.invalidate(digest);
                self.bad.insert(digest.to_owned(), now.saturating_add(self.negative_ttl));
                Err(refused())
            }
            Verified::Unknown(why) => {
                tracing::warn!(why, "the API did not say whether a key is good");
                Err(Denied::Later { retry_after: RETRY })
            }
        }
    }
}
