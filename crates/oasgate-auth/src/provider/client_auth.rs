//! How we prove to a provider who we are (RFC 6749, 2.3; RFC 7523, 2.2): for every request that needs it, and for all in
//! one way.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use serde_json::json;
use url::form_urlencoded;

use crate::jwt::SigningKey;
use crate::settings::ClientAuth;
use crate::{Clock, Secret, SetupError, cipher};

/// How long an assertion is good for, in seconds.
const ASSERTION: i64 = 60;
/// RFC 7523, 2.2.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that can prove who it is.
#[derive(Debug)]
pub(super) struct Prover {
    client_id: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    None,
    Basic(Secret),
    Post(Secret),
    Assertion(SigningKey),
}

/// The proof for one request.
#[derive(Debug)]
pub(super) enum Proof {
    /// None: a public client.
    None,
    /// The secret, in `Authorization` (RFC 6749, 2.3.1).
    Basic(Secret),
    /// The secret, among the parameters.
    Post(Secret),
    /// A signed assertion, among the parameters.
    Assertion(Secret),
}

impl Prover {
    /// # Errors
    /// The private key cannot sign.
    pub(super) fn new(client_id: &str, auth: &ClientAuth) -> Result<Self, SetupError> {
        let kind = match auth {
            ClientAuth::None => Kind::None,
            ClientAuth::Basic(secret) => Kind::Basic(secret.clone()),
            ClientAuth::Post(secret) => Kind::Post(secret.clone()),
            ClientAuth::PrivateKeyJwt { key, key_id, algorithm } => {
                Kind::Assertion(SigningKey::parse(key, algorithm, key_id.as_deref())?)
            }
        };
        Ok(Self { client_id: client_id.to_owned(), kind })
    }

    /// The proof for a request; `audience` is whom an assertion is for. None if it cannot be made.
    pub(super) fn proof(&self, audience: &str, clock: &Clock) -> Option<Proof> {
        Some(match &self.kind {
            Kind::None => Proof::None,
            Kind::Basic(secret) => Proof::Basic(secret.clone()),
            Kind::Post(secret) => Proof::Post(secret.clone()),
            Kind::Assertion(key) => Proof::Assertion(self.assertion(key, audience, clock)?),
        })
    }

    /// RFC 7523, 3. It names no other audience than the one, so that nobody can pass it on.
    fn assertion(&self, key: &SigningKey, audience: &str, clock: &Clock) -> Option<Secret> {
        let now = clock.now();
        let id = URL_SAFE_NO_PAD.encode(cipher::random::<16>().as_slice());
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "jti": id,
            "iat": now,
            "exp": now + ASSERTION,
        });
        key.sign(claims.as_object()?)
    }
}

impl Proof {
    /// `Authorization`, if the proof is there. Identifier and secret are form-encoded first, so that a colon or a letter
    /// beyond ASCII survives (RFC 6749, 2.3.1).
    pub(super) fn header(&self, client_id: &str) -> Option<HeaderValue> {
        let Self::Basic(secret) = self else { return None };
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = Secret::new(format!("{}:{}", encode(client_id), encode(secret.expose())));
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair.expose()))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// What the parameters have of it, and of who we are.
    pub(super) fn parameters(&self, client_id: &str) -> Vec<(&'static str, Secret)> {
        let id = ("client_id", Secret::new(client_id));
        match self {
            Self::None => vec![id],
            Self::Basic(_) => Vec::new(),
            Self::Post(secret) => vec![id, ("client_secret", secret.clone())],
            Self::Assertion(assertion) => {
                let kind = Secret::new(ASSERTION_TYPE);
                vec![id, ("client_assertion_type", kind), ("client_assertion", assertion.clone())]
            }
        }
    }
}
