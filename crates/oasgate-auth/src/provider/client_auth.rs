//! How we prove to a provider who we are (RFC 6749, 2.3; RFC 7523, 2.2): for every request that needs it, and for all in
//! one way.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use http::request::Builder;
use serde_json::json;
use url::form_urlencoded;

use crate::jwt::SigningKey;
use crate::settings::ClientAuth;
use crate::{Clock, Secret, SetupError, cipher};

/// How long an assertion is good for, in seconds.
const ASSERTION: i64 = 60;

/// A client's identifier and its proof.
#[derive(Debug)]
pub(super) struct Proof {
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

impl Proof {
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

    /// Adds the proof to a request: to its header, or to the parameters of its body. `audience` is whom an assertion is
    /// for. None if there is nothing that could be sent.
    pub(super) fn add(
        &self,
        request: Builder,
        parameters: &mut Vec<(String, Secret)>,
        audience: &str,
        clock: &Clock,
    ) -> Option<Builder> {
        let mut add = |name: &str, value: Secret| parameters.push((name.to_owned(), value));
        match &self.kind {
            Kind::None => add("client_id", Secret::new(self.client_id.clone())),
            Kind::Basic(secret) => {
                return Some(request.header(AUTHORIZATION, basic(&self.client_id, secret)?));
            }
            Kind::Post(secret) => {
                add("client_id", Secret::new(self.client_id.clone()));
                add("client_secret", secret.clone());
            }
            Kind::Assertion(key) => {
                add("client_id", Secret::new(self.client_id.clone()));
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                add("client_assertion_type", Secret::new(kind));
                add("client_assertion", self.assertion(key, audience, clock)?);
            }
        }
        Some(request)
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

/// RFC 6749, 2.3.1: identifier and secret are form-encoded first, so that a colon or a letter beyond ASCII survives.
fn basic(client_id: &str, secret: &Secret) -> Option<HeaderValue> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Secret::new(format!("{}:{}", encode(client_id), encode(secret.expose())));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair.expose()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
