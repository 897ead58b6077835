//! What a user has got for us at sign-in, and whether it is still good.

use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Secret;
use crate::clock::Timestamp;
use crate::seal::GrantKey;

/// Tokens or a key. Only ever written sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Held {
    /// Tokens of another authorization server.
    Tokens {
        #[serde(serialize_with = "write", deserialize_with = "read")]
        access: Secret,
        #[serde(serialize_with = "write_any", deserialize_with = "read_any", default)]
        refresh: Option<Secret>,
        /// When the access token runs out, if that is known.
        expires: Option<Timestamp>,
    },
    /// A key of the API.
    Key {
        #[serde(serialize_with = "write", deserialize_with = "read")]
        credential: Secret,
        /// What it is called where it can be deleted.
        key_id: Option<String>,
        /// When it runs out, if it does.
        expires: Option<Timestamp>,
    },
}

/// What can be done with it.
#[derive(Debug)]
pub(crate) enum Use {
    /// It goes upstream as it is.
    Now(Secret),
    /// It must be renewed first; until it has run out, it does without.
    Renew(Option<Secret>),
    /// Nothing.
    Over,
}

/// How long before its end a token is renewed, in seconds: calls take time, and clocks differ.
const MARGIN: Timestamp = 30;

impl Held {
    /// Seals it for a grant.
    pub(crate) fn seal(&self, key: &GrantKey, grant: &str) -> Vec<u8> {
        // It has nothing that JSON cannot hold.
        let plain = Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        key.seal(&about(grant), &plain)
    }

    /// Opens it. None if it was sealed for another grant, or by another key.
    pub(crate) fn open(key: &GrantKey, grant: &str, sealed: &[u8]) -> Option<Self> {
        serde_json::from_slice(&key.open(&about(grant), sealed)?).ok()
    }

    /// What can be done with it, after the API has refused `refused`.
    pub(crate) fn usable(&self, now: Timestamp, refused: Option<&Secret>) -> Use {
        let is_refused = |own: &Secret| refused.is_some_and(|refused| refused.expose() == own.expose());
        let lasts =
            |expires: &Option<Timestamp>, margin| expires.is_none_or(|at| at > now.saturating_add(margin));
        match self {
            Self::Tokens { access, expires, .. } if !is_refused(access) && lasts(expires, MARGIN) => {
                Use::Now(access.clone())
            }
            Self::Tokens { access, refresh, expires } => {
                let meanwhile = (!is_refused(access) && lasts(expires, 0)).then(|| access.clone());
                match (refresh, meanwhile) {
                    (Some(_), meanwhile) => Use::Renew(meanwhile),
                    (None, Some(access)) => Use::Now(access),
                    (None, None) => Use::Over,
                }
            }
            Self::Key { credential, expires, .. } if !is_refused(credential) && lasts(expires, 0) => {
                Use::Now(credential.clone())
            }
            Self::Key { .. } => Use::Over,
        }
    }
}

/// What the seal is about: sealed for one grant, it opens for no other.
fn about(grant: &str) -> String {
    format!("upstream of {grant}")
}

fn write<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose())
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    String::deserialize(from).map(Secret::new)
}

fn write_any<S: Serializer>(secret: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(to)
}

fn read_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(Secret::new))
}
