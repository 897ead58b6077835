//! Signing in from a user's own machine: we are the client, there is no server of ours, and the tokens are the user's.
//!
//! ```text
//!  Plan ─► Client ─► browse ─► (the user's browser) ─► finish ─┐
//!             └────► device ─► (the user's phone)   ─► poll   ─┴► Session, sealed ─► access token, refreshed
//! ```
//!
//! Owns the authorization code flow with PKCE on a loopback redirect (RFC 6749, 4.1; RFC 7636; RFC 8252, 7.3), the device
//! flow (RFC 8628), and what is kept of either. Opens no browser, listens nowhere and knows no file.

mod code;
mod device;
mod session;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Value, json};

pub use code::Browsing;
pub use device::Device;
pub use session::Session;

use crate::provider::{Discovery, LIMITS, ProviderError, Remote, is_safe, object};
use crate::settings::{ClientAuth, Provider};
use crate::{Clock, Fetch, Secret};

/// What is known of where to sign in: by an issuer, whose metadata tells the rest, or by endpoints.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The authorization server.
    pub issuer: Option<String>,
    /// Where users sign in.
    pub authorization_endpoint: Option<String>,
    /// Where tokens are had.
    pub token_endpoint: Option<String>,
    /// Where the device flow begins.
    pub device_authorization_endpoint: Option<String>,
    /// Our client identifier; one is registered unless told.
    pub client_id: Option<String>,
    /// Its secret, if it has one.
    pub client_secret: Option<Secret>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The resource that is asked for (RFC 8707).
    pub resource: Option<String>,
}

/// Why nobody has signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// What is known does not suffice. The user's to mend.
    #[error("{0}")]
    Plan(String),
    /// The authorization server says no: its code.
    #[error("the authorization server refuses: {0}")]
    Refused(String),
    /// It does not answer, or not as the standards have it.
    #[error("{0}")]
    Server(String),
    /// What came back from the browser is not of this sign-in.
    #[error("what came back from the browser does not belong to this sign-in ({0}); start again")]
    Foreign(&'static str),
    /// The sign-in is over: it was revoked, or has run out.
    #[error("the sign-in is over; sign in again")]
    Over,
}

impl From<ProviderError> for LoginError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Refused { code } => Self::Refused(code),
            error => Self::Server(error.to_string()),
        }
    }
}

/// A client that is about to sign in: all endpoints known, and itself known to the server.
#[derive(Debug)]
pub struct Client {
    provider: Provider,
    remote: Remote,
    authorization_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    /// Whether every answer of the authorization endpoint names the issuer (RFC 9207, 3).
    names_issuer: bool,
    scopes: Vec<String>,
    resource: Option<String>,
    clock: Clock,
}

impl Client {
    /// Finds the endpoints, and registers a client (RFC 7591) if none is named. `redirect_uri` is where the browser will
    /// come back to; none for the device flow.
    ///
    /// # Errors
    /// [`LoginError`]
    pub async fn prepare(
        plan: &Plan,
        redirect_uri: Option<&str>,
        fetch: &Arc<dyn Fetch>,
        clock: &Clock,
    ) -> Result<Self, LoginError> {
        let found = match &plan.issuer {
            Some(issuer) => Discovery::new(issuer, Arc::clone(fetch), clock.clone()).metadata().await?,
            None => Arc::default(),
        };
        let or = |told: &Option<String>, found: &Option<String>| told.clone().or_else(|| found.clone());
        let token_endpoint = or(&plan.token_endpoint, &found.token_endpoint);
        let token_endpoint = token_endpoint.ok_or_else(|| missing("token endpoint"))?;
        let (authorization_endpoint, device_authorization_endpoint) = (
            or(&plan.authorization_endpoint, &found.authorization_endpoint),
            or(&plan.device_authorization_endpoint, &found.device_authorization_endpoint),
        );
        let named = [&authorization_endpoint, &device_authorization_endpoint, &found.registration_endpoint];
        if let Some(url) = named.into_iter().flatten().find(|url| !is_safe(url)) {
            return Err(LoginError::Plan(format!("{url} must be an https URL")));
        }
        let (client_id, secret) = match (&plan.client_id, &found.registration_endpoint) {
            (Some(id), _) => (id.clone(), plan.client_secret.clone()),
            (None, Some(endpoint)) => register(endpoint, redirect_uri, plan, fetch.as_ref()).await?,
            (None, None) => {
                let message = "the authorization server registers no clients by itself: register one there, and name it with \
                     --client-id";
                return Err(LoginError::Plan(message.to_owned()));
            }
        };
        let provider = Provider {
            issuer: plan.issuer.clone(),
            token_endpoint: Some(token_endpoint),
            revocation_endpoint: found.revocation_endpoint.clone(),
            client_id,
            auth: secret.map_or(ClientAuth::None, ClientAuth::Post),
        };
        let remote =
            Remote::new(&provider, fetch, clock).map_err(|error| LoginError::Plan(error.to_string()))?;
        Ok(Self {
            provider,
            remote,
            authorization_endpoint,
            device_authorization_endpoint,
            names_issuer: found.authorization_response_iss_parameter_supported,
            scopes: plan.scopes.clone(),
            resource: plan.resource.clone(),
            clock: clock.clone(),
        })
    }

    /// Whether the server has the device flow.
    #[must_use]
    pub fn has_device_flow(&self) -> bool {
        self.device_authorization_endpoint.is_some()
    }

    /// What is asked for, as parameters.
    fn asked(&self) -> Vec<(&str, String)> {
        let scope = (!self.scopes.is_empty()).then(|| ("scope", self.scopes.join(" ")));
        let resource = self.resource.clone().map(|resource| ("resource", resource));
        scope.into_iter().chain(resource).collect()
    }
}

/// A client of our own at the server, public if it lets us.
async fn register(
    endpoint: &str,
    redirect_uri: Option<&str>,
    plan: &Plan,
    fetch: &dyn Fetch,
) -> Result<(String, Option<Secret>), LoginError> {
    let grants = match redirect_uri {
        Some(_) => json!(["authorization_code", "refresh_token"]),
        None => json!(["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]),
    };
    let mut asked = json!({
        "client_name": "oasgate",
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "grant_types": grants,
        "redirect_uris": redirect_uri.into_iter().collect::<Vec<_>>(),
        "response_types": redirect_uri.map(|_| "code").into_iter().collect::<Vec<_>>(),
    });
    if let (false, Some(asked)) = (plan.scopes.is_empty(), asked.as_object_mut()) {
        asked.insert("scope".to_owned(), plan.scopes.join(" ").into());
    }
    let request =
        Request::post(endpoint).header(CONTENT_TYPE, "application/json").body(Bytes::from(asked.to_string()));
    let request = request.map_err(|_| missing("registration endpoint"))?;
    let answer = fetch.fetch(request, LIMITS).await.map_err(|error| LoginError::Server(error.to_string()))?;
    if !matches!(answer.status(), StatusCode::CREATED | StatusCode::OK) {
        return Err(ProviderError::of(&answer).into());
    }
    let unusable = || LoginError::Server("the registration's answer names no client".to_owned());
    let answer = object(answer.body()).ok_or_else(unusable)?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Ok((text("client_id").ok_or_else(unusable)?.to_owned(), text("client_secret").map(Secret::new)))
}

fn missing(what: &str) -> LoginError {
    LoginError::Plan(format!("the {what} is not known: name the authorization server with --issuer"))
}
