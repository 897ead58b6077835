//! Whether documents can be fetched at all from where this server is.
//!
//! Clients that are told they may name themselves by a URL do so, and do not register instead when that fails. So it is
//! told only while the web is within reach, which somebody has to try before anybody asks: here, in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use crate::settings::Cimd;
use crate::{Fetch, FetchError, FetchLimits, cipher};

#[cfg(test)]
mod tests;

/// What an answer may cost of which nothing is read.
const LIMITS: FetchLimits = FetchLimits { bytes: 16 << 10, time: Duration::from_secs(5) };
/// Who is asked where every host may be: those whose clients most users have.
const ANYWHERE: [&str; 2] = ["claude.ai", "chatgpt.com"];
/// How long what was found is believed.
const PAUSE: Duration = Duration::from_secs(240);
/// How soon it is tried again at the beginning, when networks come up: twice as long every time, up to the usual.
const SOON: Duration = Duration::from_secs(15);

/// The public web, as far as clients' documents are on it.
#[derive(Debug)]
pub(crate) struct Reach {
    strangers: Arc<dyn Fetch>,
    /// Those whose documents may be fetched, or who are asked for all.
    hosts: Vec<String>,
    is_there: AtomicBool,
}

impl Reach {
    /// Out of reach until it has been tried; there at once if all documents are at hand.
    pub(crate) fn new(rules: &Cimd, strangers: &Arc<dyn Fetch>) -> Self {
        let (hosts, is_there) = match rules {
            Cimd::Off => (Vec::new(), false),
            Cimd::Allowlist { hosts, pinned } => (hosts.clone(), hosts.is_empty() && !pinned.is_empty()),
            Cimd::Open { .. } => (ANYWHERE.map(str::to_owned).to_vec(), false),
        };
        Self { strangers: Arc::clone(strangers), hosts, is_there: AtomicBool::new(is_there) }
    }

    /// Whether clients may be told that they can name themselves by a URL.
    pub(crate) fn is_there(&self) -> bool {
        self.is_there.load(Ordering::Relaxed)
    }

    /// Tries it now and again, for as long as this is waited for; not at all where nothing is fetched.
    pub(crate) async fn watch(&self) {
        let mut pause = SOON;
        while !self.hosts.is_empty() {
            self.look().await;
            pause = if self.is_there() { PAUSE } else { (pause * 2).min(PAUSE) };
            let [chance] = *cipher::random();
            // Replicas do not keep step.
            tokio::time::sleep(pause + pause * u32::from(chance) / 1024).await;
        }
    }

    /// Tries it once: one host that answers, whatever it says, is enough.
    async fn look(&self) {
        let mut is_there = false;
        for host in &self.hosts {
            is_there = self.answers(host).await;
            if is_there {
                break;
            }
        }
        if self.is_there.swap(is_there, Ordering::Relaxed) != is_there {
            let told = if is_there { "may" } else { "may not" };
            tracing::info!("clients {told} name themselves by a URL: that is how the web can be reached");
        }
    }

    async fn answers(&self, host: &str) -> bool {
        let request = Request::get(format!("https://{host}/robots.txt")).body(Bytes::new());
        let Ok(request) = request else { return false };
        match self.strangers.fetch(request, LIMITS).await {
            Ok(_) | Err(FetchError::TooLarge(_)) => true,
            Err(FetchError::Failed(_) | FetchError::Refused(_)) => false,
        }
    }
}
