//! Every document that the entry reaches by `$ref`, parsed and immutable, and the way from a reference to its target.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use crate::text::{self, TextError};
use crate::{Documents, Limits, Location, Problem, ReadError, Severity};

/// The documents; the first is the entry.
#[derive(Debug)]
pub(crate) struct Store {
    documents: Vec<Document>,
    /// Which document a URI names, or why there is none.
    index: HashMap<String, Result<usize, String>>,
}

/// One parsed document.
#[derive(Debug)]
pub(crate) struct Document {
    /// Where it came from.
    pub(crate) uri: Arc<str>,
    /// What to call it in messages.
    pub(crate) name: Arc<str>,
    /// What relative references in it are relative to: `$self` (OpenAPI 3.2, 4.1.2.2.1), else where it came from.
    base: Url,
    pub(crate) value: Value,
}

/// A value and the document it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d> {
    pub(crate) document: &'d Document,
    pub(crate) value: &'d Value,
}

impl Store {
    /// Reads the entry and every document that a `$ref` in it names, directly or not.
    pub(crate) fn gather(documents: &dyn Documents, limits: &Limits) -> Result<Self, Box<Problem>> {
        let entry = documents.entry();
        let read = read(documents, &entry, limits);
        let first = read.map_err(|error| Box::new(unreadable(documents, &entry, error)))?;
        let mut store = Self { documents: Vec::new(), index: HashMap::new() };
        let mut wanted = store.add(first);
        while let Some(uri) = wanted.pop() {
            if store.index.contains_key(uri.as_str()) {
                continue;
            }
            let result = if store.documents.len() < limits.documents {
                read_document(documents, &uri, limits)
            } else {
                Err(format!("more than {} documents", limits.documents))
            };
            match result {
                Ok(document) => wanted.extend(store.add(document)),
                Err(message) => {
                    store.index.insert(uri.into(), Err(message));
                }
            }
        }
        Ok(store)
    }

    /// The entry document.
    pub(crate) fn entry(&self) -> Option<&Document> {
        self.documents.first()
    }

    /// What a reference in this document names.
    pub(crate) fn resolve(&self, from: &Document, reference: &str) -> Result<Node<'_>, String> {
        let (uri, fragment) =
            split(&from.base, reference).ok_or_else(|| format!("`{reference}` is not a URI reference"))?;
        let document = match self.index.get(uri.as_str()) {
            Some(Ok(index)) => self.documents.get(*index).ok_or("no such document")?,
            Some(Err(message)) => return Err(format!("`{reference}` could not be read: {message}")),
            None => {
                return Err(format!("`{reference}` names a document that is not part of the description"));
            }
        };
        let pointer = percent_decode_str(&fragment).decode_utf8_lossy();
        let value = if pointer.is_empty() || pointer.starts_with('/') {
            point(&document.value, &pointer)
        } else {
            anchor(&document.value, &pointer)
        };
        let value = value.ok_or_else(|| format!("`{reference}` points to nothing"))?;
        Ok(Node { document, value })
    }

    /// Adds a document and tells which others it names.
    fn add(&mut self, document: Document) -> Vec<Url> {
        let index = self.documents.len();
        self.index.insert(document.uri.to_string(), Ok(index));
        self.index.insert(document.base.to_string(), Ok(index));
        let mut wanted = Vec::new();
        collect(&document.value, &mut |reference| {
            if let Some((uri, _)) = split(&document.base, reference) {
                wanted.push(uri);
            }
        });
        wanted.sort_unstable_by(|a, b| b.as_str().cmp(a.as_str()));
        wanted.dedup();
        self.documents.push(document);
        wanted
    }
}

impl Document {
    /// The location of a value of this document, given by its pointer.
    pub(crate) fn location(&self, pointer: String) -> Location {
        Location { document: Arc::clone(&self.name), uri: Arc::clone(&self.uri), pointer }
    }

    /// The document as a node.
    pub(crate) const fn root(&self) -> Node<'_> {
        Node { document: self, value: &self.value }
    }

    /// The URL it came from, for servers relative to it.
    pub(crate) const fn base(&self) -> &Url {
        &self.base
    }
}

impl<'d> Node<'d> {
    /// The member of this name.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| Node { document: self.document, value })
    }

    /// The member of this name, if it is text.
    pub(crate) fn text(self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// The member of this name as a truth value; `"true"` counts, as many descriptions have it.
    pub(crate) fn flag(self, key: &str) -> bool {
        match self.value.get(key) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The members, if it is an object.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'d str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members.map(move |(key, value)| (key.as_str(), Node { document: self.document, value }))
    }

    /// The items, if it is an array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let items = self.value.as_array().into_iter().flatten();
        items.map(move |value| Node { document: self.document, value })
    }
}

fn read(
    documents: &dyn Documents,
    uri: &Url,
    limits: &Limits,
) -> Result<Document, Result<TextError, ReadError>> {
    let bytes = documents.read(uri).map_err(Err)?;
    let value = text::parse(&bytes, limits).map_err(Ok)?;
    let itself = value.get("$self").and_then(Value::as_str).and_then(|reference| uri.join(reference).ok());
    let base = without_fragment(itself.unwrap_or_else(|| uri.clone()));
    Ok(Document { uri: uri.as_str().into(), name: documents.name(uri).into(), base, value })
}

fn read_document(documents: &dyn Documents, uri: &Url, limits: &Limits) -> Result<Document, String> {
    read(documents, uri, limits).map_err(|error| match error {
        Ok(TextError { position: Some(at), message }) => {
            format!("line {}, column {}: {message}", at.line, at.column)
        }
        Ok(TextError { position: None, message }) => message,
        Err(error) => error.0,
    })
}

fn unreadable(documents: &dyn Documents, uri: &Url, error: Result<TextError, ReadError>) -> Problem {
    let (position, message) = match error {
        Ok(TextError { position, message }) => (position, message),
        Err(error) => (None, error.0),
    };
    Problem {
        severity: Severity::Fatal,
        rule: "document-unreadable",
        location: Location {
            document: documents.name(uri).into(),
            uri: uri.as_str().into(),
            pointer: String::new(),
        },
        position,
        operation: None,
        message,
        fix: "give a readable OpenAPI description in JSON or YAML".to_owned(),
    }
}

/// The document and the fragment that a reference names.
fn split(base: &Url, reference: &str) -> Option<(Url, String)> {
    if let Some(fragment) = reference.strip_prefix('#') {
        return Some((base.clone(), fragment.to_owned()));
    }
    let uri = base.join(reference).ok()?;
    let fragment = uri.fragment().unwrap_or_default().to_owned();
    Some((without_fragment(uri), fragment))
}

fn without_fragment(mut uri: Url) -> Url {
    uri.set_fragment(None);
    uri
}

/// Calls `found` with every reference that leaves the document.
fn collect(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" && !reference.starts_with('#') => {
                        found(reference)
                    }
                    Value::Object(_) | Value::Array(_) => collect(value, found),
                    _ => {}
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// What a JSON pointer points to (RFC 6901).
fn point<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    pointer.split('/').skip(1).try_fold(value, |value, token| {
        let token = token.replace("~1", "/").replace("~0", "~");
        match value {
            Value::Object(members) => members.get(&token),
            Value::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        }
    })
}

/// The schema with this `$anchor` (JSON Schema 2020-12, 8.2.2).
fn anchor<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) if members.get("$anchor").and_then(Value::as_str) == Some(name) => Some(value),
        Value::Object(members) => members.values().find_map(|value| anchor(value, name)),
        Value::Array(items) => items.iter().find_map(|value| anchor(value, name)),
        _ => None,
    }
}
