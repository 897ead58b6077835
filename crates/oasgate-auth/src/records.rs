//! What records are called and how they are written: one key for each, and JSON behind a format number.
//!
//! | key | lives | what it is |
//! |---|---|---|
//! | `client:{id}` | a day, or 90 days after its last use | a registered client |
//! | `cimd:{url}` | 30 days, used unasked for one at most | what a client's document says |
//! | `txn:{locator}` | 10 minutes | an authorization under way |
//! | `consent:{digest}` | 30 days | what a user has agreed to |
//! | `code:{locator}` | 60 seconds | an authorization code |
//! | `grant:{id}` | until it is not used any more | what a user has granted a client |
//! | `at:{locator}`, `rt:{locator}` | as long as the token | an access token, a refresh token |
//! | `jti:{digest of the issuer}:{digest of the id}` | as long as the assertion | an assertion that has been used |
//! | `lease:{grant}` | seconds | who refreshes the grant upstream |
//! | `replica:{name}` | minutes | a process that uses the store |
//!
//! Knows nothing of what records mean, and nothing of stores.

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(test)]
mod tests;

/// The kinds of records: the text before the colon of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RecordKind {
    /// A registered client.
    Client,
    /// What the document of a client says.
    Cimd,
    /// An authorization under way.
    Txn,
    /// What a user has agreed to.
    Consent,
    /// An authorization code.
    Code,
    /// What a user has granted a client.
    Grant,
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
    /// An assertion that has been used.
    Jti,
    /// Who refreshes a grant upstream.
    Lease,
    /// A process that uses the store.
    Replica,
}

impl RecordKind {
    /// What keys of this kind begin with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Client => "client:",
            Self::Cimd => "cimd:",
            Self::Txn => "txn:",
            Self::Consent => "consent:",
            Self::Code => "code:",
            Self::Grant => "grant:",
            Self::Access => "at:",
            Self::Refresh => "rt:",
            Self::Jti => "jti:",
            Self::Lease => "lease:",
            Self::Replica => "replica:",
        }
    }

    /// The key of a record of this kind.
    pub(crate) fn key(self, name: &str) -> String {
        format!("{}{name}", self.prefix())
    }
}

/// What is kept as a record.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// What kind it is.
    const KIND: RecordKind;
    /// The number of the way it is written. Whatever could not be read as before gets a new one; a member that may be
    /// absent does not need one.
    const FORMAT: u8 = 1;

    /// Writes it.
    fn encode(&self) -> Vec<u8> {
        let mut out = format!("{} ", Self::FORMAT).into_bytes();
        // No record has anything that JSON cannot hold. One that had would be written as one that cannot be read.
        if serde_json::to_writer(&mut out, self).is_err() {
            out.clear();
        }
        out
    }

    /// Reads it. None if it is written in another way: by a newer version, say. It is then as if absent.
    fn decode(value: &[u8]) -> Option<Self> {
        let space = value.iter().position(|byte| *byte == b' ')?;
        let (format, json) = value.split_at_checked(space)?;
        if format != Self::FORMAT.to_string().as_bytes() {
            return None;
        }
        serde_json::from_slice(json).ok()
    }
}

/// Bytes within a record: base64 without padding.
pub(crate) mod sealed {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    /// Writes them, for `#[serde(with)]`.
    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    /// Reads them, for `#[serde(with)]`.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        STANDARD_NO_PAD.decode(String::deserialize(from)?).map_err(D::Error::custom)
    }
}
