//! The answer to who is not let in, and the way in that it tells (RFC 6750, 3; RFC 9728, 5.1).
//!
//! All of it is made when the program starts, but for what depends on the request: it waits for nobody.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::Denied;
use crate::settings::{ApiKeys, KeyPlace, Settings};

/// An answer to who is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) status: StatusCode,
    /// `WWW-Authenticate`, if something can be shown instead.
    pub(crate) way_in: Option<String>,
    /// The code of RFC 6750, 3.1, or one of ours for the body.
    pub(crate) error: &'static str,
    pub(crate) description: String,
    retry_after: Option<u64>,
}

/// What challenges are made of.
#[derive(Debug)]
pub(super) struct Challenges {
    /// Where one can sign in.
    sign_in: Option<Way>,
    /// Where keys are taken.
    keys: Option<Way>,
}

/// A way in.
#[derive(Debug, Clone)]
struct Way {
    scheme: String,
    parameters: String,
    /// What is asked for if nothing is known of what is needed.
    scope: Option<String>,
    /// What to do, for people.
    advice: String,
}

impl Challenges {
    pub(super) fn new(settings: &Settings) -> Self {
        let inbound = &settings.inbound;
        let can_sign_in = inbound.broker.is_some() || inbound.resource_server.is_some();
        let scopes = settings.told_scopes().into_iter();
        Self {
            sign_in: can_sign_in.then(|| Way {
                scheme: "Bearer".to_owned(),
                parameters: format!("resource_metadata=\"{}\"", metadata_url(settings)),
                // RFC 6749, 3.3; whether a token outlives its user's presence is not the resource's to ask (MCP).
                scope: scope(scopes.filter(|scope| *scope != "offline_access")),
                advice: "sign in: the way is in WWW-Authenticate".to_owned(),
            }),
            keys: inbound.api_key.as_ref().map(|keys| Way::of_keys(keys, settings)),
        }
    }

    pub(super) fn of(&self, denied: Denied, keys_only: bool) -> Challenge {
        let told = if keys_only { None } else { self.sign_in.as_ref() };
        let way = told.or(self.keys.as_ref());
        let bare = |status, error, description: String| Challenge {
            status,
            way_in: None,
            error,
            description,
            retry_after: None,
        };
        match denied {
            Denied::Absent => {
                let advice = way.map(|way| way.advice.clone()).unwrap_or_default();
                let way_in = way.map(|way| way.write(None, way.scope.clone()));
                Challenge { way_in, ..bare(StatusCode::UNAUTHORIZED, "unauthorized", advice) }
            }
            Denied::Invalid(why) => {
                let way_in = way.map(|way| way.write(Some(("invalid_token", &why)), way.scope.clone()));
                Challenge { way_in, ..bare(StatusCode::UNAUTHORIZED, "invalid_token", why) }
            }
            Denied::Malformed(why) => {
                let way_in = way.map(|way| way.write(Some(("invalid_request", why)), None));
                Challenge { way_in, ..bare(StatusCode::BAD_REQUEST, "invalid_request", why.to_owned()) }
            }
            Denied::NeedsScopes(scopes) => {
                let why = "the token is not good for this operation: ask for all of these scopes at once";
                let needed = scope(scopes.iter().map(String::as_str));
                let way_in = way.map(|way| way.write(Some(("insufficient_scope", why)), needed));
                Challenge { way_in, ..bare(StatusCode::FORBIDDEN, "insufficient_scope", why.to_owned()) }
            }
            Denied::Later { retry_after } => Challenge {
                retry_after: Some(retry_after),
                ..bare(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "temporarily_unavailable",
                    "whether this credential is good cannot be found out now; try again".to_owned(),
                )
            },
        }
    }
}

impl Way {
    /// A challenge must have a parameter (RFC 6750, 3), and metadata that leads to a sign-in is none for who has a key.
    fn of_keys(keys: &ApiKeys, settings: &Settings) -> Self {
        let places: Vec<String> = keys.places.iter().map(describe).collect();
        let scheme = keys.places.iter().find_map(|place| match place {
            KeyPlace::Authorization(scheme) if scheme.eq_ignore_ascii_case("Bearer") => {
                Some("Bearer".to_owned())
            }
            KeyPlace::Authorization(scheme) => Some(scheme.clone()),
            KeyPlace::Header(_) => None,
        });
        Self {
            scheme: scheme.unwrap_or_else(|| "ApiKey".to_owned()),
            parameters: format!("realm=\"{}\"", settings.public_url.resource()),
            scope: None,
            advice: format!("send your API key as {}", places.join(" or ")),
        }
    }

    /// Every text in it is of this program or has been checked to need no quoting (RFC 9110, 5.6.4).
    fn write(&self, error: Option<(&str, &str)>, scope: Option<String>) -> String {
        let mut text = format!("{} ", self.scheme);
        if let Some((code, why)) = error {
            text += &format!("error=\"{code}\", error_description=\"{}\", ", quotable(why));
        }
        text += &self.parameters;
        if let Some(scope) = scope {
            text += &format!(", scope=\"{scope}\"");
        }
        text
    }
}

impl IntoResponse for Challenge {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Or else a client in a browser cannot find the way in (Fetch, 3.3.5).
        let exposed = HeaderValue::from_static("WWW-Authenticate, Retry-After");
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        if let Some(way_in) = self.way_in.and_then(|way| HeaderValue::try_from(way).ok()) {
            headers.insert(WWW_AUTHENTICATE, way_in);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.status, headers, Json(body)).into_response()
    }
}

/// Where the metadata of the resource is: the well-known part before its path (RFC 9728, 3.1).
fn metadata_url(settings: &Settings) -> String {
    let url = &settings.public_url;
    format!("{}/.well-known/oauth-protected-resource{}", url.origin(), url.path())
}

/// Scopes as one text (RFC 6749, 3.3), without those that are none by that grammar. None if there are none.
fn scope<'s>(scopes: impl Iterator<Item = &'s str>) -> Option<String> {
    let is_token = |scope: &&str| {
        !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
    };
    let scopes: Vec<&str> = scopes.filter(is_token).collect();
    (!scopes.is_empty()).then(|| scopes.join(" "))
}

/// RFC 6750, 3: no quotes, no backslashes, nothing beyond ASCII.
fn quotable(text: &str) -> String {
    let fits = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '`');
    text.chars().filter(|c| fits(*c)).collect()
}

fn describe(place: &KeyPlace) -> String {
    match place {
        KeyPlace::Authorization(scheme) => format!("`Authorization: {scheme} KEY`"),
        KeyPlace::Header(name) => format!("`{name}: KEY`"),
    }
}
