//! What a server says of itself. Serialised once, because every modern result repeats it.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::json;

/// Name and version of the server program (2026-07-28, schema, `Implementation`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Implementation {
    /// The programmatic name.
    pub name: String,
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The version.
    pub version: String,
    /// Where to read about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
}

/// What a server says of itself in `initialize`, `server/discover` and, for the name and version, in every result.
#[derive(Debug, Clone)]
pub struct About {
    implementation: Implementation,
    instructions: Option<String>,
    ttl: Duration,
    serialised: Bytes,
}

impl About {
    /// Describes a server.
    #[must_use]
    pub fn new(implementation: Implementation) -> Self {
        let mut serialised = Vec::new();
        json::push(&mut serialised, &implementation);
        Self {
            implementation,
            instructions: None,
            ttl: Duration::from_secs(300),
            serialised: serialised.into(),
        }
    }

    /// Adds guidance for the model: what the server is for and how its tools work together.
    #[must_use]
    pub fn with_instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }

    /// Sets how long a client may keep the answer to `server/discover`; five minutes unless told.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Name and version.
    #[must_use]
    pub fn implementation(&self) -> &Implementation {
        &self.implementation
    }

    /// Guidance for the model.
    #[must_use]
    pub fn instructions(&self) -> Option<&str> {
        self.instructions.as_deref()
    }

    pub(crate) fn ttl(&self) -> Duration {
        self.ttl
    }

    /// The `Implementation` object as JSON.
    pub(crate) fn serialised(&self) -> &[u8] {
        &self.serialised
    }
}
