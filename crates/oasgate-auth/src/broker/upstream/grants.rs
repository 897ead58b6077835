//! What goes upstream for who calls: found by the access token, which alone opens it.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Use, failed};
use crate::auth::NoCredential;
use crate::broker::access::{self, Seen};
use crate::broker::error::STORE_RETRY;
use crate::broker::{Broker, ending};
use crate::outbound::Grants;
use crate::seal::GrantKey;
use crate::{Identity, Presented, Secret};

impl Grants for Broker {
    fn credential<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Secret, NoCredential>> {
        Box::pin(async move {
            let (id, token, seen) = self.seen(identity).await?;
            let (key, held) = seen.open(&self.keyring, token).ok_or(NoCredential::SignInAgain)?;
            match held.usable(self.clock.now(), None) {
                Use::Now(secret) => Ok(secret),
                Use::Renew(_) | Use::Over => self.current(id, key, None).await,
            }
        })
    }

    fn renewed<'a>(
        &'a self,
        identity: &'a Identity,
        refused: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>, NoCredential>> {
        Box::pin(async move {
            let (id, token, seen) = self.seen(identity).await?;
            let (key, _) = seen.open(&self.keyring, token).ok_or(NoCredential::SignInAgain)?;
            match self.current(id, key, Some(refused)).await {
                Ok(secret) => Ok(Some(secret)),
                Err(NoCredential::SignInAgain) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}

impl Broker {
    /// What goes upstream for a grant, good for a while.
    ///
    /// In a task of its own, which is waited for: a client that goes away must not take with it the answer in which a
    /// provider has replaced its refresh token.
    ///
    /// # Errors
    /// [`NoCredential`]
    pub(crate) async fn current(
        &self,
        id: &str,
        key: &GrantKey,
        refused: Option<&Secret>,
    ) -> Result<Secret, NoCredential> {
        let (upstream, id, key, refused) =
            (Arc::clone(&self.upstream), id.to_owned(), key.clone(), refused.cloned());
        let task = tokio::spawn(async move { upstream.current(&id, &key, refused.as_ref()).await });
        task.await.unwrap_or(Err(NoCredential::Later { retry_after: STORE_RETRY }))
    }

    /// Ends the grant behind a caller, if there is one.
    pub(crate) async fn give_up(&self, identity: &Identity) {
        let Ok((id, token, seen)) = self.seen(identity).await else { return };
        let key = seen.open(&self.keyring, token).map(|(key, _)| key.clone());
        match ending::end(self, id, key).await {
            Ok(()) => tracing::info!(grant = id, "the API takes nothing of a grant; it is removed"),
            Err(error) => tracing::error!(%error, "the store failed"),
        }
    }

    /// The grant behind a caller, the token that opens it, and what is known of that.
    async fn seen<'i>(
        &self,
        identity: &'i Identity,
    ) -> Result<(&'i str, &'i Secret, Arc<Seen>), NoCredential> {
        let (Presented::Grant { grant, token }, Some(locator)) = (&identity.presented, &identity.locator)
        else {
            let why = "this client acts for itself: nobody has signed in to the API";
            return Err(NoCredential::Impossible(why));
        };
        let seen = access::look_up(self, locator).await.map_err(|error| failed(&error))?;
        Ok((grant, token, seen.ok_or(NoCredential::SignInAgain)?))
    }
}
