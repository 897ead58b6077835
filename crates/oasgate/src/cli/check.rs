//! `oasgate check`: what is wrong with a description, for people and for machines.

use std::io::Write;

use clap::{Args, ValueEnum};
use oasgate_spec::Severity;

use super::common::Spec;
use crate::check::{self, Checked, Depth, Looks};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    spec: Spec,
    /// Look also for what a strict reader of OpenAPI 3.0 and what hosts would refuse, count tokens, and end with 1 if
    /// there is any problem but notes
    #[arg(long)]
    strict: bool,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// An array of problems
    Json,
    /// SARIF 2.1.0, which forges and editors show in place
    Sarif,
}

pub(super) async fn run(arguments: &Arguments, looks: Looks, out: &mut impl Write) -> Result<Exit, Failure> {
    let depth = if arguments.strict { Depth::Strict } else { Depth::Plain };
    let order = arguments.spec.order_only()?;
    let checked = order.read(move |reading| Checked::of(reading, depth)).await?;
    match arguments.format {
        _ if arguments.json => check::json(&checked, out),
        Format::Text => check::text(&checked, looks, out),
        Format::Json => check::json(&checked, out),
        Format::Sarif => check::sarif(&checked, out),
    }?;
    Ok(match checked.worst() {
        Some(Severity::Fatal) => Exit::Unusable,
        Some(Severity::Error | Severity::Warning) if arguments.strict => Exit::Failed,
        _ => Exit::Done,
    })
}
