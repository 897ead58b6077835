//! The flag that says which calls need a person's agreement.

use clap::{Args, ValueEnum};

use crate::server::Confirm;

#[derive(Debug, Args)]
pub(super) struct Confirming {
    /// Which calls a person must agree to, whom the client asks; clients that cannot ask get them refused
    #[arg(long, value_enum, default_value_t)]
    confirm: Calls,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Calls {
    /// None
    Never,
    /// Those of operations that the description marks (`x-oasgate: {confirm: true}`)
    #[default]
    Marked,
    /// Those, and all that may change or remove what is there
    Destructive,
}

impl Confirming {
    pub(super) fn policy(&self) -> Confirm {
        match self.confirm {
            Calls::Never => Confirm::Never,
            Calls::Marked => Confirm::Marked,
            Calls::Destructive => Confirm::Destructive,
        }
    }
}
