//! The trait a server implements, and what passes between it and the protocol.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::about::About;
use crate::content::ToolResult;
use crate::context::Context;
use crate::list::ToolList;

/// A server, as the protocol sees it. One value answers all clients, on both transports, at the same time.
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
    /// "Error Handling").
    fn call_tool(
        &self,
        call: ToolCall,
        context: Context,
    ) -> impl Future<Output = Result<ToolResult, CallError>> + Send;
}

/// A call as it was asked for.
#[derive(Debug)]
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

/// Why a call could not even be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such tool for this caller: -32602 (2026-07-28, server/tools.mdx, "Error Handling").
    #[error("Unknown tool: {0}")]
    UnknownTool(String),
    /// The request is malformed in a way only the handler can see: -32602.
    #[error("{0}")]
    InvalidParams(String),
    /// The server failed: -32603. The text goes to the client.
    #[error("{0}")]
    Internal(String),
}
