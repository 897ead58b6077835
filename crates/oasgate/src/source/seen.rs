//! What a document was like when it was read: enough to tell, without reading it, whether it has changed.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use http::header::{ETAG, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue};
use url::Url;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A file.
    File(PathBuf, Stamp),
    /// One on the web.
    Web(Url, Validators),
}

/// When a file was written last, and how many bytes it has; nothing if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    /// That of a file, with all symbolic links followed.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let found = fs::metadata(path).ok();
        Self(found.and_then(|found| Some((found.modified().ok()?, found.len()))))
    }
}

/// What a representation is known by (RFC 9110, 8.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    pub(crate) etag: Option<HeaderValue>,
    pub(crate) last_modified: Option<HeaderValue>,
    /// For servers that give neither, or give them for every answer anew.
    pub(crate) digest: u64,
}

impl Validators {
    pub(crate) fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(body);
        let field = |name| headers.get(name).cloned();
        Self { etag: field(ETAG), last_modified: field(LAST_MODIFIED), digest: hasher.finish() }
    }
}
