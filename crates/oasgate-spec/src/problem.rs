//! What is wrong with a description, where, what it costs, and what to do about it.
//!
//! Owns the report of a defect, and the search for its line and column where only a pointer is known.

use std::fmt;
use std::sync::Arc;

use crate::load::Documents;
use crate::text;

/// One defect of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How much it costs.
    pub severity: Severity,
    /// A stable name of the rule, in kebab case.
    pub rule: &'static str,
    /// Where it stands.
    pub location: Location,
    /// Line and column. [`load`](crate::load()) gives them; for problems found later [`locate`] does.
    pub position: Option<Position>,
    /// The operation it concerns, as `METHOD /path`, if it concerns one.
    pub operation: Option<String>,
    /// What is wrong and what was done about it.
    pub message: String,
    /// How to mend the description.
    pub fix: String,
}

/// How much a defect costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is lost; worth knowing.
    Note,
    /// Something was repaired or loosened; every operation is still there.
    Warning,
    /// At least one operation is lost.
    Error,
    /// The whole description is of no use.
    Fatal,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The document's name as [`Documents::name`] gives it.
    pub document: Arc<str>,
    /// The document's URI.
    pub uri: Arc<str>,
    /// A JSON pointer (RFC 6901) into it; empty is the whole document.
    pub pointer: String,
}

/// A line and column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Finds line and column of every problem that has none yet, reading each document concerned once more.
pub fn locate(problems: &mut [Problem], documents: &dyn Documents) {
    let mut uris: Vec<Arc<str>> = problems.iter().map(|problem| Arc::clone(&problem.location.uri)).collect();
    uris.sort_unstable();
    uris.dedup();
    for uri in uris {
        let Ok(bytes) =
            url::Url::parse(&uri).map_err(drop).and_then(|uri| documents.read(&uri).map_err(drop))
        else {
            continue;
        };
        let missing = |problem: &&mut Problem| problem.position.is_none() && problem.location.uri == uri;
        let mut wanted: Vec<&mut Problem> = problems.iter_mut().filter(missing).collect();
        let pointers: Vec<&str> = wanted.iter().map(|problem| problem.location.pointer.as_str()).collect();
        let found = text::locate(bytes, &pointers);
        for (problem, position) in wanted.iter_mut().zip(found) {
            problem.position = position;
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        })
    }
}

/// `name:line:column`, or `name#pointer` while the position is not known.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = &self.location.document;
        match self.position {
            Some(Position { line, column }) => write!(f, "{document}:{line}:{column}")?,
            None => write!(f, "{document}#{}", self.location.pointer)?,
        }
        write!(f, ": {} [{}]: ", self.severity, self.rule)?;
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}", self.message)?;
        if self.fix.is_empty() { Ok(()) } else { write!(f, "; fix: {}", self.fix) }
    }
}
