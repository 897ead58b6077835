//! A provider to which we are a client: its token endpoint, and the others that want to know who asks.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::client_auth::{Proof, Prover};
use super::{Discovery, Metadata, ProviderError, TOKEN_LIMITS, Tokens, is_safe, object, refusal};
use crate::settings::Provider;
use crate::{Clock, Fetch, FetchError, Secret, SetupError};

/// A provider, and who we are to it.
#[derive(Debug)]
pub(crate) struct Remote {
    settings: Provider,
    prover: Prover,
    discovery: Option<Discovery>,
    fetch: Arc<dyn Fetch>,
    clock: Clock,
}

/// An endpoint of a provider, and whom an assertion that is shown there is for (RFC 7523, 3).
pub(super) struct Endpoint {
    pub(super) url: String,
    audience: String,
}

impl Remote {
    /// # Errors
    /// The operator's: there is no way to find the endpoints, or the private key cannot sign.
    pub(crate) fn new(
        settings: &Provider,
        fetch: &Arc<dyn Fetch>,
        clock: &Clock,
    ) -> Result<Self, SetupError> {
        let prover = Prover::new(&settings.client_id, &settings.auth)?;
        let issuer = settings.issuer.as_deref();
        let told = [issuer, settings.token_endpoint.as_deref(), settings.revocation_endpoint.as_deref()];
        if let Some(url) = told.into_iter().flatten().find(|url| !is_safe(url)) {
            return Err(SetupError(format!("{url} must be an https URL: secrets are sent there")));
        }
        let discovery = issuer.map(|issuer| Discovery::new(issuer, Arc::clone(fetch), clock.clone()));
        Ok(Self {
            settings: settings.clone(),
            prover,
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

    /// Asks the token endpoint for a token by a grant that RFC 6749 does not have: `grant_type` and what belongs to it.
    ///
    /// # Errors
    /// [`ProviderError`]
    pub(crate) async fn grant(&self, parameters: &[(&str, &str)]) -> Result<Tokens, ProviderError> {
        let endpoint = self.token_endpoint().await?;
        Tokens::read(granted(self.post_to(&endpoint, parameters).await?)?.body())
    }

    /// Tells the revocation endpoint (RFC 7009), if there is one, that a token is no longer wanted.
    ///
    /// # Errors
    /// Whether it has heard is not known.
    pub(crate) async fn revoke(&self, token: &Secret, hint: &str) -> Result<(), ProviderError> {
        let endpoint = match &self.settings.revocation_endpoint {
            Some(url) => Some(told(url)),
            None => self.metadata().await?.and_then(|found| self.found(found.revocation_endpoint.as_ref()?)),
        };
        let Some(endpoint) = endpoint else { return Ok(()) };
        let parameters = [("token", token.expose()), ("token_type_hint", hint)];
        let answer = self.post_to(&endpoint, &parameters).await?;
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
        let answer = self.post_to(&told(endpoint), parameters).await?;
        if answer.status() != StatusCode::OK {
            return Err(ProviderError::of(&answer));
        }
        object(answer.body()).ok_or(ProviderError::Unusable("it is no JSON object"))
    }

    /// Where tokens are had.
    pub(super) async fn token_endpoint(&self) -> Result<Endpoint, ProviderError> {
        if let Some(url) = &self.settings.token_endpoint {
            return Ok(told(url));
        }
        let found = self.metadata().await?.and_then(|found| self.found(found.token_endpoint.as_ref()?));
        found.ok_or(ProviderError::Unusable("its metadata lacks the token endpoint"))
    }

    pub(super) fn client_id(&self) -> &str {
        &self.settings.client_id
    }

    /// How we prove who we are to this endpoint. None if there is nothing that could be sent.
    pub(super) fn proof(&self, endpoint: &Endpoint) -> Option<Proof> {
        self.prover.proof(&endpoint.audience, &self.clock)
    }

    /// Sends a request that has everything in it.
    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ProviderError> {
        self.fetch.fetch(request, TOKEN_LIMITS).await.map_err(|error| match error {
            FetchError::Refused(_) => {
                ProviderError::Unusable("it is at an address that this server does not connect to")
            }
            FetchError::TooLarge(_) => ProviderError::Unusable("it is too long"),
            FetchError::Failed(_) => ProviderError::later(),
        })
    }

    async fn post_to(
        &self,
        endpoint: &Endpoint,
        parameters: &[(&str, &str)],
    ) -> Result<Response<Bytes>, ProviderError> {
        let unsendable = || ProviderError::Unusable("its endpoint is no URL, or our proof cannot be sent");
        let proof = self.proof(endpoint).ok_or_else(unsendable)?;
        let mut request = Request::post(&endpoint.url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        if let Some(basic) = proof.header(self.client_id()) {
            request = request.header(AUTHORIZATION, basic);
        }
        let body = encode(parameters, &proof.parameters(self.client_id()));
        let request = request.body(body).map_err(|_| unsendable())?;
        self.send(request).await
    }

    /// An endpoint that the issuer has named. An assertion there is for the issuer: one that names another's endpoint gets
    /// nothing that the other would take.
    fn found(&self, url: &str) -> Option<Endpoint> {
        Some(Endpoint { url: url.to_owned(), audience: self.settings.issuer.clone()? })
    }
}

/// An endpoint that the operator has named. An assertion there is for that endpoint.
fn told(url: &str) -> Endpoint {
    Endpoint { url: url.to_owned(), audience: url.to_owned() }
}

fn encode(parameters: &[(&str, &str)], proof: &[(&str, Secret)]) -> Bytes {
    let mut form = Serializer::new(String::new());
    form.extend_pairs(parameters);
    form.extend_pairs(proof.iter().map(|(name, value)| (*name, value.expose())));
    form.finish().into()
}

/// The answer of a token endpoint, if it grants something. Some say no with a status that says yes.
pub(super) fn granted(answer: Response<Bytes>) -> Result<Response<Bytes>, ProviderError> {
    if answer.status() != StatusCode::OK {
        return Err(ProviderError::of(&answer));
    }
    match object(answer.body()).as_ref().and_then(refusal) {
        Some(code) => Err(ProviderError::Refused { code }),
        None => Ok(answer),
    }
}
