//! From documents to [`Api`]: the front ends of all versions and what they share.
//!
//! Every reader takes a [`Node`] and gives a finished part of the model; what is wrong becomes a draft of a
//! [`Problem`] on the way. Only an operation can be lost ([`Lost`]), never the description.

mod body;
mod form;
mod item;
mod media;
mod note;
mod operation;
mod parameter;
mod path;
mod reconcile;
mod response;
mod root;
mod security;
mod server;
mod style;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::Value;

use crate::schema::Pool;
use crate::store::{Id, Node, Store};
use crate::{Api, Dialect, Location, Options, Problem, Scheme, Severity};

/// Reads one description.
pub(crate) struct Reader<'d> {
    pub(crate) store: &'d Store<'d>,
    pool: Pool<'d>,
    drafts: Vec<note::Draft<'d>>,
    dialect: Dialect,
    response_schemas: bool,
    security_schemes: IndexMap<String, Scheme>,
    /// Parameters that are to be ignored; said once.
    ignored: HashSet<Id>,
    /// Schemes that are required and not described; said once.
    unknown_schemes: HashSet<String>,
    ids: HashMap<String, operation::FirstId<'d>>,
    /// The operation being read, as `METHOD /path`.
    operation: Option<String>,
    /// How many values have been read.
    work: usize,
    /// The bytes of the problems so far, about.
    problem_bytes: usize,
    /// Whether it has been said that there are too many problems.
    is_full: bool,
}

/// The operation being read cannot be kept; the problem that says why has been noted.
pub(crate) struct Lost;

/// What a rule says: its name, what is wrong, and how to mend it.
pub(crate) struct Rule {
    pub(crate) severity: Severity,
    pub(crate) name: &'static str,
    pub(crate) fix: &'static str,
}

const REFERENCE_REPAIRED: Rule =
    Rule { severity: Severity::Note, name: "reference-repaired", fix: "write the reference as it is read" };
const MEMBER_BROKEN: Rule = Rule {
    severity: Severity::Warning,
    name: "reference-broken",
    fix: "make the `$ref` point to what is expected there",
};
pub(crate) const WRITTEN_AS_TEXT: Rule = Rule {
    severity: Severity::Note,
    name: "written-as-text",
    fix: "write numbers and truth values without quotes",
};
impl<'d> Reader<'d> {
    pub(crate) fn new(store: &'d Store<'d>, options: &Options) -> Self {
        Self {
            store,
            pool: Pool::default(),
            drafts: Vec::new(),
            dialect: Dialect::default(),
            response_schemas: options.response_schemas,
            security_schemes: IndexMap::new(),
            ignored: HashSet::new(),
            unknown_schemes: HashSet::new(),
            ids: HashMap::new(),
            operation: None,
            work: 0,
            problem_bytes: 0,
            is_full: false,
        }
    }

    /// Reads the entry document and all it refers to.
    pub(crate) fn read(mut self) -> (Api, Vec<Problem>) {
        let Some(entry) = self.store.entry() else { return (Api::default(), Vec::new()) };
        let mut api = self.root(entry.root());
        api.definitions = self.definitions();
        self.remarks();
        (api, self.problems())
    }

    /// The node itself, or what its `$ref`s lead to in the end.
    pub(crate) fn deref(&mut self, node: Node<'d>) -> Result<Node<'d>, String> {
        let mut at = node;
        for _ in 0..64 {
            match at.text("$ref") {
                Some(reference) => at = self.resolve(at, reference)?,
                None => return Ok(at),
            }
        }
        Err(format!("`{}` refers back to itself", node.text("$ref").unwrap_or_default()))
    }

    /// What a reference at this node leads to.
    pub(crate) fn resolve(&mut self, at: Node<'d>, reference: &str) -> Result<Node<'d>, String> {
        let found = self.store.resolve(at, reference)?;
        if found.repaired {
            let Location { document, pointer, .. } = found.node.location();
            let message = format!("`{reference}` points to nothing; `{document}#{pointer}` is taken");
            self.note(at, &REFERENCE_REPAIRED, message);
        }
        Ok(found.node)
    }

    /// A member, or what its `$ref` leads to: where a list or map is expected the standard has no `$ref`, but
    /// descriptions split over many files do.
    pub(crate) fn member(&mut self, node: Node<'d>, key: &str) -> Option<Node<'d>> {
        let member = node.get(key).filter(|member| !member.is_null())?;
        match self.deref(member) {
            Ok(target) => Some(target),
            Err(message) => {
                self.note(member, &MEMBER_BROKEN, format!("{message}; `{key}` is left out"));
                None
            }
        }
    }

    /// The description beside a reference, or else that of what it leads to: what OpenAPI 3.1 says (3.2, 4.23), and
    /// what descriptions before it mean.
    pub(crate) fn description(&mut self, written: Node<'d>, target: Node<'d>) -> Option<String> {
        let beside = written.get("description").filter(|text| text.as_text() != Some(""));
        let text = beside.or_else(|| target.get("description"))?;
        self.copy_text(text)
    }

    /// A copy of a text, while there is room for it.
    pub(crate) fn copy_text(&mut self, node: Node<'d>) -> Option<String> {
        let text = node.as_text()?;
        self.spend(node, node.size()).then(|| text.to_owned())
    }

    /// A member as a truth value; `"true"` counts, as many descriptions have it.
    pub(crate) fn flag(&mut self, node: Node<'d>, key: &str) -> bool {
        let Some(member) = node.get(key) else { return false };
        if let Some(text) = member.as_text() {
            self.note(member, &WRITTEN_AS_TEXT, format!("`{key}` is the text `{text}`"));
        }
        node.flag(key)
    }

    /// A copy of a value, while there is room for it.
    pub(crate) fn copy(&mut self, node: Node<'d>) -> Option<Value> {
        self.spend(node, node.size()).then(|| node.value())
    }

    pub(crate) const fn pool(&mut self) -> &mut Pool<'d> {
        &mut self.pool
    }
}
