//! What a tool says about itself: a title for people, a description for a model.

use oasgate_spec::Operation;

use crate::curate::Curation;
use crate::prose;

/// How long a description may be, in characters.
const DESCRIPTION: usize = 1_000;
const TITLE: usize = 100;

/// One line: what was decided, or the summary, or the `operationId`, or method and path.
pub(crate) fn title(operation: &Operation, curation: &Curation) -> String {
    let said = curation.title.as_deref().or(operation.summary.as_deref());
    said.map(|text| prose::first_line(text, TITLE))
        .filter(|title| !title.is_empty())
        .or_else(|| operation.id.clone())
        .unwrap_or_else(|| format!("{} {}", operation.method, operation.path))
}

/// What was decided, or summary and description; then the request that it stands for.
pub(crate) fn description(operation: &Operation, curation: &Curation) -> String {
    let said = match &curation.description {
        Some(description) => prose::clean(description, DESCRIPTION),
        None => said(operation),
    };
    let mut lines = Vec::new();
    if !said.is_empty() {
        lines.push(said);
    }
    if operation.deprecated {
        lines.push("Deprecated.".to_owned());
    }
    let path = operation.path.split('#').next().unwrap_or_default();
    lines.push(format!("{} {path}", operation.method));
    lines.join("\n")
}

/// Summary and description, which often say the same twice.
fn said(operation: &Operation) -> String {
    let clean = |text: &Option<String>| {
        text.as_deref().map(|text| prose::clean(text, DESCRIPTION)).unwrap_or_default()
    };
    let (summary, text) = (clean(&operation.summary), clean(&operation.description));
    let repeats = text.to_lowercase().starts_with(&summary.trim_end_matches('.').to_lowercase());
    match (summary.is_empty(), text.is_empty()) {
        (_, true) => summary,
        (true, false) => text,
        (false, false) if repeats => text,
        (false, false) => prose::clean(&format!("{summary}\n\n{text}"), DESCRIPTION),
    }
}
