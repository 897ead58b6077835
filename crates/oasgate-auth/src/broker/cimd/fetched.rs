//! Documents as they are fetched, kept, and used for longer than they are fresh if nothing else can be had (RFC 5861, 4).

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, Request, Response, StatusCode};
use url::Url;

use super::document::{self, Trouble};
use super::{Web, refused};
use crate::broker::client::Client;
use crate::broker::error::OAuthError;
use crate::broker::records::DocumentRecord;
use crate::broker::shelf::delete;
use crate::clock::Timestamp;
use crate::{Expect, FetchError, FetchLimits};

/// What a document may cost.
const LIMITS: FetchLimits = FetchLimits { bytes: 64 << 10, time: Duration::from_secs(5) };
/// How long a document is believed that says nothing of it, in seconds.
const USUAL: Timestamp = 3600;
/// How long any is believed, in seconds.
const LONGEST: Timestamp = 86_400;
/// How long one is kept, for as long as no other can be had.
const KEPT: Timestamp = 30 * 86_400;
/// How long a document from before is used until the next attempt to fetch it.
const AGAIN: Timestamp = 60;
/// How long nothing is fetched after a failure.
const REST: u32 = 10;
/// The characters of an entity tag.
const LONGEST_TAG: usize = 256;

impl Web {
    /// The client, from the store or from its host.
    pub(super) async fn look_up(&self, id: &str, url: &Url) -> Result<Client, OAuthError> {
        let kept = self.shelf.find::<DocumentRecord>(id).await?.map(|kept| kept.record);
        if let Some(record) = kept.clone().filter(|record| record.fresh > self.clock.now()) {
            let until = record.fresh;
            return self.remember(id, Ok(record.client(id, url)), until);
        }
        let now = self.clock.now();
        match (self.fetch(id, kept.as_ref()).await, kept) {
            (Ok(record), _) => {
                let put = self.shelf.put(id, &record, None, KEPT, Expect::Anything);
                let _made = self.shelf.commit(vec![put]).await?;
                let until = record.fresh;
                self.remember(id, Ok(record.client(id, url)), until)
            }
            (Err(trouble), Some(kept)) if !trouble.is_told => {
                tracing::warn!(client = id, "a client's document cannot be had; the one from before is used");
                self.remember(id, Ok(kept.client(id, url)), now.saturating_add(AGAIN))
            }
            (Err(trouble), kept) => {
                if kept.is_some() {
                    let write = delete::<DocumentRecord>(id, Expect::Anything);
                    let _made = self.shelf.commit(vec![write]).await?;
                }
                self.remember(id, Err(trouble.error), now.saturating_add(REST.into()))
            }
        }
    }

    fn remember(
        &self,
        id: &str,
        found: Result<Client, OAuthError>,
        until: Timestamp,
    ) -> Result<Client, OAuthError> {
        self.known.insert(id.to_owned(), (found.clone(), until));
        found
    }

    /// The document as its host has it now.
    async fn fetch(&self, id: &str, kept: Option<&DocumentRecord>) -> Result<DocumentRecord, Trouble> {
        let tag = kept.and_then(|kept| kept.etag.as_deref());
        let answer = self.get(id, tag).await.map_err(Trouble::between)?;
        let fresh = self.clock.now().saturating_add(lifetime(answer.headers()));
        match (answer.status(), kept) {
            (StatusCode::OK, _) => {
                let record = document::read(id, answer.body(), &self.redirects)?;
                Ok(DocumentRecord { etag: etag(answer.headers()), fresh, ..record })
            }
            (StatusCode::NOT_MODIFIED, Some(kept)) if tag.is_some() => {
                Ok(DocumentRecord { fresh, ..kept.clone() })
            }
            (StatusCode::GONE, _) => {
                Err(Trouble { error: refused("the client's document is gone"), is_told: true })
            }
            (status, _) => Err(Trouble::between(answered(status))),
        }
    }

    async fn get(&self, url: &str, tag: Option<&str>) -> Result<Response<Bytes>, OAuthError> {
        let mut request = Request::get(url).header(ACCEPT, "application/json");
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let request =
            request.body(Bytes::new()).map_err(|_| refused("the client's URL cannot be asked for"))?;
        self.strangers.fetch(request, LIMITS).await.map_err(|error| {
            tracing::info!(%error, "a client's document could not be fetched");
            match error {
                FetchError::Failed(_) => later(),
                FetchError::Refused(_) | FetchError::TooLarge(_) => {
                    refused("the client's document could not be fetched")
                }
            }
        })
    }
}

/// What an answer means that has no document: the client is refused for good only where it is plain that there is none.
/// Clients drop what they have been granted when they are.
fn answered(status: StatusCode) -> OAuthError {
    match status.as_u16() {
        // Whoever guards the host, or is overloaded there, says nothing of the client.
        401 | 403 | 407 | 408 | 425 | 429 | 500.. => later(),
        // Redirects are not followed (draft, "Client Metadata Document": the URL is the identity).
        _ => refused("the client's document was not answered with 200"),
    }
}

fn later() -> OAuthError {
    OAuthError::later("the client's document cannot be fetched now; nothing is lost", REST.into())
}

fn etag(headers: &HeaderMap) -> Option<String> {
    let tag = headers.get(ETAG)?.to_str().ok()?;
    (tag.len() <= LONGEST_TAG).then(|| tag.to_owned())
}

/// How long a document is believed (RFC 9111, 5.2.2), in seconds.
pub(super) fn lifetime(headers: &HeaderMap) -> Timestamp {
    let directives = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut directives = directives.split(',').map(|directive| directive.trim().to_ascii_lowercase());
    let stated = directives.find_map(|directive| match directive.as_str() {
        "no-store" | "no-cache" => Some(0),
        _ => directive.strip_prefix("max-age=")?.parse().ok(),
    });
    // Not less than a minute: one sign-in asks several times.
    stated.unwrap_or(USUAL).clamp(60, LONGEST)
}
