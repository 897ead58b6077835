//! The flag that says how often the description is looked at, and how it is read anew: as it was at first.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::common::{Spec, Way};
use super::confirm::Confirming;
use super::files::AllowFiles;
use super::pinned::Pinned;
use super::task::Tasking;
use crate::auth::SignIn;
use crate::call::Caller;
use crate::config::Config;
use crate::description::{Description, Locate};
use crate::exit::Failure;
use crate::reload::{Hangups, Pace, Reading, Reread, keep};
use crate::report::{self, Report, SKIPPED_SHOWN};
use crate::server::{Offer, Server};
use crate::upstream::Upstream;

/// How often files are looked at: two system calls each.
const FILES: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct Reloading {
    /// Look this often whether the description has changed, and serve what it says then; 0 never looks. Files are looked
    /// at every 2 seconds unless told, URLs never; SIGHUP always reads again
    #[arg(long, value_name = "SECONDS")]
    reload: Option<u16>,
}

impl Reloading {
    fn pace(&self) -> Pace {
        let told = self.reload.map(|seconds| Duration::from_secs(seconds.into()));
        let told = told.map(|pace| (!pace.is_zero()).then_some(pace));
        Pace { files: told.unwrap_or(Some(FILES)), web: told.flatten() }
    }
}

/// All that an offer is made from.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) spec: Spec,
    pub(super) way: Way,
    pub(super) files: AllowFiles,
    pub(super) pinned: Pinned,
    /// What fetches the description: it is where the operator says.
    pub(super) fetch: Upstream,
    /// What sends requests: where the description leads is the description's word.
    pub(super) send: Upstream,
    /// Who calls, if anybody is asked.
    pub(super) sign_in: Option<SignIn>,
}

/// What is ready to be served.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) server: Arc<Server>,
    pub(super) report: Report,
    pub(super) sign_in: Option<SignIn>,
}

impl Recipe {
    /// Reads the description for the first time, and from then on whenever it has changed. What came from a stream
    /// cannot be read twice.
    pub(super) async fn start(
        mut self,
        confirm: &Confirming,
        tasking: &Tasking,
        reloading: &Reloading,
        config: Option<&Config>,
    ) -> Result<Started, Failure> {
        let description = self.read().await?.usable()?;
        if let Some(config) = config {
            self.sign_in = SignIn::open(config, &description.title, &description.catalog).await?;
        }
        let sign_in = self.sign_in.clone();
        let offer = self.offer(&description)?;
        let report = Report::of(&description, &offer);
        let server = Server::new(offer).with_confirm(confirm.policy()).with_patience(tasking.patience());
        if description.seen.is_empty() {
            return Ok(Started { server: Arc::new(server), report, sign_in });
        }
        let server = Arc::new(server.with_changes());
        let (kept, seen, upstream) = (Arc::clone(&server), description.seen, self.fetch.clone());
        tokio::spawn(keep(kept, seen, reloading.pace(), upstream, Hangups::default(), self));
        Ok(Started { server, report, sign_in })
    }

    /// Reads the description, whatever it is worth.
    async fn read(&self) -> Result<Description, Failure> {
        self.spec.load(&self.fetch, Locate::FirstErrors(SKIPPED_SHOWN)).await
    }

    /// Makes an offer of a description that is usable. Credentials are read anew, too.
    pub(super) fn offer(&self, description: &Description) -> Result<Offer, Failure> {
        let mut caller: Caller = self.way.caller(description, self.send.clone())?;
        caller.files = self.files.open()?;
        if let Some(sign_in) = &self.sign_in {
            if let Some(placement) = sign_in.placement() {
                let credentials = caller.credentials.of_callers(&description.schemes, placement);
                caller.credentials = credentials.map_err(|error| Failure::Usage(error.to_string()))?;
            }
            caller.sign_in = Some(sign_in.clone());
        }
        self.pinned.pass(Offer::new(description, caller)?)
    }
}

impl Reread for Recipe {
    async fn reread(&self) -> Reading {
        let description = match self.read().await {
            Ok(description) => description,
            Err(failure) => return Reading { seen: Vec::new(), offer: Err(failure), remarks: Vec::new() },
        };
        let seen = description.seen.clone();
        let shown = description.skipped().take(SKIPPED_SHOWN).map(ToString::to_string);
        let remarks = shown.chain(report::skipped_line(&description)).collect();
        let offer = description.usable().and_then(|description| self.offer(&description));
        Reading { seen, offer, remarks }
    }
}
