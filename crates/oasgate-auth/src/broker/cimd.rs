//! Clients that are named by the URL of a document about them (draft-ietf-oauth-client-id-metadata-document).
//!
//! Whoever has the host stands for what the document says. It is fetched by the [`Fetch`] for what strangers name, once
//! in a while, and never while somebody only calls.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, Request, StatusCode};
use moka::sync::Cache;
use url::{Host, Url};

use super::client::{Client, Metadata, Proof, Voucher};
use super::error::OAuthError;
use super::redirect::RedirectRules;
use crate::clock::{Clock, Timestamp};
use crate::provider::RemoteKeys;
use crate::settings::Cimd;
use crate::{Fetch, FetchLimits};

#[cfg(test)]
mod tests;

/// What a document may cost.
const LIMITS: FetchLimits = FetchLimits { bytes: 64 << 10, time: Duration::from_secs(5) };
/// How long a document is believed that says nothing of it, in seconds.
const USUAL: Timestamp = 3600;
/// How long any is believed, in seconds.
const LONGEST: Timestamp = 86_400;
/// How many documents are remembered.
const MOST: u64 = 1000;

/// The documents.
#[derive(Debug)]
pub(crate) struct Documents {
    rules: Cimd,
    redirects: RedirectRules,
    strangers: Arc<dyn Fetch>,
    clock: Clock,
    known: Cache<String, (Client, Timestamp)>,
    keys: Cache<String, Arc<RemoteKeys>>,
}

impl Documents {
    pub(crate) fn new(
        rules: Cimd,
        redirects: RedirectRules,
        strangers: Arc<dyn Fetch>,
        clock: Clock,
    ) -> Self {
        Self { rules, redirects, strangers, clock, known: Cache::new(MOST), keys: Cache::new(MOST) }
    }

    /// Whether an identifier is a URL, and so names a document if it names anything.
    pub(crate) fn is_url(&self, id: &str) -> bool {
        !matches!(self.rules, Cimd::Off) && id.starts_with("https://")
    }

    /// The client that a URL names.
    ///
    /// # Errors
    /// The URL or its document is not as they must be, or cannot be had.
    pub(crate) async fn find(&self, id: &str) -> Result<Client, OAuthError> {
        let url =
            admit(id).ok_or_else(|| refused("the client identifier is not a URL as the draft has them"))?;
        let (pinned, hosts) = match &self.rules {
            Cimd::Off => return Err(refused("this server takes no clients by URL; register")),
            Cimd::Allowlist { hosts, pinned } => (pinned, Some(hosts)),
            Cimd::Open { pinned } => (pinned, None),
        };
        if let Some(document) = pinned.get(id) {
            return self.read(id, &url, document.as_bytes());
        }
        if hosts.is_some_and(|hosts| !hosts.iter().any(|host| Some(host.as_str()) == url.host_str())) {
            return Err(refused("the operator of this server has not allowed clients of that host"));
        }
        match self.known.get(id) {
            Some((client, until)) if until > self.clock.now() => Ok(client),
            _ => self.fetch(id, &url).await,
        }
    }

    /// A client's keys at a URL that its metadata names.
    ///
    /// # Errors
    /// Keys are not fetched from there.
    pub(crate) fn keys_at(&self, url: &str) -> Result<Arc<RemoteKeys>, OAuthError> {
        if !Url::parse(url).is_ok_and(|url| url.scheme() == "https") {
            return Err(refused("the client's `jwks_uri` is no https URL"));
        }
        let begin = || Arc::new(RemoteKeys::at(url, &self.strangers, &self.clock));
        Ok(self.keys.get_with(url.to_owned(), begin))
    }

    async fn fetch(&self, id: &str, url: &Url) -> Result<Client, OAuthError> {
        let (headers, body) = self.get(id).await?;
        let client = self.read(id, url, &body)?;
        let until = self.clock.now().saturating_add(lifetime(&headers));
        self.known.insert(id.to_owned(), (client.clone(), until));
        Ok(client)
    }

    async fn get(&self, url: &str) -> Result<(HeaderMap, Bytes), OAuthError> {
        let request = Request::get(url).header(ACCEPT, "application/json").body(Bytes::new());
        let request = request.map_err(|_| refused("the client's URL cannot be asked for"))?;
        let answer = self.strangers.fetch(request, LIMITS).await.map_err(|error| {
            tracing::info!(%error, "a client's document could not be fetched");
            refused("the client's document could not be fetched")
        })?;
        // Redirects are not followed (draft, "Client Metadata Document": the URL is the identity).
        if answer.status() != StatusCode::OK {
            return Err(refused("the client's document was not answered with 200"));
        }
        let (head, body) = answer.into_parts();
        Ok((head.headers, body))
    }

    fn read(&self, id: &str, url: &Url, document: &[u8]) -> Result<Client, OAuthError> {
        let metadata: Metadata = serde_json::from_slice(document)
            .map_err(|_| refused("the client's document is no JSON object"))?;
        // Else anybody who can put a file anywhere could speak for any client.
        if metadata.client_id.as_deref() != Some(id) {
            return Err(refused("the client's document is about another `client_id`"));
        }
        let proof = match metadata.token_endpoint_auth_method.as_deref() {
            None | Some("none") => Proof::None,
            Some("private_key_jwt") => {
                Proof::Keys(metadata.keys().ok_or_else(|| refused("the client's document has no keys"))?)
            }
            // The draft forbids shared secrets: a public document cannot hold one.
            Some(_) => return Err(refused("the client's document asks for a secret")),
        };
        if metadata.client_secret.is_some() {
            return Err(refused("the client's document shows a secret"));
        }
        metadata.check_redirects(&self.redirects).map_err(refused)?;
        Ok(Client {
            id: id.into(),
            name: metadata.display_name(),
            redirect_uris: metadata.redirect_uris,
            proof,
            voucher: Voucher::Host(url.host_str().unwrap_or_default().to_owned()),
            machine_scopes: None,
        })
    }
}

/// A URL that may name a client: https, with a path, without user information, fragment or dot segments, and with a
/// domain name, for an address belongs to nobody (draft, "Client Identifier").
fn admit(id: &str) -> Option<Url> {
    let url = Url::parse(id).ok()?;
    let is_plain = url.as_str() == id
        && url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.path() != "/"
        && matches!(url.host(), Some(Host::Domain(_)));
    is_plain.then_some(url)
}

/// How long a document is believed (RFC 9111, 5.2.2), in seconds.
fn lifetime(headers: &HeaderMap) -> Timestamp {
    let directives = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut directives = directives.split(',').map(|directive| directive.trim().to_ascii_lowercase());
    let stated = directives.find_map(|directive| match directive.as_str() {
        "no-store" | "no-cache" => Some(0),
        _ => directive.strip_prefix("max-age=")?.parse().ok(),
    });
    // Not less than a minute: one sign-in asks several times.
    stated.unwrap_or(USUAL).clamp(60, LONGEST)
}

fn refused(description: &str) -> OAuthError {
    OAuthError::invalid_client(description)
}
