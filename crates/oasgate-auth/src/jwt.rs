//! JSON Web Tokens (RFC 7519) in the compact serialisation of RFC 7515, 7.1: read, verified, signed.
//!
//! Owns what a signature is worth: which algorithms there are, which key fits which, and that nothing is believed before
//! it is verified. What the claims must say is for those who ask for a token; where keys come from is not known here.
//!
//! The cryptography is aws-lc's. Between that and us stands nothing else: `serde_json` keeps numbers as they are written
//! here, which libraries for JWTs do not reckon with, and the time is the [`Clock`](crate::Clock)'s.

mod algorithm;
mod claims;
mod keys;
mod sign;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

pub(crate) use algorithm::Algorithm;
pub(crate) use claims::Claims;
pub(crate) use keys::KeySet;
pub(crate) use sign::SigningKey;

/// The characters that a JWT may have: several times what the longest honest one has.
const LONGEST: usize = 32 << 10;

/// A JWT that has been read, and is not believed.
pub(crate) struct Unverified<'t> {
    /// Header and payload as they are signed.
    signed: &'t str,
    signature: Vec<u8>,
    header: Header,
    claims: Claims,
}

/// What the header says (RFC 7515, 4.1). Keys that a token brings along (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
struct Header {
    algorithm: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
}

/// A JWT whose signature is that of a key which was given.
pub(crate) struct Verified {
    /// `typ`, in small letters and without `application/` (RFC 7515, 4.1.9).
    pub(crate) typ: Option<String>,
    /// What it says.
    pub(crate) claims: Claims,
}

/// Why a JWT is not believed. For who develops the client: nothing of the token is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwtError {
    /// It is no JWS in compact serialisation with a JSON object in it.
    #[error("it is not a signed JWT")]
    Malformed,
    /// It says `none`, something symmetric, or what nobody here knows.
    #[error("its `alg` is not accepted")]
    Algorithm,
    /// It asks for an extension to be understood (RFC 7515, 4.1.11). None is.
    #[error("its `crit` names what is not understood here")]
    Critical,
    /// No key fits. Perhaps there is one by now.
    #[error("its issuer has no such key")]
    NoKey,
    /// No key has made this signature.
    #[error("its signature is not that of its issuer")]
    Signature,
    /// A claim that must be there is not, or says something else.
    #[error("its `{0}` is missing or not as it must be")]
    Claim(&'static str),
    /// It was good once.
    #[error("it has expired")]
    Expired,
    /// It will be good.
    #[error("it is not valid yet")]
    Early,
}

impl<'t> Unverified<'t> {
    /// Reads a JWT.
    ///
    /// # Errors
    /// It is none, or one that nothing here could verify.
    pub(crate) fn parse(text: &'t str) -> Result<Self, JwtError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        if text.len() > LONGEST || payload.contains('.') {
            return Err(JwtError::Malformed);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtError::Malformed)?;
        let claims = Claims::new(object(&header_or_payload(payload)?)?);
        let header = Header::of(&object(&header_or_payload(header)?)?)?;
        Ok(Self { signed, signature, header, claims })
    }

    /// Who it says has issued it: to find the keys, and for nothing else.
    pub(crate) fn claimed_issuer(&self) -> Option<&str> {
        self.claims.text("iss")
    }

    /// Who it says it is about: for assertions of clients, to find their keys.
    pub(crate) fn claimed_subject(&self) -> Option<&str> {
        self.claims.text("sub")
    }

    /// The key that it says it is signed by.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Believes it if one of these keys has signed it, by one of these algorithms (RFC 8725, 3.1).
    ///
    /// # Errors
    /// None has.
    pub(crate) fn verify(self, keys: &KeySet, allowed: &[Algorithm]) -> Result<Verified, JwtError> {
        let Header { algorithm, kid, typ } = self.header;
        if !allowed.contains(&algorithm) {
            return Err(JwtError::Algorithm);
        }
        let mut fitting = keys.fitting(algorithm, kid.as_deref()).peekable();
        fitting.peek().ok_or(JwtError::NoKey)?;
        let message = self.signed.as_bytes();
        if !fitting.any(|key| key.verifies(algorithm, message, &self.signature)) {
            return Err(JwtError::Signature);
        }
        Ok(Verified { typ, claims: self.claims })
    }
}

/// Whether something looks like a JWT (RFC 7519, 3) to anybody, however lenient: three parts, or the five of an encrypted
/// one (RFC 7516, 7.1), of which the first is an encoded JSON object. Such a thing is never taken for an API key.
pub(crate) fn is_jwt_shaped(text: &str) -> bool {
    let parts = text.split('.').count();
    let first = text.split('.').next().unwrap_or_default();
    let plain: String = first
        .chars()
        .map(|c| {
            if c == '+' {
                '-'
            } else if c == '/' {
                '_'
            } else {
                c
            }
        })
        .collect();
    // Some take padding, and bits that are left over.
    let lenient = GeneralPurpose::new(&URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));
    let header = lenient.decode(plain.trim_end_matches('=')).ok();
    matches!(parts, 3 | 5)
        && header.is_some_and(|header| serde_json::from_slice::<Map<String, Value>>(&header).is_ok())
}

fn header_or_payload(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)
}

fn object(json: &[u8]) -> Result<Map<String, Value>, JwtError> {
    serde_json::from_slice(json).map_err(|_| JwtError::Malformed)
}

impl Header {
    fn of(header: &Map<String, Value>) -> Result<Self, JwtError> {
        // `b64` (RFC 7797) must be in `crit` to mean anything.
        if header.contains_key("crit") {
            return Err(JwtError::Critical);
        }
        let text = |name| header.get(name).and_then(Value::as_str);
        let typ = text("typ").map(str::to_ascii_lowercase);
        Ok(Self {
            algorithm: text("alg").and_then(Algorithm::parse).ok_or(JwtError::Algorithm)?,
            kid: text("kid").map(str::to_owned),
            typ: typ.map(|typ| typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)),
        })
    }
}

/// Nothing of the token.
impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").finish_non_exhaustive()
    }
}

/// Nothing of the token.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("typ", &self.typ).finish_non_exhaustive()
    }
}
