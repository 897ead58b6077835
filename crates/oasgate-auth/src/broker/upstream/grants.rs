//! What goes upstream for who calls: found by the access token, which alone opens it.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Held, Use, failed};
use crate::auth::NoCredential;
use crate::broker::error::STORE_RETRY;
use crate::broker::{Broker, access};
use crate::outbound::Grants;
use crate::seal::GrantKey;
use crate::token::{Token, TokenKind};
use crate::{Identity, Presented, Secret};

impl Grants for Broker {
    fn credential<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Secret, NoCredential>> {
        Box::pin(async move {
            let (id, key, sealed) = self.unlock(identity).await?;
            let held = Held::open(&key, &id, &sealed).ok_or(NoCredential::SignInAgain)?;
            match held.usable(self.clock.now(), None) {
                Use::Now(secret) => Ok(secret),
                Use::Renew(_) | Use::Over => self.current(&id, &key, None).await,
            }
        })
    }

    fn renewed<'a>(
        &'a self,
        identity: &'a Identity,
        refused: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>, NoCredential>> {
        Box::pin(async move {
            let (id, key, _) = self.unlock(identity).await?;
            match self.current(&id, &key, Some(refused)).await {
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

    async fn unlock(&self, identity: &Identity) -> Result<(String, GrantKey, Vec<u8>), NoCredential> {
        let impossible =
            NoCredential::Impossible("this client acts for itself: nobody has signed in to the API");
        let Presented::Grant { token, .. } = &identity.presented else { return Err(impossible) };
        let token = Token::parse(token.expose()).filter(|token| token.kind() == TokenKind::Access);
        let token = token.ok_or(NoCredential::SignInAgain)?;
        let seen = access::look_up(self, &token)
            .await
            .map_err(|error| failed(&error))?
            .ok_or(NoCredential::SignInAgain)?;
        let (Some(id), Some(grant)) = (&seen.access.grant, &seen.grant) else {
            return Err(impossible);
        };
        let key = GrantKey::unwrap(&self.keyring, &token, &seen.access.wrapped);
        Ok((id.clone(), key.ok_or(NoCredential::SignInAgain)?, grant.upstream.clone()))
    }
}
