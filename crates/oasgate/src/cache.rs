//! Answers that need not be asked for again (RFC 9111).
//!
//! An answer is kept for one principal, and found again by the whole request as it was before credentials came to it:
//! with all its header fields, whatever `Vary` names is the same. What carries credentials is neither kept nor looked
//! up unless the operator says so. A request that may change something makes all that its origin has answered before
//! unknown, not only at its own URL (RFC 9111, 4.4): a model that has added to a list must see it in the list.

mod terms;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use tokio::time::Instant;

use terms::{Terms, is_conditional};

/// The answers that are kept.
#[derive(Debug)]
pub struct Cache {
    /// None if nothing is.
    kept: Option<moka::sync::Cache<Key, Arc<Entry>>>,
    with_credentials: bool,
    /// For each origin, how many requests may have changed something.
    changes: Mutex<HashMap<String, u64>>,
}

/// What was asked for, and by whom.
#[derive(Debug)]
pub struct Asked {
    uri: Uri,
    headers: HeaderMap,
    principal: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    uri: Uri,
    headers: Vec<(String, HeaderValue)>,
    principal: Option<String>,
    /// The changes before it.
    changes: u64,
}

#[derive(Debug)]
struct Entry {
    answer: Response<Bytes>,
    terms: Terms,
    since: Instant,
}

/// Counts one change when it is dropped: whoever gives a request up cannot know that nothing came of it.
struct Change<'c>(&'c Cache, String);

impl Cache {
    /// A cache of so many bytes, or none; `with_credentials` also for requests that carry some.
    #[must_use]
    pub fn new(bytes: u64, with_credentials: bool) -> Self {
        let weigh =
            |key: &Key, entry: &Arc<Entry>| u32::try_from(key.size() + entry.size()).unwrap_or(u32::MAX);
        let kept =
            (bytes > 0).then(|| moka::sync::Cache::builder().max_capacity(bytes).weigher(weigh).build());
        Self { kept, with_credentials, changes: Mutex::default() }
    }

    /// The answer to a request, from here if it is known, else from `send`.
    ///
    /// # Errors
    /// Those of `send`.
    pub async fn answer<E>(
        &self,
        asked: Asked,
        request: Request<Bytes>,
        send: impl AsyncFnOnce(Request<Bytes>) -> Result<Response<Bytes>, E>,
    ) -> Result<Response<Bytes>, E> {
        let Some(kept) = &self.kept else { return send(request).await };
        if !request.method().is_safe() {
            let _change = Change(self, origin(request.uri()));
            return send(request).await;
        }
        let is_open = self.with_credentials || !has_credentials(&asked, &request);
        if request.method() != Method::GET || !is_open || is_conditional(request.headers()) {
            return send(request).await;
        }
        let key = Key::of(asked, self.changes().get(&origin(request.uri())).copied().unwrap_or_default());
        match kept.get(&key) {
            Some(entry) if entry.is_fresh() => Ok(entry.answer.clone()),
            Some(entry) => {
                let answer = send(entry.terms.ask(request)).await?;
                let answer =
                    if answer.status() == StatusCode::NOT_MODIFIED { entry.renewed(&answer) } else { answer };
                Ok(keep(kept, key, answer))
            }
            None => Ok(keep(kept, key, send(request).await?)),
        }
    }

    /// Makes all unknown that this origin has answered before: something may have changed there.
    pub fn forget(&self, uri: &Uri) {
        drop(Change(self, origin(uri)));
    }

    fn changes(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Cache {
    /// One that keeps nothing.
    fn default() -> Self {
        Self::new(0, false)
    }
}

impl Asked {
    /// What a request asks for. It must not have its credentials yet, nor what differs from call to call.
    #[must_use]
    pub fn of(request: &Request<Bytes>, principal: Option<&str>) -> Self {
        Self {
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            principal: principal.map(str::to_owned),
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        *self.0.changes().entry(std::mem::take(&mut self.1)).or_default() += 1;
    }
}

impl Key {
    fn of(asked: Asked, changes: u64) -> Self {
        let headers =
            asked.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect();
        Self { uri: asked.uri, headers, principal: asked.principal, changes }
    }

    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        self.uri.path_and_query().map_or(0, |target| target.as_str().len()) + headers
    }
}

impl Entry {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < self.terms.fresh
    }

    /// The answer, under the header that a 304 brings (RFC 9111, 3.2). What tells of the body stays, for it is the same.
    fn renewed(&self, not_modified: &Response<Bytes>) -> Response<Bytes> {
        const OF_THE_BODY: [http::HeaderName; 4] =
            [CONTENT_LENGTH, CONTENT_ENCODING, CONTENT_RANGE, TRANSFER_ENCODING];
        let mut answer = self.answer.clone();
        let brought = not_modified.headers();
        for name in brought.keys().filter(|name| !OF_THE_BODY.contains(name)) {
            answer.headers_mut().remove(name);
            brought.get_all(name).iter().for_each(|value| {
                answer.headers_mut().append(name, value.clone());
            });
        }
        answer
    }

    fn size(&self) -> usize {
        let headers = self.answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
        headers.sum::<usize>() + self.answer.body().len() + size_of::<Self>()
    }
}

/// Keeps an answer if it may be, and otherwise what it replaces not either.
fn keep(kept: &moka::sync::Cache<Key, Arc<Entry>>, key: Key, answer: Response<Bytes>) -> Response<Bytes> {
    match Terms::of(&answer, key.principal.is_some(), SystemTime::now()) {
        Some(terms) => {
            let entry = Entry { answer: answer.clone(), terms, since: Instant::now() };
            kept.insert(key, Arc::new(entry));
        }
        None => kept.invalidate(&key),
    }
    answer
}

/// Whether credentials have come to a request: they are marked as sensitive, or in its URI.
fn has_credentials(asked: &Asked, request: &Request<Bytes>) -> bool {
    asked.uri != *request.uri() || request.headers().values().any(HeaderValue::is_sensitive)
}

fn origin(uri: &Uri) -> String {
    let authority = uri.authority().map(|authority| authority.as_str().to_ascii_lowercase());
    format!("{}://{}", uri.scheme_str().unwrap_or_default(), authority.unwrap_or_default())
}
