//! A value of a document, and the ways from it: members, items, pointers.

use serde_json::Value;

use super::{Body, Entry, Tree, Wide, build};

/// A value of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'t> {
    pub(super) tree: &'t Tree,
    pub(super) index: u32,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View<'t> {
    Null,
    Bool(bool),
    /// As it is written; JSON's grammar.
    Number(&'t str),
    Text(&'t str),
    Array,
    Object,
}

impl<'t> Cursor<'t> {
    /// Its number in the document.
    pub(crate) const fn index(self) -> u32 {
        self.index
    }

    /// What it is.
    pub(crate) fn view(self) -> View<'t> {
        match self.entry().body {
            Body::Null | Body::Alias(_) => View::Null,
            Body::Bool(flag) => View::Bool(flag),
            Body::Number(span) => View::Number(self.tree.slice(span)),
            Body::Text(span) | Body::Key(span) | Body::Ghost(span) => View::Text(self.tree.slice(span)),
            Body::Array(_) => View::Array,
            Body::Object(_) => View::Object,
        }
    }

    /// Itself, if it is text.
    pub(crate) fn text(self) -> Option<&'t str> {
        match self.view() {
            View::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number or truth value as it is written, where that is not JSON's way.
    pub(crate) fn written(self) -> Option<&'t str> {
        self.tree.parts.written.get(&self.index).map(|span| self.tree.slice(*span))
    }

    /// What a copy costs: one for each value, that of what aliases stand for included, and more for long texts.
    pub(crate) fn size(self) -> usize {
        usize::try_from(self.entry().body.size()).unwrap_or(usize::MAX)
    }

    /// Whether another value stands within this one, or is it.
    pub(crate) fn contains(self, index: u32) -> bool {
        self.index <= index && index < self.tree.after(self.index)
    }

    /// The member of this name.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        self.key(name).map(|key| self.value_of(key + 1))
    }

    /// The members, if it is an object.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'t str, Self)> {
        let is_object = matches!(self.entry().body, Body::Object(_));
        let steps = is_object.then(|| self.tree.children(self.index)).into_iter().flatten();
        steps.filter_map(move |step| match self.tree.entry(step.key?).body {
            Body::Key(span) => Some((self.tree.slice(span), self.value_of(step.value))),
            _ => None,
        })
    }

    /// The items, if it is an array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let is_array = matches!(self.entry().body, Body::Array(_));
        let steps = is_array.then(|| self.tree.children(self.index)).into_iter().flatten();
        steps.map(move |step| self.value_of(step.value))
    }

    /// The value that a JSON pointer (RFC 6901) leads to from here, and how much of the pointer led there if not all.
    pub(crate) fn point(self, pointer: &str) -> Result<Self, (Self, &str)> {
        let mut at = self;
        let mut rest = pointer;
        while let Some(tail) = rest.strip_prefix('/') {
            let (token, after) = tail.find('/').map_or((tail, ""), |end| tail.split_at(end));
            at = at.child(&unescape(token)).ok_or((at, rest))?.1;
            rest = after;
        }
        if rest.is_empty() { Ok(at) } else { Err((at, rest)) }
    }

    /// Where the value that a JSON pointer leads to stands in the text, in bytes: a member where its key stands.
    pub(crate) fn place(self, pointer: &str) -> Option<usize> {
        let (way, last) = pointer.rsplit_once('/').unwrap_or(("", ""));
        let at = match pointer {
            "" => self.index,
            _ => self.point(way).ok()?.child(&unescape(last))?.0,
        };
        usize::try_from(self.tree.entry(at).at).ok()
    }

    /// The JSON pointer that leads here from the root.
    pub(crate) fn pointer(self) -> String {
        let mut pointer = String::new();
        for step in self.tree.way(self.index) {
            pointer.push('/');
            match step.key.map(|key| self.tree.entry(key).body) {
                Some(Body::Key(span) | Body::Ghost(span)) => {
                    pointer.push_str(&escape(self.tree.slice(span)));
                }
                _ => pointer.push_str(&step.nth.to_string()),
            }
        }
        pointer
    }

    /// Where it stands in the text, in bytes: a member where its key stands.
    pub(crate) fn offset(self) -> usize {
        let way = self.tree.way(self.index);
        let at = way.last().map_or(self.index, |step| step.key.unwrap_or(step.value));
        usize::try_from(self.tree.entry(at).at).unwrap_or_default()
    }

    /// A copy of its own; numbers stay as they are written.
    pub(crate) fn value(self) -> Value {
        match self.view() {
            View::Null => Value::Null,
            View::Bool(flag) => Value::Bool(flag),
            View::Number(text) => text.parse().map_or(Value::Null, Value::Number),
            View::Text(text) => Value::String(text.to_owned()),
            View::Array => self.items().map(Self::value).collect(),
            View::Object => self.members().map(|(name, member)| (name.to_owned(), member.value())).collect(),
        }
    }

    /// The member or item of this name or number, and the entry where it begins.
    fn child(self, token: &str) -> Option<(u32, Self)> {
        match self.entry().body {
            Body::Object(_) => self.key(token).map(|key| (key, self.value_of(key + 1))),
            Body::Array(_) => {
                let step = self.tree.children(self.index).nth(token.parse().ok()?)?;
                Some((step.value, self.value_of(step.value)))
            }
            _ => None,
        }
    }

    /// The entry of the key of this name.
    fn key(self, name: &str) -> Option<u32> {
        let Body::Object(extent) = self.entry().body else { return None };
        let name_of = |key: u32| match self.tree.entry(key).body {
            Body::Key(span) => Some(self.tree.slice(span)),
            _ => None,
        };
        if extent.end - self.index > 2 * build::MANY
            && let Some(Wide { by_name, .. }) = self.tree.parts.wide.get(&self.index)
        {
            let found = by_name.binary_search_by(|key| name_of(*key).cmp(&Some(name))).ok()?;
            return by_name.get(found).copied();
        }
        self.tree.children(self.index).filter_map(|step| step.key).find(|key| name_of(*key) == Some(name))
    }

    fn entry(self) -> Entry {
        self.tree.entry(self.index)
    }

    /// The value at an entry, or what it stands for.
    fn value_of(self, index: u32) -> Self {
        let mut at = index;
        while let Body::Alias(target) = self.tree.entry(at).body {
            at = target;
        }
        Self { tree: self.tree, index: at }
    }
}

/// A key as a token of a JSON pointer (RFC 6901, 3).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
