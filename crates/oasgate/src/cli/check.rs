//! `oasgate check`: what is wrong with a description, for people and for machines.

use std::io::Write;

use clap::Args;
use oasgate_spec::{Problem, Severity};
use serde::Serialize;

use super::common::Spec;
use crate::description::{Description, Locate};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    spec: Spec,
    /// End with 1 if there is any problem but notes
    #[arg(long)]
    strict: bool,
    /// Print an array of problems
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Exit, Failure> {
    let description = arguments.spec.load_only(Locate::All).await?;
    if arguments.json {
        let problems: Vec<Row<'_>> = description.problems.iter().map(Row::of).collect();
        serde_json::to_writer_pretty(&mut *out, &problems).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        print(&description, out)?;
    }
    let worst = description.problems.iter().map(|problem| problem.severity).max();
    Ok(match worst {
        Some(Severity::Fatal) => Exit::Unusable,
        Some(Severity::Error | Severity::Warning) if arguments.strict => Exit::Failed,
        _ => Exit::Done,
    })
}

/// Problems by severity, worst first, and the sum.
fn print(description: &Description, out: &mut impl Write) -> Result<(), Failure> {
    for group in description.problems.chunk_by(|a, b| a.severity == b.severity) {
        let severity = group.first().map_or(Severity::Note, |problem| problem.severity);
        writeln!(out, "{}", counted(group.len(), severity))?;
        for problem in group {
            writeln!(out, "  {problem}")?;
        }
        writeln!(out)?;
    }
    let tools = description.catalog.tools().len();
    let count = |severity| description.problems.iter().filter(|problem| problem.severity == severity).count();
    let found: Vec<String> = [Severity::Fatal, Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| counted(count, severity))
        .collect();
    let found = if found.is_empty() { "no problems".to_owned() } else { found.join(", ") };
    writeln!(out, "{}: {tools} tools, {found}", description.shown)?;
    Ok(())
}

fn counted(count: usize, severity: Severity) -> String {
    // "fatal" is no noun.
    let noun = if severity == Severity::Fatal { "fatal error".to_owned() } else { severity.to_string() };
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A problem as JSON. The member names are part of the command's interface.
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
