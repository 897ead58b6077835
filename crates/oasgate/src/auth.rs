//! Who calls, and what goes upstream for them: oasgate-auth, set up from the configuration and asked at every call.
//!
//! Owns what stands between the two: the scopes that operations need against those that tokens have, and the API as
//! something that tries credentials. How people sign in is oasgate-auth's; where a credential goes on a request is
//! [`crate::credential`]'s.

mod keeping;
mod operations;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use oasgate_auth::{
    Auth, Clock, Identity, Keyring, Memory, NoCredential, Parts, Presented, Replica, Secret, Store, Verdict,
    sweep_forever,
};
use oasgate_mcp::{Context, Key, Seal};
use oasgate_tools::{Catalog, SchemeUse};

use crate::config::{Config, Ground, Keeping, Prepared};
use crate::credential::{Placement, process};
use crate::exit::Failure;
use crate::fetch::Fetcher;
use crate::server::Server;

pub use keeping::{keyring, rotate, store};

use operations::Operations;

/// The asking of who calls. Clones are one.
#[derive(Debug, Clone)]
pub struct SignIn(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    public_url: String,
    auth: Arc<Auth>,
    store: Arc<dyn Store>,
    operations: Arc<Operations>,
    /// Where what callers have of their own goes; none if the API is called with everybody's.
    placement: Option<Placement>,
    /// The scopes that are asked for; others are the API's own business. None if all are asked for.
    scopes: Option<BTreeSet<String>>,
    /// This process among those that share the store; none if it is the only one.
    replica: Option<Replica>,
    seal: Seal,
}

impl SignIn {
    /// Sets it up as a configuration says; none if it lets everybody in.
    ///
    /// # Errors
    /// Whatever is wrong with the configuration, its secrets, or the store.
    pub async fn open(config: &Config, title: &str, catalog: &Catalog) -> Result<Option<Self>, Failure> {
        let Some(prepared) = prepared(config, title, catalog)? else { return Ok(None) };
        let clock = Clock::system();
        let store = store(&prepared.keeping, clock.clone()).await?;
        let keyring = keyring(&prepared.keys)?;
        Self::with(prepared, store, keyring, clock, catalog).map(Some)
    }

    /// The same, and nothing is made, opened or kept: to find out what is wrong.
    ///
    /// # Errors
    /// As [`SignIn::open`], but for the store's.
    pub fn rehearse(config: &Config, title: &str, catalog: &Catalog) -> Result<Option<Self>, Failure> {
        let Some(prepared) = prepared(config, title, catalog)? else { return Ok(None) };
        let clock = Clock::system();
        let store: Arc<dyn Store> = Arc::new(Memory::new(clock.clone()));
        let keyring = keeping::as_it_is(&prepared.keys)?;
        Self::with(prepared, store, keyring, clock, catalog).map(Some)
    }

    fn with(
        prepared: Prepared,
        store: Arc<dyn Store>,
        keyring: Keyring,
        clock: Clock,
        catalog: &Catalog,
    ) -> Result<Self, Failure> {
        let operations = Arc::new(Operations::new(prepared.trial, prepared.removal, catalog)?);
        let placement = prepared.settings.is_callers().then_some(prepared.placement);
        let scopes = prepared.settings.demanded_scopes();
        let public_url = prepared.settings.public_url.resource().to_owned();
        let setup = |error: &dyn std::fmt::Display| Failure::Setup(error.to_string());
        let is_shared = matches!(prepared.keeping, Keeping::Postgres(_));
        let replica = is_shared.then(|| Replica::new(&keyring, clock.clone()));
        let seal = Seal::new(Key::new(keyring.key_for("what travels through clients")));
        let parts = Parts {
            store: Arc::clone(&store),
            keyring,
            clock,
            strangers: Fetcher::strangers().map_err(|error| setup(&error))?,
            operator: Fetcher::operator(prepared.private_providers).map_err(|error| setup(&error))?,
            operations: Arc::<Operations>::clone(&operations),
        };
        let auth = Auth::new(prepared.settings, parts).map_err(|error| Failure::Usage(error.to_string()))?;
        let inner = Inner { public_url, auth, store, operations, placement, scopes, replica, seal };
        Ok(Self(Arc::new(inner)))
    }

    /// Begins: credentials are tried with what `server` offers from now on, other replicas are told what this one has, what
    /// is past its time is removed, and whether the documents of clients can be fetched is tried now and again.
    ///
    /// # Errors
    /// Beside the other replicas this one would sign users out.
    pub async fn begin(&self, server: &Arc<Server>) -> Result<(), Failure> {
        let Inner { operations, store, replica, auth, .. } = &*self.0;
        operations.begin(server);
        if let Some(replica) = replica {
            join(replica, store, server).await?;
        }
        let (store, auth) = (Arc::clone(store), Arc::clone(auth));
        tokio::spawn(async move { match sweep_forever(store.as_ref()).await {} });
        tokio::spawn(async move { auth.watch().await });
        Ok(())
    }

    /// Ends: other replicas are told.
    pub async fn end(&self) {
        if let Some(replica) = &self.0.replica {
            replica.leave(self.0.store.as_ref()).await;
        }
    }

    /// How what travels through clients is sealed: by a key that all replicas have.
    #[must_use]
    pub fn seal(&self) -> Seal {
        self.0.seal.clone()
    }

