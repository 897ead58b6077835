//! The public keys of an issuer, where it keeps them: fetched when a token needs one that is not at hand.
//!
//! What is at hand is used without waiting. An issuer that hangs makes those wait who bring its tokens, once in a while,
//! and nobody else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, StatusCode};

use super::{Discovery, LIMITS, ProviderError};
use crate::flight::Flights;
use crate::jwt::KeySet;
use crate::settings::Issuer;
use crate::{Clock, Fetch, Timestamp};

/// How long keys are used without looking for new ones, in seconds: so long may a key be used that its issuer has
/// withdrawn.
const FRESH: Timestamp = 600;
/// How long keys are used if the issuer gives none, in seconds.
const STALE: Timestamp = 24 * 3600;
/// How often an unknown key is looked for, in seconds: anybody can name one.
const MISS: Timestamp = 30;
/// How long an issuer that gave none is not asked again, in seconds.
const REST: Timestamp = 5;

/// The keys of one issuer.
#[derive(Debug)]
pub(crate) struct RemoteKeys {
    source: Arc<Source>,
    clock: Clock,
    state: Arc<Mutex<State>>,
    flights: Flights<Result<Arc<KeySet>, ProviderError>>,
}

#[derive(Debug)]
struct Source {
    uri: Option<String>,
    discovery: Discovery,
    fetch: Arc<dyn Fetch>,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<(Arc<KeySet>, Timestamp)>,
    failed: Option<(ProviderError, Timestamp)>,
}

impl RemoteKeys {
    pub(crate) fn new(issuer: &Issuer, fetch: &Arc<dyn Fetch>, clock: &Clock) -> Self {
        let source = Source {
            uri: issuer.jwks_uri.clone(),
            discovery: Discovery::new(&issuer.issuer, Arc::clone(fetch), clock.clone()),
            fetch: Arc::clone(fetch),
        };
        Self {
            source: Arc::new(source),
            clock: clock.clone(),
            state: Arc::default(),
            flights: Flights::default(),
        }
    }

    /// The keys at this URL.
    pub(crate) fn at(url: &str, fetch: &Arc<dyn Fetch>, clock: &Clock) -> Self {
        let issuer = Issuer {
            issuer: String::new(),
            audience: None,
            jwks_uri: Some(url.to_owned()),
            algorithms: Vec::new(),
            subject_claim: None,
        };
        Self::new(&issuer, fetch, clock)
    }

    /// The issuer's keys, the one of this name among them if it has it.
    ///
    /// # Errors
    /// There are none at hand, and none can be had.
    pub(crate) async fn having(&self, kid: Option<&str>) -> Result<Arc<KeySet>, ProviderError> {
        if let Some(known) = self.state().answer(kid, self.clock.now()) {
            return known;
        }
        let (source, clock, state) = (Arc::clone(&self.source), self.clock.clone(), Arc::clone(&self.state));
        let begin = || {
            async move {
                let found = source.keys().await;
                state.lock().unwrap_or_else(PoisonError::into_inner).learn(found, clock.now())
            }
            .boxed()
        };
        self.flights.join("", begin).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    async fn keys(&self) -> Result<KeySet, ProviderError> {
        let uri = if let Some(uri) = &self.uri {
            uri.clone()
        } else {
            let metadata = self.discovery.metadata().await?;
            metadata.jwks_uri.clone().ok_or(ProviderError::Unusable("its metadata has no `jwks_uri`"))?
        };
        let request = Request::get(uri)
            .header("accept", "application/jwk-set+json, application/json")
            .body(Bytes::new());
        let request = request.map_err(|_| ProviderError::Unusable("its `jwks_uri` is no URL"))?;
        let answer = self.fetch.fetch(request, LIMITS).await.map_err(|_| ProviderError::later())?;
        if answer.status() != StatusCode::OK {
            return Err(ProviderError::of(&answer));
        }
        KeySet::parse(answer.body()).ok_or(ProviderError::Unusable("what is at its `jwks_uri` is no JWK set"))
    }
}

impl State {
    /// What can be said without asking.
    fn answer(&self, kid: Option<&str>, now: Timestamp) -> Option<Result<Arc<KeySet>, ProviderError>> {
        let rests = self.failed.as_ref().filter(|(_, at)| now - at < REST);
        match (&self.keys, rests) {
            (Some((keys, at)), rests) if now - at < STALE => {
                let patience = if keys.has(kid) { FRESH } else { MISS };
                (now - at < patience || rests.is_some()).then(|| Ok(Arc::clone(keys)))
            }
            (_, Some((error, _))) => Some(Err(error.clone())),
            (_, None) => None,
        }
    }

    fn learn(
        &mut self,
        found: Result<KeySet, ProviderError>,
        now: Timestamp,
    ) -> Result<Arc<KeySet>, ProviderError> {
        match found {
            Ok(found) => {
                let found = Arc::new(found);
                *self = Self { keys: Some((Arc::clone(&found), now)), failed: None };
                Ok(found)
            }
            Err(error) => {
                tracing::warn!(%error, "the keys of an issuer cannot be had");
                self.failed = Some((error.clone(), now));
                let keys = self.keys.as_ref().filter(|(_, at)| now - at < STALE);
                keys.map(|(keys, _)| Arc::clone(keys)).ok_or(error)
            }
        }
    }
}
