//! What a server says of itself. Serialised once, because every modern result repeats it.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

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
    completions: bool,
    logging: bool,
    /// By identifier, with settings.
    extensions: Vec<(String, Box<RawValue>)>,
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
            completions: false,
            logging: false,
            extensions: Vec::new(),
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

    /// Declares that arguments can be completed, by [`Handler::complete`](crate::Handler::complete).
    #[must_use]
    pub fn with_completions(mut self) -> Self {
        self.completions = true;
        self
    }

    /// Declares that requests are logged to those who ask for it, by [`Context::log`](crate::Context::log).
    #[must_use]
    pub fn with_logging(mut self) -> Self {
        self.logging = true;
        self
    }

    /// Declares an extension, with the server's settings for it: the text of a JSON object (2026-07-28, schema,
    /// `ServerCapabilities`). Whether a client knows it, is in [`Context::capabilities`](crate::Context::capabilities).
    #[must_use]
    pub fn with_extension(mut self, id: impl Into<String>, settings: Box<RawValue>) -> Self {
        self.extensions.push((id.into(), settings));
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

    pub(crate) fn has_completions(&self) -> bool {
        self.completions
    }

    pub(crate) fn has_logging(&self) -> bool {
        self.logging
    }

    pub(crate) fn extensions(&self) -> &[(String, Box<RawValue>)] {
        &self.extensions
    }

    pub(crate) fn ttl(&self) -> Duration {
        self.ttl
    }

    /// The `Implementation` object as JSON.
    pub(crate) fn serialised(&self) -> &[u8] {
        &self.serialised
    }
}
