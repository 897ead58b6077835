//! What an action does to each place it selects (Overlay 1.1, Action Object).

use serde_json::Value;

use super::Fault;
use super::file::Action;
use super::select::{self, Place};
use crate::Severity;

/// What an action does.
#[derive(Debug)]
pub(super) enum Change {
    Remove,
    /// Merges this, into places of one kind only or of several.
    Merge {
        value: Value,
        one_kind: bool,
    },
}

/// What merging tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Primitive,
}

impl Change {
    /// `remove` goes before the others; beside each other `update` and `copy` have no effect.
    pub(super) fn of(action: &Action, document: &Value, has_copy: bool) -> Result<Self, Fault> {
        let one_kind = has_copy;
        match (&action.update, &action.copy) {
            _ if action.remove => Ok(Self::Remove),
            (Some(value), None) => Ok(Self::Merge { value: value.clone(), one_kind }),
            (None, Some(source)) if has_copy => {
                Ok(Self::Merge { value: copied(document, source)?, one_kind })
            }
            (None, Some(_)) => Err(without_effect("`copy` is known from Overlay 1.1 on")),
            (Some(_), Some(_)) => Err(without_effect("`update` and `copy` rule each other out")),
            (None, None) => Err(without_effect("there is neither `update`, `remove: true` nor `copy`")),
        }
    }

    /// How many values it adds in one place, and on how many levels.
    pub(super) fn extent(&self) -> (usize, usize) {
        match self {
            Self::Remove => (0, 0),
            Self::Merge { value, .. } => extent(value),
        }
    }

    pub(super) fn make(&self, document: &mut Value, places: Vec<Place>) -> Result<(), Fault> {
        match self {
            Self::Remove => remove(document, places),
            Self::Merge { value, one_kind } => merge_all(document, &places, value, *one_kind),
        }
    }
}

/// The one value that a query selects.
fn copied(document: &Value, source: &str) -> Result<Value, Fault> {
    let mut places = select::places(document, source)?;
    let fix = "let `copy` select one value";
    let (Some(place), true) = (places.pop(), places.is_empty()) else {
        return Err(Fault::refused(format!("`copy: {source}` does not select exactly one value"), fix));
    };
    place.find(document).cloned().ok_or_else(|| Fault::refused(format!("`{source}` selects nothing"), fix))
}

/// Takes away what was selected, from the end: so no index changes before its turn.
fn remove(document: &mut Value, places: Vec<Place>) -> Result<(), Fault> {
    for place in places.into_iter().rev() {
        if !place.remove(document) {
            let message = "the whole document cannot be removed".to_owned();
            return Err(Fault::refused(message, "select what is in the document"));
        }
    }
    Ok(())
}

fn merge_all(document: &mut Value, places: &[Place], value: &Value, one_kind: bool) -> Result<(), Fault> {
    let mut kinds = places.iter().filter_map(|place| place.find(document).map(Kind::of));
    let first = kinds.next();
    if one_kind && kinds.any(|kind| Some(kind) != first) {
        let message = "the target selects values of several kinds".to_owned();
        return Err(Fault::refused(message, "select only objects, only arrays, or only plain values"));
    }
    for place in places {
        if let Some(target) = place.find_mut(document) {
            match (&mut *target, value) {
                // Only a target itself takes what is not a list; within it both must be of one kind.
                (Value::Array(items), Value::Object(_)) => items.push(value.clone()),
                (Value::Array(items), other) if Kind::of(other) == Kind::Primitive => {
                    items.push(value.clone())
                }
                _ => merge(target, value)?,
            }
        }
    }
    Ok(())
}

/// Objects are merged, arrays are appended to each other, plain values are replaced. Nothing is merged with nothing: an
/// empty member in YAML is null, and stands for any kind in the standard's own example.
fn merge(target: &mut Value, value: &Value) -> Result<(), Fault> {
    match (target, value) {
        (Value::Object(target), Value::Object(members)) => {
            for (name, member) in members {
                match target.get_mut(name) {
                    Some(known) => merge(known, member)?,
                    None => {
                        target.insert(name.clone(), member.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(items)) => target.extend(items.iter().cloned()),
        (Value::Object(_) | Value::Array(_), Value::Null) => {}
        (target, value) if *target == Value::Null || Kind::of(target) == Kind::of(value) => {
            *target = value.clone();
        }
        (target, value) => {
            let (target, value) = (Kind::of(target).name(), Kind::of(value).name());
            let message = format!("{value} cannot be merged into {target}");
            return Err(Fault::refused(message, "remove what is there first, or merge what is of its kind"));
        }
    }
    Ok(())
}

fn extent(value: &Value) -> (usize, usize) {
    let children: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Object(members) => Box::new(members.values()),
        Value::Array(items) => Box::new(items.iter()),
        _ => return (1, 1),
    };
    let (size, depth) =
        children.map(extent).fold((1, 0), |(size, depth), child| (size + child.0, depth.max(child.1)));
    (size, depth + 1)
}

fn without_effect(reason: &str) -> Fault {
    Fault {
        severity: Severity::Warning,
        rule: "overlay-action-without-effect",
        message: format!("the action has no effect: {reason}"),
        fix: "give `update`, `remove: true`, or in Overlay 1.1 `copy`",
    }
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::Array,
            _ => Self::Primitive,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "a list",
            Self::Primitive => "a plain value",
        }
    }
}
