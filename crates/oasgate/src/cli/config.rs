//! `oasgate config`: what a configuration file says, and what may stand in one; and how a file joins a command line.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser as _, Subcommand};

use crate::config::{self, Config};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Explain the server that a file makes: who may call, as whom the API is called, what is kept where
    Check {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of the file
    Schema,
}

/// The flag that names a file.
#[derive(Debug, Default, Args)]
pub(super) struct Configured {
    /// Read what is not said here from this file; its form is in `oasgate config schema`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Configured {
    /// The file, read.
    pub(super) fn read(&self) -> Result<Option<Config>, Failure> {
        Ok(self.config.as_deref().map(Config::read).transpose()?)
    }
}

pub(super) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Schema => {
            let schema = serde_json::to_string_pretty(&config::schema());
            writeln!(out, "{}", schema.map_err(|error| Failure::Setup(error.to_string()))?)?;
        }
        Command::Check { file, json } => {
            let explained = super::serve::explain(file).await?;
            if *json {
                writeln!(out, "{}", explained.json())?;
            } else {
                write!(out, "{explained}")?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The command line of `oasgate serve` with what the file says that it names: flags of the file come first, so that those
/// of the command line have the last word.
pub(super) fn joined(arguments: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let is_serve = arguments.get(1).is_some_and(|command| command == "serve");
    let Some(path) = named(&arguments).filter(|_| is_serve) else { return Ok(arguments) };
    let config = Config::read(&path)?;
    let (head, tail) = arguments.split_at(2.min(arguments.len()));
    let mut joined: Vec<OsString> =
        head.iter().cloned().chain(config.flags()).chain(tail.iter().cloned()).collect();
    let lacks_spec = |error: clap::Error| error.kind() == ErrorKind::MissingRequiredArgument;
    if super::Cli::try_parse_from(&joined).is_err_and(lacks_spec) {
        joined.extend(config.spec());
    }
    Ok(joined)
}

/// The value of `--config`, wherever it stands.
fn named(arguments: &[OsString]) -> Option<PathBuf> {
    let before_end = arguments.iter().take_while(|argument| *argument != "--");
    let mut rest = before_end.skip_while(|argument| !is_config(argument));
    let flag = rest.next()?;
    match flag.to_str().and_then(|flag| flag.strip_prefix("--config=")) {
        Some(path) => Some(path.into()),
        None => rest.next().map(PathBuf::from),
    }
}

fn is_config(argument: &OsStr) -> bool {
    argument == "--config" || argument.to_str().is_some_and(|argument| argument.starts_with("--config="))
}
