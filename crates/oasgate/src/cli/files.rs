//! The flag that lets arguments name files: only of commands whose caller is on this machine.

use std::path::PathBuf;

use clap::Args;

use crate::call::Files;
use crate::exit::Failure;

#[derive(Debug, Default, Args)]
pub(super) struct AllowFiles {
    /// Let arguments name files at or below this folder, as file:// URLs, where the API takes files
    #[arg(long, value_name = "FOLDER")]
    allow_files: Option<PathBuf>,
}

impl AllowFiles {
    pub(super) fn open(&self) -> Result<Files, Failure> {
        let Some(folder) = &self.allow_files else { return Ok(Files::default()) };
        let failed = |error| Failure::Usage(format!("--allow-files {}: {error}", folder.display()));
        Files::below(folder).map_err(failed)
    }
}
