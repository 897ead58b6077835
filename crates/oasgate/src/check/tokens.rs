//! What tools cost a model that is shown all of them, estimated: every model counts in its own way.

use oasgate_tools::Tool;

use crate::server::listed;

/// Bytes of JSON that make a token, by the rule of thumb.
const BYTES_PER_TOKEN: usize = 4;

/// What the tools cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    bytes: usize,
    /// The tools by name and bytes, the largest first.
    by_size: Vec<(String, usize)>,
}

impl Tokens {
    pub(super) fn of(tools: &[Tool]) -> Self {
        let bytes = |tool: &Tool| listed(tool).map_or(0, |json| json.get().len());
        let mut by_size: Vec<(String, usize)> =
            tools.iter().map(|tool| (tool.name.clone(), bytes(tool))).collect();
        let bytes = by_size.iter().map(|(_, bytes)| bytes).sum();
        // The sort is stable: tools of one size stay in the description's order.
        by_size.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        Self { bytes, by_size }
    }

    /// Tokens of all tools together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.bytes / BYTES_PER_TOKEN
    }

    /// The tools and the tokens of each, the largest first.
    pub fn by_size(&self) -> impl Iterator<Item = (&str, usize)> {
        self.by_size.iter().map(|(name, bytes)| (name.as_str(), bytes / BYTES_PER_TOKEN))
    }
}