    /// The endpoint behind the question who calls.
    pub fn protect(&self, endpoint: Router) -> Router {
        self.0.auth.protect(endpoint)
    }

    /// What stands beside the endpoint: metadata, and the pages and endpoints for signing in.
    pub fn router(&self) -> Router {
        self.0.auth.router()
    }

    /// Whether a path is one of those that [`SignIn::router`] has.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.0.auth.has(path)
    }

    /// Where the endpoint is for clients.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Where what callers have of their own goes, if they do.
    #[must_use]
    pub fn placement(&self) -> Option<&Placement> {
        self.0.placement.as_ref()
    }

    /// What goes upstream for somebody. None if that is everybody's.
    ///
    /// # Errors
    /// [`NoCredential`]; if only signing in again helps, the client is told so.
    pub async fn credential(&self, identity: &Identity) -> Result<Option<Secret>, NoCredential> {
        let credential = self.0.auth.credential(identity).await;
        credential.inspect_err(|error| judge(identity, error))
    }

    /// What goes upstream instead of what the API has just refused. None if there is nothing else.
    ///
    /// # Errors
    /// As [`SignIn::credential`].
    pub async fn renewed(
        &self,
        identity: &Identity,
        refused: &Secret,
    ) -> Result<Option<Secret>, NoCredential> {
        let credential =
            self.0.auth.renewed(identity, refused).await.inspect_err(|error| judge(identity, error))?;
        // A key is the caller's own affair; what was granted here is gone.
        if credential.is_none() && matches!(identity.presented, Presented::Grant { .. }) {
            identity.judge(Verdict::SignInAgain);
        }
        Ok(credential)
    }

    /// The API has refused what it was sent after it had refused another, too. Where a credential can be tried, that tells
    /// whether it is the operation that refuses; else what was granted is good for nothing. Then it ends, and the client is
    /// told to sign in again.
    pub async fn refused_again(&self, identity: &Identity, fresh: &Secret) {
        let has_grant = matches!(identity.presented, Presented::Grant { .. });
        if has_grant && !self.0.operations.may_be_good(fresh).await {
            self.0.auth.end(identity).await;
            identity.judge(Verdict::SignInAgain);
        }
    }

    /// The scopes that a call needs and its caller lacks a part of: all of them, so that they are asked for once. None if
    /// one of the alternatives is had. The client is told.
    #[must_use]
    pub fn lacking(&self, identity: &Identity, security: &[Vec<SchemeUse>]) -> Option<Vec<String>> {
        if security.iter().any(|schemes| identity.lacks(self.0.demanded(schemes)).is_empty()) {
            return None;
        }
        let needed: Vec<String> = self.0.demanded(security.first()?).map(str::to_owned).collect();
        identity.judge(Verdict::NeedsScopes(needed.clone()));
        Some(needed)
    }
}

impl Inner {
    /// The scopes that are asked for of those that these schemes need.
    fn demanded<'s>(&self, schemes: &'s [SchemeUse]) -> impl Iterator<Item = &'s str> {
        let all = schemes.iter().flat_map(|scheme| &scheme.scopes);
        let is_demanded = |scope: &&String| self.scopes.as_ref().is_none_or(|scopes| scopes.contains(*scope));
        all.filter(is_demanded).map(String::as_str)
    }
}

/// What a configuration says of who may call; none if it lets everybody in.
///
/// # Errors
/// Whatever is wrong with it, or with its secrets.
pub fn prepared(config: &Config, title: &str, catalog: &Catalog) -> Result<Option<Prepared>, Failure> {
    let needed = needed(catalog);
    let operations = catalog.tools().len();
    let ground = Ground { variables: &process, title, scopes: &needed, operations };
    Ok(config.prepare(&ground)?)
}

/// Who sent a request, if that was asked.
#[must_use]
pub fn identity(context: &Context) -> Option<&Arc<Identity>> {
    context.http.as_ref()?.extensions.get()
}

/// Takes a replica's place among the others, and stays.
async fn join(replica: &Replica, store: &Arc<dyn Store>, server: &Arc<Server>) -> Result<(), Failure> {
    let differences = replica.compare(store.as_ref(), server.offer().digest()).await;
    let differences = differences.map_err(|error| Failure::Setup(error.to_string()))?;
    if let Some(fatal) = differences.iter().find(|difference| difference.is_fatal()) {
        replica.leave(store.as_ref()).await;
        let message = format!("{fatal}; one that was killed is no longer counted after three minutes");
        return Err(Failure::Setup(message));
    }
    let (replica, store, server) = (replica.clone(), Arc::clone(store), Arc::clone(server));
    let offer = move || server.offer().digest().to_owned();
    tokio::spawn(async move { match replica.stay(store.as_ref(), offer).await {} });
    Ok(())
}

fn judge(identity: &Identity, error: &NoCredential) {
    if *error == NoCredential::SignInAgain {
        identity.judge(Verdict::SignInAgain);
    }
}

/// The scopes that operations need, and how many need each.
fn needed(catalog: &Catalog) -> BTreeMap<String, usize> {
    let mut needed = BTreeMap::new();
    for tool in catalog.tools() {
        let scopes: BTreeSet<&String> =
            tool.plan.security.iter().flatten().flat_map(|scheme| &scheme.scopes).collect();
        for scope in scopes {
            *needed.entry(scope.clone()).or_default() += 1;
        }
    }
    needed
}
