//! What is read of each part of a description, row by row: the defaults, the inheritance, the repairs and their
//! problems.

mod body;
mod format;
mod parameter;
mod path;
mod response;
mod security;
mod server;

use crate::tests::{read, rules};
use crate::{Api, Operation, Problem};

/// An operation of a description that has only that, in this version: `head` stands at the root, `item` in the path
/// item, `operation` in the operation.
struct Written<'t> {
    version: &'t str,
    path: &'t str,
    head: &'t str,
    item: &'t str,
    operation: &'t str,
}

impl Default for Written<'_> {
    fn default() -> Self {
        Self { version: "openapi: 3.1.0", path: "/a", head: "", item: "", operation: "" }
    }
}

impl Written<'_> {
    fn text(&self) -> String {
        let Self { version, path, head, item, operation } = self;
        let (item_comma, comma) =
            (if item.is_empty() { "" } else { ", " }, if operation.is_empty() { "" } else { ", " });
        format!(
            "{version}\n{head}\npaths:\n  '{path}': {{{item}{item_comma}post: {{responses: {{default: {{description: d}}}}{comma}{operation}}}}}\n"
        )
    }

    /// The operation, and the rules of the problems met.
    fn read(&self) -> (Operation, Vec<&'static str>) {
        let (api, problems) = self.api();
        let [operation] = <[Operation; 1]>::try_from(api.operations).expect("one operation");
        (operation, names(&problems))
    }

    fn api(&self) -> (Api, Vec<Problem>) {
        read(&self.text())
    }
}

/// The rules of problems.
fn names(problems: &[Problem]) -> Vec<&'static str> {
    assert_eq!(rules(problems).len(), problems.len());
    problems.iter().map(|problem| problem.rule).collect()
}
