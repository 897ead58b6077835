//! Which operations become tools: globs over `operationId`, `METHOD /path` and tags.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use oasgate_spec::Operation;

/// Which operations become tools. The default is all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// If any are given, an operation must match one.
    include: Option<GlobSet>,
    exclude: GlobSet,
    /// Whether only what changes nothing is taken.
    read_only: bool,
}

/// A pattern that is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a pattern: {reason}")]
pub struct SelectionError {
    pattern: String,
    reason: String,
}

impl Selection {
    /// Patterns with `*` (any characters, slashes too), `?` and `[…]`; braces are what they are, as in `/pets/{id}`.
    /// A pattern holds for an operation if it matches its `operationId`, its `METHOD /path`, or one of its tags.
    ///
    /// # Errors
    /// If a pattern is no glob.
    pub fn new(include: &[String], exclude: &[String], read_only: bool) -> Result<Self, SelectionError> {
        let include = if include.is_empty() { None } else { Some(set(include)?) };
        Ok(Self { include, exclude: set(exclude)?, read_only })
    }

    /// Whether it takes every operation.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty() && !self.read_only
    }

    /// Whether an operation becomes a tool.
    pub(crate) fn takes(&self, operation: &Operation, read_only: bool) -> bool {
        let included = self.include.as_ref().is_none_or(|patterns| matches(patterns, operation));
        included && !matches(&self.exclude, operation) && (read_only || !self.read_only)
    }
}

fn matches(patterns: &GlobSet, operation: &Operation) -> bool {
    let route = format!("{} {}", operation.method, operation.path);
    operation.id.as_deref().is_some_and(|id| patterns.is_match(id))
        || patterns.is_match(&route)
        || operation.tags.iter().any(|tag| patterns.is_match(tag))
}

fn set(patterns: &[String]) -> Result<GlobSet, SelectionError> {
    let refused = |pattern: &str, error: &globset::Error| SelectionError {
        pattern: pattern.to_owned(),
        reason: error.kind().to_string(),
    };
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let plain = pattern.replace('{', "[{]").replace('}', "[}]");
        let glob = GlobBuilder::new(&plain).backslash_escape(true).build();
        builder.add(glob.map_err(|error| refused(pattern, &error))?);
    }
    builder.build().map_err(|error| refused("", &error))
}
