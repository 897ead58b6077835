//! The [Model Context Protocol](https://modelcontextprotocol.io), for servers: every revision, over stdio and
//! Streamable HTTP, generic over a [`Handler`].
//!
//! The crate owns the protocol and its transports. Where tools come from, what they do and who may call them are the
//! handler's: nothing here knows an API description, an upstream or a way of signing in.
//!
//! # A server
//!
//! A server is a value that implements [`Handler`]: what it says of itself, which tools it has, and how one is called.
//!
//! ```
//! use std::sync::Arc;
//!
//! use oasgate_mcp::{
//!     About, CallError, Context, Handler, Implementation, ListOptions, ToolCall, ToolList, ToolResult,
//! };
//! use serde_json::value::RawValue;
//!
//! struct Greeter {
//!     about: Arc<About>,
//!     tools: Arc<ToolList>,
//! }
//!
//! impl Greeter {
//!     fn new() -> serde_json::Result<Self> {
//!         let greet = r#"{"name": "greet", "description": "Greets.", "inputSchema": {"type": "object"}}"#;
//!         let tools = [RawValue::from_string(greet.to_owned())?];
//!         Ok(Self {
//!             about: Arc::new(About::new(Implementation {
//!                 name: "greeter".to_owned(),
//!                 version: "1.0.0".to_owned(),
//!                 ..Implementation::default()
//!             })),
//!             tools: Arc::new(ToolList::new(tools, &ListOptions::default())),
//!         })
//!     }
//! }
//!
//! impl Handler for Greeter {
//!     fn about(&self) -> Arc<About> {
//!         Arc::clone(&self.about)
//!     }
//!
//!     fn tools(&self, _caller: &Context) -> Arc<ToolList> {
//!         Arc::clone(&self.tools)
//!     }
//!
//!     async fn call_tool(&self, call: ToolCall, _: Context) -> Result<ToolResult, CallError> {
//!         match call.name.as_str() {
//!             "greet" => Ok(ToolResult::text("Good morning.")),
//!             _ => Err(CallError::UnknownTool(call.name)),
//!         }
//!     }
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let greeter = Arc::new(Greeter::new()?);
//! // Over stdio:
//! oasgate_mcp::stdio::serve(
//!     Arc::clone(&greeter),
//!     tokio::io::stdin(),
//!     tokio::io::stdout(),
//!     oasgate_mcp::stdio::Options::default(),
//! )
//! .await?;
//! // Or over HTTP, as a router to which layers and other routes may be added:
//! let app = oasgate_mcp::http::router(greeter, oasgate_mcp::http::Options::default());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let interrupted = async { drop(tokio::signal::ctrl_c().await) };
//! oasgate_mcp::http::serve(listener, app, Default::default(), interrupted).await?;
//! # Ok(())
//! # }
//! ```
//!
//! `examples/echo-server.rs` is a whole program; `examples/conformance-server` has one of everything below.
//!
//! # What else a server can have
//!
//! | | from the handler | the client hears of it as |
//! |---|---|---|
//! | resources | [`Handler::resources`], [`Handler::resource_templates`], [`Handler::read_resource`] | capability `resources` |
//! | prompts | [`Handler::prompts`], [`Handler::get_prompt`] | capability `prompts` |
//! | completion | [`About::with_completions`], [`Handler::complete`] | capability `completions` |
//! | log messages | [`About::with_logging`], [`Context::log`] | capability `logging` |
//! | news | [`Handler::changes`] | `listChanged`, `subscribe`, `subscriptions/listen` |
//! | tasks | [`Handler::tasks`] | extension [`TASKS`] |
//! | extensions | [`About::with_extension`] | capability `extensions` |
//!
//! What is not declared is answered with -32601, as the revisions have it.
//!
//! # Telling what goes on
//!
//! [`Context::progress`] and [`Context::log`] send something while a request runs, if its client wants it; otherwise
//! they do nothing. Over HTTP the answer becomes an event stream then, and only then. Neither waits: to a client that is
//! slower than the handler, some is left out.
//!
//! # Asking the client
//!
//! A handler that needs an answer from the user, or from the client's model, returns [`InputRequired`] as an error. It
//! is called again, with the same request and with [`Context::inputs`]:
//!
//! ```
//! use oasgate_mcp::{CallError, Context, Elicited, InputRequest, InputRequired, ToolResult};
//! use serde_json::value::RawValue;
//!
//! fn delete(context: &Context, schema: &RawValue) -> Result<ToolResult, CallError> {
//!     if !context.capabilities.elicitation_form {
//!         return Ok(ToolResult::error("This tool must ask the user, and your client can't."));
//!     }
//!     match context.inputs.elicited("sure") {
//!         None => Err(InputRequired::new("sure", InputRequest::form("Delete it?", schema)).into()),
//!         Some(Elicited::Accepted(_)) => Ok(ToolResult::text("Deleted.")),
//!         Some(_) => Ok(ToolResult::text("Nothing was deleted.")),
//!     }
//! }
//! ```
//!
//! How the question travels depends on the revision: in the result of the request, which the client sends again
//! (2026-07-28, basic/patterns/mrtr.mdx), or as a request on the stream of the one that asks, which legacy clients
//! answer. State for the time between is sealed: see [`InputRequired::with_state`], [`Seal`] and [`Handler::principal`].
//!
//! # Going on without the client
//!
//! [`Tasks::start`] makes a call a task, which its client asks for, answers and cancels by its id. Only clients that
//! declare the extension can have one; [`Capabilities::tasks`] tells.
//!
//! # What a handler can rely on
//!
//! - Lists are serialised once, in [`ToolList::new`] and its siblings; a reply shares those bytes. Build a list when what
//!   it lists changes, not when it is asked for.
//! - Arguments are the text of a JSON object that nests at most 127 deep; they are not checked against any schema.
//!   Arguments marked with `x-mcp-header` agree with their headers.
//! - What goes wrong in a tool is a [`ToolResult`] with `is_error`, which a model can read and mend. A [`CallError`]
//!   is for requests that make no sense as such, or have no result yet. A panic becomes an internal error, and ends only
//!   its own request.
//! - The future of a call is dropped when the client gives up: at `notifications/cancelled` on stdio, at a disconnect
//!   over HTTP in the modern era. Over HTTP in the legacy era it runs to its end. [`Context::cancelled`] tells so to
//!   tasks the handler has spawned.
//! - Nothing is remembered between requests but, on stdio, what a legacy client has said, and over HTTP the same where
//!   [`http::Options::sessions`] allows it. Any replica can answer any request, if all have the same [`Key`]; only tasks
//!   and sessions stay where they began.
//! - Everything that clients can use up is bounded: the length of messages and their room in memory, their depth, the
//!   length of batches, requests in flight, streams and their life, connections, and the time for each step. See
//!   [`http::Options`], [`http::ServeOptions`], [`stdio::Options`] and [`TaskOptions`].
//!
//! # Revisions
//!
//! Era and revision are settled for each request: by the protocol version in its `_meta`, else by the handshake on
//! stdio and by the `MCP-Protocol-Version` header over HTTP. [`Revision`] lists the supported ones. A handler need not
//! care: content that a revision lacks is sent as what it has.
//!
//! `tests/conformance/run` holds `examples/conformance-server` to the official suite.
//!
//! # Logs
//!
//! Events go to [`tracing`]: methods, names of tools, revisions, outcomes and durations. Arguments and results
//! are never logged.

