//! What each master key is still needed for, so that an operator knows when an old one can go.
//!
//! Nothing is ever sealed anew for its own sake. Every record that depends on a master key depends on a token that was
//! made under that key as well, and a token is replaced by one of the newest key whenever it is refreshed: once the newest
//! key has been in use for as long as a grant may rest, no token names an older one. Client secrets do not run out, and
//! are what may be left: their clients have to register again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Keyring;
use crate::keyring::KID_LENGTH;
use crate::records::{Record, RecordKind};
use crate::store::{Entry, Store, StoreError};

#[cfg(test)]
mod tests;

/// The records that are looked at together.
const PAGE: usize = 500;

/// A master key, and what it is needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// Its identifier.
    pub kid: String,
    /// Whether it is at hand. What needs one that is not is lost, unless that key comes back.
    pub is_present: bool,
    /// Whether it is the one that new tokens are made under.
    pub is_newest: bool,
    /// How many access tokens name it.
    pub access_tokens: u64,
    /// How many refresh tokens name it: about as many users are signed in with its help.
    pub refresh_tokens: u64,
    /// How many codes and sign-ins under way name it. They are gone in minutes.
    pub sign_ins: u64,
    /// How many secrets of registered clients name it.
    pub client_secrets: u64,
}

impl KeyUse {
    /// Whether nothing is lost without it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.access_tokens + self.refresh_tokens + self.sign_ins + self.client_secrets == 0
    }
}

/// Looks through a store. The keys at hand come first, newest first; then those that are missed.
///
/// # Errors
/// The store cannot be read.
pub async fn keys_in_use(store: &dyn Store, keyring: &Keyring) -> Result<Vec<KeyUse>, StoreError> {
    let kids = keyring.kids();
    let at_hand = |kid: &str| KeyUse::none(kid, true, kid == keyring.newest());
    let mut keys: Vec<KeyUse> = kids.iter().map(|kid| at_hand(kid)).collect();
    let mut missed: BTreeMap<String, KeyUse> = BTreeMap::new();
    for kind in
        [RecordKind::Access, RecordKind::Refresh, RecordKind::Code, RecordKind::Txn, RecordKind::Client]
    {
        let mut after = String::new();
        loop {
            let page = store.list(kind.prefix(), &after, PAGE).await?;
            for (key, entry) in &page {
                let Some(kid) = kid_of(kind, key, entry) else { continue };
                let known = keys.iter_mut().find(|key| key.kid == kid);
                known
                    .unwrap_or_else(|| missed.entry(kid.clone()).or_insert(KeyUse::none(&kid, false, false)))
                    .add(kind);
            }
            match page.into_iter().next_back() {
                Some((last, _)) => after = last,
                None => break,
            }
        }
    }
    keys.extend(missed.into_values());
    Ok(keys)
}

impl KeyUse {
    fn none(kid: &str, is_present: bool, is_newest: bool) -> Self {
        let kid = kid.to_owned();
        Self {
            kid,
            is_present,
            is_newest,
            access_tokens: 0,
            refresh_tokens: 0,
            sign_ins: 0,
            client_secrets: 0,
        }
    }

    fn add(&mut self, kind: RecordKind) {
        *match kind {
            RecordKind::Access => &mut self.access_tokens,
            RecordKind::Refresh => &mut self.refresh_tokens,
            RecordKind::Client => &mut self.client_secrets,
            _ => &mut self.sign_ins,
        } += 1;
    }
}

/// The key that a record depends on: a locator begins with it.
fn kid_of(kind: RecordKind, key: &str, entry: &Entry) -> Option<String> {
    let client = || Some(Secretive::decode(&entry.value)?.secret);
    let locator = if kind == RecordKind::Client {
        client()?
    } else {
        Some(key.strip_prefix(kind.prefix())?.to_owned())
    };
    Some(locator?.split_at_checked(KID_LENGTH)?.0.to_owned())
}

/// What of a client matters here: a part of what the broker writes.
#[derive(Serialize, Deserialize)]
struct Secretive {
    /// The locator of its secret.
    secret: Option<String>,
}

impl Record for Secretive {
    const KIND: RecordKind = RecordKind::Client;
}
