//! The legacy clients that are remembered, by the id they name in a header (2025-11-25, basic/transports.mdx, "Session
//! Management"). Knows nothing of what they have said.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http::{HeaderMap, HeaderName};

use crate::dispatch::Known;
use crate::seal::unguessable;
use crate::session::Session;

/// "Session Management".
pub(crate) const ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// Up to a number of sessions; when there is one more, that which has been silent for longest is forgotten.
#[derive(Debug)]
pub(crate) struct Sessions {
    limit: usize,
    all: Mutex<HashMap<Box<str>, Kept>>,
}

#[derive(Debug)]
struct Kept {
    session: Arc<Session>,
    used: Instant,
}

impl Sessions {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, all: Mutex::default() }
    }

    /// Whether there can be any.
    pub(crate) fn are_kept(&self) -> bool {
        self.limit > 0
    }

    /// Keeps a session: its id, unless there can be none.
    pub(crate) fn open(&self, session: Arc<Session>) -> Option<String> {
        if !self.are_kept() {
            return None;
        }
        let id = unguessable()?;
        self.with(|all| {
            if all.len() >= self.limit {
                let longest_silent = all.iter().min_by_key(|(_, kept)| kept.used).map(|(id, _)| id.clone());
                longest_silent.and_then(|id| all.remove(&id));
            }
            all.insert(id.as_str().into(), Kept { session, used: Instant::now() });
        });
        Some(id)
    }

    /// The session a request names, if it is that of whoever asks.
    pub(crate) fn find(&self, headers: &HeaderMap, principal: impl FnOnce() -> Option<Arc<str>>) -> Known {
        let Some(id) = headers.get(ID).filter(|_| self.are_kept()) else { return Known::Nothing };
        let found = id.to_str().ok().and_then(|id| {
            self.with(|all| {
                let kept = all.get_mut(id)?;
                kept.used = Instant::now();
                Some(Arc::clone(&kept.session))
            })
        });
        match found {
            Some(session) if session.principal == principal() => Known::Session(session),
            _ => Known::Lost,
        }
    }

    /// Forgets a session.
    pub(crate) fn close(&self, headers: &HeaderMap) {
        if let Some(id) = headers.get(ID).and_then(|id| id.to_str().ok()) {
            self.with(|all| all.remove(id));
        }
    }

    /// Nothing that holds the lock can panic half-way, so what a poisoned one guards is whole.
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Box<str>, Kept>) -> T) -> T {
        act(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
