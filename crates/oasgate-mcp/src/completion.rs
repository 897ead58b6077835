//! Completing what a user types into an argument (2026-07-28, server/utilities/completion.mdx).

use std::collections::HashMap;

use crate::json;

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompletionQuery {
    /// What the argument belongs to.
    pub of: Completable,
    /// The name of the argument.
    pub argument: String,
    /// What has been typed so far.
    pub value: String,
    /// The other arguments, as far as they are settled.
    pub settled: HashMap<String, String>,
}

/// What has arguments that can be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Completable {
    /// The prompt of this name.
    Prompt(String),
    /// The resource template with this URI template.
    Template(String),
}

/// What could be meant, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completion {
    /// The suggestions; the protocol takes a hundred, and more are left out.
    pub values: Vec<String>,
    /// How many there are in all, if known.
    pub total: Option<u64>,
    /// Whether there are more than these.
    pub has_more: bool,
}

/// 2026-07-28, schema, `CompleteResult`.
const MAX_VALUES: usize = 100;

impl Completion {
    /// These, and no more.
    #[must_use]
    pub fn new(values: Vec<String>) -> Self {
        Self { total: u64::try_from(values.len()).ok(), values, has_more: false }
    }

    /// Appends the members of the result object.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#""completion":{"values":"#);
        let sent = self.values.get(..MAX_VALUES).unwrap_or(&self.values);
        json::push(out, sent);
        if let Some(total) = self.total {
            out.extend_from_slice(br#","total":"#);
            json::push(out, &total);
        }
        out.extend_from_slice(br#","hasMore":"#);
        json::push(out, &(self.has_more || sent.len() < self.values.len()));
        out.push(b'}');
    }
}
