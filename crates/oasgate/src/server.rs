//! The catalog as an MCP server: each tool as `tools/list` has it, and each outcome as a result.
//!
//! Owns the words between the two worlds, and nothing of either: it reads no request and builds none.

mod confirm;
mod listed;
mod progress;
mod prompts;
mod resources;
mod written;

use std::path::Path;
use std::sync::Arc;

use oasgate_mcp::{
    About, CallError, Completion, CompletionQuery, Content, Context, Handler, Implementation, ListOptions,
    PromptGet, PromptList, PromptResult, ResourceBody, ResourceContents, ResourceList, ResourceRead,
    TemplateList, ToolCall, ToolList, ToolResult,
};
use oasgate_tools::{Outcome, Part};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;
use url::Url;

use crate::call::{CallContext, Caller, Trace};
use crate::description::Description;
use crate::exit::Failure;

use resources::Resources;

pub use confirm::Confirm;
pub use listed::listed;
pub use written::written;

#[cfg(test)]
mod tests;

/// All but the unreserved characters (RFC 3986, 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The server.
#[derive(Debug)]
pub struct Server {
    about: Arc<About>,
    tools: Arc<ToolList>,
    listing: usize,
    resources: Resources,
    prompts: Arc<PromptList>,
    confirm: Confirm,
    caller: Caller,
}

impl Server {
    /// The server of a description. Its lists are made here, once. Calls that the description marks need agreement.
    ///
    /// # Errors
    /// When a tool cannot be written as JSON, which would be a defect of ours.
    pub fn new(description: &Description, caller: Caller) -> Result<Self, Failure> {
        let defect = |error: serde_json::Error| Failure::Setup(error.to_string());
        let tools = caller.catalog.tools().iter().map(listed).collect::<Result<Vec<_>, _>>();
        let tools = tools.map_err(defect)?;
        let listing = tools.iter().map(|tool| tool.get().len()).sum();
        Ok(Self {
            about: Arc::new(about(description, caller.files.folder())),
            tools: Arc::new(ToolList::new(tools, &ListOptions::default())),
            listing,
            resources: Resources::of(&caller.catalog).map_err(defect)?,
            prompts: Arc::new(prompts::list().map_err(defect)?),
            confirm: Confirm::default(),
            caller,
        })
    }

    /// Changes which calls need a person's agreement.
    #[must_use]
    pub fn with_confirm(self, confirm: Confirm) -> Self {
        Self { confirm, ..self }
    }

    /// How many bytes the tools take in `tools/list`.
    #[must_use]
    pub fn listing(&self) -> usize {
        self.listing
    }

    /// What calls are made with.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

impl Handler for Server {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.tools)
    }

    async fn call_tool(&self, call: ToolCall, context: Context) -> Result<ToolResult, CallError> {
        let arguments = call.arguments.as_deref();
        let Some(tool) = self.caller.catalog.get(&call.name) else { return Err(self.unknown(&call.name)) };
        let key = self.confirm.asks(tool).then(|| confirm::key(&context)).flatten();
        if self.confirm.asks(tool) {
            let request = match self.caller.preview(tool, arguments, key.as_deref()).await {
                Ok(request) => request,
                Err(refusal) => return Ok(ToolResult::error(refusal.to_string())),
            };
            if let Some(result) = confirm::agreed(tool, &request, key.as_deref(), &context)? {
                return Ok(result);
            }
        }
        let trace = Trace {
            parent: context.trace.traceparent.as_deref(),
            state: context.trace.tracestate.as_deref(),
        };
        let circumstances =
            CallContext { principal: context.principal.as_deref(), trace, key: key.as_deref() };
        let outcome = self.caller.call(&call.name, arguments, circumstances);
        let origin = tool.plan.server.as_ref().map(|server| server.origin.as_str());
        match progress::telling(&context, origin, outcome).await {
            Some(outcome) => Ok(result(outcome, tool.output_schema().is_some())),
            None => Err(self.unknown(&call.name)),
        }
    }

    fn resources(&self, _: &Context) -> Option<Arc<ResourceList>> {
        Some(Arc::clone(&self.resources.list))
    }

    fn resource_templates(&self, _: &Context) -> Option<Arc<TemplateList>> {
        Some(Arc::clone(&self.resources.templates))
    }

    async fn read_resource(&self, read: ResourceRead, _: Context) -> Result<ResourceContents, CallError> {
        resources::read(&self.caller.catalog, read.uri)
    }

    fn prompts(&self, _: &Context) -> Option<Arc<PromptList>> {
        Some(Arc::clone(&self.prompts))
    }

    async fn get_prompt(&self, prompt: PromptGet, _: Context) -> Result<PromptResult, CallError> {
        prompts::get(&self.caller.catalog, &prompt)
    }

    /// Of every prompt and template here it is the same argument that can be completed; to others nothing fits.
    async fn complete(&self, query: CompletionQuery, _: Context) -> Result<Completion, CallError> {
        let is_operation = query.argument == resources::VARIABLE;
        let found = is_operation.then(|| resources::complete(&self.caller.catalog, &query.value));
        Ok(found.unwrap_or_else(|| Completion::new(Vec::new())))
    }
}

impl Server {
    fn unknown(&self, name: &str) -> CallError {
        CallError::UnknownTool(match self.caller.catalog.nearest(name) {
            Some(nearest) => format!("{}; there is one named {nearest}", shown(name)),
            None => shown(name).to_owned(),
        })
    }
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

fn about(description: &Description, files: Option<&Path>) -> About {
    let title = description.title.trim();
    let version = match description.version.trim() {
        "" => env!("CARGO_PKG_VERSION"),
        version => version,
    };
    let implementation = Implementation {
        name: slug(title),
        title: (!title.is_empty()).then(|| title.to_owned()),
        version: version.to_owned(),
        ..Implementation::default()
    };
    let subject = if title.is_empty() { "an HTTP API" } else { title };
    let mut instructions = format!(
        "Each tool is one operation of {subject}. A result that is an error says what to mend; arguments named in it can be \
         sent again, corrected."
    );
    if let Some(url) = files.and_then(|folder| Url::from_directory_path(folder).ok()) {
        instructions
            .push_str(&format!(" Where an argument is a file, {url}NAME sends the file of that name."));
    }
    About::new(implementation).with_instructions(instructions).with_completions()
}

/// As much of a name from outside as is worth repeating.
fn shown(name: &str) -> &str {
    name.char_indices().nth(100).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

/// A title as a programmatic name.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    slug.truncate(64);
    if slug.is_empty() { "oasgate".to_owned() } else { slug }
}
