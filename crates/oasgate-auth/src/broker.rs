//! The authorization server: clients come to it, users sign in elsewhere, and what they get there stays here.
//!
//! ```text
//!  client ─ /authorize ─► page: who asks for what ─ /authorize/consent ─► (leg) another server, or a page for a key
//!                                                                            │
//!  client ◄─ code, state, iss ──────────────────────────────── /oauth/callback, /authorize/key
//!  client ─ /token ─► access token, refresh token ─► (calls) ─► what the grant has for the API
//! ```
//!
//! Owns the endpoints, the grants and what is sealed in them. Refuses to know what the tokens are for: who asks for a
//! credential gets one, or is told to sign in again.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::ALLOW;
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

use crate::auth::{Parts, SetupError};
use crate::clock::Clock;
use crate::provider::RemoteKeys;
use crate::settings::{self, Settings};
use crate::{Keyring, Operations};

pub(crate) mod access;
mod assertion;
mod authenticate;
mod authorize;
mod callback;
mod cimd;
pub(crate) mod client;
mod clients;
mod code;
mod consent;
mod cookie;
mod ending;
pub(crate) mod endpoints;
pub(crate) mod error;
mod form;
pub(crate) mod grant;
mod leg;
mod machine;
pub(crate) mod page;
mod paste;
mod records;
mod redirect;
mod refresh;
mod register;
mod revoke;
mod scopes;
mod shelf;
mod token;
mod txn;
mod upstream;

#[cfg(test)]
mod tests;

use cimd::Reach;
use clients::Clients;
use cookie::Cookies;
use endpoints::Endpoints;
use leg::Leg;
use redirect::RedirectRules;
use scopes::Scopes;
use shelf::Shelf;
pub(crate) use token::JWT_BEARER;

/// An authorization server.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) endpoints: Endpoints,
    settings: Arc<Settings>,
    rules: settings::Broker,
    redirects: RedirectRules,
    scopes: Scopes,
    cookies: Cookies,
    clients: Clients,
    pub(crate) reach: Arc<Reach>,
    leg: Arc<Leg>,
    /// Where browsers are led on to from there, as sources of a content security policy.
    onwards: Vec<String>,
    idps: Vec<machine::Idp>,
    shelf: Shelf,
    keyring: Keyring,
    clock: Clock,
    tokens: access::Cache,
    upstream: Arc<upstream::Upstream>,
    operations: Arc<dyn Operations>,
}

impl Broker {
    /// One by these rules.
    ///
    /// # Errors
    /// The rules contradict each other.
    pub(crate) fn new(
        settings: &Arc<Settings>,
        rules: &settings::Broker,
        parts: &Parts,
    ) -> Result<Self, SetupError> {
        let endpoints = Endpoints::new(&settings.public_url, rules.issuer.as_deref()).ok_or_else(|| {
            SetupError(
                "the issuer must be an https URL at the origin of the public URL, without a `/` at its end"
                    .to_owned(),
            )
        })?;
        let redirects =
            RedirectRules { hosts: rules.redirect_hosts.clone(), schemes: rules.redirect_schemes.clone() };
        let shelf = Shelf::new(Arc::clone(&parts.store), parts.clock.clone());
        let leg = Arc::new(Leg::new(&rules.leg, settings.environment.as_deref(), parts)?);
        let (tokens, clock) = (access::Cache::new(), parts.clock.clone());
        let upstream =
            upstream::Upstream::new(Arc::clone(&leg), shelf.clone(), clock.clone(), tokens.clone());
        let idps = rules.trusted_idps.iter().map(|idp| machine::Idp {
            issuer: idp.issuer.issuer.clone(),
            keys: RemoteKeys::new(&idp.issuer, &parts.operator, &clock),
        });
        Ok(Self {
            cookies: Cookies { is_https: endpoints.is_https() },
            clients: Clients::new(rules, redirects.clone(), shelf.clone(), parts),
            reach: Arc::new(Reach::new(&rules.cimd, &parts.strangers)),
            idps: idps.collect(),
            scopes: Scopes::new(settings, &rules.scopes),
            settings: Arc::clone(settings),
            rules: rules.clone(),
            upstream: Arc::new(upstream),
            operations: Arc::clone(&parts.operations),
            keyring: parts.keyring.clone(),
            onwards: leg::onwards(&rules.leg)?,
            endpoints,
            redirects,
            leg,
            shelf,
            clock,
            tokens,
        })
    }

    /// The endpoints that show pages to people.
    pub(crate) fn pages(self: &Arc<Self>) -> Router {
        let path = |endpoint| self.endpoints.path(endpoint);
        Router::new()
            .route(&path(endpoints::AUTHORIZE), get(authorize).head(not_asked))
            .route(&path(endpoints::CONSENT), post(agree))
            .route(&path(endpoints::KEY), post(paste_key))
            .route(&path(endpoints::CALLBACK), get(come_back).head(not_asked))
            .with_state(Arc::clone(self))
    }

    /// The endpoints that clients ask.
    pub(crate) fn apis(self: &Arc<Self>) -> Router {
        let path = |endpoint| self.endpoints.path(endpoint);
        Router::new()
            .route(&path(endpoints::TOKEN), post(issue))
            .route(&path(endpoints::REGISTER), post(enrol))
            .route(&path(endpoints::REVOKE), post(withdraw))
            .with_state(Arc::clone(self))
    }
}

type Shared = State<Arc<Broker>>;

async fn authorize(State(broker): Shared, head: Head) -> Response {
    authorize::authorize(&broker, &head).await.unwrap_or_else(page::Refusal::into_response)
}

/// Looking at an address must change nothing (RFC 9110, 9.2.1), and these keep or take something when they are asked for.
async fn not_asked() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")]).into_response()
}

async fn agree(State(broker): Shared, headers: HeaderMap, body: Body) -> Response {
    consent::answer(&broker, &headers, body).await.unwrap_or_else(page::Refusal::into_response)
}

async fn paste_key(State(broker): Shared, headers: HeaderMap, body: Body) -> Response {
    paste::submit(&broker, &headers, body).await.unwrap_or_else(page::Refusal::into_response)
}

async fn come_back(State(broker): Shared, head: Head) -> Response {
    callback::callback(&broker, &head).await.unwrap_or_else(page::Refusal::into_response)
}

async fn issue(State(broker): Shared, headers: HeaderMap, body: Body) -> Response {
    token::token(&broker, &headers, body).await.unwrap_or_else(error::OAuthError::into_response)
}

async fn enrol(State(broker): Shared, headers: HeaderMap, body: Body) -> Response {
    register::register(&broker, &headers, body).await.unwrap_or_else(error::OAuthError::into_response)
}

async fn withdraw(State(broker): Shared, headers: HeaderMap, body: Body) -> Response {
    revoke::revoke(&broker, &headers, body).await.unwrap_or_else(error::OAuthError::into_response)
}
