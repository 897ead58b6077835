//! A description, read and compiled: all that the commands need of it, and what was wrong with it.
//!
//! What was parsed is dropped before anything is served.

mod order;
mod reading;
mod texts;

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use oasgate_spec::{Dialect, Problem, Scheme, Severity};
use oasgate_tools::Catalog;

pub use order::{Order, overlay};
pub use reading::Reading;
pub use texts::Texts;

use crate::exit::Failure;
use crate::source::{Seen, Source};

/// How many problems are worth finding lines for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locate {
    /// All: they will all be shown.
    All,
    /// The first of those that cost an operation: a second pass over a long text takes time.
    FirstErrors(usize),
}

/// A description that has been read and compiled.
#[derive(Debug)]
pub struct Description {
    /// How the operator calls it.
    pub shown: String,
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The version family it is written in.
    pub dialect: Dialect,
    /// The security schemes by name.
    pub schemes: IndexMap<String, Scheme>,
    /// The tools.
    pub catalog: Arc<Catalog>,
    /// How many operations were left out because somebody decided so, and who.
    pub left_out: LeftOut,
    /// What was wrong with it, worst first, then by place.
    pub problems: Vec<Problem>,
    /// Its documents, each as it was before it was read.
    pub seen: Vec<Seen>,
}

/// Operations that are no tools though nothing is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// By the operator's selection. Those that the description hides are among them.
    NotSelected(usize),
    /// By the description's own word; the operator takes all.
    Hidden(usize),
}

impl Description {
    /// Reads and compiles. Never fails for what is in the description: if nothing can be used, there are no tools and
    /// a fatal problem.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub async fn load(
        source: Source,
        options: oasgate_tools::Options,
        locate: Locate,
    ) -> Result<Self, Failure> {
        let order = Order { source, overlays: Vec::new(), options };
        order.read(move |reading| reading.describe(locate)).await
    }

    /// Why nothing can be done with the description, if so.
    ///
    /// # Errors
    /// [`Failure::Description`], with every fatal problem.
    pub fn usable(self) -> Result<Self, Failure> {
        let mut text = String::new();
        for problem in self.problems.iter().filter(|problem| problem.severity == Severity::Fatal) {
            let separator = if text.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{separator}{problem}");
        }
        if text.is_empty() { Ok(self) } else { Err(Failure::Description(text)) }
    }

    /// The problems that cost an operation.
    pub fn skipped(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }
}
