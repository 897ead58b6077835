//! Reading the description again while it is served, when it has changed or somebody asks for it.
//!
//! Owns when it is read, and what the operator is told of it. How it is read is a [`Reread`]'s; what clients are told is
//! the server's. A text that cannot be used changes nothing: what is served goes on.

mod signal;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::exit::Failure;
use crate::report::say;
use crate::server::{Difference, Offer, Server};
use crate::source::Seen;
use crate::upstream::Upstream;

pub use signal::{Hangups, told_to_stop};
use watch::Watch;

/// How a description is read, and made into an offer, as often as wanted.
pub trait Reread: Send + Sync + 'static {
    /// Does it, from the beginning.
    fn reread(&self) -> impl Future<Output = Reading> + Send;
}

/// What came of reading a description again.
#[derive(Debug)]
pub struct Reading {
    /// The documents that were read; none if there was nothing to read.
    pub seen: Vec<Seen>,
    /// What is offered from now on.
    ///
    /// # Errors
    /// Why nothing of it can be used.
    pub offer: Result<Offer, Failure>,
    /// What is wrong with it, though it can be used; empty if nothing is.
    pub remarks: Vec<String>,
}

/// How often documents are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Those in files: their time and length only. Never, if none.
    pub files: Option<Duration>,
    /// Those on the web, which are asked whether they have changed. Never, if none.
    pub web: Option<Duration>,
}

/// Rereads the description of a server whenever it has changed, or `hangups` say so. Does not end.
pub async fn keep(
    server: Arc<Server>,
    seen: Vec<Seen>,
    pace: Pace,
    upstream: Upstream,
    mut hangups: Hangups,
    recipe: impl Reread,
) {
    let mut watch = Watch::new(seen, pace, upstream);
    loop {
        tokio::select! {
            () = watch.changed() => {}
            () = hangups.next() => say("oasgate: reading the description again, by SIGHUP"),
        }
        let Reading { seen, offer, remarks } = recipe.reread().await;
        match offer {
            Ok(offer) => {
                watch.is_now(seen);
                let server = Arc::clone(&server);
                // Comparing thousands of tools takes a while.
                let replaced = tokio::task::spawn_blocking(move || server.replace(offer)).await;
                let told =
                    replaced.map_or_else(|_| "what has changed is not known".to_owned(), |new| told(&new));
                say(&format!("oasgate: the description was read again: {told}"));
            }
            Err(failure) => {
                watch.has_failed(seen);
                tracing::warn!("the description cannot be used; what was read before is still served");
                say(&format!("oasgate: {failure}"));
            }
        }
        remarks.iter().for_each(|remark| say(remark));
    }
}

/// How many names of each kind are told.
const NAMES: usize = 20;

/// `1 tool added (a), 2 removed (b, c), none changed`
fn told(difference: &Difference) -> String {
    let kinds =
        [(&difference.added, "added"), (&difference.removed, "removed"), (&difference.changed, "changed")];
    let parts: Vec<_> = kinds.into_iter().filter(|(names, _)| !names.is_empty()).map(part).collect();
    if parts.is_empty() { "no tool is different".to_owned() } else { parts.join(", ") }
}

fn part((names, what): (&Vec<String>, &str)) -> String {
    let shown: Vec<_> = names.iter().take(NAMES).map(String::as_str).collect();
    let rest = match names.len().saturating_sub(NAMES) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let tools = if names.len() == 1 { "tool" } else { "tools" };
    format!("{} {tools} {what} ({}{rest})", names.len(), shown.join(", "))
}
