//! The front of the crate: what the program sets up once, asks at every request and every call, and serves beside the
//! MCP endpoint.
//!
//! Owns the order in which the parts are asked. What a token, a key or a grant is, the parts know.

mod cors;
mod guard;
mod metadata;
mod parts;
mod routes;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub use parts::{NoCredential, Operations, Parts, SetupError, Verified};

use crate::broker::Broker;
use crate::inbound::{AccessTokens, Inbound};
use crate::limits::Limiter;
use crate::outbound::{Grants, Outbound};
use crate::settings::Settings;
use crate::{Identity, Secret};

/// Who calls, and what goes upstream for them.
#[derive(Debug)]
pub struct Auth {
    settings: Arc<Settings>,
    inbound: Inbound,
    outbound: Outbound,
    broker: Option<Arc<Broker>>,
    limiter: Limiter,
}

impl Auth {
    /// By these settings, with these parts.
    ///
    /// # Errors
    /// The settings contradict each other, or lack something: the operator's to mend.
    pub fn new(settings: Settings, parts: Parts) -> Result<Arc<Self>, SetupError> {
        routes::are_routable(&settings)?;
        let settings = Arc::new(settings);
        let rules = settings.inbound.broker.as_ref();
        let broker = rules.map(|rules| Broker::new(&settings, rules, &parts)).transpose()?.map(Arc::new);
        let tokens = broker.clone().map(|broker| broker as Arc<dyn AccessTokens>);
        let grants = broker.clone().map(|broker| broker as Arc<dyn Grants>);
        let inbound = Inbound::new(&settings, &parts, tokens)?;
        Ok(Arc::new(Self {
            outbound: Outbound::new(&settings, &parts, inbound.keys(), grants)?,
            limiter: Limiter::new(settings.limits, parts.clock),
            settings,
            inbound,
            broker,
        }))
    }

    /// Every endpoint beside the MCP endpoint: metadata, those of the broker, and 404 where clients look for either and
    /// there is none, so that they see at once how things are here.
    pub fn router(self: &Arc<Self>) -> Router {
        routes::router(self)
    }

    /// Whether a path is one of those that [`Auth::router`] has: nothing else can be there.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        routes::has(self, path)
    }

    /// Watches what changes by itself, for as long as it is waited for: whether the documents of clients can be fetched.
    /// Until it has begun, clients are told that they cannot, unless all of them are at hand.
    pub async fn watch(&self) {
        if let Some(broker) = &self.broker {
            broker.reach.watch().await;
        }
    }

    /// A layer around the MCP endpoint. A request gets in with its `Arc<Identity>` among its extensions, or it gets 401,
    /// 403, 400, 429 or 503; what a call finds out about it afterwards ([`Identity::judge`]) becomes its answer. Where
    /// nobody has to say who they are, everybody gets in, without an identity.
    pub fn protect(self: &Arc<Self>, router: Router) -> Router {
        if !self.settings.inbound.is_on() {
            return router;
        }
        router.layer(from_fn_with_state(Arc::clone(self), guard::guard))
    }

    /// What goes upstream for a caller; none if the program has it, the same for everybody.
    ///
    /// # Errors
    /// There is nothing, now or at all.
    pub async fn credential(&self, identity: &Identity) -> Result<Option<Secret>, NoCredential> {
        self.outbound.credential(identity).await
    }

    /// Another credential, after the API has answered 401 to `refused`; none if there is none, and what the caller has
    /// been granted is gone: then it must sign in again. A credential that was got here is not renewed once more.
    ///
    /// # Errors
    /// There is nothing, now or at all.
    pub async fn renewed(
        &self,
        identity: &Identity,
        refused: &Secret,
    ) -> Result<Option<Secret>, NoCredential> {
        self.outbound.renewed(identity, refused).await
    }

    /// Ends what was granted to a caller, if anything was: the API takes nothing of it.
    pub async fn end(&self, identity: &Identity) {
        if let Some(broker) = &self.broker {
            broker.give_up(identity).await;
        }
    }
}
