//! The program: parse, run, exit code. Everything else is in the library, where tests can reach it.

use std::process::ExitCode;

use clap::Parser as _;
use oasgate::cli::{self, Cli};

fn main() -> ExitCode {
    oasgate::telemetry::start();
    cli::main(Cli::parse()).into()
}
