//! Where the endpoints of an authorization server are, by its own account: RFC 8414 and OpenID Connect Discovery 1.0.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, StatusCode};
use serde::Deserialize;
use url::Url;

use super::{LIMITS, ProviderError, is_safe};
use crate::flight::Flights;
use crate::{Clock, Fetch, Timestamp};

/// How long metadata is not asked for again, in seconds.
const FRESH: Timestamp = 3600;
/// How long a server that gave none is not asked again, in seconds.
const REST: Timestamp = 5;

/// What a server says of itself (RFC 8414, 2), as far as anything follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    /// RFC 7591, 3.
    pub(crate) registration_endpoint: Option<String>,
    /// RFC 8628, 4.
    pub(crate) device_authorization_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// The metadata of one issuer, asked for when it is needed.
#[derive(Debug)]
pub(crate) struct Discovery {
    issuer: String,
    fetch: Arc<dyn Fetch>,
    clock: Clock,
    known: Arc<Mutex<Known>>,
    flights: Flights<Result<Arc<Metadata>, ProviderError>>,
}

#[derive(Debug, Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    failed: Option<(ProviderError, Timestamp)>,
}

impl Discovery {
    pub(crate) fn new(issuer: &str, fetch: Arc<dyn Fetch>, clock: Clock) -> Self {
        Self { issuer: issuer.to_owned(), fetch, clock, known: Arc::default(), flights: Flights::default() }
    }

    /// What the issuer says. If it says nothing new, what it has said before holds.
    ///
    /// # Errors
    /// It has never said anything that could be used.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        if let Some(known) =
            self.known.lock().unwrap_or_else(PoisonError::into_inner).answer(self.clock.now())
        {
            return known;
        }
        let (issuer, fetch) = (self.issuer.clone(), Arc::clone(&self.fetch));
        let (clock, known) = (self.clock.clone(), Arc::clone(&self.known));
        let begin = || {
            async move {
                let found = discover(&issuer, fetch.as_ref()).await;
                known.lock().unwrap_or_else(PoisonError::into_inner).learn(found, clock.now())
            }
            .boxed()
        };
        self.flights.join("", begin).await
    }
}

impl Known {
    fn answer(&self, now: Timestamp) -> Option<Result<Arc<Metadata>, ProviderError>> {
        let rests = self.failed.as_ref().filter(|(_, at)| now - at < REST);
        match (&self.metadata, rests) {
            (Some((metadata, at)), rests) if now - at < FRESH || rests.is_some() => {
                Some(Ok(Arc::clone(metadata)))
            }
            (None, Some((error, _))) => Some(Err(error.clone())),
            _ => None,
        }
    }

    fn learn(
        &mut self,
        found: Result<Metadata, ProviderError>,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, ProviderError> {
        match found {
            Ok(found) => {
                let found = Arc::new(found);
                *self = Self { metadata: Some((Arc::clone(&found), now)), failed: None };
                Ok(found)
            }
            Err(error) => {
                self.failed = Some((error.clone(), now));
                self.metadata.as_ref().map(|(metadata, _)| Arc::clone(metadata)).ok_or(error)
            }
        }
    }
}

async fn discover(issuer: &str, fetch: &dyn Fetch) -> Result<Metadata, ProviderError> {
    let places = places(issuer).ok_or(ProviderError::Unusable("the issuer is no https URL"))?;
    for place in places {
        let request = Request::get(place.as_str()).header("accept", "application/json").body(Bytes::new());
        let request = request.map_err(|_| ProviderError::Unusable("the issuer cannot be asked"))?;
        let answer = fetch.fetch(request, LIMITS).await.map_err(|_| ProviderError::later())?;
        if answer.status() == StatusCode::OK {
            return read(issuer, answer.body());
        }
        if answer.status().is_server_error() {
            return Err(ProviderError::of(&answer));
        }
    }
    Err(ProviderError::Unusable("the issuer has no metadata where RFC 8414 and OpenID Connect put it"))
}

/// Where metadata may be: RFC 8414, 3.1 puts the well-known part before the path, OpenID Connect Discovery 1.0, 4.1
/// behind it, and RFC 8414, 5 before it for OpenID providers, too.
fn places(issuer: &str) -> Option<Vec<Url>> {
    let url = Url::parse(issuer).ok().filter(|url| is_safe(issuer) && url.query().is_none())?;
    let path = url.path().trim_end_matches('/');
    let at = |path: &str| {
        let mut place = url.clone();
        place.set_path(path);
        place
    };
    let mut places = vec![
        at(&format!("/.well-known/oauth-authorization-server{path}")),
        at(&format!("{path}/.well-known/openid-configuration")),
        at(&format!("/.well-known/openid-configuration{path}")),
    ];
    places.dedup();
    Some(places)
}

/// A document is the issuer's only if it says so, byte for byte (RFC 8414, 3.3), and secrets go to safe places only.
fn read(issuer: &str, body: &[u8]) -> Result<Metadata, ProviderError> {
    let metadata: Metadata = serde_json::from_slice(body)
        .map_err(|_| ProviderError::Unusable("its metadata is not as RFC 8414 has it"))?;
    if metadata.issuer != issuer {
        return Err(ProviderError::Unusable("its metadata is of another issuer"));
    }
    let endpoints = [
        &metadata.authorization_endpoint,
        &metadata.token_endpoint,
        &metadata.revocation_endpoint,
        &metadata.userinfo_endpoint,
        &metadata.jwks_uri,
        &metadata.registration_endpoint,
        &metadata.device_authorization_endpoint,
    ];
    if !endpoints.into_iter().flatten().all(|endpoint| is_safe(endpoint)) {
        return Err(ProviderError::Unusable("its metadata names an endpoint that is no https URL"));
    }
    Ok(metadata)
}
