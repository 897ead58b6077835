//! Public keys: a JWK set (RFC 7517, 5).

use aws_lc_rs::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::{Algorithm, Check};

/// How many keys of a set are looked at.
const MOST_KEYS: usize = 64;

/// The keys of one issuer.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeySet(Vec<Key>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Key {
    kid: Option<String>,
    /// The only algorithm it is for, if it says so.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// A curve by its name, and a point or a key on it.
    Curve {
        kind: &'static str,
        curve: &'static str,
        bytes: Vec<u8>,
    },
}

impl KeySet {
    /// Reads a set. Keys that are not for signatures, or that nobody here knows how to use, are left out (RFC 7517, 5).
    /// None if it is no set.
    pub(crate) fn parse(json: &[u8]) -> Option<Self> {
        let set: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let keys = set.get("keys")?.as_array()?;
        Some(Self(keys.iter().take(MOST_KEYS).filter_map(|key| Key::read(key.as_object()?)).collect()))
    }

    /// Whether there is a key of this name; any at all, for a token that names none.
    pub(crate) fn has(&self, kid: Option<&str>) -> bool {
        self.0.iter().any(|key| key.is(kid))
    }

    /// The keys that a token of this header could have been signed by.
    pub(super) fn fitting(&self, algorithm: Algorithm, kid: Option<&str>) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |key| key.is(kid) && key.fits(algorithm))
    }
}

impl Key {
    fn read(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let is_for_signatures = text("use").is_none_or(|use_| use_ == "sig");
        let operations = jwk.get("key_ops").and_then(Value::as_array);
        let is_to_verify = operations.is_none_or(|all| all.iter().any(|operation| operation == "verify"));
        if !is_for_signatures || !is_to_verify {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa { n: bytes("n")?, e: bytes("e")? },
            ("EC", Some("P-256")) => point("P-256", &bytes("x")?, &bytes("y")?, 32)?,
            ("EC", Some("P-384")) => point("P-384", &bytes("x")?, &bytes("y")?, 48)?,
            ("OKP", Some("Ed25519")) => Material::Curve { kind: "OKP", curve: "Ed25519", bytes: bytes("x")? },
            _ => return None,
        };
        Some(Self {
            kid: text("kid").map(str::to_owned),
            algorithm: text("alg").map(str::to_owned),
            material,
        })
    }

    /// A token that names a key means that one; a key without a name can be meant by any token.
    fn is(&self, kid: Option<&str>) -> bool {
        match (kid, &self.kid) {
            (Some(asked), Some(own)) => asked == own,
            (Some(_), None) | (None, _) => true,
        }
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match &self.material {
            Material::Rsa { .. } => ("RSA", None),
            Material::Curve { kind, curve, .. } => (*kind, Some(*curve)),
        };
        let is_its_own = self.algorithm.as_deref().is_none_or(|own| Algorithm::parse(own) == Some(algorithm));
        kind == algorithm.key() && is_its_own
    }

    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (&self.material, algorithm.check()) {
            (Material::Rsa { n, e }, Check::Rsa(parameters)) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }
            (Material::Curve { bytes, .. }, Check::Bytes(algorithm)) => {
                UnparsedPublicKey::new(algorithm, bytes).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// An uncompressed point (SEC 1, 2.3.3) of coordinates in their full length (RFC 7518, 6.2.1.2).
fn point(curve: &'static str, x: &[u8], y: &[u8], length: usize) -> Option<Material> {
    let is_whole = x.len() == length && y.len() == length;
    is_whole.then(|| Material::Curve { kind: "EC", curve, bytes: [&[4], x, y].concat() })
}
