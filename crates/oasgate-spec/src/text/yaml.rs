//! YAML events to one [`Value`], with aliases, merge keys and budgets.
//!
//! The tree is built from the parser's events and not through serde, because the text of a scalar is needed to read
//! it exactly; positions come from the same events.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag};
use serde_json::{Map, Value};

use super::{TextError, scalar};
use crate::{Limits, Position};

/// Reads the first document of a YAML stream.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Value, TextError> {
    let mut builder =
        Builder { left: limits.nodes(text.len()), anchors: HashMap::new(), open: Vec::new(), root: None };
    for next in Parser::new_from_str_with_options(text, options(limits)) {
        let (event, span) = next.map_err(|error| scan_error(&error))?;
        let position = position(span.start);
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.event(event).map_err(|message| TextError { position: Some(position), message })?;
    }
    Ok(builder.root.unwrap_or(Value::Null))
}

/// The parser's options within these limits.
pub(super) fn options(limits: &Limits) -> Options {
    granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
        simple_key_max_lookahead: 65_536,
    }
}

/// Builds the tree.
struct Builder {
    /// How many nodes may still come, aliases counted as what they stand for.
    left: usize,
    /// Anchored values by the parser's id, with their size in nodes.
    anchors: HashMap<usize, (Value, usize)>,
    /// The collections being read, outermost first.
    open: Vec<Open>,
    root: Option<Value>,
}

/// A collection being read.
struct Open {
    collection: Collection,
    anchor: usize,
    /// `left` when it was opened.
    left: usize,
}

enum Collection {
    Array(Vec<Value>),
    /// Members so far, and the key whose value comes next.
    Object(Map<String, Value>, Option<String>),
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(1)?;
                if self.expects_key() {
                    self.key(text.into_owned());
                    return Ok(());
                }
                let value = scalar_value(&text, style, tag.as_deref());
                self.finish(value, anchor, 1)
            }
            Event::SequenceStart(_, anchor, _) => self.open(Collection::Array(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => self.open(Collection::Object(Map::new(), None), anchor),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(id) => {
                let (value, size) = self.anchors.get(&id).ok_or("an alias stands inside its own anchor")?;
                let (value, size) = (value.clone(), *size);
                self.spend(size)?;
                self.finish(value, 0, size)
            }
            Event::UnresolvedAlias(name) => Err(format!("alias *{name} has no anchor before it")),
            _ => Ok(()),
        }
    }

    fn spend(&mut self, nodes: usize) -> Result<(), String> {
        self.left = self
            .left
            .checked_sub(nodes)
            .ok_or("the document expands to more nodes than its size allows (an alias bomb?)")?;
        Ok(())
    }

    fn open(&mut self, collection: Collection, anchor: usize) -> Result<(), String> {
        let left = self.left;
        self.spend(1)?;
        self.open.push(Open { collection, anchor, left });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(Open { collection, anchor, left }) = self.open.pop() else { return Ok(()) };
        let value = match collection {
            Collection::Array(items) => Value::Array(items),
            Collection::Object(members, _) => Value::Object(members),
        };
        self.finish(value, anchor, left - self.left)
    }

    /// Whether the next node is a key.
    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { collection: Collection::Object(_, None), .. }))
    }

    fn key(&mut self, key: String) {
        if let Some(Open { collection: Collection::Object(_, pending), .. }) = self.open.last_mut() {
            *pending = Some(key);
        }
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, value: Value, anchor: usize, size: usize) -> Result<(), String> {
        if anchor != 0 {
            self.spend(size)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open { collection: Collection::Array(items), .. }) => items.push(value),
            Some(Open { collection: Collection::Object(members, pending), .. }) => match pending.take() {
                // A collection or alias as a key: its JSON text is the key.
                None => *pending = Some(key_text(value)),
                Some(key) if key == "<<" => merge(members, value),
                Some(key) => {
                    members.insert(key, value);
                }
            },
        }
        Ok(())
    }
}

/// The merge key of YAML 1.1, which many descriptions use: members already there stay.
fn merge(members: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(more) => {
            for (key, value) in more {
                members.entry(key).or_insert(value);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| merge(members, item)),
        other => {
            members.insert("<<".to_owned(), other);
        }
    }
}

fn key_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The value of a scalar by its style and tag (YAML 1.2.2, 6.9.1 and 10.3.2).
fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    match tag.map(Tag::core_suffix) {
        None if matches!(style, ScalarStyle::Plain) => scalar::plain(text),
        Some(Some("int" | "float" | "bool" | "null")) => scalar::plain(text),
        _ => Value::String(text.to_owned()),
    }
}

/// The parser counts columns from 0.
pub(super) fn position(mark: granit_parser::Marker) -> Position {
    Position { line: mark.line(), column: mark.col() + 1 }
}

fn scan_error(error: &ScanError) -> TextError {
    TextError { position: Some(position(*error.marker())), message: format!("not YAML: {}", error.info()) }
}
