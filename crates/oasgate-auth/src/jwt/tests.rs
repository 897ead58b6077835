//! Keys that tests sign by, and what JWTs must be to be believed.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Algorithm, Claims, JwtError, KeySet, SigningKey, Unverified, is_jwt_shaped};
use crate::Secret;

/// A key pair of an authorization server or a client in a test.
pub(crate) struct Signer {
    algorithm: &'static str,
    /// PKCS #8 in PEM.
    pub(crate) pem: Secret,
    /// The public half.
    pub(crate) jwk: Value,
    key: SigningKey,
}

impl Signer {
    pub(crate) fn new(algorithm: &'static str, kid: &str) -> Self {
        let (der, mut jwk) = pair(algorithm);
        jwk["kid"] = kid.into();
        let body = STANDARD.encode(der);
        let pem = Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"));
        let key = SigningKey::parse(&pem, algorithm, Some(kid)).unwrap();
        Self { algorithm, pem, jwk, key }
    }

    pub(crate) fn set(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// A JWT as [`SigningKey`] makes it.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.key.sign(claims.as_object().unwrap()).unwrap().expose().to_owned()
    }

    /// A JWT with a header of its own.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let mut whole = json!({ "alg": self.algorithm, "kid": self.jwk["kid"] });
        for (name, value) in header.as_object().unwrap() {
            if value.is_null() {
                whole.as_object_mut().unwrap().remove(name);
            } else {
                whole[name] = value.clone();
            }
        }
        let signed = format!("{}.{}", part(&whole), part(claims));
        let signature = self.key.signature(signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(crate) fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn pair(algorithm: &str) -> (Vec<u8>, Value) {
    let random = SystemRandom::new();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    match algorithm {
        "ES256" => {
            let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref()).unwrap();
            let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
            (der.as_ref().to_vec(), json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) }))
        }
        "EdDSA" => {
            let der = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap();
            let x = text(pair.public_key().as_ref());
            (der.as_ref().to_vec(), json!({ "kty": "OKP", "crv": "Ed25519", "x": x }))
        }
        _ => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            // RFC 8017, A.1.1: two integers, of 2048 bits and of 17.
            let n = &pair.public_key().as_ref()[9..265];
            let jwk = json!({ "kty": "RSA", "n": text(n), "e": text(&[1, 0, 1]) });
            (pair.as_der().unwrap().as_ref().to_vec(), jwk)
        }
    }
}

fn keys(set: &Value) -> KeySet {
    KeySet::parse(set.to_string().as_bytes()).unwrap()
}

fn verify(text: &str, set: &Value, allowed: &[Algorithm]) -> Result<(), JwtError> {
    Unverified::parse(text)?.verify(&keys(set), allowed).map(drop)
}

const ALL: [Algorithm; 4] = [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa];

#[test]
fn what_a_key_signs_only_that_key_verifies() {
    for name in ["ES256", "RS256", "PS256", "EdDSA"] {
        let (signer, other) = (Signer::new(name, "k"), Signer::new(name, "k"));
        let token = signer.sign(&json!({ "sub": "u" }));
        let algorithm = Algorithm::parse(name).unwrap();
        assert_eq!(verify(&token, &signer.set(), &ALL), Ok(()), "{name}");
        assert_eq!(verify(&token, &other.set(), &ALL), Err(JwtError::Signature), "{name}");
        let others: Vec<_> = ALL.into_iter().filter(|one| *one != algorithm).collect();
        assert_eq!(verify(&token, &signer.set(), &others), Err(JwtError::Algorithm), "{name}");
    }
}

#[test]
fn algorithm_confusion_is_refused() {
    let rsa = Signer::new("RS256", "k");
    let claims = json!({ "sub": "u" });
    let n = rsa.jwk["n"].as_str().unwrap();
    // The public key as a secret (RFC 8725, 2.1), no signature at all (RFC 7519, 6), and their spellings.
    for alg in ["none", "None", "NONE", "HS256", "HS512", "", "rs256", "ES256K", "RSA1_5"] {
        let signed = format!("{}.{}", part(&json!({ "alg": alg, "kid": "k" })), part(&claims));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, n.as_bytes());
        let mac = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes()));
        for signature in ["", mac.as_str()] {
            let token = format!("{signed}.{signature}");
            assert_eq!(verify(&token, &rsa.set(), &ALL), Err(JwtError::Algorithm), "{alg}");
        }
    }
    // A key of another kind, and one that is for another algorithm.
    let token = rsa.sign_with(&json!({ "alg": "ES256" }), &claims);
    assert_eq!(verify(&token, &rsa.set(), &ALL), Err(JwtError::NoKey));
    for (member, value) in [("alg", "PS256"), ("use", "enc"), ("key_ops", "[]")] {
        let mut jwk = rsa.jwk.clone();
        jwk[member] = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        let set = json!({ "keys": [jwk] });
        assert_eq!(verify(&rsa.sign(&claims), &set, &ALL), Err(JwtError::NoKey), "{member}");
    }
}

