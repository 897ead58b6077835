//! `oasgate call`: one call, as an MCP client would make it, or the request that it would send.

mod arguments;
mod print;

use std::io::Write;

use clap::Args;

use super::common::{Spec, Way};
use super::files::AllowFiles;
use crate::call::CallContext;
use crate::description::{Description, Locate};
use crate::exit::{Exit, Failure};
use crate::report;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    spec: Spec,
    /// The tool, by name or operationId
    tool: String,
    /// Arguments: `key=value` for what the schema expects there, `key:=JSON` for JSON
    #[arg(value_name = "KEY=VALUE")]
    pairs: Vec<String>,
    /// Arguments as one JSON object; pairs add to it
    #[arg(long, value_name = "JSON")]
    args: Option<String>,
    /// Print the HTTP request, credentials covered, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    files: AllowFiles,
}

pub(super) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Exit, Failure> {
    let upstream = arguments.way.upstream()?;
    let description = arguments.spec.load(&upstream, Locate::FirstErrors(0)).await?.usable()?;
    let mut caller = arguments.way.caller(&description, upstream)?;
    caller.files = arguments.files.open()?;
    let tool = caller.catalog.get(&arguments.tool).ok_or_else(|| unknown(&arguments.tool, &description))?;
    let given = arguments::read(tool.input_schema(), arguments.args.as_deref(), &arguments.pairs);
    let given = given.map_err(Failure::Usage)?;
    if arguments.dry_run {
        return match caller.preview(tool, Some(&given), None).await {
            Ok(request) => print::request(&request, out).map(|()| Exit::Done),
            Err(refusal) => {
                report::say(&refusal.to_string());
                Ok(Exit::Failed)
            }
        };
    }
    let outcome = caller.call(&arguments.tool, Some(&given), CallContext::default()).await;
    let outcome = outcome.ok_or_else(|| unknown(&arguments.tool, &description))?.outcome;
    print::outcome(&outcome, out)?;
    Ok(if outcome.is_error { Exit::Failed } else { Exit::Done })
}

fn unknown(tool: &str, description: &Description) -> Failure {
    let near =
        description.catalog.nearest(tool).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    Failure::Usage(format!("there is no tool {tool}{near} `oasgate tools {}` shows all", description.shown))
}
