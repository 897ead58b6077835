//! The catalog as an MCP server: each tool as `tools/list` has it, and each outcome as a result.
//!
//! Owns the words between the two worlds, and nothing of either: it reads no request and builds none.

use std::sync::Arc;

use oasgate_mcp::{
    About, CallError, Content, Context, Handler, Implementation, ListOptions, ResourceBody, ToolCall,
    ToolList, ToolResult,
};
use oasgate_tools::{Outcome, Part, Tool};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::call::{CallContext, Caller, Trace};
use crate::description::Description;
use crate::exit::Failure;

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
    caller: Caller,
}

impl Server {
    /// The server of a description. Its list is made here, once.
    ///
    /// # Errors
    /// When a tool cannot be written as JSON, which would be a defect of ours.
    pub fn new(description: &Description, caller: Caller) -> Result<Self, Failure> {
        let tools = caller.catalog.tools().iter().map(listed).collect::<Result<Vec<_>, _>>();
        let tools = tools.map_err(|error| Failure::Setup(error.to_string()))?;
        let listing = tools.iter().map(|tool| tool.get().len()).sum();
        let tools = Arc::new(ToolList::new(tools, &ListOptions::default()));
        Ok(Self { about: Arc::new(about(description)), tools, listing, caller })
    }

    /// How many bytes the tools take in `tools/list`.
    #[must_use]
    pub fn listing(&self) -> usize {
        self.listing
    }

    /// Whether results of this tool must have an object as structured content.
    fn must_have_object(&self, name: &str) -> bool {
        self.caller.catalog.get(name).is_some_and(|tool| tool.output_schema().is_some())
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
        let trace = Trace {
            parent: context.trace.traceparent.as_deref(),
            state: context.trace.tracestate.as_deref(),
        };
        let context = CallContext { principal: context.principal.as_deref(), trace };
        match self.caller.call(&call.name, call.arguments.as_deref(), context).await {
            Some(outcome) => Ok(result(outcome, self.must_have_object(&call.name))),
            None => Err(CallError::UnknownTool(match self.caller.catalog.nearest(&call.name) {
                Some(nearest) => format!("{}; there is one named {nearest}", shown(&call.name)),
                None => shown(&call.name).to_owned(),
            })),
        }
    }
}

/// A tool as `tools/list` has it (2026-07-28, schema, `Tool`).
///
/// # Errors
/// None but what serde foresees.
pub fn listed(tool: &Tool) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(&Listed {
        name: &tool.name,
        title: &tool.title,
        description: &tool.description,
        input_schema: tool.input_schema(),
        output_schema: tool.output_schema(),
        annotations: Annotations {
            title: &tool.title,
            read_only_hint: tool.annotations.read_only,
            destructive_hint: tool.annotations.destructive,
            idempotent_hint: tool.annotations.idempotent,
            open_world_hint: tool.annotations.open_world,
        },
        meta: Meta {
            operation: format!("{} {}", tool.operation.method, tool.operation.path),
            operation_id: tool.operation.id.as_deref(),
        },
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

fn about(description: &Description) -> About {
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
    let instructions = format!(
        "Each tool is one operation of {subject}. A result that is an error says what to mend; arguments named in it can be \
         sent again, corrected."
    );
    About::new(implementation).with_instructions(instructions)
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'t> {
    name: &'t str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'t str,
    description: &'t str,
    input_schema: &'t RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<&'t RawValue>,
    annotations: Annotations<'t>,
    #[serde(rename = "_meta")]
    meta: Meta<'t>,
}

/// 2026-07-28, schema, `ToolAnnotations`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Annotations<'t> {
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'t str,
    read_only_hint: bool,
    destructive_hint: bool,
    idempotent_hint: bool,
    open_world_hint: bool,
}

/// The operation behind a tool, for hosts and people; models do not get to see it.
#[derive(Serialize)]
struct Meta<'t> {
    #[serde(rename = "oasgate/operation")]
    operation: String,
    #[serde(rename = "oasgate/operationId", skip_serializing_if = "Option::is_none")]
    operation_id: Option<&'t str>,
}
