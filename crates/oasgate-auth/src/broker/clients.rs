//! Which clients there are: the operator's, those with a document at their URL, and those that have registered.

use std::sync::Arc;

use super::cimd::Documents;
use super::client::{Client, Proof, Voucher};
use super::error::OAuthError;
use super::records::ClientRecord;
use super::redirect::RedirectRules;
use super::shelf::{Kept, Shelf, put_until};
use crate::auth::Parts;
use crate::clock::{Clock, Timestamp};
use crate::provider::RemoteKeys;
use crate::settings::{self, MachineClients};
use crate::{Expect, StoreError, Write};

/// How long a registration lives after its last use.
const LIFE: Timestamp = 90 * 86_400;
/// How often it is noted that one is used, and how long one lives by which nobody has signed in: anybody can register.
const DAY: Timestamp = 86_400;

/// All clients.
#[derive(Debug)]
pub(crate) struct Clients {
    operators: std::collections::BTreeMap<String, MachineClients>,
    documents: Documents,
    shelf: Shelf,
    clock: Clock,
}

impl Clients {
    pub(crate) fn new(
        rules: &settings::Broker,
        redirects: RedirectRules,
        shelf: Shelf,
        parts: &Parts,
    ) -> Self {
        let (strangers, clock) = (Arc::clone(&parts.strangers), parts.clock.clone());
        let documents =
            Documents::new(rules.cimd.clone(), redirects, strangers, shelf.clone(), clock.clone());
        Self { operators: rules.clients.clone(), documents, shelf, clock }
    }

    /// A client, by its identifier.
    ///
    /// # Errors
    /// It names a document that is not good, or the store fails.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Client>, OAuthError> {
        if let Some(client) = self.operators.get(id) {
            return Ok(Some(configured(id, client)));
        }
        if self.documents.is_url(id) {
            return self.documents.find(id).await.map(Some);
        }
        // What cannot be one of our identifiers is not asked for.
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let Some(kept) = self.shelf.find::<ClientRecord>(id).await? else { return Ok(None) };
        if kept.record.used {
            self.renew(id, &kept).await?;
        }
        Ok(Some(registered(id, kept.record)))
    }

    /// The keys of a client that has them at a URL.
    ///
    /// # Errors
    /// Keys are not fetched from there.
    pub(crate) fn keys_at(&self, url: &str) -> Result<Arc<RemoteKeys>, OAuthError> {
        self.documents.keys_at(url)
    }

    /// Keeps a registration.
    pub(crate) async fn keep(&self, id: &str, record: &ClientRecord) -> Result<(), StoreError> {
        let write = self.shelf.put(id, record, None, DAY, Expect::Absent);
        self.shelf.commit(vec![write]).await.map(drop)
    }

    /// Notes that somebody has signed in by a client.
    pub(crate) async fn used(&self, client: &Client) -> Result<(), StoreError> {
        if client.voucher != Voucher::Nobody {
            return Ok(());
        }
        match self.shelf.find::<ClientRecord>(&client.id).await? {
            Some(kept) => self.renew(&client.id, &kept).await,
            None => Ok(()),
        }
    }

    /// Lets a registration live on. Who loses a race here has nothing to do any more.
    async fn renew(&self, id: &str, kept: &Kept<ClientRecord>) -> Result<(), StoreError> {
        let until = self.clock.now().saturating_add(LIFE);
        if kept.record.used && kept.expires.saturating_add(DAY) > until {
            return Ok(());
        }
        let used = ClientRecord { used: true, ..kept.record.clone() };
        let write: Write = put_until(id, &used, None, until, kept.unchanged());
        self.shelf.commit(vec![write]).await.map(drop)
    }
}

fn configured(id: &str, client: &MachineClients) -> Client {
    let proof = match (&client.secret, &client.jwks) {
        (Some(secret), _) => Proof::Secret(secret.clone()),
        (None, Some(jwks)) => Proof::Keys(super::client::Keys::Set(jwks.clone())),
        (None, None) => Proof::None,
    };
    Client {
        id: id.into(),
        name: Some(client.name.clone()),
        redirect_uris: client.redirect_uris.clone(),
        // Whoever acts for itself must prove that it is itself.
        machine_scopes: (client.client_credentials && !matches!(proof, Proof::None))
            .then(|| client.scopes.clone()),
        proof,
        voucher: Voucher::Operator,
    }
}

fn registered(id: &str, record: ClientRecord) -> Client {
    Client {
        id: id.into(),
        name: record.name,
        redirect_uris: record.redirect_uris,
        proof: match (record.secret, record.keys) {
            (Some(locator), _) => Proof::Locator(locator),
            (None, Some(keys)) => Proof::Keys(keys),
            (None, None) => Proof::None,
        },
        voucher: Voucher::Nobody,
        machine_scopes: None,
    }
}
