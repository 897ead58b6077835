//! Opaque tokens: what they look like, and the name under which a record of one is kept.
//!
//! ```text
//! oga_ 630dcd29 0Xb…43 characters of base64url…kQ 3fZ_a1
//! kind  key id   256 random bits                  checksum
//! ```
//!
//! The kind is there to be seen: by scanners that look for leaked secrets, and by whoever must not take one kind for
//! another. The checksum refuses typing errors before anything is looked up; it protects nothing. The token itself is
//! kept nowhere: a record is found by its [locator](Token::locator).

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cipher::Key;
use crate::keyring::{KID_LENGTH, hex};
use crate::{Keyring, Secret, cipher};

#[cfg(test)]
mod tests;

/// The characters of 256 bits in base64url.
const RANDOM_LENGTH: usize = 43;
/// The characters of the checksum.
const CHECKSUM_LENGTH: usize = 6;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An access token.
    Access,
    /// A refresh token.
    Refresh,
    /// An authorization code.
    Code,
    /// A client secret.
    ClientSecret,
    /// A transaction of ours, or the `state` of one at another server.
    State,
}

/// A token. `Debug` shows nothing of it.
#[derive(Clone)]
pub(crate) struct Token {
    kind: TokenKind,
    text: Secret,
}

impl TokenKind {
    const ALL: [Self; 5] = [Self::Access, Self::Refresh, Self::Code, Self::ClientSecret, Self::State];

    /// What tokens of this kind begin with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "oga_",
            Self::Refresh => "ogr_",
            Self::Code => "ogc_",
            Self::ClientSecret => "ogs_",
            Self::State => "ogx_",
        }
    }

    /// Whether a text begins as some token of ours does: then it is one, or nothing.
    pub(crate) fn any_begins(text: &str) -> bool {
        Self::ALL.into_iter().any(|kind| text.starts_with(kind.prefix()))
    }
}

impl Token {
    /// A new token, to be known by the newest key.
    pub(crate) fn mint(kind: TokenKind, keyring: &Keyring) -> Self {
        Self::of(kind, keyring.newest(), &cipher::random())
    }

    /// The token that follows this one, the same whoever asks: HMAC-SHA256 of this token and a salt, under a key that is
    /// derived for this from the master key `kid`, which the new token names. None if that key is gone.
    ///
    /// Without the salt it cannot be found again, not even by who has this token and the master key.
    pub(crate) fn next(&self, kind: TokenKind, keyring: &Keyring, kid: &str, salt: &[u8]) -> Option<Self> {
        let key = keyring.derive(kid, &format!("the next {}", kind.prefix()))?;
        Some(Self::of(kind, kid, &cipher::mac(key.as_slice(), &[self.expose().as_bytes(), salt])))
    }

    fn of(kind: TokenKind, kid: &str, bits: &Key) -> Self {
        let bits = Secret::new(URL_SAFE_NO_PAD.encode(bits.as_slice()));
        let unchecked = Secret::new(format!("{}{kid}{}", kind.prefix(), bits.expose()));
        let text = Secret::new(format!("{}{}", unchecked.expose(), checksum(unchecked.expose())));
        Self { kind, text }
    }

    /// Reads a token. None if it does not look like one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::read(&Secret::new(text))
    }

    /// The same of a text that is secret already.
    pub(crate) fn read(secret: &Secret) -> Option<Self> {
        let text = secret.expose();
        let (kind, rest) =
            TokenKind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
        let (kid, rest) = rest.split_at_checked(KID_LENGTH)?;
        let (random, sum) = rest.split_at_checked(RANDOM_LENGTH)?;
        let (unchecked, _) = text.split_at_checked(text.len().checked_sub(CHECKSUM_LENGTH)?)?;
        let is_hex = kid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_token = is_hex && URL_SAFE_NO_PAD.decode(random).is_ok() && sum == checksum(unchecked);
        is_token.then(|| Self { kind, text: secret.clone() })
    }

    /// What it is for.
    pub(crate) fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The identifier of the key it is known by.
    pub(crate) fn kid(&self) -> &str {
        let begin = self.kind.prefix().len();
        self.expose().get(begin..begin + KID_LENGTH).unwrap_or_default()
    }

    /// The token itself: to be given to whom it is for, and nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The same, as a secret.
    pub(crate) fn secret(&self) -> &Secret {
        &self.text
    }

    /// The name under which its record is kept: the identifier of the master key that it names, and HMAC-SHA256 under a
    /// key derived from that, in hex. None if that key is gone: then so is everything the token was good for.
    pub(crate) fn locator(&self, keyring: &Keyring) -> Option<String> {
        let kid = self.kid();
        let hash = keyring.locate(kid, self.expose())?;
        Some(format!("{kid}{}", hex(hash.as_slice())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

fn checksum(text: &str) -> String {
    let mut sum = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
    sum.truncate(CHECKSUM_LENGTH);
    sum
}
