//! A provider to which we are a client: its token endpoint, and the others that want to know who asks.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::client_auth::Proof;
use super::{Discovery, Metadata, ProviderError, TOKEN_LIMITS, is_safe, object};
use crate::settings::Provider;
use crate::{Clock, Fetch, FetchError, Secret, SetupError};

/// A provider, and who we are to it.
#[derive(Debug)]
pub(crate) struct Remote {
    settings: Provider,
    proof: Proof,
    discovery: Option<Discovery>,
    fetch: Arc<dyn Fetch>,
    clock: Clock,
}

/// What a token endpoint grants (RFC 6749, 5.1).
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access_token: Secret,
    /// How long it is good for, in seconds.
    pub(crate) expires_in: Option<u64>,
    pub(crate) refresh_token: Option<Secret>,
    /// OpenID Connect Core, 3.1.3.3.
    pub(crate) id_token: Option<Secret>,
}

impl Remote {
    /// # Errors
    /// The operator's: there is no way to find the endpoints, or the private key cannot sign.
    pub(crate) fn new(
        settings: &Provider,
        fetch: &Arc<dyn Fetch>,
        clock: &Clock,
    ) -> Result<Self, SetupError> {
        let proof = Proof::new(&settings.client_id, &settings.auth)?;
        let issuer = settings.issuer.as_deref();
        let told = [issuer, settings.token_endpoint.as_deref(), settings.revocation_endpoint.as_deref()];
        if let Some(url) = told.into_iter().flatten().find(|url| !is_safe(url)) {
            return Err(SetupError(format!("{url} must be an https URL: secrets are sent there")));
        }
        let discovery = issuer.map(|issuer| Discovery::new(issuer, Arc::clone(fetch), clock.clone()));
        Ok(Self {
            settings: settings.clone(),
            proof,
            discovery,
            fetch: Arc::clone(fetch),
            clock: clock.clone(),
        })
    }

    /// What the provider says of itself; nothing, if the operator has said where everything is.
    ///
    /// # Errors
    /// It does not say it now.
    pub(crate) async fn metadata(&self) -> Result<Option<Arc<Metadata>>, ProviderError> {
        match &self.discovery {
            Some(discovery) => discovery.metadata().await.map(Some),
            None => Ok(None),
        }
    }

    /// Asks the token endpoint for a token: `grant_type` and what belongs to it.
    ///
    /// # Errors
    /// [`ProviderError`]
    pub(crate) async fn token(&self, parameters: &[(&str, &str)]) -> Result<Tokens, ProviderError> {
        let (endpoint, is_told) = match &self.settings.token_endpoint {
            Some(endpoint) => (endpoint.clone(), true),
            None => (self.discovered("token_endpoint", |found| found.token_endpoint.clone()).await?, false),
        };
        let answer = self.post_to(&endpoint, is_told, parameters).await?;
        if answer.status() != StatusCode::OK {
            return Err(ProviderError::of(&answer));
        }
        Tokens::read(answer.body())
    }

    /// Tells the revocation endpoint (RFC 7009), if there is one, that a token is no longer wanted.
    ///
    /// # Errors
    /// Whether it has heard is not known.
    pub(crate) async fn revoke(&self, token: &Secret, hint: &str) -> Result<(), ProviderError> {
        let told = self.settings.revocation_endpoint.clone();
        let is_told = told.is_some();
        let found =
            || async { Ok(self.metadata().await?.and_then(|found| found.revocation_endpoint.clone())) };
        let Some(endpoint) = (if is_told { told } else { found().await? }) else { return Ok(()) };
        let parameters = [("token", token.expose()), ("token_type_hint", hint)];
        let answer = self.post_to(&endpoint, is_told, &parameters).await?;
        if answer.status().is_success() { Ok(()) } else { Err(ProviderError::of(&answer)) }
    }

    /// Posts a form to an endpoint that the operator has named, with our proof, and gives the JSON object that it
    /// answers with.
    ///
    /// # Errors
    /// [`ProviderError`]
    pub(crate) async fn post(
        &self,
        endpoint: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Map<String, Value>, ProviderError> {
        let answer = self.post_to(endpoint, true, parameters).await?;
        if answer.status() != StatusCode::OK {
            return Err(ProviderError::of(&answer));
        }
        object(answer.body()).ok_or(ProviderError::Unusable("it is no JSON object"))
    }

    async fn discovered(
        &self,
        what: &'static str,
        endpoint: impl FnOnce(&Metadata) -> Option<String>,
    ) -> Result<String, ProviderError> {
        let metadata = self.metadata().await?;
        metadata.and_then(|found| endpoint(&found)).ok_or_else(|| {
            tracing::error!(endpoint = what, "the provider's metadata lacks an endpoint that is needed");
            ProviderError::Unusable("its metadata lacks an endpoint that is needed")
        })
    }

    /// An assertion is for the endpoint that the operator has named; for the issuer, if it is the issuer who has named
    /// it: one that names another's endpoint gets nothing that the other would take.
    async fn post_to(
        &self,
        endpoint: &str,
        is_told: bool,
        parameters: &[(&str, &str)],
    ) -> Result<Response<Bytes>, ProviderError> {
        let issuer = self.settings.issuer.as_deref();
        let audience = if is_told { endpoint } else { issuer.unwrap_or(endpoint) };
        let mut form: Vec<(String, Secret)> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        let request = Request::post(endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        let unsendable = ProviderError::Unusable("its endpoint is no URL, or our proof cannot be sent");
        let request =
            self.proof.add(request, &mut form, audience, &self.clock).ok_or_else(|| unsendable.clone())?;
        let request = request.body(encode(&form)).map_err(|_| unsendable)?;
        self.fetch.fetch(request, TOKEN_LIMITS).await.map_err(|error| match error {
            FetchError::Refused(_) => {
                ProviderError::Unusable("it is at an address that this server does not connect to")
            }
            FetchError::TooLarge(_) => ProviderError::Unusable("it is too long"),
            FetchError::Failed(_) => ProviderError::later(),
        })
    }
}

fn encode(form: &[(String, Secret)]) -> Bytes {
    let mut body = Serializer::new(String::new());
    body.extend_pairs(form.iter().map(|(name, value)| (name, value.expose())));
    body.finish().into()
}

impl Tokens {
    /// Reads a grant. A token of another type than `Bearer` (RFC 6750) would have to be sent in another way.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ProviderError> {
        let body = object(body).ok_or(ProviderError::Unusable("it is no JSON object"))?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        // Some leave it out, and some exchanges say `N_A` for what is no token to be sent (RFC 8693, 2.2.1).
        if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("Bearer")) {
            return Err(ProviderError::Unusable("its token is not of the type Bearer"));
        }
        let access_token = text("access_token").ok_or(ProviderError::Unusable("it has no `access_token`"))?;
        if !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ProviderError::Unusable("its `access_token` cannot be sent"));
        }
        // Some write the number as a text.
        let seconds =
            body.get("expires_in").and_then(|told| told.as_u64().or_else(|| told.as_str()?.parse().ok()));
        Ok(Self {
            access_token: Secret::new(access_token),
            expires_in: seconds,
            refresh_token: text("refresh_token").map(Secret::new),
            id_token: text("id_token").map(Secret::new),
        })
    }
}
