//! What is wrong, as it is met: problems in the making, and the limits that what is read has.

use super::{Reader, Rule};
use crate::store::Node;
use crate::text::Lines;
use crate::{Limits, Problem, Severity};

const CHARACTER_REPLACED: Rule = Rule {
    severity: Severity::Note,
    name: "character-replaced",
    fix: "write the text in UTF-8, as it is meant",
};
const DUPLICATE_KEY: Rule =
    Rule { severity: Severity::Warning, name: "duplicate-key", fix: "remove or rename one of the two" };
const LIMIT_REACHED: Rule = Rule {
    severity: Severity::Error,
    name: "limit-reached",
    fix: "let what many operations share be a schema that they refer to",
};
const TOO_MANY_PROBLEMS: Rule =
    Rule { severity: Severity::Warning, name: "too-many-problems", fix: "mend those above first" };

/// More problems than anybody reads.
const MOST_PROBLEMS: usize = 10_000;
const MOST_PROBLEM_BYTES: usize = 16 << 20;

/// A problem whose pointer and position have not been worked out yet.
pub(super) struct Draft<'d> {
    at: Node<'d>,
    pub(super) problem: Problem,
}

impl<'d> Reader<'d> {
    /// Notes a problem at this place.
    pub(crate) fn note(&mut self, at: Node<'d>, rule: &Rule, message: impl Into<String>) {
        let message = message.into();
        // What costs an operation is told for longer than the rest.
        let most = if rule.severity >= Severity::Error { 2 * MOST_PROBLEMS } else { MOST_PROBLEMS };
        let was_within = self.drafts.len() < most && self.problem_bytes < MOST_PROBLEM_BYTES;
        // The path is in the operation and in the pointer.
        self.problem_bytes += message.len() + 2 * self.operation.as_ref().map_or(0, String::len);
        let (rule, message) = match (was_within, self.is_full) {
            (true, _) => (rule, message),
            (false, true) => return,
            (false, false) => {
                self.is_full = true;
                (&TOO_MANY_PROBLEMS, "there are more problems, which are not listed".to_owned())
            }
        };
        let problem = Problem {
            severity: rule.severity,
            rule: rule.name,
            location: at.document.location(String::new()),
            position: None,
            operation: self.operation.clone(),
            message,
            fix: rule.fix.to_owned(),
        };
        self.drafts.push(Draft { at, problem });
    }

    /// Counts values that are read; false once there were too many, which is said once.
    pub(crate) fn spend(&mut self, at: Node<'d>, values: usize) -> bool {
        let limit = Limits::work(self.store.bytes());
        let was_within = self.work <= limit;
        self.work = self.work.saturating_add(values);
        let is_within = self.work <= limit;
        if was_within && !is_within {
            let message = format!("from here on nothing more is read: {limit} values have been read");
            self.note(at, &LIMIT_REACHED, message);
        }
        is_within
    }

    /// Notes what the texts of the documents have that is not to be there.
    pub(super) fn remarks(&mut self) {
        self.operation = None;
        for document in self.store.documents() {
            if let Some((node, what)) = document.replaced() {
                self.note(
                    node,
                    &CHARACTER_REPLACED,
                    format!("{what} is replaced, here and wherever it stands"),
                );
            }
            for (node, name) in document.repeated() {
                self.note(node, &DUPLICATE_KEY, format!("`{name}` stands here before; this last one counts"));
            }
        }
    }

    /// The problems with their pointers and positions, in the order they were met.
    pub(super) fn problems(self) -> Vec<Problem> {
        let mut drafts: Vec<(usize, usize, Draft<'d>)> =
            (0..).zip(self.drafts).map(|(nth, draft)| (draft.at.cursor().offset(), nth, draft)).collect();
        drafts.sort_by_key(|(offset, _, draft)| (draft.at.document.number(), *offset));
        let mut problems: Vec<(usize, Problem)> = Vec::with_capacity(drafts.len());
        let mut lines: Option<(usize, Lines<'d>)> = None;
        for (offset, nth, Draft { at, mut problem }) in drafts {
            let number = at.document.number();
            if lines.as_ref().is_none_or(|(of, _)| *of != number) {
                lines = Some((number, Lines::new(at.document.text())));
            }
            problem.position = lines.as_mut().map(|(_, lines)| lines.position(offset));
            problem.location.pointer = at.cursor().pointer();
            problems.push((nth, problem));
        }
        problems.sort_by_key(|(nth, _)| *nth);
        let mut problems: Vec<Problem> = problems.into_iter().map(|(_, problem)| problem).collect();
        problems.dedup();
        problems
    }
}
