//! Keys out of keys, and one message under a key. What is built of these is elsewhere.
//!
//! A message is sealed by AES-256-GCM under a key of its own: HKDF (RFC 5869) of the long-lived key with 256 random bits
//! that go along with the message. A nonce is therefore never used twice with one key however many messages there are,
//! and needs not be counted across processes.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use secrecy::zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// 256 bits that are secret, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// What a sealed message begins with: the number of this format.
const FORMAT: u8 = 1;

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    if rand::fill(bytes.as_mut_slice()).is_err() {
        // Without randomness no token here would be secret. AWS-LC itself ends the process then; so do we.
        std::process::abort();
    }
    bytes
}

/// HMAC-SHA256 (RFC 2104) by a key that is used often.
pub(crate) struct Mac(hmac::Key);

impl Mac {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Over parts that are taken as one text.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> Key {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut out = Zeroizing::new([0; 32]);
        // The output of SHA-256 has the length of `out`: every byte is written.
        for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        out
    }
}

/// HMAC-SHA256 by a key that is used once.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> Key {
    Mac::new(key).sign(parts)
}

/// HKDF-Extract (RFC 5869, 2.2).
pub(crate) fn extract(salt: &[u8], material: &[&[u8]]) -> Key {
    mac(salt, material)
}

/// HKDF-Expand (RFC 5869, 2.3) to the length of one block, so that it cannot fail. `key` is a uniformly random one, or
/// comes from [`extract`] (3.3).
pub(crate) fn expand(key: &Key, info: &[u8]) -> Key {
    mac(key.as_slice(), &[info, &[1]])
}

/// Seals a message: format, salt, ciphertext, tag. It opens with the same key and the same `about` only.
pub(crate) fn seal(key: &Key, about: &[&str], plain: &[u8]) -> Vec<u8> {
    let salt = random::<32>();
    let mut sealed = plain.to_vec();
    let done = message_key(key, salt.as_slice())
        .and_then(|key| key.seal_in_place_append_tag(nonce(), aad(about), &mut sealed).ok());
    if done.is_none() {
        // Only for a message of 64 GiB. Nothing at all opens to nothing.
        secrecy::zeroize::Zeroize::zeroize(&mut sealed);
        return Vec::new();
    }
    [&[FORMAT], salt.as_slice(), &sealed].concat()
}

/// Opens a message. None if it was sealed by another key, about something else, or is not as it was.
pub(crate) fn open(key: &Key, about: &[&str], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (&format, rest) = sealed.split_first()?;
    let (salt, ciphertext) = rest.split_at_checked(32)?;
    if format != FORMAT {
        return None;
    }
    let mut plain = Zeroizing::new(ciphertext.to_vec());
    let length = message_key(key, salt)?.open_in_place(nonce(), aad(about), &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

fn message_key(key: &Key, salt: &[u8]) -> Option<LessSafeKey> {
    let once = expand(&extract(salt, &[key.as_slice()]), b"oasgate message 1");
    UnboundKey::new(&AES_256_GCM, once.as_slice()).ok().map(LessSafeKey::new)
}

/// Always the same, as the key never is.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Each part with its length before it: what one part ends with is never what the next begins with.
fn aad(about: &[&str]) -> Aad<Vec<u8>> {
    let mut text = vec![FORMAT];
    for part in about {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part.as_bytes());
    }
    Aad::from(text)
}
