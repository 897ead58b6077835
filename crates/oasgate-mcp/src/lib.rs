//! The Model Context Protocol, for servers (docs follow)

mod about;
mod batch;
mod content;
mod context;
mod dispatch;
mod envelope;
mod fault;
mod handler;
mod json;
mod list;
mod mirror;
mod params;
mod reply;
mod revision;
#[cfg(test)]
mod tests;

pub mod http;
pub mod stdio;

pub use about::{About, Implementation};
pub use content::{Content, ResourceBody, ToolResult};
pub use context::{ClientInfo, Context, Trace};
pub use handler::{CallError, Handler, ToolCall};
pub use list::{CacheScope, ListOptions, ToolList};
pub use revision::{Era, Revision};
