//! The flag that names the tools which somebody has found good.

use std::path::PathBuf;

use clap::Args;

use crate::exit::Failure;
use crate::pins::Pins;
use crate::server::Offer;

#[derive(Debug, Args)]
pub(super) struct Pinned {
    /// Serve these tools, as `oasgate tools --json` has written them, or none: a description that says anything else is
    /// not served
    #[arg(long, value_name = "FILE")]
    pinned: Option<PathBuf>,
}

impl Pinned {
    /// Lets an offer pass, if it is the one that was found good. The file is read every time.
    ///
    /// # Errors
    /// The file cannot be used, or its tools are others.
    pub(super) fn pass(&self, offer: Offer) -> Result<Offer, Failure> {
        if let Some(file) = &self.pinned {
            Pins::read(file)?.drift(&offer.caller().catalog)?.refuse(file)?;
        }
        Ok(offer)
    }
}
