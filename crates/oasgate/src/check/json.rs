//! What was found as a JSON object. The names of the members are part of the command's interface.

use std::io::{self, Write};

use indexmap::IndexMap;
use oasgate_spec::Problem;
use serde::Serialize;

use super::{Checked, Tokens};

/// Writes the object: the description as the operator calls it, how many tools it becomes, the problems, and what the
/// tools cost a model if that was asked for.
///
/// # Errors
/// Those of writing.
pub fn write(checked: &Checked, out: &mut impl Write) -> io::Result<()> {
    let report = Report {
        description: &checked.shown,
        tools: checked.tools,
        problems: checked.problems.iter().map(Row::of).collect(),
        tokens: checked.tokens.as_ref().map(Cost::of),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

#[derive(Serialize)]
struct Report<'c> {
    description: &'c str,
    tools: usize,
    problems: Vec<Row<'c>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Cost<'c>>,
}

/// Tokens, estimated.
#[derive(Serialize)]
struct Cost<'c> {
    total: usize,
    /// Of each tool by name, the largest first.
    tools: IndexMap<&'c str, usize>,
}

#[derive(Serialize)]
struct Row<'p> {
    severity: String,
    rule: &'p str,
    document: &'p str,
    line: Option<usize>,
    column: Option<usize>,
    pointer: &'p str,
    operation: Option<&'p str>,
    message: &'p str,
    fix: &'p str,
}

impl<'c> Cost<'c> {
    fn of(tokens: &'c Tokens) -> Self {
        Self { total: tokens.total(), tools: tokens.by_size().collect() }
    }
}

impl<'p> Row<'p> {
    fn of(problem: &'p Problem) -> Self {
        Self {
            severity: problem.severity.to_string(),
            rule: problem.rule,
            document: &problem.location.document,
            line: problem.position.map(|at| at.line),
            column: problem.position.map(|at| at.column),
            pointer: &problem.location.pointer,
            operation: problem.operation.as_deref(),
            message: &problem.message,
            fix: &problem.fix,
        }
    }
}
