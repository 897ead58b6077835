//! Where a description is read from, and which other documents it may lead to.
//!
//! A file may refer to files at or below its own folder; a document from the web to what lies at or below it on the
//! same origin; both to the hosts that the operator allows. Everything else is refused, whatever the text says: a
//! description is somebody else's text, and reading is the first thing it could make us do. Knows no OpenAPI.

mod file;
mod seen;
mod web;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use oasgate_spec::{Documents, ReadError};
use url::Url;

use crate::upstream::Upstream;
use file::Folder;
use web::Web;

pub use seen::{Seen, Stamp, Validators};

/// Bytes that one document may have.
pub(crate) const DOCUMENT_LIMIT: usize = 256 << 20;

/// The documents of one description.
#[derive(Debug)]
pub struct Source {
    entry: Url,
    shown: String,
    folder: Option<Folder>,
    web: Option<Web>,
    /// What cannot or should not be read twice: standard input, pipes, the web.
    kept: Mutex<HashMap<Url, Vec<u8>>>,
    /// The documents that have been read, each as it was the first time.
    seen: Mutex<Vec<Seen>>,
}

/// Why there is nothing to read. All are the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such file, or it may not be read.
    #[error("cannot read {shown}: {error}")]
    Unreadable {
        /// The file, as the operator wrote it.
        shown: String,
        /// What the system said.
        error: io::Error,
    },
    /// It is a folder.
    #[error("{0} is a folder: name the file in it that the description begins with, as in {0}/openapi.yaml")]
    Folder(String),
    /// It looks like a URL, and is none that can be fetched.
    #[error("the description's URL cannot be fetched: use http or https, without a user name in it")]
    Url,
}

impl Source {
    /// Opens what the operator names: a file, an http(s) URL, or `-` for standard input. `hosts` are those on the
    /// web that references may lead to, as `HOST` or `HOST:PORT`. Fetching uses the runtime this is called on.
    ///
    /// # Errors
    /// [`SourceError`]; what is on the web is fetched, and fails, when it is read.
    pub fn open(spec: &str, hosts: &[String], upstream: &Upstream) -> Result<Self, SourceError> {
        if spec == "-" {
            let mut text = Vec::new();
            let read = io::stdin().lock().take(DOCUMENT_LIMIT as u64 + 1).read_to_end(&mut text);
            read.map_err(|error| SourceError::Unreadable { shown: "standard input".to_owned(), error })?;
            return Ok(Self::of_text("<stdin>", text).with_web(Web::new(None, hosts, upstream)));
        }
        if spec.contains("://") {
            let entry = web::entry(spec).ok_or(SourceError::Url)?;
            let web = Web::new(Some(&entry), hosts, upstream);
            let shown = web::shown(&entry);
            return Ok(Self {
                entry,
                shown,
                folder: None,
                web: Some(web),
                kept: Mutex::default(),
                seen: Mutex::default(),
            });
        }
        Ok(Self::of_path(spec)?.with_web(Web::new(None, hosts, upstream)))
    }

    /// A description that is at hand as text. It can refer to nothing.
    #[must_use]
    pub fn of_text(name: &str, text: Vec<u8>) -> Self {
        let entry = nowhere();
        let kept = Mutex::new(HashMap::from([(entry.clone(), text)]));
        Self { entry, shown: name.to_owned(), folder: None, web: None, kept, seen: Mutex::default() }
    }

    fn of_path(spec: &str) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::Unreadable { shown: spec.to_owned(), error };
        let path = Path::new(spec);
        let found = std::fs::metadata(path).map_err(unreadable)?;
        if found.is_dir() {
            return Err(SourceError::Folder(spec.trim_end_matches('/').to_owned()));
        }
        if !found.is_file() {
            // A pipe, as from a shell's `<(…)`, can be read once and is in no folder.
            return Ok(Self::of_text(spec, file::read(path).map_err(unreadable)?));
        }
        let (folder, entry) = Folder::of(path).map_err(unreadable)?;
        let (shown, kept, seen) = (spec.to_owned(), Mutex::default(), Mutex::default());
        let source = Self { entry, shown, folder: Some(folder), web: None, kept, seen };
        // By the path as given, too: it may be a link that will lead elsewhere.
        source.watch(path);
        Ok(source)
    }

    /// What has been read so far, and what else counts as a part of the description.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a file a part of the description, as it is now. It need not be there.
    pub fn watch(&self, path: &Path) {
        self.note(Seen::File(path.to_path_buf(), Stamp::of(path)));
    }

    fn note(&self, document: Seen) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = seen.iter().any(|known| match (known, &document) {
            (Seen::File(known, _), Seen::File(path, _)) => known == path,
            (Seen::Web(known, _), Seen::Web(url, _)) => known == url,
            _ => false,
        });
        if !is_known {
            seen.push(document);
        }
    }

    fn with_web(self, web: Web) -> Self {
        Self { web: Some(web), ..self }
    }

    fn fetch(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        let refused =
            || ReadError("a description that the program holds can refer only to itself".to_owned());
        let (bytes, validators) = self.web.as_ref().ok_or_else(refused)?.read(uri)?;
        self.note(Seen::Web(uri.clone(), validators));
        self.kept().insert(uri.clone(), bytes.clone());
        Ok(bytes)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Url, Vec<u8>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Documents for Source {
    fn entry(&self) -> Url {
        self.entry.clone()
    }

    /// As the operator would write it: the entry as given, files by the same way, the rest by URL.
    fn name(&self, uri: &Url) -> String {
        if *uri == self.entry {
            return self.shown.clone();
        }
        let file = self.folder.as_ref().and_then(|folder| folder.shown(uri, &self.shown));
        file.unwrap_or_else(|| web::shown(uri))
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        if let Some(bytes) = self.kept().get(uri) {
            return Ok(bytes.clone());
        }
        match (uri.scheme(), &self.folder) {
            ("file", Some(folder)) => {
                let path = folder.path(uri)?;
                // Before it is read: what is written meanwhile must not be taken for known.
                self.watch(&path);
                folder.read(&path)
            }
            ("http" | "https", _) => self.fetch(uri),
            ("file", None) => Err(ReadError("only a description in a file can refer to files".to_owned())),
            _ => Err(ReadError(
                "a description read from a stream can refer only to itself and the web".to_owned(),
            )),
        }
    }
}

/// The URI of a text that comes from no place: nothing can be relative to it.
#[expect(clippy::expect_used, reason = "a constant, which every test of this module parses")]
fn nowhere() -> Url {
    Url::parse("stream:///description").expect("a URL")
}
