//! Which places of a document a JSONPath selects (RFC 9535).

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use super::Fault;

/// A place in a document: the way to it. They are ordered as a document is read, what contains before what is
/// contained.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Member(String),
    Item(usize),
}

/// The places that a query selects, each once.
pub(super) fn places(document: &Value, query: &str) -> Result<Vec<Place>, Fault> {
    let path = JsonPath::parse(query).map_err(|error| {
        let message = format!("`{query}` is no JSONPath: {}", error.message());
        Fault::refused(message, "write the query as RFC 9535 has it, as in `$.paths['/pets'].get`")
    })?;
    let mut places: Vec<Place> =
        path.query_located(document).iter().map(|node| Place::of(node.location())).collect();
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

impl Place {
    fn of(path: &NormalizedPath<'_>) -> Self {
        let step = |element: &PathElement<'_>| match element {
            PathElement::Name(name) => Step::Member((*name).to_owned()),
            PathElement::Index(index) => Step::Item(*index),
        };
        Self(path.iter().map(step).collect())
    }

    /// Levels above it.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// What stands there.
    pub(super) fn find<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(document, |at, step| match step {
            Step::Member(name) => at.get(name),
            Step::Item(index) => at.get(index),
        })
    }

    /// What stands there, to change it.
    pub(super) fn find_mut<'v>(&self, document: &'v mut Value) -> Option<&'v mut Value> {
        walk(document, &self.0)
    }

    /// Takes away what stands there; the order of what stays is kept. False for the whole document.
    pub(super) fn remove(&self, document: &mut Value) -> bool {
        let Some((last, way)) = self.0.split_last() else { return false };
        match (walk(document, way), last) {
            (Some(Value::Object(members)), Step::Member(name)) => {
                members.shift_remove(name);
            }
            (Some(Value::Array(items)), Step::Item(index)) if *index < items.len() => {
                items.remove(*index);
            }
            _ => {}
        }
        true
    }
}

fn walk<'v>(document: &'v mut Value, way: &[Step]) -> Option<&'v mut Value> {
    way.iter().try_fold(document, |at, step| match step {
        Step::Member(name) => at.get_mut(name),
        Step::Item(index) => at.get_mut(index),
    })
}
