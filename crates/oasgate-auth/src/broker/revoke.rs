//! `POST /revoke` (RFC 7009): a client gives back what it has. Whatever else it sends, the answer is the same.

use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use super::records::{AccessRecord, GrantRecord, RefreshRecord};
use super::shelf::delete;
use super::upstream::Held;
use super::{Broker, authenticate, grant};
use crate::Expect;
use crate::seal::GrantKey;
use crate::token::{Token, TokenKind};

/// Revokes a token.
pub(crate) async fn revoke(broker: &Broker, headers: &HeaderMap, body: Body) -> Result<Response, OAuthError> {
    let form = Form::body(headers, body).await?;
    let client = authenticate::authenticate(broker, headers, &form).await?;
    // `token_type_hint` is not needed (2.1): a token says what it is.
    if let Some(token) = Token::parse(form.need("token")?)
        && let Some(locator) = token.locator(&broker.keyring)
    {
        match token.kind() {
            TokenKind::Refresh => end(broker, &client, &token, &locator).await?,
            TokenKind::Access => forget(broker, &client, &locator).await?,
            TokenKind::Code | TokenKind::ClientSecret | TokenKind::State => {}
        }
    }
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A refresh token is the whole grant (2.1), here and upstream.
async fn end(broker: &Broker, client: &Client, token: &Token, locator: &str) -> Result<(), OAuthError> {
    let Some(kept) = broker.shelf.find::<RefreshRecord>(locator).await? else { return Ok(()) };
    let record = kept.record;
    if *record.client != *client.id {
        return Ok(());
    }
    let found = broker.shelf.find::<GrantRecord>(&record.grant).await?;
    // Ended here first: upstream is told as well as it can be.
    grant::destroy(broker, &record.grant).await?;
    tracing::info!(grant = record.grant, client = record.client, "revoked");
    let key = GrantKey::unwrap(&broker.keyring, token, &record.wrapped);
    if let (Some(key), Some(found)) = (key, found)
        && let Some(held) = Held::open(&key, &record.grant, &found.record.upstream)
    {
        if let Held::Key { credential, key_id: Some(key_id), .. } = &held {
            broker.operations.revoke(key_id, credential).await;
        }
        broker.leg.revoke(&held).await;
    }
    Ok(())
}

/// An access token is itself only.
async fn forget(broker: &Broker, client: &Client, locator: &str) -> Result<(), OAuthError> {
    let Some(kept) = broker.shelf.find::<AccessRecord>(locator).await? else { return Ok(()) };
    if *kept.record.client == *client.id {
        let _made = broker.shelf.commit(vec![delete::<AccessRecord>(locator, Expect::Anything)]).await?;
        broker.tokens.forget(locator);
    }
    Ok(())
}
