//! A parsed document, flat: one entry for each key and value in the order of the text, strings left in the text.
//!
//! Owns the shape of a document and the way about in it: members, pointers, places. Knows the syntax of neither JSON
//! nor YAML, and nothing of OpenAPI. Flat, because a description of 13 MB has half a million values: as maps of maps
//! they cost five times their text, and here about as much as their text. Nothing is recursive but what is asked for
//! as a [`Value`](serde_json::Value), so no nesting overflows the stack.

mod build;
mod cursor;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(crate) use self::build::{Builder, Scalar, Words, too_deep};
pub(crate) use self::cursor::{Cursor, View};

/// One document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    text: String,
    parts: Parts,
    replaced: Option<Replaced>,
}

/// What stood in the text and could not be read as it was.
#[derive(Debug)]
pub(crate) struct Replaced {
    /// Where the first of them stood, in bytes.
    pub(crate) at: usize,
    /// What it was.
    pub(crate) what: String,
}

/// What is known of a text.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    entries: Vec<Entry>,
    /// Strings that do not stand in the text as they are meant. Spans count on from the end of the text into it.
    decoded: String,
    /// Objects and arrays with many children, where a search through all of them would take too long.
    wide: HashMap<u32, Wide>,
    /// Keys that stood before in the same object.
    repeated: Vec<u32>,
    /// Numbers and truth values in another spelling than JSON's, as they are written.
    written: HashMap<u32, Span>,
}

/// The children of a large object or array, for binary search.
#[derive(Debug, Default)]
struct Wide {
    /// The keys that count, in the order of their names.
    by_name: Box<[u32]>,
    /// The first entry of each child, in the order of the text.
    in_order: Box<[u32]>,
}

/// A key or a value.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where it begins in the text, in bytes.
    at: u32,
    body: Body,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    Null,
    Bool(bool),
    Number(Span),
    Text(Span),
    Array(Extent),
    Object(Extent),
    /// What stands elsewhere in the document.
    Alias(u32),
    /// The key of the value that comes next.
    Key(Span),
    /// A key that does not count: it stands again later in the same object, or it is a merge key.
    Ghost(Span),
}

impl Body {
    /// What a copy of it costs: one, and one more for every so many bytes; and so for all that is in it.
    fn size(self) -> u32 {
        match self {
            Self::Array(extent) | Self::Object(extent) => extent.size,
            Self::Text(span) | Self::Key(span) | Self::Ghost(span) => 1 + (span.end - span.start) / 64,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Alias(_) => 1,
        }
    }
}

/// A piece of the text, or of what was decoded.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// What an array or object comprises.
#[derive(Debug, Clone, Copy)]
struct Extent {
    /// The entry after its last.
    end: u32,
    /// What a copy costs, [`Body::size`], that of what its aliases stand for included.
    size: u32,
}

impl Tree {
    pub(crate) const fn new(text: String, parts: Parts, replaced: Option<Replaced>) -> Self {
        Self { text, parts, replaced }
    }

