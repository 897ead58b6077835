//! Signing: assertions by which we prove to others who we are.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Map, Value, json};

use super::Algorithm;
use crate::{Secret, SetupError};

/// A private key, and what it signs by.
pub(crate) struct SigningKey {
    algorithm: Algorithm,
    kid: Option<String>,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a private key: PKCS #8 in PEM (RFC 7468, 10).
    ///
    /// # Errors
    /// It is none, or not one for this algorithm. The message holds nothing of it.
    pub(crate) fn parse(pem: &Secret, algorithm: &str, kid: Option<&str>) -> Result<Self, SetupError> {
        let known = Algorithm::parse(algorithm).ok_or_else(|| {
            SetupError(format!("`{algorithm}` is no algorithm to sign by: RS256, PS256, ES256 or EdDSA"))
        })?;
        let unfit =
            || SetupError(format!("the private key is not PKCS #8 in PEM, or not one for {algorithm}"));
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| unfit())?;
        let der = der.secret_pkcs8_der();
        let pair = match known {
            Algorithm::Rs256 => {
                RsaKeyPair::from_pkcs8(der).ok().map(|pair| Pair::Rsa(pair, &RSA_PKCS1_SHA256))
            }
            Algorithm::Ps256 => RsaKeyPair::from_pkcs8(der).ok().map(|pair| Pair::Rsa(pair, &RSA_PSS_SHA256)),
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok().map(Pair::Ecdsa)
            }
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).ok().map(Pair::Ed25519),
            _ => None,
        };
        Ok(Self { algorithm: known, kid: kid.map(str::to_owned), pair: pair.ok_or_else(unfit)? })
    }

    /// A JWT with these claims. None if the system gives no randomness.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> Option<Secret> {
        let mut header = json!({ "typ": "JWT", "alg": self.algorithm.name() });
        if let (Some(kid), Some(header)) = (&self.kid, header.as_object_mut()) {
            header.insert("kid".to_owned(), kid.as_str().into());
        }
        let encode = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let header = encode(serde_json::to_vec(&header).ok()?);
        let signed = format!("{header}.{}", encode(serde_json::to_vec(claims).ok()?));
        let signature = self.signature(signed.as_bytes())?;
        Some(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }

    pub(super) fn signature(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            Pair::Ecdsa(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// Nothing of the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