#[test]
fn a_key_that_a_token_brings_along_is_not_looked_at() {
    let (ours, theirs) = (Signer::new("ES256", "k"), Signer::new("ES256", "k"));
    let token =
        theirs.sign_with(&json!({ "jwk": theirs.jwk, "jku": "https://evil.example/jwks" }), &json!({}));
    assert_eq!(verify(&token, &ours.set(), &ALL), Err(JwtError::Signature));
}

#[test]
fn headers_and_keys_are_matched_by_name() {
    let signer = Signer::new("ES256", "k");
    let mut nameless = signer.jwk.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    let unknown = json!({ "kty": "XYZ", "kid": "k" });
    let rows = [
        (json!({}), json!([signer.jwk]), Ok(())),
        (json!({ "kid": null }), json!([signer.jwk]), Ok(())),
        (json!({}), json!([nameless]), Ok(())),
        (json!({}), json!([unknown, signer.jwk]), Ok(())),
        (json!({ "kid": "other" }), json!([signer.jwk]), Err(JwtError::NoKey)),
        (json!({}), json!([unknown]), Err(JwtError::NoKey)),
        (json!({}), json!([]), Err(JwtError::NoKey)),
        (json!({ "crit": ["b64"], "b64": false }), json!([signer.jwk]), Err(JwtError::Critical)),
        (json!({ "crit": [] }), json!([signer.jwk]), Err(JwtError::Critical)),
    ];
    for (header, set, expected) in rows {
        let token = signer.sign_with(&header, &json!({}));
        assert_eq!(verify(&token, &json!({ "keys": set }), &ALL), expected, "{header}");
    }
}

#[test]
fn what_is_no_jwt_is_refused() {
    let signer = Signer::new("ES256", "k");
    let token = signer.sign(&json!({}));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let rows = [
        String::new(),
        "a".to_owned(),
        "a.b".to_owned(),
        "...".to_owned(),
        format!("{token}.x"),
        format!("{token}="),
        format!(" {token}"),
        format!("{signed}.%%"),
        format!("{}.{}.x", part(&json!([])), part(&json!({}))),
        format!("{}.{}.AA", part(&json!({ "alg": "ES256" })), part(&json!("text"))),
        format!("{}.{}.AA", part(&json!({ "alg": "ES256" })), "A".repeat(40 << 10)),
    ];
    for row in rows {
        assert_eq!(verify(&row, &signer.set(), &ALL), Err(JwtError::Malformed), "{row:.60}");
    }
}

#[test]
fn times_are_held_to_within_a_minute() {
    let rows = [
        (json!({ "exp": 1_000 }), Ok(1_000)),
        (json!({ "exp": 941 }), Ok(941)),
        (json!({ "exp": 941.9 }), Ok(941)),
        (json!({ "exp": 940 }), Err(JwtError::Expired)),
        (json!({ "exp": 0 }), Err(JwtError::Expired)),
        (json!({ "exp": -5 }), Err(JwtError::Expired)),
        (json!({}), Err(JwtError::Claim("exp"))),
        (json!({ "exp": "2000" }), Err(JwtError::Claim("exp"))),
        (json!({ "exp": 1e300 }), Err(JwtError::Claim("exp"))),
        (json!({ "exp": 2_000, "nbf": 1_060 }), Ok(2_000)),
        (json!({ "exp": 2_000, "nbf": 1_061 }), Err(JwtError::Early)),
        (json!({ "exp": 2_000, "nbf": "x" }), Err(JwtError::Claim("nbf"))),
        (json!({ "exp": i64::MAX }), Ok(i64::MAX)),
    ];
    for (claims, expected) in rows {
        let claims_ = Claims::new(claims.as_object().unwrap().clone());
        assert_eq!(claims_.check_time(1_000), expected, "{claims}");
    }
}

