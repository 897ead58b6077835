//! All that can be found wrong with a description, and with the tools it becomes.
//!
//! ```text
//!  Reading ──► problems of reading, overlays and compiling
//!     │ strict ──► oracle   what a strict reader of OpenAPI 3.0 refuses
//!     │        └─► host     what hosts and model APIs refuse or change in the listed tools
//!     ▼        └─► tokens   what the tools cost a model
//!  Checked ──► text | json | sarif
//! ```
//!
//! Owns what is looked for beyond reading, and the three ways to write it down. It prints nothing itself.

mod excerpt;
mod host;
mod json;
mod oracle;
mod sarif;
#[cfg(test)]
mod tests;
mod text;
mod tokens;

use oasgate_spec::{Problem, Severity};

pub use json::write as json;
pub use sarif::write as sarif;
pub use text::{Looks, write as text};
pub use tokens::Tokens;

use crate::description::{Locate, Reading, Texts};

/// How much is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What reading and compiling find.
    Plain,
    /// Also what other readers and hosts make of it.
    Strict,
}

/// What was found.
#[derive(Debug)]
pub struct Checked {
    /// How the operator calls the description.
    pub shown: String,
    /// How many tools it becomes.
    pub tools: usize,
    /// Worst first, then by place.
    pub problems: Vec<Problem>,
    /// What the tools cost a model; only if it was asked for.
    pub tokens: Option<Tokens>,
    texts: Texts,
}

impl Checked {
    /// Looks for what is wrong.
    #[must_use]
    pub fn of(mut reading: Reading, depth: Depth) -> Self {
        let mut tokens = None;
        if depth == Depth::Strict {
            let mut more = oracle::objections(&reading);
            more.extend(host::lint(&reading));
            reading.problems.extend(more);
            tokens = Some(Tokens::of(reading.catalog.tools()));
        }
        reading.settle(Locate::All);
        Self {
            shown: reading.shown(),
            tools: reading.catalog.tools().len(),
            problems: reading.problems,
            tokens,
            texts: reading.texts,
        }
    }

    /// How bad the worst is.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.problems.iter().map(|problem| problem.severity).max()
    }
}
