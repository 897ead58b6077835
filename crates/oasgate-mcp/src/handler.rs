//! The trait a server implements, and what passes between it and the protocol.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::about::About;
use crate::capabilities::ClientFeature;
use crate::changes::Changes;
use crate::completion::{Completion, CompletionQuery};
use crate::content::ToolResult;
use crate::context::Context;
use crate::input::InputRequired;
use crate::list::{PromptList, ResourceList, TemplateList, ToolList};
use crate::prompt::{PromptGet, PromptResult};
use crate::resource::{ResourceContents, ResourceRead};
use crate::tasks::{StartedTask, Tasks};

/// A server, as the protocol sees it. One value answers all clients, on both transports, at the same time.
///
/// Only tools must be there. What else a server has is declared by what it returns: as long as [`Handler::prompts`]
/// returns none, clients are told that there are no prompts, and get -32601 if they ask nevertheless.
pub trait Handler: Send + Sync + 'static {
    /// What the server says of itself. Asked for once per request, so that it may change while running.
    fn about(&self) -> Arc<About>;

    /// The tools `caller` may see. The list may depend on who calls and in which revision, but never on the
    /// connection or on earlier requests (2026-07-28, server/tools.mdx, "Listing Tools").
    fn tools(&self, caller: &Context) -> Arc<ToolList>;

    /// Calls a tool. The future is dropped when the client gives up, except over HTTP in the legacy era, where
    /// losing the connection says nothing about the request.
    ///
    /// # Errors
    /// Only what is wrong with the request as a message becomes a JSON-RPC error. What went wrong in the tool, and
    /// arguments the model can mend, belong into a [`ToolResult`] with `is_error` (2026-07-28, server/tools.mdx,
    /// "Error Handling"). What a call still needs, or how it goes on without its client waiting, is an error, too, so
    /// that `?` does what is meant.
    fn call_tool(
        &self,
        call: ToolCall,
        context: Context,
    ) -> impl Future<Output = Result<ToolResult, CallError>> + Send;

    /// Who calls: whatever tells one client's user from another's, and is the same for all requests of one. State and
    /// tasks of one principal are refused to every other. None, unless told, for servers that don't know.
    fn principal(&self, _caller: &Context) -> Option<Arc<str>> {
        None
    }

    /// The resources `caller` may see, under the same rule as tools.
    fn resources(&self, _caller: &Context) -> Option<Arc<ResourceList>> {
        None
    }

    /// The URI templates of resources that are not in the list. A server that has either has resources, and none of the
    /// other.
    fn resource_templates(&self, _caller: &Context) -> Option<Arc<TemplateList>> {
        None
    }

    /// Reads a resource: one of the list, one of a template, or one that a result has linked to.
    ///
    /// # Errors
    /// [`CallError::UnknownResource`], and what [`Handler::call_tool`] says.
    fn read_resource(
        &self,
        read: ResourceRead,
        _context: Context,
    ) -> impl Future<Output = Result<ResourceContents, CallError>> + Send {
        async { Err(CallError::UnknownResource(read.uri)) }
    }

    /// The prompts `caller` may see, under the same rule as tools.
    fn prompts(&self, _caller: &Context) -> Option<Arc<PromptList>> {
        None
    }

    /// Fills in a prompt.
    ///
    /// # Errors
    /// [`CallError::UnknownPrompt`], [`CallError::InvalidParams`] for arguments, and what [`Handler::call_tool`] says.
    fn get_prompt(
        &self,
        prompt: PromptGet,
        _context: Context,
    ) -> impl Future<Output = Result<PromptResult, CallError>> + Send {
        async { Err(CallError::UnknownPrompt(prompt.name)) }
    }

    /// Completes an argument. Asked only if [`About::with_completions`] has declared it.
    ///
    /// # Errors
    /// As [`Handler::get_prompt`], for what has no such argument. That nothing fits is an empty completion.
    fn complete(
        &self,
        _query: CompletionQuery,
        _context: Context,
    ) -> impl Future<Output = Result<Completion, CallError>> + Send {
        async { Ok(Completion::default()) }
    }

    /// Where the server tells that its lists or resources have changed. Always the same one.
    fn changes(&self) -> Option<&Changes> {
        None
    }

    /// The calls that go on without a client waiting. Always the same.
    fn tasks(&self) -> Option<&Tasks> {
        None
    }
}

/// A call as it was asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ToolCall {
    /// The name of the tool, unchecked.
    pub name: String,
    /// The arguments, if there are any: the text of a JSON object. The handler parses it, into what it likes.
    pub arguments: Option<Box<RawValue>>,
}

impl ToolCall {
    /// A call of the tool `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, arguments: Option<Box<RawValue>>) -> Self {
        Self { name: name.into(), arguments }
    }
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such tool for this caller: -32602 (2026-07-28, server/tools.mdx, "Error Handling").
    #[error("Unknown tool: {0}")]
    UnknownTool(String),
    /// There is no such resource for this caller: -32602, in the legacy era -32002 (2026-07-28, server/resources.mdx,
    /// "Error Handling").
    #[error("Resource not found: {0}")]
    UnknownResource(String),
    /// There is no such prompt for this caller: -32602 (2026-07-28, server/prompts.mdx, "Error Handling").
    #[error("Unknown prompt: {0}")]
    UnknownPrompt(String),
    /// The request is malformed in a way only the handler can see: -32602.
    #[error("{0}")]
    InvalidParams(String),
    /// The request can't be served to a client that can't do these: -32021 (2026-07-28, basic/index.mdx, "Error
    /// Codes").
    #[error("the client lacks {0:?}")]
    MissingCapability(Vec<ClientFeature>),
    /// Not yet: the client must answer something first. Not for completions.
    #[error("the client must answer something first")]
    InputRequired(InputRequired),
    /// Later: the call goes on as a task. Only for tools.
    #[error("the call goes on as a task")]
    Task(StartedTask),
    /// The server failed: -32603. The text goes to the client.
    #[error("{0}")]
    Internal(String),
}

impl From<InputRequired> for CallError {
    fn from(required: InputRequired) -> Self {
        Self::InputRequired(required)
    }
}
