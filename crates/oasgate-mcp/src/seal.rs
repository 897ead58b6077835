//! Sealing what travels through clients, so that it comes back unchanged, from the same principal, for the same
//! request, and in time (2026-07-28, basic/patterns/mrtr.mdx, "Server Requirements", 4 and 5). Sealed is not hidden:
//! clients can read it. Knows no method.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

#[cfg(test)]
mod tests;

/// A secret for seals. All replicas of a server need the same one.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A key that is kept elsewhere. It must be random.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A key for this process only. None if the system has no randomness to give.
    #[must_use]
    pub fn random() -> Option<Self> {
        random().map(Self)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// How state is sealed. Unless told, by a key of this process, and for ten minutes.
#[derive(Debug, Clone)]
pub struct Seal {
    key: Option<Key>,
    ttl: Duration,
}

impl Default for Seal {
    fn default() -> Self {
        Self { key: Key::random(), ttl: Duration::from_secs(600) }
    }
}

impl Seal {
    /// Seals by this key.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key: Some(key), ttl: Duration::from_secs(600) }
    }

    /// Sets how long a seal holds.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Seals `state` for one purpose. None without a key.
    pub(crate) fn close(&self, state: &str, purpose: &Purpose) -> Option<String> {
        self.close_at(SystemTime::now(), state, purpose)
    }

    /// What was sealed for the same purpose. None if it wasn't, or not by this key, or too long ago.
    pub(crate) fn open(&self, sealed: &str, purpose: &Purpose) -> Option<String> {
        self.open_at(SystemTime::now(), sealed, purpose)
    }

    fn close_at(&self, now: SystemTime, state: &str, purpose: &Purpose) -> Option<String> {
        let expiry = (since_epoch(now) + self.ttl).as_secs().to_be_bytes();
        let mac = self.mac(purpose, &expiry, state.as_bytes())?.finalize().into_bytes();
        Some(URL_SAFE_NO_PAD.encode([&mac[..], &expiry, state.as_bytes()].concat()))
    }

    fn open_at(&self, now: SystemTime, sealed: &str, purpose: &Purpose) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (mac, rest) = bytes.split_first_chunk::<32>()?;
        let (expiry, state) = rest.split_first_chunk::<8>()?;
        // Compares in constant time, and before anything else is believed.
        self.mac(purpose, expiry, state)?.verify_slice(mac).ok()?;
        let in_time = since_epoch(now).as_secs() < u64::from_be_bytes(*expiry);
        in_time.then(|| String::from_utf8(state.to_vec()).ok())?
    }

    fn mac(&self, purpose: &Purpose, expiry: &[u8; 8], state: &[u8]) -> Option<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key.as_ref()?.0).ok()?;
        // All but the last are of fixed length, so that no two inputs run together.
        Some(mac.chain_update(purpose.0).chain_update(expiry).chain_update(state))
    }
}

/// What a seal is for: who asks for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purpose([u8; 32]);

impl Purpose {
    /// A request of a principal: its method, what the method is about, and the other parameters that matter.
    pub(crate) fn new(principal: Option<&str>, method: &str, about: &str, parameters: &Value) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([u8::from(principal.is_some())]);
        for part in [principal.unwrap_or_default(), method, about] {
            text(&mut hasher, part);
        }
        digest(&mut hasher, parameters);
        Self(hasher.finalize().into())
    }
}

/// Random bytes. None if the system has none to give.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// A name nobody can guess: 128 bits as text. None if the system has no randomness to give.
pub(crate) fn unguessable() -> Option<String> {
    random::<16>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// Equal values give equal digests, however their members are ordered: clients may send a request again with the
/// members of its arguments in another order.
fn digest(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            hasher.update(b"{");
            length(hasher, members.len());
            for (name, value) in members {
                text(hasher, name);
                digest(hasher, value);
            }
        }
        Value::Array(items) => {
            hasher.update(b"[");
            length(hasher, items.len());
            for item in items {
                digest(hasher, item);
            }
        }
        Value::String(string) => {
            hasher.update(b"\"");
            text(hasher, string);
        }
        scalar => {
            hasher.update(b"=");
            text(hasher, &scalar.to_string());
        }
    }
}

fn text(hasher: &mut Sha256, text: &str) {
    length(hasher, text.len());
    hasher.update(text);
}

fn length(hasher: &mut Sha256, length: usize) {
    hasher.update(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}

fn since_epoch(now: SystemTime) -> Duration {
    now.duration_since(UNIX_EPOCH).unwrap_or_default()
}
