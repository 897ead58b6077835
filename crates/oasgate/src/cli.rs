//! The command line: what the operator can ask for, and nothing of how it is done.
//!
//! Owns every flag, and the only use of `clap`. Each command is a module that turns its flags into the types of the
//! rest of the program.

mod call;
mod check;
mod choice;
mod common;
mod config;
mod confirm;
mod demo;
mod files;
mod keys;
mod login;
mod pinned;
mod reload;
mod serve;
mod stdio;
mod task;
mod tools;

use std::io::{self, Write as _};

use clap::{Parser, Subcommand};

use crate::check::Looks;
use crate::exit::{Exit, Failure};
use crate::{report, telemetry};

/// Any OpenAPI description in, an MCP server out.
///
/// SPEC is a file (JSON or YAML; Swagger 2.0, OpenAPI 3.0, 3.1, 3.2), an http(s) URL, or `-` for standard input.
#[derive(Debug, Parser)]
#[command(name = "oasgate", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 done; 1 `check --strict` found problems, `tools --diff` differences, or the call failed; 2 the description or the command line cannot \
be used; 3 something the command line names is not ready (a credential, an address, a database).
Environment: OASGATE_CREDENTIAL_<SCHEME> credentials; OASGATE_LOG log filter (warn); NO_COLOR; HTTPS_PROXY, NO_PROXY.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve an example API (lists of tasks) as MCP tools; nothing else is needed
    Demo(demo::Arguments),
    /// Serve a description as MCP tools over HTTP
    #[command(args_override_self = true)]
    Serve(serve::Arguments),
    /// Serve a description as MCP tools over standard input and output
    Stdio(stdio::Arguments),
    /// Show the tools that a description becomes
    Tools(tools::Arguments),
    /// Call one tool
    Call(call::Arguments),
    /// Sign in to the API, for all commands that call it
    Login(login::Login),
    /// Sign out again
    Logout(login::Logout),
    /// Show what is wrong with a description, where, and how to mend it
    Check(check::Arguments),
    /// Explain a configuration file, or print what may stand in one
    Config(config::Arguments),
    /// Make, count and rotate the keys that seal what `serve --config` keeps
    Keys(keys::Arguments),
}

/// Runs the program, by the command line of this process, to its end.
#[must_use]
pub fn main() -> Exit {
    let cli = match config::joined(std::env::args_os().collect()) {
        Ok(arguments) => Cli::parse_from(arguments),
        Err(failure) => return end(Err(failure)),
    };
    telemetry::start();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return end(Err(Failure::Setup(format!("cannot start: {error}")))),
    };
    let result = runtime.block_on(run(cli));
    // A read of standard input cannot be interrupted, and nobody is there to be waited for.
    runtime.shutdown_background();
    end(result)
}

async fn run(cli: Cli) -> Result<Exit, Failure> {
    let mut out = io::BufWriter::new(io::stdout());
    let exit = match cli.command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Stdio(arguments) => stdio::run(arguments).await,
        Command::Tools(arguments) => tools::run(&arguments, &mut out).await,
        Command::Call(arguments) => call::run(&arguments, &mut out).await,
        Command::Login(arguments) => login::login(arguments).await,
        Command::Logout(arguments) => login::logout(arguments).await,
        Command::Check(arguments) => check::run(&arguments, looks(), &mut out).await,
        Command::Config(arguments) => config::run(&arguments, &mut out).await,
        Command::Keys(arguments) => keys::run(&arguments, &mut out).await,
    }?;
    out.flush()?;
    Ok(exit)
}

/// How results for people look on this stdout.
fn looks() -> Looks {
    if telemetry::colours(&io::stdout()) { Looks::Coloured } else { Looks::Plain }
}

fn end(result: Result<Exit, Failure>) -> Exit {
    result.unwrap_or_else(|failure| {
        let exit = failure.exit();
        if exit != Exit::Done {
            report::say(&format!("oasgate: {failure}"));
        }
        exit
    })
}
