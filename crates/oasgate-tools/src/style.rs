//! The style table: how the value of a parameter or form field becomes text (OpenAPI 3.2, 4.12.3 Style Values and
//! 4.12.4 Style Examples, after RFC 6570).
//!
//! Every item is escaped alone and then joined with raw delimiters (Appendix C, Delimiters in Parameter Values).
//! Owns values and delimiters; knows neither requests nor places: who calls it names the [`Escape`] of the place.
//!
//! Where the standard leaves a case open, this is what is done:
//!
//! * `null`, `[]`, `{}` and an object of nothing but nulls are undefined (RFC 6570, 2.3). A null among the items of
//!   an array is the text `null`, for dropping it would move its neighbours; a null property is left out.
//! * An array or object inside an array or object is its compact JSON text, except under `deepObject`.
//! * `deepObject` nests with further brackets, `a[b][c]=1`. Items of an array are `a[]=1` if all are primitive, else
//!   `a[0][b]=1`: the forms that servers with bracket parsers read.
//! * `spaceDelimited`, `pipeDelimited` and tabs explode as `form` does, and `deepObject` explodes always.

mod escape;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use oasgate_spec::Style;
use serde_json::Value;

pub(crate) use self::escape::{Escape, Target};

/// A value as the styles see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape<'v> {
    /// Nothing to send (RFC 6570, 2.3).
    Undefined,
    /// One text.
    Scalar(Cow<'v, str>),
    /// Several texts.
    List(Vec<Cow<'v, str>>),
    /// Several names with their texts.
    Record(Vec<(&'v str, Cow<'v, str>)>),
}

impl<'v> Shape<'v> {
    /// What the styles see in this value.
    pub(crate) fn of(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Undefined,
            Value::Array(items) if items.is_empty() => Self::Undefined,
            Value::Array(items) => Self::List(items.iter().map(text).collect()),
            Value::Object(members) => {
                let defined = members.iter().filter(|(_, value)| !value.is_null());
                let record: Vec<_> = defined.map(|(key, value)| (key.as_str(), text(value))).collect();
                if record.is_empty() { Self::Undefined } else { Self::Record(record) }
            }
            scalar => Self::Scalar(text(scalar)),
        }
    }
}

/// The text of one item: strings as they are, numbers with the digits they were given, the rest as compact JSON.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(string) => Cow::Borrowed(string),
        other => Cow::Owned(other.to_string()),
    }
}

/// The text of a value in a path: `matrix`, `label`, or else `simple`. Empty for what is undefined, but for the
/// prefixes that the Style Examples show.
pub(crate) fn expand(style: Style, explode: bool, name: &str, value: &Value, escape: Escape) -> String {
    let own = escape.name(name);
    let shape = Shape::of(value);
    let (prefix, separator) = match style {
        Style::Matrix => (";", ";"),
        Style::Label => (".", if explode { "." } else { "," }),
        _ => ("", ","),
    };
    let body = match (style, &shape) {
        (Style::Matrix, Shape::Undefined) => own.into_owned(),
        (Style::Matrix, Shape::Scalar(text)) => named(&own, &escape.value(text)),
        (Style::Matrix, Shape::List(items)) if explode => {
            join(items.iter().map(|item| named(&own, &escape.item(item))), separator)
        }
        (Style::Matrix, Shape::Record(members)) if explode => {
            join(members.iter().map(|(key, item)| named(&escape.name(key), &escape.item(item))), separator)
        }
        (Style::Matrix, _) => named(&own, &list(&shape, false, escape, ",")),
        _ => list(&shape, explode, escape, separator),
    };
    format!("{prefix}{body}")
}

/// The text of a value as one list, without a name: `simple` in a header, and what stands after `name=` elsewhere.
pub(crate) fn list(shape: &Shape<'_>, explode: bool, escape: Escape, separator: &str) -> String {
    match shape {
        Shape::Undefined => String::new(),
        Shape::Scalar(text) => escape.value(text).into_owned(),
        Shape::List(items) => join(items.iter().map(|item| escape.item(item)), separator),
        Shape::Record(members) => {
            let middle = if explode { "=" } else { separator };
            join(
                members.iter().map(|(key, item)| [&escape.name(key), middle, &escape.item(item)].concat()),
                separator,
            )
        }
    }
}

/// The name-value pairs of a value in a query, cookie or form; none if it is undefined.
pub(crate) fn pairs(
    style: Style,
    explode: bool,
    name: &str,
    value: &Value,
    escape: Escape,
) -> Vec<(String, String)> {
    if style == Style::DeepObject && (value.is_object() || value.is_array()) {
        let mut out = Vec::new();
        brackets(name, value, escape, &mut out);
        return out;
    }
    let own = || escape.name(name).into_owned();
    match Shape::of(value) {
        Shape::Undefined => Vec::new(),
        Shape::List(items) if explode => {
            items.iter().map(|item| (own(), escape.value(item).into_owned())).collect()
        }
        Shape::Record(members) if explode => {
            let pair = |(key, item): &(&str, Cow<'_, str>)| {
                (escape.name(key).into_owned(), escape.value(item).into_owned())
            };
            members.iter().map(pair).collect()
        }
        shape => vec![(own(), list(&shape, false, escape, escape.delimiter(style)))],
    }
}

/// `name[key][key]=value` for every defined leaf.
fn brackets(name: &str, value: &Value, escape: Escape, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, member) in members {
                brackets(&format!("{name}[{key}]"), member, escape, out);
            }
        }
        Value::Array(items) => {
            let flat = !items.iter().any(|item| item.is_object() || item.is_array());
            for (index, item) in items.iter().enumerate() {
                match item {
                    Value::Null => {
                        out.push((escape.name(&format!("{name}[]")).into_owned(), text(item).into_owned()))
                    }
                    _ if flat => brackets(&format!("{name}[]"), item, escape, out),
                    _ => brackets(&format!("{name}[{index}]"), item, escape, out),
                }
            }
        }
        scalar => out.push((escape.name(name).into_owned(), escape.value(&text(scalar)).into_owned())),
    }
}

/// `name=value`, or `name` alone if the value is empty (RFC 6570, 3.2.7).
fn named(name: &str, value: &str) -> String {
    if value.is_empty() { name.to_owned() } else { format!("{name}={value}") }
}

/// The texts with the separator between them.
fn join<T: AsRef<str>>(texts: impl Iterator<Item = T>, separator: &str) -> String {
    let mut out = String::new();
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(text.as_ref());
    }
    out
}
