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
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, TRANSFER_ENCODING};
use http::uri::{Authority, Scheme};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use tokio::time::Instant;

use terms::{Terms, is_conditional};

/// The answers that are kept.
#[derive(Debug)]
pub struct Cache {
    /// None if nothing is.
    kept: Option<Kept>,
    with_credentials: bool,
    /// For each origin, how many requests may have changed something.
    changes: Mutex<HashMap<Origin, u64>>,
}

#[derive(Debug)]
struct Kept {
    answers: moka::sync::Cache<Asked, Arc<Entry>>,
    /// Whether there ever were any: few APIs let answers be kept, and calls to all others need not look for one.
    any: AtomicBool,
}

/// What was asked for, and by whom.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    principal: Option<String>,
    /// The changes before it.
    changes: u64,
}

/// RFC 6454, 4.
type Origin = (Option<Scheme>, Option<Authority>);

#[derive(Debug)]
struct Entry {
    answer: Response<Bytes>,
    terms: Terms,
    since: Instant,
}

/// Counts one change when it is dropped: whoever gives a request up cannot know that nothing came of it.
struct Change<'c>(&'c Cache, Origin);

impl Cache {
    /// A cache of so many bytes, or none; `with_credentials` also for requests that carry some.
    #[must_use]
    pub fn new(bytes: u64, with_credentials: bool) -> Self {
        Self { kept: (bytes > 0).then(|| Kept::new(bytes)), with_credentials, changes: Mutex::default() }
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
        let is_change = self.kept.is_some() && !request.method().is_safe();
        let _change = is_change.then(|| Change(self, origin(request.uri())));
        let place = self.place(asked, &request);
        let entry = place.as_ref().and_then(|(kept, asked)| kept.find(asked));
        if let Some(entry) = entry.as_ref().filter(|entry| entry.is_fresh()) {
            return Ok(entry.answer.clone());
        }
        let request = match &entry {
            Some(entry) => entry.terms.ask(request),
            None => request,
        };
        let answer = send(request).await?;
        let answer = match &entry {
            Some(entry) if answer.status() == StatusCode::NOT_MODIFIED => entry.renewed(&answer),
            _ => answer,
        };
        Ok(match place {
            Some((kept, asked)) => kept.keep(asked, answer),
            None => answer,
        })
    }

    /// Makes all unknown that this origin has answered before: something may have changed there.
    pub fn forget(&self, uri: &Uri) {
        drop(Change(self, origin(uri)));
    }

    /// Where the answer to a request is, or may be kept.
    fn place(&self, asked: Asked, request: &Request<Bytes>) -> Option<(&Kept, Asked)> {
        let kept = self.kept.as_ref().filter(|_| request.method() == Method::GET)?;
        let is_open = self.with_credentials || !has_credentials(&asked, request);
        if !is_open || is_conditional(request.headers()) {
            return None;
        }
        let changes = self.changes().get(&origin(request.uri())).copied().unwrap_or_default();
        Some((kept, Asked { changes, ..asked }))
    }

    fn changes(&self) -> MutexGuard<'_, HashMap<Origin, u64>> {
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
            headers: request.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            principal: principal.map(str::to_owned),
            changes: 0,
        }
    }

    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        self.uri.path_and_query().map_or(0, |target| target.as_str().len()) + headers.sum::<usize>()
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        *self.0.changes().entry(self.1.clone()).or_default() += 1;
    }
}

impl Kept {
    fn new(bytes: u64) -> Self {
        let weigh = |asked: &Asked, entry: &Arc<Entry>| {
            u32::try_from(asked.size() + entry.size()).unwrap_or(u32::MAX)
        };
        let answers = moka::sync::Cache::builder().max_capacity(bytes).weigher(weigh).build();
        Self { answers, any: AtomicBool::new(false) }
    }

    fn find(&self, asked: &Asked) -> Option<Arc<Entry>> {
        if self.any.load(Ordering::Acquire) { self.answers.get(asked) } else { None }
    }

    /// Keeps an answer if it may be, and otherwise what it replaces not either.
    fn keep(&self, asked: Asked, answer: Response<Bytes>) -> Response<Bytes> {
        match Terms::of(&answer, asked.principal.is_some(), SystemTime::now()) {
            Some(terms) => {
                // Its bytes are copied: those that came are part of a buffer, and take room among answers in flight.
                let answer = answer.clone().map(|body| Bytes::copy_from_slice(&body));
                self.answers.insert(asked, Arc::new(Entry { answer, terms, since: Instant::now() }));
                self.any.store(true, Ordering::Release);
            }
            None if self.any.load(Ordering::Acquire) => self.answers.invalidate(&asked),
            None => {}
        }
        answer
    }
}

impl Entry {
    fn is_fresh(&self) -> bool {
        self.since.elapsed() < self.terms.fresh
    }

    /// The answer, under the header that a 304 brings (RFC 9111, 3.2). What tells of the body stays, for it is the same.
    fn renewed(&self, not_modified: &Response<Bytes>) -> Response<Bytes> {
        const OF_THE_BODY: [HeaderName; 4] =
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

/// Whether credentials have come to a request: they are marked as sensitive, or in its URI.
fn has_credentials(asked: &Asked, request: &Request<Bytes>) -> bool {
    asked.uri != *request.uri() || request.headers().values().any(HeaderValue::is_sensitive)
}

fn origin(uri: &Uri) -> Origin {
    (uri.scheme().cloned(), uri.authority().cloned())
}
