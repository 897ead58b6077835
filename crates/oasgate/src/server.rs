//! The catalog as an MCP server: each tool as `tools/list` has it, and each outcome as a result.
//!
//! Owns the words between the two worlds, and nothing of either: it reads no request and builds none.

mod changed;
mod confirm;
mod listed;
mod offer;
mod progress;
mod prompts;
mod resources;
mod work;
mod written;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use oasgate_mcp::{
    About, CallError, Changes, Completion, CompletionQuery, Content, Context, Handler, Kinds, PromptGet,
    PromptList, PromptResult, ResourceBody, ResourceContents, ResourceList, ResourceRead, TaskOptions, Tasks,
    TemplateList, ToolCall, ToolList, ToolResult,
};
use oasgate_tools::{Catalog, Outcome, Part};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;

use crate::auth;

use work::Work;

pub use confirm::Confirm;
pub use listed::listed;
pub use offer::{Difference, Offer};
pub use written::written;

#[cfg(test)]
mod tests;

/// All but the unreserved characters (RFC 3986, 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The server.
#[derive(Debug)]
pub struct Server {
    offer: RwLock<Arc<Offer>>,
    /// None if the offer will always be the same.
    changes: Option<Changes>,
    confirm: Confirm,
    tasks: Tasks,
    patience: Duration,
}

/// How long a client that knows tasks waits for a call unless told: less than a person does before they look elsewhere.
const PATIENCE: Duration = Duration::from_secs(10);

impl Server {
    /// A server of this. Calls that the description marks need agreement.
    #[must_use]
    pub fn new(offer: Offer) -> Self {
        Self {
            offer: RwLock::new(Arc::new(offer)),
            changes: None,
            confirm: Confirm::default(),
            tasks: Tasks::new(TaskOptions::default()),
            patience: PATIENCE,
        }
    }

    /// Changes after which time a call becomes a task, for clients that know tasks.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Changes which calls need a person's agreement.
    #[must_use]
    pub fn with_confirm(self, confirm: Confirm) -> Self {
        Self { confirm, ..self }
    }

    /// Lets clients know that the offer may change, and listen for it.
    #[must_use]
    pub fn with_changes(self) -> Self {
        let kinds = Kinds { tools: true, resources: true, updates: true, ..Kinds::default() };
        Self { changes: Some(Changes::of(kinds)), ..self }
    }

    /// What is offered now.
    #[must_use]
    pub fn offer(&self) -> Arc<Offer> {
        Arc::clone(&self.offer.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Offers something else from now on, and tells clients that listen what of it they see to be different.
    pub fn replace(&self, offer: Offer) -> Difference {
        let new = Arc::new(offer);
        let old = {
            let mut offer = self.offer.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *offer, Arc::clone(&new))
        };
        let difference = new.since(&old);
        if let Some(changes) = &self.changes {
            changed::tell(changes, &old, &new, &difference);
        }
        difference
    }
}

impl Handler for Server {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.offer().about)
    }

    fn principal(&self, caller: &Context) -> Option<Arc<str>> {
        auth::identity(caller).map(|identity| Arc::clone(&identity.principal))
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.offer().tools)
    }

    async fn call_tool(&self, call: ToolCall, context: Context) -> Result<ToolResult, CallError> {
        let offer = self.offer();
        let caller = &offer.caller;
        let arguments = call.arguments.as_deref();
        let Some(tool) = caller.catalog.get(&call.name) else {
            return Err(unknown(&caller.catalog, &call.name));
        };
        let key = self.confirm.asks(tool).then(|| confirm::key(&context)).flatten();
        if self.confirm.asks(tool) {
            let request = match caller.preview(tool, arguments, key.as_deref()).await {
                Ok(request) => request,
                Err(refusal) => return Ok(ToolResult::error(refusal.to_string())),
            };
            if let Some(result) = confirm::agreed(tool, &request, key.as_deref(), &context)? {
                return Ok(result);
            }
        }
        let work = Work { offer, call, context, key };
        if work.context.capabilities.tasks {
            work.wait_or_start(&self.tasks, self.patience).await
        } else {
            work.wait().await
        }
    }

    fn resources(&self, _: &Context) -> Option<Arc<ResourceList>> {
        Some(Arc::clone(&self.offer().resources.list))
    }

    fn resource_templates(&self, _: &Context) -> Option<Arc<TemplateList>> {
        Some(Arc::clone(&self.offer().resources.templates))
    }

    async fn read_resource(&self, read: ResourceRead, _: Context) -> Result<ResourceContents, CallError> {
        resources::read(&self.offer().caller.catalog, read.uri)
    }

    fn prompts(&self, _: &Context) -> Option<Arc<PromptList>> {
        Some(Arc::clone(&self.offer().prompts))
    }

    async fn get_prompt(&self, prompt: PromptGet, _: Context) -> Result<PromptResult, CallError> {
        prompts::get(&self.offer().caller.catalog, &prompt)
    }

    /// Of every prompt and template here it is the same argument that can be completed; to others nothing fits.
    async fn complete(&self, query: CompletionQuery, _: Context) -> Result<Completion, CallError> {
        let is_operation = query.argument == resources::VARIABLE;
        let found = is_operation.then(|| resources::complete(&self.offer().caller.catalog, &query.value));
        Ok(found.unwrap_or_else(|| Completion::new(Vec::new())))
    }

    fn changes(&self) -> Option<&Changes> {
        self.changes.as_ref()
    }

    fn tasks(&self) -> Option<&Tasks> {
        Some(&self.tasks)
    }
}

fn unknown(catalog: &Catalog, name: &str) -> CallError {
    CallError::UnknownTool(match catalog.nearest(name) {
        Some(nearest) => format!("{}; there is one named {nearest}", shown(name)),
        None => shown(name).to_owned(),
    })
}

/// An outcome as a result (2026-07-28, schema, `CallToolResult`). A tool with an output schema must give an object:
/// what is none stands in one, under `result`.
fn result(outcome: Outcome, must_have_object: bool) -> ToolResult {
    let content = outcome.parts.into_iter().enumerate().map(|(index, part)| content(index, part)).collect();
    let mut result = ToolResult::new(content);
    result.is_error = outcome.is_error;
    let structured = outcome.structured.and_then(|json| String::from_utf8(json.into()).ok());
    let structured = if must_have_object && !result.is_error { Some(object(structured)) } else { structured };
    match structured.and_then(|json| RawValue::from_string(json).ok()) {
        Some(structured) => result.with_structured(structured),
        None => result,
    }
}

/// An object that holds an answer: the answer itself if it is one.
fn object(json: Option<String>) -> String {
    match json {
        Some(json) if json.starts_with('{') => json,
        Some(json) => format!("{{\"result\":{json}}}"),
        None => "{}".to_owned(),
    }
}

fn content(index: usize, part: Part) -> Content {
    match part {
        Part::Text(text) => Content::Text(text),
        Part::Image { media_type, data } => Content::Image { data, mime: media_type },
        Part::Audio { media_type, data } => Content::Audio { data, mime: media_type },
        // A resource must have a URI, though nobody can read this one a second time.
        Part::File { media_type, name, data } => {
            let name = name.unwrap_or_else(|| format!("part-{}", index + 1));
            let name = utf8_percent_encode(&name, SEGMENT);
            Content::Resource {
                uri: format!("oasgate://answer/{name}"),
                mime: Some(media_type),
                body: ResourceBody::Blob(data),
            }
        }
    }
}

/// As much of a name from outside as is worth repeating.
fn shown(name: &str) -> &str {
    name.char_indices().nth(100).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}
