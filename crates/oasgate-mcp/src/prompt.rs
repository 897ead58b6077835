//! Prompts: what is asked for, and the messages it makes. Knows no template.

use std::collections::HashMap;

use crate::content::Content;
use crate::json;
use crate::revision::Revision;

/// A prompt as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PromptGet {
    /// The name of the prompt, unchecked.
    pub name: String,
    /// The arguments; the protocol has only texts.
    pub arguments: HashMap<String, String>,
}

impl PromptGet {
    /// A request for the prompt `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, arguments: HashMap<String, String>) -> Self {
        Self { name: name.into(), arguments }
    }
}

/// A prompt with its arguments filled in (2026-07-28, schema, `GetPromptResult`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PromptResult {
    /// What the prompt is for.
    pub description: Option<String>,
    /// What is said, in order.
    pub messages: Vec<PromptMessage>,
}

impl PromptResult {
    /// A prompt of these messages.
    #[must_use]
    pub fn new(messages: Vec<PromptMessage>) -> Self {
        Self { description: None, messages }
    }

    /// Appends the members of the result object.
    pub(crate) fn write(&self, revision: Revision, out: &mut Vec<u8>) {
        if let Some(description) = &self.description {
            out.extend_from_slice(br#""description":"#);
            json::push(out, description);
            out.push(b',');
        }
        out.extend_from_slice(br#""messages":["#);
        for (index, message) in self.messages.iter().enumerate() {
            out.extend_from_slice(if index > 0 { br#",{"role":"# } else { br#"{"role":"# });
            json::push(out, message.role.as_str());
            out.extend_from_slice(br#","content":"#);
            message.content.write(revision, out);
            out.push(b'}');
        }
        out.push(b']');
    }
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

impl PromptMessage {
    /// Something the user says.
    #[must_use]
    pub fn user(content: Content) -> Self {
        Self { role: Role::User, content }
    }

    /// Something the model says.
    #[must_use]
    pub fn assistant(content: Content) -> Self {
        Self { role: Role::Assistant, content }
    }
}

/// Who says something (2026-07-28, schema, `Role`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The user.
    User,
    /// The model.
    Assistant,
}

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}
