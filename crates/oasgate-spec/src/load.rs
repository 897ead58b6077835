//! Loading, in one screen: open the entry, read it and the documents it refers to, report what was wrong.

use url::Url;

use crate::read::Reader;
use crate::store::Store;
use crate::{Api, Problem};

/// Gives bytes for URIs. Whoever implements it decides which files and hosts may be read.
pub trait Documents {
    /// The URI of the entry document.
    fn entry(&self) -> Url;

    /// How to call a document in messages.
    fn name(&self, uri: &Url) -> String {
        uri.to_string()
    }

    /// The bytes of a document. May be asked twice for the same one: to read it, and to find lines in it.
    ///
    /// # Errors
    /// If it does not exist, or may not be read.
    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError>;
}

/// Why a document could not be had, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(pub String);

/// What loading may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one document.
    pub bytes: usize,
    /// Levels of nesting; more than 500 are never read.
    pub depth: usize,
    /// Documents in all; more than 1,048,576 are never read.
    pub documents: usize,
    /// Bytes of all documents together.
    pub total_bytes: usize,
}

/// What to load.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Read the schemas of responses too; they are `true` otherwise.
    pub response_schemas: bool,
    /// What loading may cost.
    pub limits: Limits,
}

/// Reads a description. Never fails as a whole: an unusable one is an empty [`Api`] and a fatal [`Problem`].
#[must_use]
pub fn load(documents: &dyn Documents, options: &Options) -> (Api, Vec<Problem>) {
    match Store::open(documents, &options.limits) {
        Ok(store) => Reader::new(&store, options).read(),
        Err(problem) => (Api::default(), vec![*problem]),
    }
}

impl Limits {
    /// Nodes that a text of this many bytes may have, aliases expanded.
    pub(crate) const fn nodes(&self, bytes: usize) -> usize {
        100_000 + 4 * bytes
    }

    /// Values that reading documents of this many bytes may meet, those reached several times counted each time. Real
    /// descriptions meet one in twenty bytes or fewer.
    pub(crate) const fn work(bytes: usize) -> usize {
        500_000_usize.saturating_add(bytes)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 256 << 20, depth: 250, documents: 20_000, total_bytes: 512 << 20 }
    }
}
