//! What a tool says about itself: a title for people, a description for a model.

use oasgate_spec::Operation;

use crate::prose;

/// How long a description may be, in characters.
const DESCRIPTION: usize = 1_000;
const TITLE: usize = 100;

/// One line: the summary, or the `operationId`, or method and path.
pub(crate) fn title(operation: &Operation) -> String {
    let summary = operation.summary.as_deref().map(|summary| prose::first_line(summary, TITLE));
    summary
        .filter(|summary| !summary.is_empty())
        .or_else(|| operation.id.clone())
        .unwrap_or_else(|| format!("{} {}", operation.method, operation.path))
}

/// Summary, description, and the request that it stands for.
pub(crate) fn description(operation: &Operation) -> String {
    let summary =
        operation.summary.as_deref().map(|text| prose::clean(text, DESCRIPTION)).unwrap_or_default();
    let text =
        operation.description.as_deref().map(|text| prose::clean(text, DESCRIPTION)).unwrap_or_default();
    let repeats = text.to_lowercase().starts_with(&summary.trim_end_matches('.').to_lowercase());
    let said = match (summary.is_empty(), text.is_empty()) {
        (_, true) => summary,
        (true, false) => text,
        (false, false) if repeats => text,
        (false, false) => prose::clean(&format!("{summary}\n\n{text}"), DESCRIPTION),
    };
    let mut lines = Vec::new();
    if operation.deprecated {
        lines.push("Deprecated.".to_owned());
    }
    if !said.is_empty() {
        lines.push(said);
    }
    let path = operation.path.split('#').next().unwrap_or_default();
    lines.push(format!("{} {path}", operation.method));
    lines.join("\n")
}
