//! What a request shows to prove who sends it: one thing at one place, or nothing.

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, request};
use url::form_urlencoded;

use super::Denied;
use crate::Secret;
use crate::settings::{ApiKeys, KeyPlace};

/// The field in which most APIs take keys. Whoever sends it beside a token has two identities, wherever keys are taken.
static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// One credential, not yet judged.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) secret: Secret,
    /// It came as `Authorization: Bearer`.
    pub(super) is_bearer: bool,
    /// It came where API keys are taken.
    pub(super) is_key_place: bool,
}

impl Shown {
    /// What a request shows. `keys` says where API keys are taken.
    pub(super) fn of(request: &request::Parts, keys: Option<&ApiKeys>) -> Result<Self, Denied> {
        // RFC 6750, 2.3 and MCP, "Token Requirements": what is in a URL is in every log on the way.
        let query = request.uri.query().unwrap_or_default();
        if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
            return Err(Denied::invalid(
                "tokens in the query are not accepted: send `Authorization: Bearer`",
            ));
        }
        let places = keys.map_or(&[] as &[KeyPlace], |keys| &keys.places);
        let own = places.iter().filter_map(|place| match place {
            KeyPlace::Header(name) if *name != X_API_KEY => Some(name),
            _ => None,
        });
        let values = |name| request.headers.get_all(name).iter().map(move |value| (name, value));
        let mut all = [&AUTHORIZATION, &X_API_KEY].into_iter().chain(own).flat_map(values);
        match (all.next(), all.next()) {
            (None, _) => Err(Denied::Absent),
            // RFC 6750, 3.1: "uses more than one method for including an access token".
            (Some(_), Some(_)) => Err(Denied::Malformed("send one credential, and in one place")),
            (Some((name, value)), None) if *name == AUTHORIZATION => Self::authorization(value, places),
            (Some((name, value)), None) => Self::field(name, value, places),
        }
    }

    /// RFC 9110, 11.6.2.
    fn authorization(value: &HeaderValue, places: &[KeyPlace]) -> Result<Self, Denied> {
        let text = value.to_str().map_err(|_| Denied::Malformed("the Authorization field is not text"))?;
        let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
        let is_bearer = scheme.eq_ignore_ascii_case("Bearer");
        let is_key_place = places.iter().any(
            |place| matches!(place, KeyPlace::Authorization(taken) if taken.eq_ignore_ascii_case(scheme)),
        );
        // RFC 6750, 3.1: a scheme that is not taken is as if nothing were shown.
        if !is_bearer && !is_key_place {
            return Err(Denied::Absent);
        }
        let secret = rest.trim_matches(' ');
        // RFC 6750, 2.1 (b64token), and what else a key may consist of.
        if secret.is_empty() || secret.contains([' ', '\t', ',']) {
            return Err(Denied::Malformed("after the scheme, the Authorization field has one token"));
        }
        Ok(Self { secret: Secret::new(secret), is_bearer, is_key_place })
    }

    fn field(name: &HeaderName, value: &HeaderValue, places: &[KeyPlace]) -> Result<Self, Denied> {
        let is_key_place =
            places.iter().any(|place| matches!(place, KeyPlace::Header(taken) if taken == name));
        // A field that is not taken is as if nothing were shown.
        if !is_key_place {
            return Err(Denied::Absent);
        }
        let text = value.to_str().map_err(|_| Denied::Malformed("the key is not text"))?.trim();
        if text.is_empty() {
            return Err(Denied::Malformed("the field for the key is empty"));
        }
        Ok(Self { secret: Secret::new(text), is_bearer: false, is_key_place })
    }
}
