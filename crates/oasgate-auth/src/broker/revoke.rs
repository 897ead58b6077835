//! `POST /revoke` (RFC 7009): a client gives back what it has. Whatever else it sends, the answer is the same.

use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::client::Client;
use super::error::OAuthError;
use super::form::Form;
use super::records::{AccessRecord, RefreshRecord};
use super::shelf::delete;
use super::{Broker, authenticate, ending, refresh};
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
    ending::end(broker, &record.grant, GrantKey::unwrap(&broker.keyring, token, &record.wrapped)).await?;
    tracing::info!(grant = record.grant, client = record.client, "revoked");
    Ok(())
}

/// An access token is itself only. That it is given back shows that its pair has arrived.
async fn forget(broker: &Broker, client: &Client, locator: &str) -> Result<(), OAuthError> {
    let Some(kept) = broker.shelf.find::<AccessRecord>(locator).await? else { return Ok(()) };
    if *kept.record.client == *client.id {
        if let Some(before) = &kept.record.retires
            && let Some(write) = refresh::spend(broker, before).await?
        {
            // Whoever changes that token at the same moment spends it, or takes the grant.
            let _made = broker.shelf.commit(vec![write]).await?;
        }
        let _made = broker.shelf.commit(vec![delete::<AccessRecord>(locator, Expect::Anything)]).await?;
        broker.tokens.forget(locator);
    }
    Ok(())
}
