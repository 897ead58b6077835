//! `oasgate tools`: the tools that a description becomes, as a table or as `tools/list` has them.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use oasgate_tools::{Catalog, Tool};

use super::common::Spec;
use crate::description::Locate;
use crate::exit::{Exit, Failure};
use crate::pins::{Drift, Pins};
use crate::{report, server};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    spec: Spec,
    /// Print exactly the array that tools/list gives
    #[arg(long)]
    json: bool,
    /// Print what is different from a file that --json has written, and end with 1 if anything is
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
}

/// Characters of a description that a table shows.
const PROSE: usize = 80;

pub(super) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Exit, Failure> {
    let description = arguments.spec.load_only(Locate::FirstErrors(0)).await?.usable()?;
    if let Some(file) = &arguments.diff {
        return difference(&Pins::read(file)?.drift(&description.catalog)?, arguments.json, out);
    }
    if arguments.json {
        json(&description.catalog, out)?;
    } else {
        table(&description.catalog, out)?;
    }
    if let Some(line) = report::skipped_line(&description) {
        report::say(&line);
    }
    Ok(Exit::Done)
}

fn difference(drift: &Drift, as_json: bool, out: &mut impl Write) -> Result<Exit, Failure> {
    if as_json {
        writeln!(out, "{}", serde_json::to_string(drift).map_err(std::io::Error::from)?)?;
    } else {
        drift.lines().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(if drift.is_none() { Exit::Done } else { Exit::Failed })
}

/// One tool a line, and as a whole one JSON array.
fn json(catalog: &Catalog, out: &mut impl Write) -> Result<(), Failure> {
    for (index, tool) in catalog.tools().iter().enumerate() {
        let listed = server::listed(tool).map_err(std::io::Error::from)?;
        write!(out, "{}{}", if index == 0 { "[" } else { ",\n" }, listed.get())?;
    }
    writeln!(out, "{}]", if catalog.tools().is_empty() { "[" } else { "" })?;
    Ok(())
}

fn table(catalog: &Catalog, out: &mut impl Write) -> Result<(), Failure> {
    let rows: Vec<[String; 4]> = catalog.tools().iter().map(row).collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let (name, method, path) = (width(0), width(1), width(2));
    for [a, b, c, d] in &rows {
        let line = format!("{a:name$}  {b:method$}  {c:path$}  {d}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn row(tool: &Tool) -> [String; 4] {
    let prose = tool.description.lines().next().unwrap_or_default();
    let prose = match prose.char_indices().nth(PROSE) {
        Some((end, _)) => format!("{}…", prose.get(..end).unwrap_or_default().trim_end()),
        None => prose.to_owned(),
    };
    [tool.name.clone(), tool.operation.method.clone(), tool.operation.path.clone(), prose]
}
