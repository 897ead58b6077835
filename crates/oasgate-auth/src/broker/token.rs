//! `POST /token` (RFC 6749, 3.2): who asks, and by what.

use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use super::grant::Pair;
use super::{Broker, authenticate, code, machine, refresh};

/// RFC 7523, 2.1.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Gives tokens for a code, a refresh token, an assertion, or to a client for itself.
pub(crate) async fn token(broker: &Broker, headers: &HeaderMap, body: Body) -> Result<Response, OAuthError> {
    let form = Form::body(headers, body).await?;
    let grant_type = form.need("grant_type")?;
    let client = authenticate::authenticate(broker, headers, &form).await?;
    match grant_type {
        "authorization_code" => paired(broker, &client, code::redeem(broker, &client, &form).await?).await,
        "refresh_token" => paired(broker, &client, refresh::refresh(broker, &client, &form).await?).await,
        "client_credentials" => Ok(granted(&machine::client_credentials(broker, &client, &form).await?)),
        JWT_BEARER if !broker.idps.is_empty() => {
            Ok(granted(&machine::jwt_bearer(broker, &client, &form).await?))
        }
        _ => Err(OAuthError::new("unsupported_grant_type", "this server does not have that `grant_type`")),
    }
}

/// A user's tokens.
async fn paired(broker: &Broker, client: &Client, pair: Pair) -> Result<Response, OAuthError> {
    // The pair is kept already: it is not held back for that.
    if let Err(error) = broker.clients.used(client).await {
        tracing::warn!(%error, "that a client is used could not be kept");
    }
    Ok(granted(&pair.response(broker)))
}

/// RFC 6749, 5.1.
fn granted(document: &Value) -> Response {
    let mut response = axum::Json(document).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
