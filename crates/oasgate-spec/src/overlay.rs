//! Overlays (OpenAPI Overlay Specification 1.0 and 1.1): changes to a description that stand in files of their own.
//!
//! ```text
//!  document ──► Value ──► action ──► action ──► … ──► JSON
//!  overlay  ──► file (its actions, each with its place) ┘    select (JSONPath), change (merge, remove)
//! ```
//!
//! An overlay works on the document as data, before it is read as a description: this module knows nothing of OpenAPI,
//! and no file. An overlay that cannot be applied to its end changes nothing: half of it may be the half that takes
//! something away. `extends` is for whoever looks for the document; here the operator has named it.

mod change;
mod file;
mod select;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;

use self::change::Change;
use self::file::{Action, File};
use self::select::Place;
use crate::{Limits, Problem, Severity, text};

/// The text of an overlay, and what to call it.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// What to call it in messages.
    pub name: Arc<str>,
    /// Its URI.
    pub uri: Arc<str>,
    /// JSON or YAML.
    pub text: Vec<u8>,
}

/// What an action, or a whole overlay, cannot be used for: the problem's severity, rule, words and fix.
struct Fault {
    severity: Severity,
    rule: &'static str,
    message: String,
    fix: &'static str,
}

/// Values that actions may add, beyond one for every eight bytes of the document, which is more than it has itself.
const MOST_ADDED: usize = 100_000;

/// The document as JSON, with these overlays applied in their order. One that is no overlay or cannot be applied to its
/// end is left out, with a fatal [`Problem`]; a target that selects nothing is a warning. A document that cannot be
/// read comes back as it is, without a problem: whoever reads it will say so.
#[must_use]
pub fn apply(document: Vec<u8>, overlays: &[Overlay]) -> (Vec<u8>, Vec<Problem>) {
    let limits = Limits::default();
    let Some(mut value) = data(document.clone()) else { return (document, Vec::new()) };
    let mut problems = Vec::new();
    let mut room = MOST_ADDED.saturating_add(document.len() / 8);
    for overlay in overlays {
        match File::read(overlay, &limits) {
            Ok(file) => value = applied(value, &file, &mut room, &mut problems),
            Err(problem) => problems.push(*problem),
        }
    }
    (serde_json::to_vec(&value).unwrap_or(document), problems)
}

/// A document as data, if it can be read.
#[must_use]
pub fn data(document: Vec<u8>) -> Option<Value> {
    let tree = text::parse(document, &Limits::default()).ok()?;
    tree.root().map(|root| root.value())
}

/// The document with all actions of one overlay applied, or as it was.
fn applied(before: Value, file: &File, room: &mut usize, problems: &mut Vec<Problem>) -> Value {
    let mut value = before.clone();
    for (index, action) in file.actions.iter().enumerate() {
        let Err(fault) = act(&mut value, action, file.has_copy, room) else { continue };
        let is_fatal = fault.severity == Severity::Fatal;
        problems.push(file.problem(index, fault));
        if is_fatal {
            return before;
        }
    }
    value
}

/// One action (Overlay 1.1, Action Object).
fn act(document: &mut Value, action: &Action, has_copy: bool, room: &mut usize) -> Result<(), Fault> {
    let change = Change::of(action, document, has_copy)?;
    let places = select::places(document, &action.target)?;
    if places.is_empty() {
        return Err(Fault {
            severity: Severity::Warning,
            rule: "overlay-target-empty",
            message: format!("`{}` selects nothing; the action has no effect", action.target),
            fix: "let the target select what is there, or remove the action",
        });
    }
    spend(&change, &places, room)?;
    change.make(document, places)
}

/// Counts what an action adds.
fn spend(change: &Change, places: &[Place], room: &mut usize) -> Result<(), Fault> {
    let (size, depth) = change.extent();
    let level = places.iter().map(Place::depth).max().unwrap_or(0);
    match room.checked_sub(size.saturating_mul(places.len())) {
        Some(rest) if level + depth <= Limits::default().depth => {
            *room = rest;
            Ok(())
        }
        _ => Err(Fault {
            severity: Severity::Fatal,
            rule: "overlay-too-large",
            message: "the action would add more than a description can have".to_owned(),
            fix: "select less, or add less",
        }),
    }
}

impl Fault {
    /// What an action says cannot be done.
    fn refused(message: String, fix: &'static str) -> Self {
        Self { severity: Severity::Fatal, rule: "overlay-action-refused", message, fix }
    }
}
