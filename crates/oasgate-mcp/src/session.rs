//! What a legacy client has said that holds for later requests: at the handshake, and since (2025-11-25,
//! basic/lifecycle.mdx). On stdio there is one for the process; over HTTP only where it is allowed. Knows no transport.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::capabilities::Capabilities;
use crate::context::ClientInfo;
use crate::level::LogLevel;
use crate::revision::Revision;

/// How many resources a client may subscribe to.
pub(crate) const MAX_SUBSCRIPTIONS: usize = 1000;

/// One legacy client.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) revision: Revision,
    pub(crate) client: Option<Arc<ClientInfo>>,
    pub(crate) capabilities: Capabilities,
    /// Who has opened it.
    pub(crate) principal: Option<Arc<str>>,
    said: Mutex<Said>,
}

#[derive(Debug, Default)]
struct Said {
    /// None until the client sets it: then nothing is logged.
    level: Option<LogLevel>,
    subscriptions: HashSet<Box<str>>,
}

impl Session {
    pub(crate) fn new(
        revision: Revision,
        client: Option<Arc<ClientInfo>>,
        capabilities: Capabilities,
        principal: Option<Arc<str>>,
    ) -> Self {
        Self { revision, client, capabilities, principal, said: Mutex::default() }
    }

    pub(crate) fn level(&self) -> Option<LogLevel> {
        self.with(|said| said.level)
    }

    pub(crate) fn set_level(&self, level: LogLevel) {
        self.with(|said| said.level = Some(level));
    }

    /// Whether there was room for one more.
    pub(crate) fn subscribe(&self, uri: &str) -> bool {
        self.with(|said| {
            let fits = said.subscriptions.len() < MAX_SUBSCRIPTIONS || said.subscriptions.contains(uri);
            if fits {
                said.subscriptions.insert(uri.into());
            }
            fits
        })
    }

    pub(crate) fn unsubscribe(&self, uri: &str) {
        self.with(|said| said.subscriptions.remove(uri));
    }

    pub(crate) fn is_subscribed(&self, uri: &str) -> bool {
        self.with(|said| said.subscriptions.contains(uri))
    }

    pub(crate) fn subscriptions(&self) -> Vec<Box<str>> {
        self.with(|said| said.subscriptions.iter().cloned().collect())
    }

    /// Nothing that holds the lock can panic half-way, so what a poisoned one guards is whole.
    fn with<T>(&self, act: impl FnOnce(&mut Said) -> T) -> T {
        act(&mut self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
