//! On what terms an answer may be kept: what its header fields say (RFC 9111).

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, LAST_MODIFIED, PRAGMA, RANGE, SET_COOKIE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};

#[cfg(test)]
mod tests;

/// The longest that an answer is believed without asking.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The terms of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// How long it is as good as a new one, from now on.
    pub(super) fresh: Duration,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

/// The directives of `Cache-Control` that matter to an answer (RFC 9111, 5.2.2).
#[derive(Debug, Default)]
struct Directives {
    no_store: bool,
    no_cache: bool,
    private: bool,
    /// The least of all that are given; zero if one cannot be read.
    max_age: Option<u64>,
}

impl Terms {
    /// The terms, if the answer may be kept and is of any use; `is_private` if it is kept for one principal.
    pub(super) fn of(answer: &Response<Bytes>, is_private: bool, now: SystemTime) -> Option<Self> {
        let headers = answer.headers();
        let directives = Directives::read(headers);
        let for_one_only = directives.private || headers.contains_key(SET_COOKIE);
        let is_barred = directives.no_store
            || for_one_only && !is_private
            || items(headers, &VARY).any(|name| name == "*")
            || answer.status() != StatusCode::OK;
        if is_barred {
            return None;
        }
        let validator = |name| headers.get(name).cloned();
        let fresh = directives.fresh(headers, now);
        let terms = Self { fresh, etag: validator(ETAG), last_modified: validator(LAST_MODIFIED) };
        let has_validator = terms.etag.is_some() || terms.last_modified.is_some();
        (has_validator || !fresh.is_zero()).then_some(terms)
    }

    /// The request, on condition that the answer is another (RFC 9111, 4.3.1).
    pub(super) fn ask(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let conditions = [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.last_modified)];
        for (name, validator) in conditions {
            request.headers_mut().extend(validator.clone().map(|validator| (name, validator)));
        }
        request
    }
}

/// Whether a request has conditions of its own, or wants only a part, or says itself how it is to be cached.
pub(super) fn is_conditional(headers: &HeaderMap) -> bool {
    const OWN: [HeaderName; 8] = [
        CACHE_CONTROL,
        IF_MATCH,
        IF_MODIFIED_SINCE,
        IF_NONE_MATCH,
        IF_RANGE,
        IF_UNMODIFIED_SINCE,
        PRAGMA,
        RANGE,
    ];
    OWN.iter().any(|name| headers.contains_key(name))
}

impl Directives {
    fn read(headers: &HeaderMap) -> Self {
        let mut directives = Self::default();
        for item in items(headers, &CACHE_CONTROL) {
            let (name, value) = item.split_once('=').unwrap_or((&item, ""));
            match name.trim() {
                "no-store" => directives.no_store = true,
                // With names of fields they bar less; to bar all is never wrong (5.2.2.4, 5.2.2.7).
                "no-cache" => directives.no_cache = true,
                "private" => directives.private = true,
                // What is meant for caches in front of the API counts where it is stricter.
                "max-age" | "s-maxage" => {
                    let seconds = value.trim().trim_matches('"').parse().unwrap_or_default();
                    directives.max_age = Some(directives.max_age.map_or(seconds, |known| known.min(seconds)));
                }
                _ => {}
            }
        }
        directives
    }

    /// How much of the freshness lifetime is left (4.2.1, 4.2.3). Nothing is guessed: without a word there is none.
    fn fresh(&self, headers: &HeaderMap, now: SystemTime) -> Duration {
        let date = |name| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
        let sent = date(DATE).unwrap_or(now);
        let expires = || date(EXPIRES).and_then(|expires| expires.duration_since(sent).ok());
        let lifetime = match self.max_age {
            _ if self.no_cache => Duration::ZERO,
            Some(seconds) => Duration::from_secs(seconds),
            None => expires().unwrap_or_default(),
        };
        let told = headers.get(AGE).and_then(|age| age.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let age = told.unwrap_or_default().max(now.duration_since(sent).unwrap_or_default());
        lifetime.saturating_sub(age).min(LONGEST)
    }
}

/// The items of a list in all fields of a name, in lower case. A comma in quotes is none between items.
fn items(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    let fields = headers.get_all(name).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| {
        let mut is_quoted = false;
        let items = field.split(move |character| {
            is_quoted ^= character == '"';
            character == ',' && !is_quoted
        });
        items.map(|item| item.trim().to_ascii_lowercase())
    })
}
