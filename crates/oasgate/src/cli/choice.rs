//! The flags that choose which operations become tools, and what their names begin with.

use clap::Args;
use oasgate_tools::Selection;

use crate::exit::Failure;

/// Which operations become tools. A pattern matches an operationId, a `METHOD /path`, or a tag.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// Take only operations that match: operationId, `METHOD /path` or tag, with `*`, `?` and `[…]` (repeatable)
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,
    /// Leave out operations that match, included or not (repeatable)
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Take only operations that change nothing
    #[arg(long)]
    read_only: bool,
    /// What the name of every tool begins with, before `_`
    #[arg(long, value_name = "NAME", value_parser = prefix)]
    pub(super) prefix: Option<String>,
    /// List what answers have, too, as output schemas that no answer can fail
    #[arg(long)]
    pub(super) output_schema: bool,
}

impl Choice {
    pub(super) fn selection(&self) -> Result<Selection, Failure> {
        let selection = Selection::new(&self.include, &self.exclude, self.read_only);
        selection.map_err(|error| Failure::Usage(error.to_string()))
    }
}

/// What a tool's name may begin with, of a length that leaves room for the rest of it.
fn prefix(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if begins && text.chars().all(legal) && text.len() <= 32 {
        Ok(text.to_owned())
    } else {
        Err("letters, digits, `_` and `-` are needed, 32 at most, and no digit at the beginning".to_owned())
    }
}
