//! What a user can pick instead of typing it: one prompt, which puts an operation before the model.

use oasgate_mcp::{
    CallError, Content, ListOptions, PromptGet, PromptList, PromptMessage, PromptResult, ResourceContents,
};
use oasgate_tools::Catalog;
use serde_json::json;
use serde_json::value::to_raw_value;

use super::resources::{self, VARIABLE};

/// The name of the prompt.
const OPERATION: &str = "explain_operation";

/// The list (2026-07-28, schema, `Prompt`).
///
/// # Errors
/// None but what serde foresees.
pub(super) fn list() -> serde_json::Result<PromptList> {
    let prompt = json!({
        "name": OPERATION,
        "title": "Explain an operation",
        "description": "What an operation of the API does, and how to call it.",
        "arguments": [{"name": VARIABLE, "description": "The operation, or its tool.", "required": true}],
    });
    Ok(PromptList::new([to_raw_value(&prompt)?], &ListOptions::default()))
}

/// The prompt, with the page of the operation in it.
///
/// # Errors
/// [`CallError::UnknownPrompt`], and [`CallError::InvalidParams`] for what is no operation.
pub(super) fn get(catalog: &Catalog, prompt: &PromptGet) -> Result<PromptResult, CallError> {
    if prompt.name != OPERATION {
        return Err(CallError::UnknownPrompt(super::shown(&prompt.name).to_owned()));
    }
    let missing = || CallError::InvalidParams(format!("the argument {VARIABLE} must name an operation"));
    let id = prompt.arguments.get(VARIABLE).ok_or_else(missing)?;
    let page = resources::read(catalog, resources::uri(id)).map_err(|_| missing())?;
    let ask = "Explain what this operation does and when to use it, and show a call of its tool with example arguments.";
    let pages = embedded(page).map(PromptMessage::user);
    Ok(PromptResult::new(
        std::iter::once(PromptMessage::user(Content::Text(ask.to_owned()))).chain(pages).collect(),
    ))
}

fn embedded(page: ResourceContents) -> impl Iterator<Item = Content> {
    page.parts.into_iter().map(|part| Content::Resource { uri: part.uri, mime: part.mime, body: part.body })
}
