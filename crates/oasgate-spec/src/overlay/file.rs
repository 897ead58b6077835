//! An overlay as it is written: its version, its actions, and where each stands.

use serde_json::Value;

use super::{Fault, Overlay};
use crate::text::{self, Lines, TextError};
use crate::tree::{Cursor, Tree, View};
use crate::{Limits, Location, Position, Problem, Severity};

/// One overlay.
pub(super) struct File<'o> {
    overlay: &'o Overlay,
    pub(super) actions: Vec<Action>,
    /// Whether its version has `copy` (1.1).
    pub(super) has_copy: bool,
}

/// One action, as written.
pub(super) struct Action {
    pub(super) target: String,
    pub(super) update: Option<Value>,
    pub(super) copy: Option<String>,
    pub(super) remove: bool,
    place: Position,
}

/// Why an overlay is none, and the pointer to what is wrong with it.
type Refused = (String, String);

impl<'o> File<'o> {
    pub(super) fn read(overlay: &'o Overlay, limits: &Limits) -> Result<Self, Box<Problem>> {
        let tree = text::parse(overlay.text.clone(), limits).map_err(|TextError { position, message }| {
            Box::new(invalid(overlay, String::new(), position, &message))
        })?;
        Self::of(overlay, &tree).map_err(|(pointer, message)| {
            Box::new(invalid(overlay, pointer.clone(), position(&tree, &pointer), &message))
        })
    }

    fn of(overlay: &'o Overlay, tree: &Tree) -> Result<Self, Refused> {
        let whole = |message: &str| (String::new(), message.to_owned());
        let root = tree.root().ok_or_else(|| whole("the overlay is empty"))?;
        let version = root.get("overlay").ok_or_else(|| whole("this is no overlay: `overlay` is missing"))?;
        let has_copy = match version.view() {
            // The patch version does not count (Overlay 1.1, Versions). YAML reads `1.0` as a number.
            View::Text(text) | View::Number(text) if is_version(text, "1.0") => false,
            View::Text(text) | View::Number(text) if is_version(text, "1.1") => true,
            _ => return Err(("/overlay".to_owned(), "the version must be 1.0.x or 1.1.x".to_owned())),
        };
        let list = root.get("actions").filter(|list| list.view() == View::Array);
        let list = list.ok_or_else(|| whole("`actions` must be a list of actions"))?;
        let action = |(index, action): (usize, Cursor<'_>)| Action::of(tree, index, action);
        let actions = list.items().enumerate().map(action).collect::<Result<Vec<_>, _>>()?;
        if actions.is_empty() {
            return Err(("/actions".to_owned(), "there must be at least one action".to_owned()));
        }
        Ok(Self { overlay, actions, has_copy })
    }

    /// A problem of one action.
    pub(super) fn problem(&self, index: usize, fault: Fault) -> Problem {
        let Fault { severity, rule, message, fix } = fault;
        let fix = fix.to_owned();
        Problem {
            severity,
            rule,
            location: location(self.overlay, format!("/actions/{index}/target")),
            position: self.actions.get(index).map(|action| action.place),
            operation: None,
            message,
            fix,
        }
    }
}

impl Action {
    fn of(tree: &Tree, index: usize, action: Cursor<'_>) -> Result<Self, Refused> {
        let at = |member: &str| format!("/actions/{index}{member}");
        let refused = |member: &str, message: &str| (at(member), message.to_owned());
        let text = |name: &str| match action.get(name).map(Cursor::view) {
            None => Ok(None),
            Some(View::Text(text)) => Ok(Some(text.to_owned())),
            Some(_) => Err((at(&format!("/{name}")), format!("`{name}` must be a JSONPath, as text"))),
        };
        let target = text("target")?.ok_or_else(|| refused("", "the action has no `target`"))?;
        let remove = match action.get("remove").map(Cursor::view) {
            None | Some(View::Bool(false)) => false,
            Some(View::Bool(true)) => true,
            Some(_) => return Err(refused("/remove", "`remove` must be true or false")),
        };
        let place = position(tree, &at("/target")).unwrap_or(Position { line: 1, column: 1 });
        Ok(Self {
            target,
            update: action.get("update").map(Cursor::value),
            copy: text("copy")?,
            remove,
            place,
        })
    }
}

fn is_version(text: &str, minor: &str) -> bool {
    text.strip_prefix(minor).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn invalid(overlay: &Overlay, pointer: String, position: Option<Position>, message: &str) -> Problem {
    Problem {
        severity: Severity::Fatal,
        rule: "overlay-invalid",
        location: location(overlay, pointer),
        position,
        operation: None,
        message: format!("{message}; the overlay is not applied"),
        fix:
            "write an overlay: `overlay: 1.1.0`, `info`, and `actions` with `target` and `update` or `remove`"
                .to_owned(),
    }
}

fn location(overlay: &Overlay, pointer: String) -> Location {
    Location { document: overlay.name.clone(), uri: overlay.uri.clone(), pointer }
}

fn position(tree: &Tree, pointer: &str) -> Option<Position> {
    let offset = tree.root()?.place(pointer)?;
    Some(Lines::new(tree.text()).position(offset))
}
