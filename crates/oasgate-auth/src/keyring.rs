//! The operator's master keys: the newest one writes, all of them read.
//!
//! No master key is ever used as it is: for each purpose there is a key derived from it, so that what was made for one
//! purpose is worth nothing for another. Knows neither tokens nor records.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;

use crate::Secret;
use crate::cipher::{self, Key, Mac};

#[cfg(test)]
mod tests;

/// The characters of a key identifier.
pub(crate) const KID_LENGTH: usize = 8;

/// Master keys. Clones share them.
#[derive(Clone)]
pub struct Keyring {
    newest: Arc<Master>,
    older: Arc<[Master]>,
}

struct Master {
    kid: String,
    key: Key,
    /// What every request needs, derived once: the key of locators, and that of the keys of grants.
    locators: Mac,
    wraps: Mac,
}

/// Why master keys cannot be used. The operator's to mend. Says nothing of what the keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is none.
    #[error("no master key is given: make one with `oasgate keys new`")]
    Empty,
    /// One of them, counted from 1, is not a key.
    #[error("master key {0} is not 32 bytes in base64url: make one with `oasgate keys new`")]
    Malformed(usize),
    /// One of them, counted from 1, has been given before.
    #[error("master key {0} is given twice: remove one of the two")]
    Twice(usize),
}

impl Keyring {
    /// Takes keys of 32 bytes in base64url without padding (RFC 4648, 5), newest first.
    ///
    /// # Errors
    /// [`KeyringError`]
    pub fn new(keys: &[Secret]) -> Result<Self, KeyringError> {
        let mut masters = Vec::with_capacity(keys.len());
        let mut kids = BTreeSet::new();
        for (number, text) in (1..).zip(keys) {
            let master = Master::parse(text).ok_or(KeyringError::Malformed(number))?;
            // Two keys with one identifier would also be refused: no token could tell them apart.
            if !kids.insert(master.kid.clone()) {
                return Err(KeyringError::Twice(number));
            }
            masters.push(master);
        }
        let mut masters = masters.into_iter();
        let newest = Arc::new(masters.next().ok_or(KeyringError::Empty)?);
        Ok(Self { newest, older: masters.collect() })
    }

    /// A key of this process only: what it seals is lost with it.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self { newest: Arc::new(Master::new(cipher::random())), older: Arc::new([]) }
    }

    /// A new key, as [`Keyring::new`] takes it.
    #[must_use]
    pub fn generate_key() -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(cipher::random::<32>().as_slice()))
    }

    /// The identifiers of the keys, newest first: the beginning of the SHA-256 of each, in hex. They are no secret.
    #[must_use]
    pub fn kids(&self) -> Vec<String> {
        self.masters().map(|master| master.kid.clone()).collect()
    }

    /// A key of the newest master key for something outside of this crate: all replicas have the same.
    #[must_use]
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        *self.newest.derive("outside", purpose)
    }

    /// The identifier of the key that writes.
    pub(crate) fn newest(&self) -> &str {
        &self.newest.kid
    }

    /// Seals by the newest key: its identifier, and the message. It opens for the same purpose and about the same only.
    pub(crate) fn seal(&self, purpose: &str, about: &str, plain: &[u8]) -> Vec<u8> {
        let Master { kid, .. } = &*self.newest;
        let sealed = cipher::seal(&self.newest.derive("seal", purpose), &[kid, purpose, about], plain);
        [kid.as_bytes(), &sealed].concat()
    }

    /// Opens by whichever key has sealed it. None if that is gone, or if it was sealed for or about something else, or is
    /// not as it was.
    pub(crate) fn open(&self, purpose: &str, about: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (kid, sealed) = sealed.split_at_checked(KID_LENGTH)?;
        let master = self.master(std::str::from_utf8(kid).ok()?)?;
        cipher::open(&master.derive("seal", purpose), &[&master.kid, purpose, about], sealed)
    }

    /// A name for a text that tells nothing of it: HMAC-SHA256 by the newest key, in hex.
    pub(crate) fn digest(&self, purpose: &str, text: &str) -> String {
        hex(cipher::mac(self.newest.derive("digest", purpose).as_slice(), &[text.as_bytes()]).as_slice())
    }

    /// The name under which the record of a token is kept that names this key. None if that key is gone.
    pub(crate) fn locate(&self, kid: &str, token: &str) -> Option<Key> {
        Some(self.master(kid)?.locators.sign(&[token.as_bytes()]))
    }

    /// A secret of a token and of the key that it names: neither gives it without the other. None if that key is gone.
    pub(crate) fn blend(&self, kid: &str, token: &str) -> Option<Key> {
        Some(self.master(kid)?.wraps.sign(&[token.as_bytes()]))
    }

    /// The key for one purpose of the master key with this identifier. None if that key is gone.
    pub(crate) fn derive(&self, kid: &str, purpose: &str) -> Option<Key> {
        Some(self.master(kid)?.derive("derive", purpose))
    }

    fn master(&self, kid: &str) -> Option<&Master> {
        self.masters().find(|master| master.kid == kid)
    }

    fn masters(&self) -> impl Iterator<Item = &Master> {
        std::iter::once(&*self.newest).chain(self.older.iter())
    }
}

impl Master {
    fn parse(text: &Secret) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.expose().trim_ascii_end()).ok()?);
        let key = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
        Some(Self::new(Key::new(key)))
    }

    fn new(key: Key) -> Self {
        let mut kid = hex(digest(&SHA256, key.as_slice()).as_ref());
        kid.truncate(KID_LENGTH);
        let of = |purpose| Mac::new(derive(&key, "derive", purpose).as_slice());
        Self { kid, locators: of("token locator"), wraps: of("grant keys"), key }
    }

    fn derive(&self, use_: &str, purpose: &str) -> Key {
        derive(&self.key, use_, purpose)
    }
}

fn derive(key: &Key, use_: &str, purpose: &str) -> Key {
    cipher::expand(key, format!("oasgate {use_} 1: {purpose}").as_bytes())
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keyring").field(&self.kids()).finish()
    }
}

/// Bytes in hexadecimal, small letters.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}
