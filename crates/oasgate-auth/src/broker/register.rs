//! `POST /register`: dynamic client registration (RFC 7591).
//!
//! Who registers is nobody yet: the record is small, found by an identifier that we choose, and forgotten the next day if
//! nobody has signed in by it, else when it has not been used for 90 days.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::Broker;
use super::client::{Keys, Metadata};
use super::error::OAuthError;
use super::form;
use super::records::ClientRecord;
use crate::settings::Registration;
use crate::token::{Token, TokenKind};

/// The bytes of a registration: several times what the longest honest one has.
const BODY_LIMIT: usize = 16 << 10;

/// Registers a client.
pub(crate) async fn register(
    broker: &Broker,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, OAuthError> {
    admit(&broker.rules.registration, headers)?;
    let bytes = form::read(body, BODY_LIMIT).await?;
    let metadata: Metadata = serde_json::from_slice(&bytes)
        .map_err(|_| invalid("send client metadata as a JSON object (RFC 7591, 2)"))?;
    metadata
        .check_redirects(&broker.redirects)
        .map_err(|reason| OAuthError::new("invalid_redirect_uri", reason))?;
    let asked = Asked::of(&metadata)?;
    let now = broker.clock.now();
    let secret = asked.has_secret.then(|| Token::mint(TokenKind::ClientSecret, &broker.keyring));
    let id = crate::random::identifier();
    let record = ClientRecord {
        name: metadata.display_name(),
        redirect_uris: metadata.redirect_uris.clone(),
        secret: secret.as_ref().and_then(|secret| secret.locator(&broker.keyring)),
        keys: asked.keys.clone(),
        registered: now,
        used: false,
    };
    broker.clients.keep(&id, &record).await?;
    tracing::info!(client = %id, name = record.name.as_deref().unwrap_or_default(), "client registered");
    Ok(created(&document(broker, &id, &record, &metadata, &asked, secret.as_ref())))
}

/// Whether registrations are taken, and this one (RFC 7591, 3).
fn admit(registration: &Registration, headers: &HeaderMap) -> Result<(), OAuthError> {
    match registration {
        Registration::Open => Ok(()),
        Registration::Off => Err(OAuthError {
            status: StatusCode::FORBIDDEN,
            ..OAuthError::new("access_denied", "the operator of this server registers clients; ask them")
        }),
        Registration::Token(token) => {
            let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            let shown = shown
                .and_then(|value| value.split_once(' '))
                .filter(|(s, _)| s.eq_ignore_ascii_case("bearer"));
            match shown {
                Some((_, shown)) if crate::random::is_same(shown, token.expose()) => Ok(()),
                _ => Err(OAuthError {
                    status: StatusCode::UNAUTHORIZED,
                    ..OAuthError::new(
                        "invalid_token",
                        "registration needs the initial access token (RFC 7591, 3)",
                    )
                }),
            }
        }
    }
}

/// What a client has asked for, as it is granted.
struct Asked {
    method: &'static str,
    has_secret: bool,
    keys: Option<Keys>,
    grant_types: Vec<&'static str>,
}

impl Asked {
    fn of(metadata: &Metadata) -> Result<Self, OAuthError> {
        // RFC 7591, 2: the default is `client_secret_basic`.
        let (method, has_secret) = match metadata.token_endpoint_auth_method.as_deref() {
            Some("none") => ("none", false),
            None | Some("client_secret_basic") => ("client_secret_basic", true),
            Some("client_secret_post") => ("client_secret_post", true),
            Some("private_key_jwt") => ("private_key_jwt", false),
            Some(_) => return Err(invalid("this server does not know that `token_endpoint_auth_method`")),
        };
        let keys = if method == "private_key_jwt" {
            Some(
                metadata
                    .keys()
                    .ok_or_else(|| invalid("`private_key_jwt` needs either `jwks` or `jwks_uri`"))?,
            )
        } else {
            None
        };
        if metadata.response_types.as_ref().is_some_and(|types| !types.iter().any(|own| own == "code")) {
            return Err(invalid("the only `response_types` is `code`"));
        }
        let wants =
            |grant: &str| metadata.grant_types.as_ref().is_none_or(|all| all.iter().any(|own| own == grant));
        if !wants("authorization_code") {
            return Err(invalid("`grant_types` must have `authorization_code`"));
        }
        // Section 3.2.1 lets the server replace what was asked for: what is unknown here falls away.
        let mut grant_types = vec!["authorization_code"];
        grant_types.extend(wants("refresh_token").then_some("refresh_token"));
        Ok(Self { method, has_secret, keys, grant_types })
    }
}

/// What the client is told (RFC 7591, 3.2.1).
fn document(
    broker: &Broker,
    id: &str,
    record: &ClientRecord,
    metadata: &Metadata,
    asked: &Asked,
    secret: Option<&Token>,
) -> Value {
    let mut out = Map::new();
    let mut set = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    set("client_id", json!(id));
    set("client_id_issued_at", json!(record.registered));
    if let Some(secret) = secret {
        set("client_secret", json!(secret.expose()));
        set("client_secret_expires_at", json!(0));
    }
    set("redirect_uris", json!(record.redirect_uris));
    set("grant_types", json!(asked.grant_types));
    set("response_types", json!(["code"]));
    set("token_endpoint_auth_method", json!(asked.method));
    if let Some(name) = &record.name {
        set("client_name", json!(name));
    }
    if let Some(kind @ ("web" | "native")) = metadata.application_type.as_deref() {
        set("application_type", json!(kind));
    }
    match &asked.keys {
        Some(Keys::Url(url)) => set("jwks_uri", json!(url)),
        Some(Keys::Set(_)) => set("jwks", json!(metadata.jwks)),
        None => {}
    }
    set("scope", json!(broker.scopes.narrowed(metadata.scope.as_deref()).join(" ")));
    Value::Object(out)
}

fn created(document: &Value) -> Response {
    let mut response = (StatusCode::CREATED, axum::Json(document)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn invalid(description: &str) -> OAuthError {
    OAuthError::new("invalid_client_metadata", description)
}
