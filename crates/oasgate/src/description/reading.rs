//! A description while it is at hand as a whole: its texts, its model, its tools, and what is wrong with them.

use std::cmp::Reverse;
use std::sync::Arc;

use oasgate_spec::{Api, Documents as _, Problem, Severity};
use oasgate_tools::Catalog;

use super::{Description, LeftOut, Locate, Order, Texts};

/// A description that has just been read and compiled.
#[derive(Debug)]
pub struct Reading {
    /// Its documents.
    pub texts: Texts,
    /// What it says.
    pub api: Api,
    /// The tools.
    pub catalog: Catalog,
    /// What is wrong with it, in no order; some have no place yet.
    pub problems: Vec<Problem>,
    left_out: LeftOut,
}

impl Reading {
    pub(super) fn of(order: Order) -> Self {
        let Order { source, overlays, options } = order;
        let (texts, mut problems) = Texts::new(source, overlays);
        let reading = oasgate_spec::Options {
            response_schemas: options.output_schemas,
            ..oasgate_spec::Options::default()
        };
        let (api, found) = oasgate_spec::load(&texts, &reading);
        let (catalog, more) = oasgate_tools::compile(&api, &options);
        // The compiler loses an operation only with an error of its own.
        let lost = more.iter().filter(|problem| problem.severity == Severity::Error).count();
        let left_out = api.operations.len().saturating_sub(catalog.tools().len() + lost);
        let is_all = options.selection.is_all();
        problems.extend(found);
        problems.extend(more);
        let left_out = if is_all { LeftOut::Hidden(left_out) } else { LeftOut::NotSelected(left_out) };
        Self { texts, api, catalog, problems, left_out }
    }

    /// The problems, worst first, then by place.
    pub fn settle(&mut self, locate: Locate) {
        self.problems.sort_by_key(|problem| Reverse(problem.severity));
        let shown = match locate {
            Locate::All => self.problems.len(),
            Locate::FirstErrors(most) => {
                let errors = self.problems.iter().take_while(|problem| problem.severity >= Severity::Error);
                errors.count().min(most)
            }
        };
        if let Some(shown) = self.problems.get_mut(..shown) {
            self.texts.locate(shown);
        }
        self.problems.sort_by(|a, b| place(a).cmp(&place(b)));
    }

    /// How the operator calls it.
    #[must_use]
    pub fn shown(&self) -> String {
        self.texts.name(&self.texts.entry())
    }

    /// What the commands need of it. The rest is dropped.
    #[must_use]
    pub fn describe(mut self, locate: Locate) -> Description {
        self.settle(locate);
        Description {
            shown: self.shown(),
            title: self.api.title,
            version: self.api.version,
            dialect: self.api.dialect,
            schemes: self.api.security_schemes,
            catalog: Arc::new(self.catalog),
            left_out: self.left_out,
            problems: self.problems,
            seen: self.texts.seen(),
        }
    }
}

/// Worst first, then in the order in which a reader would come by; what has no position comes last.
fn place(problem: &Problem) -> impl Ord + '_ {
    let position = problem.position.map_or((usize::MAX, 0), |at| (at.line, at.column));
    (Reverse(problem.severity), &problem.location.document, position, &problem.location.pointer)
}
