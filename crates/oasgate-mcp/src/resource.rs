//! Reading a resource: what is asked for, and how contents are written. Knows nothing of where they come from.

use std::time::Duration;

use bytes::Bytes;

use crate::content::{ResourceBody, write_contents};
use crate::list::{CacheScope, push_caching};
use crate::revision::Era;

/// A resource to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceRead {
    /// What identifies it, unchecked: of the list, of a template, or anything else.
    pub uri: String,
}

impl ResourceRead {
    /// A read of `uri`.
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into() }
    }
}

/// What a resource holds (2026-07-28, schema, `ReadResourceResult`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceContents {
    /// Its parts: one, unless it is a collection.
    pub parts: Vec<ResourcePart>,
    /// How long a client may keep it; not at all unless told.
    pub ttl: Duration,
    /// Who may share it.
    pub scope: CacheScope,
}

impl ResourceContents {
    /// Contents of these parts.
    #[must_use]
    pub fn new(parts: Vec<ResourcePart>) -> Self {
        Self { parts, ttl: Duration::ZERO, scope: CacheScope::Private }
    }

    /// One text.
    #[must_use]
    pub fn text(uri: impl Into<String>, mime: impl Into<String>, text: impl Into<String>) -> Self {
        let body = ResourceBody::Text(text.into());
        Self::new(vec![ResourcePart { uri: uri.into(), mime: Some(mime.into()), body }])
    }

    /// One piece of bytes.
    #[must_use]
    pub fn blob(uri: impl Into<String>, mime: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let body = ResourceBody::Blob(bytes.into());
        Self::new(vec![ResourcePart { uri: uri.into(), mime: Some(mime.into()), body }])
    }

    /// Lets clients keep it.
    #[must_use]
    pub fn with_caching(mut self, ttl: Duration, scope: CacheScope) -> Self {
        (self.ttl, self.scope) = (ttl, scope);
        self
    }

    /// Appends the members of the result object.
    pub(crate) fn write(&self, era: Era, out: &mut Vec<u8>) {
        out.extend_from_slice(br#""contents":["#);
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_contents(&part.uri, part.mime.as_deref(), &part.body, out);
        }
        out.push(b']');
        if era == Era::Modern {
            push_caching(out, self.ttl, self.scope);
        }
    }

    pub(crate) fn size_hint(&self) -> usize {
        let part = |part: &ResourcePart| part.uri.len() + part.body.size_hint() + 64;
        self.parts.iter().map(part).sum::<usize>() + 64
    }
}

/// One part of a resource (2026-07-28, schema, `TextResourceContents` and `BlobResourceContents`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePart {
    /// What identifies the part; that of the resource, unless it is a collection.
    pub uri: String,
    /// The media type, if known.
    pub mime: Option<String>,
    /// What it holds.
    pub body: ResourceBody,
}
