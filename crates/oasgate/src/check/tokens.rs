//! What tools cost a model that is shown all of them, estimated: every model counts in its own way.

use oasgate_tools::Tool;

use crate::server::listed;

/// Bytes of JSON that make a token, by the rule of thumb.
const BYTES_PER_TOKEN: usize = 4;

/// How many of the largest tools are named.
const NAMED: usize = 10;

/// What the tools cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    bytes: usize,
    /// The largest tools, by name and bytes.
    largest: Vec<(String, usize)>,
}

impl Tokens {
    pub(super) fn of(tools: &[Tool]) -> Self {
        let bytes = |tool: &Tool| listed(tool).map_or(0, |json| json.get().len());
        let mut largest: Vec<(String, usize)> =
            tools.iter().map(|tool| (tool.name.clone(), bytes(tool))).collect();
        let bytes = largest.iter().map(|(_, bytes)| bytes).sum();
        // The sort is stable: tools of one size stay in the description's order.
        largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        largest.truncate(NAMED);
        Self { bytes, largest }
    }

    /// Tokens of all tools together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.bytes / BYTES_PER_TOKEN
    }

    /// The largest tools, and the tokens of each.
    pub fn largest(&self) -> impl Iterator<Item = (&str, usize)> {
        self.largest.iter().map(|(name, bytes)| (name.as_str(), bytes / BYTES_PER_TOKEN))
    }
}
