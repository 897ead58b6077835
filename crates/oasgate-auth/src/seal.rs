//! The key of one grant, under which everything secret of the grant is sealed.
//!
//! The key itself is kept wrapped only, once for each token that is alive, under a key that needs both the token and the
//! master key which the token names. Who has a dump of the store and the master keys still needs a live token; who has a
//! dump and a token still needs the master key.

use std::fmt;

use secrecy::zeroize::Zeroizing;

use crate::Keyring;
use crate::cipher::{self, Key};
use crate::token::Token;

#[cfg(test)]
mod tests;

const WRAPPED: &str = "the key of a grant";

/// 256 random bits, wiped when dropped.
#[derive(Clone)]
pub(crate) struct GrantKey(Key);

impl GrantKey {
    /// A new key.
    pub(crate) fn random() -> Self {
        Self(cipher::random())
    }

    /// Seals something of the grant. It opens about the same only: the grant, and what of it.
    pub(crate) fn seal(&self, about: &str, plain: &[u8]) -> Vec<u8> {
        cipher::seal(&self.0, &[about], plain)
    }

    /// Opens it. None if it was sealed by another key or about something else, or is not as it was.
    pub(crate) fn open(&self, about: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        cipher::open(&self.0, &[about], sealed)
    }

    /// The key, for who has the token and the master key that it names. Nothing can be unwrapped from it if the keyring
    /// has no such key; it has for a token just minted.
    pub(crate) fn wrap(&self, keyring: &Keyring, token: &Token) -> Vec<u8> {
        let key = wrapping_key(keyring, token);
        key.map(|key| cipher::seal(&key, &[WRAPPED], self.0.as_slice())).unwrap_or_default()
    }

    /// The key that was wrapped for this token. None for any other token, or if the master key is gone.
    pub(crate) fn unwrap(keyring: &Keyring, token: &Token, wrapped: &[u8]) -> Option<Self> {
        let bytes = cipher::open(&wrapping_key(keyring, token)?, &[WRAPPED], wrapped)?;
        <[u8; 32]>::try_from(bytes.as_slice()).ok().map(|key| Self(Key::new(key)))
    }
}

/// HKDF (RFC 5869) of the master key, by way of a key that is derived for this, with the token.
fn wrapping_key(keyring: &Keyring, token: &Token) -> Option<Key> {
    Some(cipher::expand(&keyring.blend(token.kid(), token.expose())?, b"oasgate wrap 1"))
}

impl fmt::Debug for GrantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}