    /// The text without its byte order mark.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The whole; `None` for an empty document.
    pub(crate) fn root(&self) -> Option<Cursor<'_>> {
        self.parts.entries.first().map(|_| Cursor { tree: self, index: 0 })
    }

    /// The value with this number.
    pub(crate) const fn cursor(&self, index: u32) -> Cursor<'_> {
        Cursor { tree: self, index }
    }

    /// Every key of one of these names whose value is text, wherever it stands: its object, its name, the text.
    pub(crate) fn texts_under<'t>(
        &'t self,
        names: &'t [&'t str],
    ) -> impl Iterator<Item = (Cursor<'t>, &'t str, &'t str)> {
        (0_u32..).zip(self.parts.entries.windows(2)).filter_map(|(index, pair)| {
            let [Entry { body: Body::Key(key), .. }, value] = pair else { return None };
            let key = self.slice(*key);
            if !names.contains(&key) {
                return None;
            }
            let Body::Text(text) = value.body else { return None };
            Some((self.cursor(self.parent(index)), key, self.slice(text)))
        })
    }

    /// Keys that stood before in the same object: where each begins, and its name.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = (Cursor<'_>, &str)> {
        self.parts.repeated.iter().map(|index| {
            let name = match self.entry(*index).body {
                Body::Key(span) | Body::Ghost(span) => self.slice(span),
                _ => "",
            };
            (self.cursor(index + 1), name)
        })
    }

    /// What could not be read as it stood in the text, and the key or value in which the first stood.
    pub(crate) fn replaced(&self) -> Option<(Cursor<'_>, &str)> {
        let Replaced { at, what } = self.replaced.as_ref()?;
        let begins = |entry: &Entry| usize::try_from(entry.at).is_ok_and(|begin| begin <= *at);
        let last = self.parts.entries.iter().take_while(|entry| begins(entry)).count().checked_sub(1)?;
        let last = u32::try_from(last).ok()?;
        let value =
            if matches!(self.entry(last).body, Body::Key(_) | Body::Ghost(_)) { last + 1 } else { last };
        Some((self.cursor(value), what))
    }

    fn entry(&self, index: u32) -> Entry {
        let nothing = Entry { at: 0, body: Body::Null };
        usize::try_from(index)
            .ok()
            .and_then(|index| self.parts.entries.get(index))
            .copied()
            .unwrap_or(nothing)
    }

    fn slice(&self, span: Span) -> &str {
        self.parts.slice(&self.text, span)
    }

    /// The entry after this value.
    fn after(&self, index: u32) -> u32 {
        self.parts.after(index)
    }

    /// The way from the root to an entry: each value on it, with the key or index that leads to it.
    fn way(&self, target: u32) -> Vec<Step> {
        let mut way = Vec::new();
        let mut at = 0;
        while at != target {
            let Some(step) = self.child_around(at, target) else { break };
            at = if step.key == Some(target) { target } else { step.value };
            way.push(step);
        }
        way
    }

    /// The child of an array or object in which an entry stands, or which it is, or whose key it is.
    fn child_around(&self, parent: u32, target: u32) -> Option<Step> {
        let is_around =
            |step: &Step| step.key == Some(target) || step.value <= target && target < self.after(step.value);
        let Some(wide) = self.parts.wide.get(&parent) else { return self.children(parent).find(is_around) };
        let nth = wide.in_order.partition_point(|first| *first <= target).checked_sub(1)?;
        let first = *wide.in_order.get(nth)?;
        let key = matches!(self.entry(parent).body, Body::Object(_)).then_some(first);
        Some(Step { key, nth, value: key.map_or(first, |key| key + 1) }).filter(is_around)
    }

    /// The children of an array or object as they stand in the text.
    fn children(&self, parent: u32) -> impl Iterator<Item = Step> {
        let (end, has_keys) = match self.entry(parent).body {
            Body::Array(extent) => (extent.end, false),
            Body::Object(extent) => (extent.end, true),
            _ => (0, false),
        };
        let mut next = parent + 1;
        (0_usize..).map_while(move |nth| {
            let key = has_keys.then_some(next);
            let value = if has_keys { next + 1 } else { next };
            let step = Step { key, nth, value };
            (value < end).then(|| {
                next = self.after(value);
                step
            })
        })
    }

    /// The array or object in which an entry stands.
    fn parent(&self, index: u32) -> u32 {
        let way = self.way(index);
        way.len().checked_sub(2).and_then(|last| way.get(last)).map_or(0, |step| step.value)
    }
}

/// One step down.
struct Step {
    /// The entry of the key; `None` in an array.
    key: Option<u32>,
    nth: usize,
    value: u32,
}

impl Parts {
    fn slice<'t>(&'t self, text: &'t str, span: Span) -> &'t str {
        let (Ok(start), Ok(end)) = (usize::try_from(span.start), usize::try_from(span.end)) else {
            return "";
        };
        let found = match start.checked_sub(text.len()) {
            Some(start) => self.decoded.get(start..end - text.len()),
            None => text.get(start..end),
        };
        found.unwrap_or_default()
    }

    fn after(&self, index: u32) -> u32 {
        let entry = usize::try_from(index).ok().and_then(|index| self.entries.get(index));
        match entry.map(|entry| entry.body) {
            Some(Body::Array(extent) | Body::Object(extent)) => extent.end,
            _ => index + 1,
        }
    }
}
