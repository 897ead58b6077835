//! Makes a tree of what a parser meets, one node after the other: aliases, merge keys, repeated keys, and limits.
//!
//! An alias is a link and takes no space, but counts as all it stands for, so that a few lines cannot mean a billion
//! values to whoever walks the tree.

mod merge;

use std::collections::HashMap;

use super::{Body, Entry, Extent, Parts, Span};

/// Objects and arrays with more children than this are searched by lists of them.
pub(super) const MANY: u32 = 24;

/// A string, where it is as it is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Words<'a> {
    /// In the text, from this byte to that.
    Source(usize, usize),
    /// Not in the text as it is meant.
    Decoded(&'a str),
}

/// A value that has no values within.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// By JSON's grammar.
    Number(Words<'a>),
    Text(Words<'a>),
}

/// A tree in the making.
#[derive(Debug)]
pub(crate) struct Builder<'t> {
    text: &'t str,
    parts: Parts,
    /// The collections being read, outermost first.
    open: Vec<Open>,
    /// Finished anchored nodes by the parser's number for them.
    anchors: HashMap<usize, Anchor>,
    /// How many values may still come, aliases counted as what they stand for.
    left: usize,
    depth: usize,
}

/// A collection being read.
#[derive(Debug)]
struct Open {
    entry: u32,
    /// Whether a key comes next; `None` in an array.
    wants_key: Option<bool>,
    children: u32,
    /// A bit for each key met; two keys with the same bit may be the same key.
    met: u64,
    may_repeat: bool,
    merges: bool,
    size: u32,
    height: usize,
    anchor: usize,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    entry: u32,
    size: u32,
    height: usize,
}

impl<'t> Builder<'t> {
    /// A tree of at most this many values, nested at most this deep.
    pub(crate) fn new(text: &'t str, nodes: usize, depth: usize) -> Self {
        let parts = Parts::default();
        Self { text, parts, open: Vec::new(), anchors: HashMap::new(), left: nodes, depth }
    }

    /// The finished tree's parts.
    pub(crate) fn finish(self) -> Parts {
        self.parts
    }

    /// How deep it may be nested.
    pub(crate) const fn depth(&self) -> usize {
        self.depth
    }

