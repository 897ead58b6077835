//! How the program ends: the exit codes, and the failures that lead to them. Owns the numbers that scripts rely on.

use std::io;
use std::process::ExitCode;

/// The exit codes. They are documented in the README and do not change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Done = 0,
    /// `check --strict` found problems, `tools --diff` differences, or the call failed.
    Failed = 1,
    /// The description or the command line cannot be used.
    Unusable = 2,
    /// What is around the program is not ready: a credential cannot be read, an address cannot be listened on.
    Setup = 3,
}

/// Why a command could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The operator's: the command line asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// The description's: nothing of it can be used.
    #[error("{0}")]
    Description(String),
    /// The operator's: something that the command line names is not there, or not usable.
    #[error("{0}")]
    Setup(String),
    /// Standard output is gone. A reader that has seen enough, as `head` has, is no failure.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// The code to end with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Description(_) => Exit::Unusable,
            Self::Setup(_) => Exit::Setup,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Output(_) => Exit::Setup,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
