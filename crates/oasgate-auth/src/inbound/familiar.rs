//! Credentials that have let somebody in of late. They are asked about even while others fail from the same address;
//! for whatever else is shown, the address answers before anybody is asked.
//!
//! Kept is a keyed hash of each. Knows nothing of what they are good for.

use moka::sync::Cache;

use crate::{Clock, Keyring, Secret, Timestamp};

const KEPT: u64 = 20_000;
/// How long one is remembered, in seconds: after that it pays for the next question as a stranger does.
const REMEMBERED: Timestamp = 3600;

/// Those remembered.
#[derive(Debug)]
pub(crate) struct Familiar {
    until: Cache<String, Timestamp>,
    keyring: Keyring,
    clock: Clock,
}

impl Familiar {
    pub(super) fn new(keyring: Keyring, clock: Clock) -> Self {
        Self { until: Cache::new(KEPT), keyring, clock }
    }

    /// Under which name a credential is remembered.
    pub(crate) fn name(&self, secret: &Secret) -> String {
        self.keyring.digest("familiar", secret.expose())
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.until.get(name).is_some_and(|until| self.clock.now() < until)
    }

    pub(crate) fn remember(&self, name: String) {
        self.until.insert(name, self.clock.now().saturating_add(REMEMBERED));
    }

    pub(crate) fn forget(&self, name: &str) {
        self.until.invalidate(name);
    }
}