mod about;
mod asks;
mod batch;
mod capabilities;
mod changes;
mod completion;
mod content;
mod context;
mod declare;
mod dispatch;
mod envelope;
mod fault;
mod handler;
mod input;
mod job;
mod json;
mod level;
mod list;
mod listen;
mod methods;
mod mirror;
mod outlet;
mod param_headers;
mod params;
mod prompt;
mod reply;
mod resource;
mod revision;
mod seal;
mod session;
mod tasks;
#[cfg(test)]
mod tests;
mod time;

pub mod http;
pub mod stdio;

pub use about::{About, Implementation};
pub use capabilities::{Capabilities, ClientFeature, TASKS};
pub use changes::{Changes, Kinds};
pub use completion::{Completable, Completion, CompletionQuery};
pub use content::{Content, ResourceBody, ToolResult};
pub use context::{ClientInfo, Context, Trace};
pub use handler::{CallError, Handler, ToolCall};
pub use input::{Elicited, InputRequest, InputRequired, Inputs};
pub use level::{LogLevel, UnknownLevel};
pub use list::{CacheScope, ListOptions, PromptList, ResourceList, TemplateList, ToolList};
pub use prompt::{PromptGet, PromptMessage, PromptResult, Role};
pub use resource::{ResourceContents, ResourcePart, ResourceRead};
pub use revision::{Era, Revision};
pub use seal::{Key, Seal};
pub use tasks::{StartedTask, Task, TaskOptions, Tasks};