    /// Whether nothing is open.
    pub(crate) const fn is_closed(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether a key comes next.
    pub(crate) fn wants_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.wants_key == Some(true))
    }

    /// Whether the innermost collection is an object; `None` outside of any.
    pub(crate) fn in_object(&self) -> Option<bool> {
        self.open.last().map(|open| open.wants_key.is_some())
    }

    /// An object or array begins here.
    pub(crate) fn begin(&mut self, is_object: bool, at: usize, anchor: usize) -> Result<(), String> {
        self.within(1)?;
        self.spend(1)?;
        let extent = Extent { end: 0, size: 0 };
        let body = if is_object { Body::Object(extent) } else { Body::Array(extent) };
        let open = Open {
            entry: self.push(at, body)?,
            wants_key: is_object.then_some(true),
            children: 0,
            met: 0,
            may_repeat: false,
            merges: false,
            size: 1,
            height: 0,
            anchor,
        };
        self.open.push(open);
        Ok(())
    }

    /// The innermost collection ended before this byte.
    pub(crate) fn end(&mut self, upto: usize) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if open.merges {
            self.merge(open.entry)?;
        }
        if open.may_repeat || open.merges || open.wants_key.is_some() && open.children > MANY {
            self.settle_keys(open.entry);
        }
        // A merge may have made it large.
        if open.children > MANY || open.merges {
            self.order_children(open.entry, open.wants_key.is_some());
        }
        let extent = Extent { end: self.next()?, size: open.size };
        if let Some(entry) = self.entry_mut(open.entry) {
            match &mut entry.body {
                Body::Array(slot) | Body::Object(slot) => *slot = extent,
                _ => {}
            }
        }
        if self.wants_key() {
            return self.collection_as_key(open.entry, upto);
        }
        self.complete(open.entry, open.size, open.height + 1, open.anchor);
        Ok(())
    }

    /// The key of the value that comes next.
    pub(crate) fn key(&mut self, at: usize, name: Words<'_>, is_merge: bool) -> Result<(), String> {
        let span = self.span(name)?;
        let bit = 1 << (fingerprint(self.parts.slice(self.text, span).as_bytes()) % 64);
        if let Some(open) = self.open.last_mut() {
            open.wants_key = Some(false);
            open.may_repeat |= open.met & bit != 0;
            open.met |= bit;
            open.merges |= is_merge;
        }
        self.push(at, if is_merge { Body::Ghost(span) } else { Body::Key(span) })?;
        Ok(())
    }

    /// A value without values within.
    pub(crate) fn scalar(&mut self, at: usize, scalar: Scalar<'_>, anchor: usize) -> Result<(), String> {
        self.spend(1)?;
        let body = match scalar {
            Scalar::Null => Body::Null,
            Scalar::Bool(flag) => Body::Bool(flag),
            Scalar::Number(words) => Body::Number(self.span(words)?),
            Scalar::Text(words) => Body::Text(self.span(words)?),
        };
        let size = body.size();
        let entry = self.push(at, body)?;
        self.complete(entry, size, 0, anchor);
        Ok(())
    }

    /// The value that came last is written like this, not as JSON would have it.
    pub(crate) fn written(&mut self, words: Words<'_>) -> Result<(), String> {
        let span = self.span(words)?;
        let last = self.next()?.saturating_sub(1);
        self.parts.written.insert(last, span);
        Ok(())
    }

    /// What the anchor of this number stands for, once more; where a key is expected, its text.
    pub(crate) fn alias(&mut self, at: usize, upto: usize, anchor: usize) -> Result<(), String> {
        let Some(target) = self.anchors.get(&anchor).copied() else {
            return Err("an alias stands inside its own anchor".to_owned());
        };
        if self.wants_key() {
            let name = match self.entry(target.entry).map(|entry| entry.body) {
                Some(Body::Text(span) | Body::Number(span)) => span,
                _ => self.span(Words::Source(at, upto))?,
            };
            let name = self.parts.slice(self.text, name).to_owned();
            return self.key(at, Words::Decoded(&name), false);
        }
        self.within(target.height)?;
        self.spend(usize::try_from(target.size).unwrap_or(usize::MAX))?;
        let entry = self.push(at, Body::Alias(target.entry))?;
        self.complete(entry, target.size, target.height, 0);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn complete(&mut self, entry: u32, size: u32, height: usize, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { entry, size, height });
        }
        if let Some(open) = self.open.last_mut() {
            open.size = open.size.saturating_add(size);
            open.height = open.height.max(height);
            open.children += 1;
            open.wants_key = open.wants_key.map(|_| true);
        }
    }

    /// A collection that is a key (YAML allows it): the key is its text.
    fn collection_as_key(&mut self, entry: u32, upto: usize) -> Result<(), String> {
        let start = self.entry(entry).map_or(0, |entry| index(entry.at));
        self.parts.entries.truncate(index(entry));
        self.parts.repeated.retain(|key| *key < entry);
        self.parts.wide.retain(|parent, _| *parent < entry);
        self.parts.written.retain(|value, _| *value < entry);
        self.anchors.retain(|_, anchor| anchor.entry < entry);
        let words = self.text.get(start..upto).unwrap_or_default().trim().to_owned();
        self.key(start, Words::Decoded(&words), false)
    }

    /// Of a key that stands more than once the last counts; the keys of a large object are listed by name.
    fn settle_keys(&mut self, object: u32) {
        let mut keys: Vec<u32> = self.children(object).into_iter().map(|(key, _)| key).collect();
        keys.retain(|key| !self.is_ghost(*key));
        keys.sort_by(|a, b| self.name(*a).cmp(&self.name(*b)).then(a.cmp(b)));
        let same = |pair: &&[u32]| matches!(pair, [a, b] if self.name(*a) == self.name(*b));
        let pairs: Vec<(u32, u32)> =
            keys.windows(2).filter(same).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect();
        for (earlier, later) in pairs {
            if let Some(Entry { body, .. }) = self.entry_mut(earlier)
                && let Body::Key(span) = *body
            {
                *body = Body::Ghost(span);
            }
            self.parts.repeated.push(later);
        }
        if keys.len() > index(MANY) {
            keys.retain(|key| !self.is_ghost(*key));
            self.parts.wide.entry(object).or_default().by_name = keys.into();
        }
    }

    /// Lists the children of a large collection.
    fn order_children(&mut self, parent: u32, is_object: bool) {
        let mut in_order = Vec::new();
        let mut first = parent + 1;
        while index(first) < self.parts.entries.len() {
            in_order.push(first);
            first = self.parts.after(if is_object { first + 1 } else { first });
        }
        self.parts.wide.entry(parent).or_default().in_order = in_order.into();
    }

    /// Keys and values of an object whose end may not be known yet.
    fn children(&self, object: u32) -> Vec<(u32, u32)> {
        let end = match self.entry(object).map(|entry| entry.body) {
            Some(Body::Object(Extent { end, .. })) if end != 0 => end,
            _ => u32::try_from(self.parts.entries.len()).unwrap_or(u32::MAX),
        };
        let mut children = Vec::new();
        let mut key = object + 1;
        while key + 1 < end {
            children.push((key, key + 1));
            key = self.parts.after(key + 1);
        }
        children
    }

    fn name(&self, key: u32) -> Option<&str> {
        match self.entry(key)?.body {
            Body::Key(span) | Body::Ghost(span) => Some(self.parts.slice(self.text, span)),
            _ => None,
        }
    }

    fn is_ghost(&self, key: u32) -> bool {
        matches!(self.entry(key), Some(Entry { body: Body::Ghost(_), .. }))
    }

    /// The value at an entry, or what it stands for.
    fn target(&self, mut value: u32) -> u32 {
        while let Some(Entry { body: Body::Alias(target), .. }) = self.entry(value) {
            value = target;
        }
        value
    }

    fn span(&mut self, words: Words<'_>) -> Result<Span, String> {
        let (start, end) = match words {
            Words::Source(start, end) => (start, end),
            Words::Decoded(text) => {
                let start = self.text.len() + self.parts.decoded.len();
                self.parts.decoded.push_str(text);
                (start, start + text.len())
            }
        };
        Ok(Span { start: number(start)?, end: number(end)? })
    }

    fn push(&mut self, at: usize, body: Body) -> Result<u32, String> {
        let index = self.next()?;
        self.parts.entries.push(Entry { at: number(at)?, body });
        Ok(index)
    }

    fn next(&self) -> Result<u32, String> {
        number(self.parts.entries.len())
    }

    fn entry(&self, at: u32) -> Option<Entry> {
        self.parts.entries.get(index(at)).copied()
    }

    fn entry_mut(&mut self, at: u32) -> Option<&mut Entry> {
        self.parts.entries.get_mut(index(at))
    }

    /// Whether this many more levels are allowed.
    fn within(&self, height: usize) -> Result<(), String> {
        if self.open.len() + height > self.depth {
            return Err(too_deep(self.depth));
        }
        Ok(())
    }

    fn spend(&mut self, nodes: usize) -> Result<(), String> {
        self.left = self
            .left
            .checked_sub(nodes)
            .ok_or("the document expands to more nodes than its size allows (an alias bomb?)")?;
        Ok(())
    }
}

/// What to say of a document with too many levels.
pub(crate) fn too_deep(limit: usize) -> String {
    format!("the document nests deeper than {limit} levels")
}

fn number(value: usize) -> Result<u32, String> {
    u32::try_from(value).map_err(|_| "the document is larger than 4 GB".to_owned())
}

/// Lossless where the program runs at all: entries are counted by `u32`, and addresses have as many bits or more.
fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn fingerprint(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(u32::from(*byte)))
}
