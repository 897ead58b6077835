//! The documents of a description as they are read: the entry with its overlays applied, all others as they are.

use std::sync::Arc;

use oasgate_spec::overlay::{self, Overlay};
use oasgate_spec::{Documents, Problem, ReadError};
use url::Url;

use crate::source::{Seen, Source};

/// The documents of a description.
#[derive(Debug)]
pub struct Texts {
    source: Source,
    overlays: Vec<Overlay>,
    /// The entry with its overlays applied, if there are any.
    entry: Option<Vec<u8>>,
}

impl Texts {
    /// Applies overlays to the entry document. The problems are those of the overlays.
    pub(super) fn new(source: Source, overlays: Vec<Overlay>) -> (Self, Vec<Problem>) {
        let read = if overlays.is_empty() { None } else { source.read(&source.entry()).ok() };
        let (entry, problems) = match read.map(|text| overlay::apply(text, &overlays)) {
            Some((entry, problems)) => (Some(entry), problems),
            None => (None, Vec::new()),
        };
        (Self { source, overlays, entry }, problems)
    }

    /// The text of a document as somebody wrote it, overlays included: what excerpts and positions are of.
    #[must_use]
    pub fn written(&self, uri: &str) -> Option<Vec<u8>> {
        let overlay = self.overlays.iter().find(|overlay| *overlay.uri == *uri);
        overlay.map(|overlay| overlay.text.clone()).or_else(|| self.source.read(&Url::parse(uri).ok()?).ok())
    }

    /// What has been read.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.source.seen()
    }

    /// Finds the places of problems. Those in an entry with overlays are looked up in the text without: what only an
    /// overlay has put there has none, and behind an item that one took out of a list they are those of the list as
    /// written.
    pub(super) fn locate(&self, problems: &mut [Problem]) {
        if self.entry.is_some() {
            let entry: Arc<str> = self.source.entry().as_str().into();
            for problem in problems.iter_mut().filter(|problem| problem.location.uri == entry) {
                problem.position = None;
            }
        }
        oasgate_spec::locate(problems, &self.source);
    }
}

impl Documents for Texts {
    fn entry(&self) -> Url {
        self.source.entry()
    }

    fn name(&self, uri: &Url) -> String {
        self.source.name(uri)
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        match &self.entry {
            Some(entry) if *uri == self.source.entry() => Ok(entry.clone()),
            _ => self.source.read(uri),
        }
    }
}
