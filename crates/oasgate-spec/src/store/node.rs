//! A value and the document it stands in: what the readers see of a description.

use serde_json::Value;

use super::Document;
use crate::tree::{Cursor, View};

/// A value and the document it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d> {
    pub(crate) document: &'d Document,
    cursor: Cursor<'d>,
}

/// Which value of which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(super) document: usize,
    pub(super) value: u32,
}

impl<'d> Node<'d> {
    pub(super) const fn new(document: &'d Document, cursor: Cursor<'d>) -> Self {
        Self { document, cursor }
    }

    pub(crate) const fn id(self) -> Id {
        Id { document: self.document.number(), value: self.cursor.index() }
    }

    pub(crate) const fn cursor(self) -> Cursor<'d> {
        self.cursor
    }

    /// What it is.
    pub(crate) fn view(self) -> View<'d> {
        self.cursor.view()
    }

    pub(crate) fn is_null(self) -> bool {
        self.view() == View::Null
    }

    pub(crate) fn is_object(self) -> bool {
        self.view() == View::Object
    }

    pub(crate) fn is_array(self) -> bool {
        self.view() == View::Array
    }

    /// Whether it has no members and no items.
    pub(crate) fn is_empty(self) -> bool {
        self.members().next().is_none() && self.items().next().is_none()
    }

    /// What a copy costs: one for each value, and more for long texts.
    pub(crate) fn size(self) -> usize {
        self.cursor.size()
    }

    /// The member of this name.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        self.cursor.get(key).map(|cursor| Self { cursor, ..self })
    }

    /// Itself, if it is text.
    pub(crate) fn as_text(self) -> Option<&'d str> {
        self.cursor.text()
    }

    /// Itself, if it can be meant as text: a version may be written as a number, and a choice as a truth value. Then it
    /// is what is written: `0x1F` is not 31.
    pub(crate) fn as_scalar(self) -> Option<String> {
        match self.view() {
            View::Text(text) => Some(text.to_owned()),
            View::Number(text) => Some(self.cursor.written().unwrap_or(text).to_owned()),
            View::Bool(flag) => Some(self.cursor.written().map_or_else(|| flag.to_string(), str::to_owned)),
            View::Null | View::Array | View::Object => None,
        }
    }

    /// The member of this name, if it is text.
    pub(crate) fn text(self, key: &str) -> Option<&'d str> {
        self.get(key)?.as_text()
    }

    /// The member of this name as a truth value; `"true"` counts, as many descriptions have it.
    pub(crate) fn flag(self, key: &str) -> bool {
        match self.get(key).map(Self::view) {
            Some(View::Bool(flag)) => flag,
            Some(View::Text(text)) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The members, if it is an object.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'d str, Self)> {
        self.cursor.members().map(move |(key, cursor)| (key, Self { cursor, ..self }))
    }

    /// The items, if it is an array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.cursor.items().map(move |cursor| Self { cursor, ..self })
    }

    /// The members of this member, if both are objects.
    pub(crate) fn members_of(self, key: &str) -> impl Iterator<Item = (&'d str, Self)> {
        self.get(key).into_iter().flat_map(Self::members)
    }

    /// The items of this member, if it is an array.
    pub(crate) fn items_of(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).into_iter().flat_map(Self::items)
    }

    /// What a JSON pointer leads to from here, or how far it leads and what is left of it.
    pub(super) fn point(self, pointer: &str) -> Result<Self, (Self, &str)> {
        let here = |cursor| Self { cursor, ..self };
        self.cursor.point(pointer).map(here).map_err(|(cursor, rest)| (here(cursor), rest))
    }

    /// A copy of its own.
    pub(crate) fn value(self) -> Value {
        self.cursor.value()
    }

    /// The location of this value.
    pub(crate) fn location(self) -> crate::Location {
        self.document.location(self.cursor.pointer())
    }
}
