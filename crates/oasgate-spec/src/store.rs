//! Every document that the entry reaches by `$ref`, read on first use and immutable, and the way from a reference to
//! its target.

mod document;
mod node;
mod reference;
#[cfg(test)]
mod tests;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use url::Url;

pub(crate) use self::document::Document;
pub(crate) use self::node::{Id, Node};
use crate::text::{self, TextError};
use crate::{Documents, Limits, Location, Problem, ReadError, Severity};

/// The documents read so far; the first is the entry.
pub(crate) struct Store<'s> {
    source: &'s dyn Documents,
    limits: &'s Limits,
    /// One slot for each document there may be, so that one read later moves none read before.
    slots: Vec<OnceCell<Box<Document>>>,
    used: Cell<usize>,
    /// The bytes of all documents so far.
    bytes: Cell<usize>,
    /// What a URI names, a document or a schema resource within one; or why there is none.
    index: RefCell<HashMap<String, Result<Id, String>>>,
}

/// Deeper than any description is: schemas are lowered by a function that calls itself.
const DEEPEST: usize = 500;

/// More documents than any description has; a slot for each costs eight bytes.
const MOST_DOCUMENTS: usize = 1 << 20;

impl<'s> Store<'s> {
    /// Reads the entry.
    pub(crate) fn open(source: &'s dyn Documents, limits: &'s Limits) -> Result<Self, Box<Problem>> {
        let mut slots = Vec::new();
        slots.resize_with(limits.documents.clamp(1, MOST_DOCUMENTS), OnceCell::new);
        let store = Self {
            source,
            limits,
            slots,
            used: Cell::new(0),
            bytes: Cell::new(0),
            index: RefCell::default(),
        };
        let entry = source.entry();
        match store.read(&entry) {
            Ok(document) => store.add(document),
            Err(error) => return Err(Box::new(store.unreadable(&entry, error))),
        }
        Ok(store)
    }

    /// The entry document.
    pub(crate) fn entry(&self) -> Option<&Document> {
        self.document(0)
    }

    /// The documents read so far.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.slots.iter().map_while(OnceCell::get).map(AsRef::as_ref)
    }

    /// The bytes of all documents read so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// The document or schema resource that a URI without fragment names, read if it has not been.
    fn load(&self, uri: &Url) -> Result<Node<'_>, String> {
        let known = self.index.borrow().get(uri.as_str()).cloned();
        let id = match known {
            Some(result) => result?,
            None => self.fetch(uri)?,
        };
        self.node(id).ok_or_else(|| "no such document".to_owned())
    }

    fn fetch(&self, uri: &Url) -> Result<Id, String> {
        let id = Id { document: self.used.get(), value: 0 };
        let result = if self.used.get() < self.slots.len() {
            self.read(uri).map_err(describe).map(|document| self.add(document)).map(|()| id)
        } else {
            Err(format!("more than {} documents", self.slots.len()))
        };
        self.index.borrow_mut().insert(uri.as_str().to_owned(), result.clone());
        result
    }

    fn add(&self, document: Document) {
        let number = self.used.get();
        let Some(slot) = self.slots.get(number) else { return };
        let mut index = self.index.borrow_mut();
        let whole = Id { document: number, value: 0 };
        index.insert(document.uri.to_string(), Ok(whole));
        for (uri, value) in document.names() {
            index.entry(uri.to_string()).or_insert(Ok(Id { document: number, value }));
        }
        self.used.set(number + 1);
        // The slot is empty: it is the first that was not used.
        let _ = slot.set(Box::new(document));
    }

    fn document(&self, number: usize) -> Option<&Document> {
        self.slots.get(number)?.get().map(AsRef::as_ref)
    }

    fn node(&self, id: Id) -> Option<Node<'_>> {
        self.document(id.document).map(|document| document.node(id.value))
    }

    fn read(&self, uri: &Url) -> Result<Document, Result<TextError, ReadError>> {
        let bytes = self.source.read(uri).map_err(Err)?;
        self.bytes.set(self.bytes.get().saturating_add(bytes.len()));
        if self.bytes.get() > self.limits.total_bytes {
            let message = format!("the documents have more than {} bytes together", self.limits.total_bytes);
            return Err(Err(ReadError(message)));
        }
        let limits = Limits { depth: self.limits.depth.min(DEEPEST), ..self.limits.clone() };
        let tree = text::parse(bytes, &limits).map_err(Ok)?;
        Ok(Document::new(self.used.get(), uri, self.source.name(uri), tree))
    }

    fn unreadable(&self, uri: &Url, error: Result<TextError, ReadError>) -> Problem {
        let (position, message) = match error {
            Ok(TextError { position, message }) => (position, message),
            Err(error) => (None, error.0),
        };
        Problem {
            severity: Severity::Fatal,
            rule: "document-unreadable",
            location: Location {
                document: self.source.name(uri).into(),
                uri: uri.as_str().into(),
                pointer: String::new(),
            },
            position,
            operation: None,
            message,
            fix: "give a readable OpenAPI description in JSON or YAML".to_owned(),
        }
    }
}

fn describe(error: Result<TextError, ReadError>) -> String {
    match error {
        Ok(TextError { position: Some(at), message }) => {
            format!("line {}, column {}: {message}", at.line, at.column)
        }
        Ok(TextError { position: None, message }) => message,
        Err(error) => error.0,
    }
}
