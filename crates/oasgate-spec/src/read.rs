//! From documents to [`Api`]: the front ends of all versions and what they share.
//!
//! Every reader takes a [`Node`] and gives a finished part of the model; what is wrong becomes a draft of a
//! [`Problem`] on the way. Only an operation can be lost ([`Lost`]), never the description.

mod body;
mod operation;
mod parameter;
mod path;
mod root;
mod security;
mod server;
#[cfg(test)]
mod tests;
mod v2;

use std::collections::HashMap;

use serde_json::Value;

use crate::schema::Pool;
use crate::store::{Document, Node, Store};
use crate::{Api, Dialect, Options, Problem, Severity};

/// Reads one description.
pub(crate) struct Reader<'d> {
    store: &'d Store,
    pool: Pool<'d>,
    drafts: Vec<Draft<'d>>,
    dialect: Dialect,
    response_schemas: bool,
    /// The operation being read, as `METHOD /path`.
    operation: Option<String>,
}

/// A problem whose pointer has not been worked out yet.
struct Draft<'d> {
    at: Node<'d>,
    problem: Problem,
}

/// The operation being read cannot be kept; the problem that says why has been noted.
pub(crate) struct Lost;

/// What a rule says: its name, what is wrong, and how to mend it.
pub(crate) struct Rule {
    pub(crate) severity: Severity,
    pub(crate) name: &'static str,
    pub(crate) fix: &'static str,
}

impl<'d> Reader<'d> {
    pub(crate) fn new(store: &'d Store, options: &Options) -> Self {
        Self {
            store,
            pool: Pool::default(),
            drafts: Vec::new(),
            dialect: Dialect::default(),
            response_schemas: options.response_schemas,
            operation: None,
        }
    }

    /// Reads the entry document and all it refers to.
    pub(crate) fn read(mut self) -> (Api, Vec<Problem>) {
        let Some(entry) = self.store.entry() else { return (Api::default(), Vec::new()) };
        let mut api = self.root(entry.root());
        api.definitions = self.definitions();
        (api, self.problems())
    }

    /// Notes a problem at this place.
    pub(crate) fn note(&mut self, at: Node<'d>, rule: &Rule, message: impl Into<String>) {
        let problem = Problem {
            severity: rule.severity,
            rule: rule.name,
            location: at.document.location(String::new()),
            position: None,
            operation: self.operation.clone(),
            message: message.into(),
            fix: rule.fix.to_owned(),
        };
        self.drafts.push(Draft { at, problem });
    }

    /// The node itself, or what its `$ref`s lead to in the end.
    pub(crate) fn deref(&self, node: Node<'d>) -> Result<Node<'d>, String> {
        let mut at = node;
        for _ in 0..64 {
            match at.text("$ref") {
                Some(reference) => at = self.store.resolve(at.document, reference)?,
                None => return Ok(at),
            }
        }
        Err(format!("`{}` refers back to itself", node.text("$ref").unwrap_or_default()))
    }

    pub(crate) const fn store(&self) -> &'d Store {
        self.store
    }

    pub(crate) const fn pool(&mut self) -> &mut Pool<'d> {
        &mut self.pool
    }

    /// The problems with their pointers: one walk over each document that has any.
    fn problems(self) -> Vec<Problem> {
        let mut pointers: HashMap<*const Value, String> =
            self.drafts.iter().map(|draft| (std::ptr::from_ref(draft.at.value), String::new())).collect();
        let mut documents: Vec<&Document> = self.drafts.iter().map(|draft| draft.at.document).collect();
        documents.sort_unstable_by_key(|document| std::ptr::from_ref(*document));
        documents.dedup_by_key(|document| std::ptr::from_ref(*document));
        for document in documents {
            find(&document.value, &mut String::new(), &mut pointers);
        }
        let finish = |Draft { at, mut problem }: Draft<'_>| {
            problem.location.pointer =
                pointers.get(&std::ptr::from_ref(at.value)).cloned().unwrap_or_default();
            problem
        };
        let mut problems: Vec<Problem> = self.drafts.into_iter().map(finish).collect();
        problems.dedup();
        problems
    }
}

/// Works out the pointers of the values looked for, by their addresses.
fn find(value: &Value, pointer: &mut String, pointers: &mut HashMap<*const Value, String>) {
    if let Some(found) = pointers.get_mut(&std::ptr::from_ref(value)) {
        found.clone_from(pointer);
    }
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                find(value, pointer, pointers);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                find(value, pointer, pointers);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}