#[test]
fn claims_are_read_in_all_their_forms() {
    let claims = |json: Value| Claims::new(json.as_object().unwrap().clone());
    let scopes = |json| claims(json).scopes().map(|scopes| scopes.into_iter().collect::<Vec<_>>().join(" "));
    assert_eq!(scopes(json!({ "scope": "b  a" })).as_deref(), Some("a b"));
    assert_eq!(scopes(json!({ "scp": ["b", "a"] })).as_deref(), Some("a b"));
    assert_eq!(scopes(json!({ "scope": "" })).as_deref(), Some(""));
    for malformed in
        [json!({ "scope": {} }), json!({ "scope": 1 }), json!({ "scp": null }), json!({ "scp": [1] })]
    {
        assert_eq!(scopes(malformed).as_deref(), Some(""));
    }
    assert_eq!(scopes(json!({})), None);
    assert_eq!(claims(json!({ "aud": "a" })).audience(), ["a"]);
    assert_eq!(claims(json!({ "aud": ["a", 1, "b"] })).audience(), ["a", "b"]);
    assert!(claims(json!({ "aud": { "a": 1 } })).audience().is_empty());
    assert_eq!(
        claims(json!({ "sub": 12345678901234567890123_u128 })).identifier("sub").as_deref(),
        Some("12345678901234567890123")
    );
    assert_eq!(claims(json!({ "sub": "" })).identifier("sub"), None);
}

#[test]
fn a_jwt_is_seen_however_it_is_written() {
    let header = part(&json!({ "alg": "none" }));
    let padded = |header: &str| format!("{header}{}.e30.", "=".repeat((4 - header.len() % 4) % 4));
    let standard = STANDARD.encode(r#"{"typ":"??>>","alg":"none"}"#);
    let seen = [
        format!("{header}.e30."),
        format!("{header}.e30.sig"),
        format!("{header}.a.b.c.d"),
        padded(&header),
        format!("{standard}.e30.x"),
        format!("{}.x.y", URL_SAFE_NO_PAD.encode("\n {\"alg\":1}")),
    ];
    for text in seen {
        assert!(is_jwt_shaped(&text), "{text}");
    }
    for text in ["", "sk_live_abcdef", "sk.live.abc", "a.b", "e30", "e30.e30", "eyJ.eyJ.x", "W10.e30.x"] {
        assert!(!is_jwt_shaped(text), "{text}");
    }
}

#[test]
fn keys_that_cannot_sign_are_refused_without_being_repeated() {
    let signer = Signer::new("ES256", "k");
    let rows = [("RS256", signer.pem.clone()), ("HS256", signer.pem), ("ES256", Secret::new("sesame"))];
    for (algorithm, pem) in rows {
        let error = SigningKey::parse(&pem, algorithm, None).unwrap_err().to_string();
        assert!(!error.contains("sesame") && !error.contains("BEGIN"), "{error}");
    }
}

proptest! {
    #[test]
    fn any_changed_character_is_refused(at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.=-]") {
        static SIGNER: std::sync::LazyLock<Signer> = std::sync::LazyLock::new(|| Signer::new("EdDSA", "k"));
        let token = SIGNER.sign(&json!({ "sub": "u", "exp": 5 }));
        let at = at.index(token.len());
        let changed = format!("{}{by}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != token);
        prop_assert!(verify(&changed, &SIGNER.set(), &ALL).is_err());
    }

    #[test]
    fn nothing_makes_reading_fail_otherwise(text in "\\PC{0,80}", json in "[\\[\\]{}\":,a-z0-9 ]{0,60}") {
        drop(Unverified::parse(&text));
        drop(Unverified::parse(&format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(&json), URL_SAFE_NO_PAD.encode(&json))));
        drop(KeySet::parse(json.as_bytes()));
        let _: bool = is_jwt_shaped(&text);
    }

    #[test]
    fn what_is_read_as_a_jwt_looks_like_one(header in prop::collection::btree_map("[a-z]{1,4}", "[a-z]{0,4}", 0..3)) {
        let mut whole: Map<String, Value> = header.into_iter().map(|(name, value)| (name, value.into())).collect();
        whole.insert("alg".to_owned(), "ES256".into());
        whole.remove("crit");
        let token = format!("{}.e30.AA", part(&Value::Object(whole)));
        prop_assert!(Unverified::parse(&token).is_ok());
        prop_assert!(is_jwt_shaped(&token));
    }
}
