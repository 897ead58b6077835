//! The path: the server's own, then the plan's segments, each joined with `/`.
//!
//! Owns what a path value may be. One value stays in its segment: it is encoded whole, and refused where the segment
//! that comes of it is empty or could be read as `.` or `..` (RFC 3986, 5.2.4), however often a server decodes it.

use std::borrow::Cow;

use oasgate_spec::{Serialization, Style};
use serde_json::{Map, Value};

use super::faults::Faults;
use super::traversal::{has_dot_segment, has_hidden_dot_segment, is_dot_segment};
use crate::body;
use crate::plan::{Base, Piece, Plan, Segment, Slot};
use crate::refusal::Refusal;
use crate::style::{Escape, Target, expand};

/// The path of the request, percent-encoded; it begins with `/`.
pub(super) fn path(
    plan: &Plan,
    server: &Base,
    arguments: &Map<String, Value>,
    faults: &mut Faults,
) -> String {
    let mut out = server.path.clone();
    for segment in &plan.path {
        out.push('/');
        faults.note(push_segment(&mut out, segment, &plan.slots, arguments));
    }
    if !out.starts_with('/') {
        out.insert(0, '/');
    }
    out
}

/// Appends one segment of the plan, which `{+name}` may make several of.
fn push_segment(
    out: &mut String,
    segment: &Segment,
    slots: &[Slot],
    arguments: &Map<String, Value>,
) -> Result<(), Refusal> {
    let mut text = String::new();
    let mut first = None;
    let mut is_several = false;
    for piece in &segment.0 {
        let (index, several) = match piece {
            Piece::Literal(literal) => {
                text.push_str(literal);
                continue;
            }
            Piece::Slot(index) => (*index, false),
            Piece::Reserved(index) => (*index, true),
        };
        let slot =
            slots.get(index).ok_or_else(|| Refusal::new("", "the plan of this operation is broken."))?;
        first = first.or(Some(slot));
        is_several |= several;
        text.push_str(&value(slot, several, arguments)?);
    }
    let climbs = if is_several { has_dot_segment(&text) } else { is_dot_segment(&text) };
    match first {
        Some(slot) if text.split('/').any(str::is_empty) => Err(empty(slot)),
        Some(slot) if climbs => Err(dots(slot)),
        _ => {
            out.push_str(&text);
            Ok(())
        }
    }
}

/// The text of one slot.
fn value(slot: &Slot, several: bool, arguments: &Map<String, Value>) -> Result<String, Refusal> {
    let argument = arguments.get(&slot.argument).unwrap_or(&Value::Null);
    if dotted(argument, if several { has_dot_segment } else { has_hidden_dot_segment }) {
        return Err(dots(slot));
    }
    let text = match &slot.serialization {
        Serialization::Content(media_type) => {
            Escape::Unreserved.value(&body::content_text(media_type, argument)).into_owned()
        }
        Serialization::Style { style, explode, allow_reserved, .. } => {
            let escape = match (several, allow_reserved) {
                (true, _) => Escape::Reserved(Target::Path),
                (false, true) => Escape::Reserved(Target::Segment),
                (false, false) => Escape::Unreserved,
            };
            expand(path_style(*style), *explode, &slot.name, argument, escape)
        }
    };
    if text.is_empty() { Err(empty(slot)) } else { Ok(text) }
}

/// A style that a path has; any other is read as the default.
const fn path_style(style: Style) -> Style {
    match style {
        Style::Matrix | Style::Label => style,
        _ => Style::Simple,
    }
}

/// Whether a text anywhere in the value climbs, wherever in the path it would come to stand.
fn dotted(value: &Value, climbs: fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => climbs(text),
        Value::Array(items) => items.iter().any(|item| dotted(item, climbs)),
        Value::Object(members) => members.iter().any(|(key, member)| climbs(key) || dotted(member, climbs)),
        _ => false,
    }
}

fn empty(slot: &Slot) -> Refusal {
    let message = "a path value must not be empty, nor have empty segments: another resource would be meant. Send \
                   the identifier of one.";
    Refusal::argument(&slot.argument, message)
}

fn dots(slot: &Slot) -> Refusal {
    let message: Cow<'_, str> =
        "a path value must not have `.` or `..` as a segment, plain or encoded: it would lead \
                                 to another resource. Send the identifier of one resource."
            .into();
    Refusal::argument(&slot.argument, message)
}
