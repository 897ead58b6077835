//! Tokens that are held as long as they are good, so that a call need not wait for one.
//!
//! Of all who need the same token one asks for it. A token that the API refuses is replaced once: if the next one is
//! refused, too, it is not for want of a fresh token.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use moka::sync::Cache;

use crate::flight::Flights;
use crate::provider::{ProviderError, Tokens};
use crate::random;
use crate::{Clock, Secret, Timestamp};

const KEPT: u64 = 8192;
/// How long before its end a token is no longer used, in seconds: it must survive the way to the API.
const MARGIN: Timestamp = 30;
/// How long a token is good for that does not say so, in seconds.
const UNSAID: Timestamp = 300;
/// How long a token that has replaced a refused one is not replaced itself, in seconds.
const ONCE: Timestamp = 60;

/// Tokens, by what they stand for.
#[derive(Debug)]
pub(super) struct Held {
    tokens: Arc<Cache<String, One>>,
    clock: Clock,
    flights: Flights<Result<One, ProviderError>>,
}

#[derive(Debug, Clone)]
struct One {
    token: Secret,
    until: Timestamp,
    /// When it has replaced one that was refused.
    replaced: Option<Timestamp>,
}

impl Held {
    pub(super) fn new(clock: Clock) -> Self {
        Self { tokens: Arc::new(Cache::new(KEPT)), clock, flights: Flights::default() }
    }

    /// The token that stands for this, or the one that is asked for now.
    pub(super) async fn get(
        &self,
        stands_for: &str,
        ask: impl FnOnce() -> BoxFuture<'static, Result<Tokens, ProviderError>>,
    ) -> Result<Secret, ProviderError> {
        let key = key(stands_for);
        match self.tokens.get(&key).filter(|held| self.clock.now() < held.until) {
            Some(held) => Ok(held.token),
            None => self.fetch(key, None, ask).await,
        }
    }

    /// Another token than the one that was refused. None if that one was another already.
    pub(super) async fn renew(
        &self,
        stands_for: &str,
        refused: &Secret,
        ask: impl FnOnce() -> BoxFuture<'static, Result<Tokens, ProviderError>>,
    ) -> Result<Option<Secret>, ProviderError> {
        let (key, now) = (key(stands_for), self.clock.now());
        if let Some(held) = self.tokens.get(&key) {
            if held.token.expose() != refused.expose() && now < held.until {
                return Ok(Some(held.token));
            }
            if held.replaced.is_some_and(|at| now - at < ONCE) {
                return Ok(None);
            }
        }
        let fresh = self.fetch(key, Some(now), ask).await?;
        // Some give the same token again as long as it is good.
        Ok((fresh.expose() != refused.expose()).then_some(fresh))
    }

    async fn fetch(
        &self,
        key: String,
        replaced: Option<Timestamp>,
        ask: impl FnOnce() -> BoxFuture<'static, Result<Tokens, ProviderError>>,
    ) -> Result<Secret, ProviderError> {
        let begin = || {
            let (tokens, clock, key, asked) =
                (Arc::clone(&self.tokens), self.clock.clone(), key.clone(), ask());
            async move {
                let begun = clock.now();
                let Tokens { access_token: token, expires_in, .. } = asked.await?;
                let good =
                    expires_in.map_or(UNSAID, |told| Timestamp::try_from(told).unwrap_or(Timestamp::MAX));
                let until = begun.saturating_add(good.saturating_sub(MARGIN));
                let one = One { token, until, replaced };
                tokens.insert(key, one.clone());
                Ok(one)
            }
            .boxed()
        };
        Ok(self.flights.join(&key, begin).await?.token)
    }
}

/// What a token stands for may be a secret itself.
fn key(stands_for: &str) -> String {
    random::sha256(stands_for)
}
