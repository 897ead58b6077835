//! Problems as a JSON array. The names of the members are part of the command's interface.

use std::io::{self, Write};

use oasgate_spec::Problem;
use serde::Serialize;

use super::Checked;

/// Writes the array.
///
/// # Errors
/// Those of writing.
pub fn write(checked: &Checked, out: &mut impl Write) -> io::Result<()> {
    let rows: Vec<Row<'_>> = checked.problems.iter().map(Row::of).collect();
    serde_json::to_writer_pretty(&mut *out, &rows)?;
    writeln!(out)
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
