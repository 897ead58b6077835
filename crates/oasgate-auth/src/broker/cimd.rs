//! Clients that are named by the URL of a document about them (draft-ietf-oauth-client-id-metadata-document).
//!
//! Whoever has the host stands for what the document says. It is fetched by the [`Fetch`] for what strangers name, once
//! in a while, by one of all who ask, and never while somebody only calls. What was understood of it is kept, so that a
//! client does not lose what it was granted because its host does not answer for a while.

mod document;
mod fetched;
mod reach;

use std::sync::Arc;

use futures_util::FutureExt as _;
use moka::sync::Cache;
use url::{Host, Url};

use super::client::Client;
use super::error::OAuthError;
use super::redirect::RedirectRules;
use super::shelf::Shelf;
use crate::Fetch;
use crate::clock::{Clock, Timestamp};
use crate::flight::Flights;
use crate::provider::RemoteKeys;
use crate::settings::Cimd;

pub(crate) use reach::Reach;

#[cfg(test)]
mod tests;

/// How many documents are remembered in memory.
const MOST: u64 = 1000;
/// The characters of a URL that names a client.
const LONGEST: usize = 2048;

/// The documents.
#[derive(Debug)]
pub(crate) struct Documents {
    rules: Cimd,
    web: Arc<Web>,
    flights: Flights<Result<Client, OAuthError>>,
    keys: Cache<String, Arc<RemoteKeys>>,
}

/// What documents are fetched and kept by.
#[derive(Debug)]
struct Web {
    redirects: RedirectRules,
    strangers: Arc<dyn Fetch>,
    clock: Clock,
    shelf: Shelf,
    /// What was found of late, clients and failures, and until when it is believed.
    known: Cache<String, (Result<Client, OAuthError>, Timestamp)>,
}

impl Documents {
    pub(crate) fn new(
        rules: Cimd,
        redirects: RedirectRules,
        strangers: Arc<dyn Fetch>,
        shelf: Shelf,
        clock: Clock,
    ) -> Self {
        let web = Arc::new(Web { redirects, strangers, clock, shelf, known: Cache::new(MOST) });
        Self { rules, web, flights: Flights::default(), keys: Cache::new(MOST) }
    }

    /// Whether an identifier is a URL, and so names a document if it names anything.
    pub(crate) fn is_url(&self, id: &str) -> bool {
        !matches!(self.rules, Cimd::Off) && id.starts_with("https://")
    }

    /// The client that a URL names.
    ///
    /// # Errors
    /// The URL or its document is not as they must be: 401. Or it cannot be had now, and is not known from before: 503.
    pub(crate) async fn find(&self, id: &str) -> Result<Client, OAuthError> {
        let url =
            admit(id).ok_or_else(|| refused("the client identifier is not a URL as the draft has them"))?;
        let (pinned, hosts) = match &self.rules {
            Cimd::Off => return Err(refused("this server takes no clients by URL; register")),
            Cimd::Allowlist { hosts, pinned } => (pinned, Some(hosts)),
            Cimd::Open { pinned } => (pinned, None),
        };
        if let Some(document) = pinned.get(id) {
            let read = document::read(id, document.as_bytes(), &self.web.redirects);
            return read.map(|document| document.client(id, &url)).map_err(|trouble| trouble.error);
        }
        if hosts.is_some_and(|hosts| !hosts.iter().any(|host| Some(host.as_str()) == url.host_str())) {
            return Err(refused("the operator of this server has not allowed clients of that host"));
        }
        if let Some((found, until)) = self.web.known.get(id)
            && until > self.web.clock.now()
        {
            return found;
        }
        let (web, name) = (Arc::clone(&self.web), id.to_owned());
        self.flights.join(id, || async move { web.look_up(&name, &url).await }.boxed()).await
    }

    /// A client's keys at a URL that its metadata names.
    ///
    /// # Errors
    /// Keys are not fetched from there.
    pub(crate) fn keys_at(&self, url: &str) -> Result<Arc<RemoteKeys>, OAuthError> {
        if !Url::parse(url).is_ok_and(|url| url.scheme() == "https") {
            return Err(refused("the client's `jwks_uri` is no https URL"));
        }
        let begin = || Arc::new(RemoteKeys::at(url, &self.web.strangers, &self.web.clock));
        Ok(self.keys.get_with(url.to_owned(), begin))
    }
}

/// A URL that may name a client: https, with a path, without user information, fragment or dot segments, and with a
/// domain name, for an address belongs to nobody (draft, "Client Identifier").
fn admit(id: &str) -> Option<Url> {
    let url = Url::parse(id).ok().filter(|_| id.len() <= LONGEST)?;
    let is_plain = url.as_str() == id
        && url.scheme() == "https"
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.path() != "/"
        && matches!(url.host(), Some(Host::Domain(_)));
    is_plain.then_some(url)
}

fn refused(description: &str) -> OAuthError {
    OAuthError::invalid_client(description)
}
