//! Lists as the wire has them: cut into pages and serialised once, so that a reply is spliced, not built.
//! Knows no caller and no era beyond the end of a page, the only part in which the eras differ.

use std::hash::{DefaultHasher, Hasher as _};
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::json;
use crate::list::{CacheScope, ListOptions};
use crate::revision::Era;

/// The pages of a list, in order; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pages {
    pages: Vec<Page>,
    len: usize,
}

impl Pages {
    /// Cuts and serialises the items as the member `member` of results.
    pub(crate) fn new(
        member: &str,
        items: impl IntoIterator<Item = Box<RawValue>>,
        options: &ListOptions,
    ) -> Self {
        let (bodies, len) = cut(member, items, options);
        let fingerprint = fingerprint(&bodies);
        let cursor = |index: usize| format!("{fingerprint:016x}.{index}");
        let last = bodies.len().saturating_sub(1);
        let page = |(index, body)| {
            let next = (index < last).then(|| cursor(index + 1));
            Page::new(cursor(index), body, next.as_deref(), options)
        };
        Self { pages: bodies.into_iter().enumerate().map(page).collect(), len }
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The page a cursor stands for, or none if it is not a cursor of this list. No cursor and the empty one stand
    /// for the first page: a cursor is whatever the server says it is, and an empty string is a valid one
    /// (2026-07-28, server/utilities/pagination.mdx, "Implementation Guidelines").
    pub(crate) fn page(&self, cursor: Option<&str>) -> Option<&Page> {
        match cursor {
            None | Some("") => self.pages.first(),
            Some(cursor) => self.pages.iter().find(|page| page.cursor == cursor),
        }
    }
}

/// One page: the members of a list result, shared by all replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Stands for this page in requests. It holds a fingerprint of the whole list, so that a cursor of a list that
    /// has changed since is refused instead of skipping or repeating items.
    cursor: String,
    body: Bytes,
    modern_end: Bytes,
    legacy_end: Bytes,
}

impl Page {
    fn new(cursor: String, body: Bytes, next: Option<&str>, options: &ListOptions) -> Self {
        let mut legacy_end = Vec::new();
        if let Some(next) = next {
            legacy_end.extend_from_slice(br#","nextCursor":"#);
            json::push(&mut legacy_end, next);
        }
        let mut modern_end = legacy_end.clone();
        push_caching(&mut modern_end, options.ttl, options.scope);
        legacy_end.extend_from_slice(b"}}");
        modern_end.extend_from_slice(b"}}");
        Self { cursor, body, modern_end: modern_end.into(), legacy_end: legacy_end.into() }
    }

    /// `"tools":[…]`, without the braces of the result.
    pub(crate) fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// What follows the body, up to and with the end of the response.
    pub(crate) fn end(&self, era: Era) -> Bytes {
        match era {
            Era::Modern => self.modern_end.clone(),
            Era::Legacy => self.legacy_end.clone(),
        }
    }
}

/// Appends the members a cacheable result must have (2026-07-28, schema, `CacheableResult`).
pub(crate) fn push_caching(out: &mut Vec<u8>, ttl: Duration, scope: CacheScope) {
    out.extend_from_slice(br#","ttlMs":"#);
    json::push(out, &u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
    out.extend_from_slice(br#","cacheScope":"#);
    json::push(out, scope.as_str());
}

/// Cuts items into pages `"member":[…]`; at least one page, at least one item a page if there are any.
fn cut(
    member: &str,
    items: impl IntoIterator<Item = Box<RawValue>>,
    options: &ListOptions,
) -> (Vec<Bytes>, usize) {
    let (mut pages, mut page, mut on_page, mut total) = (Vec::new(), begin(member), 0, 0);
    for item in items {
        let item = item.get();
        let full = page.len() + item.len() > options.page_bytes || on_page >= options.page_size;
        if on_page > 0 && full {
            pages.push(finish(std::mem::replace(&mut page, begin(member))));
            on_page = 0;
        }
        if on_page > 0 {
            page.push(b',');
        }
        page.extend_from_slice(item.as_bytes());
        on_page += 1;
        total += 1;
    }
    pages.push(finish(page));
    (pages, total)
}

fn begin(member: &str) -> Vec<u8> {
    let mut page = Vec::new();
    json::push(&mut page, member);
    page.extend_from_slice(b":[");
    page
}

/// On stdio a message is one line, so the pages are made of one.
fn finish(mut page: Vec<u8>) -> Bytes {
    page.push(b']');
    json::on_one_line(&mut page);
    page.shrink_to_fit();
    page.into()
}

fn fingerprint(pages: &[Bytes]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for page in pages {
        hasher.write(page);
    }
    hasher.finish()
}
