//! A description, read and compiled: all that the commands need of it, and what was wrong with it.
//!
//! Owns the thread on which that is done: descriptions nest deeply and refer to each other, so it has a stack of its
//! own, and it may block on the network. What was parsed is dropped before anything is served.

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use oasgate_spec::{Dialect, Problem, Scheme, Severity};
use oasgate_tools::Catalog;

use crate::exit::Failure;
use crate::source::Source;

/// Bytes of stack for reading and compiling.
const STACK: usize = 64 << 20;

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
        let (done, result) = tokio::sync::oneshot::channel();
        let work = move || {
            // Nobody waits any more if the program is being stopped.
            let _ = done.send(load(&source, &options, locate));
        };
        let thread = std::thread::Builder::new().name("load".to_owned()).stack_size(STACK).spawn(work);
        thread.map_err(|error| Failure::Setup(format!("cannot start a thread: {error}")))?;
        let lost = |_| {
            Failure::Description("reading the description failed; please report this as a defect".to_owned())
        };
        result.await.map_err(lost)
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

fn load(source: &Source, options: &oasgate_tools::Options, locate: Locate) -> Description {
    use oasgate_spec::Documents as _;
    let reading = oasgate_spec::Options {
        response_schemas: options.output_schemas,
        ..oasgate_spec::Options::default()
    };
    let (api, mut problems) = oasgate_spec::load(source, &reading);
    let (catalog, more) = oasgate_tools::compile(&api, options);
    // The compiler loses an operation only with an error of its own.
    let lost = more.iter().filter(|problem| problem.severity == Severity::Error).count();
    let left_out = api.operations.len().saturating_sub(catalog.tools().len() + lost);
    let by_all = options.selection.is_all();
    problems.extend(more);
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    let shown = match locate {
        Locate::All => problems.len(),
        Locate::FirstErrors(most) => {
            problems.iter().take_while(|problem| problem.severity >= Severity::Error).count().min(most)
        }
    };
    if let Some(shown) = problems.get_mut(..shown) {
        oasgate_spec::locate(shown, source);
    }
    problems.sort_by(|a, b| place(a).cmp(&place(b)));
    Description {
        shown: source.name(&source.entry()),
        title: api.title,
        version: api.version,
        dialect: api.dialect,
        schemes: api.security_schemes,
        catalog: Arc::new(catalog),
        left_out: if by_all { LeftOut::Hidden(left_out) } else { LeftOut::NotSelected(left_out) },
        problems,
    }
}

/// Worst first, then in the order in which a reader would come by; what has no position comes last.
fn place(problem: &Problem) -> impl Ord + '_ {
    let position = problem.position.map_or((usize::MAX, 0), |at| (at.line, at.column));
    (std::cmp::Reverse(problem.severity), &problem.location.document, position, &problem.location.pointer)
}
