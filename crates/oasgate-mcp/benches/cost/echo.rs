//! A handler that costs next to nothing: it answers with what it is given, and its list is long.

use std::sync::Arc;

use axum::Router;
use oasgate_mcp::{
    About, CallError, Context, Handler, Implementation, ListOptions, ToolCall, ToolList, ToolResult, http,
};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::Failure;

/// The endpoint that is measured.
pub(crate) fn router() -> Result<Router, Failure> {
    Ok(http::router(Arc::new(Echo::new()?), http::Options::default()))
}

struct Echo {
    about: Arc<About>,
    tools: Arc<ToolList>,
}

impl Echo {
    fn new() -> Result<Self, Failure> {
        let tool = |index: usize| {
            let description = "What it does and when to use it. ".repeat(16);
            let schema = json!({"type": "object", "properties": {"text": {"type": "string"}}});
            json!({"name": format!("tool_{index}"), "description": description, "inputSchema": schema})
        };
        let tools = (0..1150).map(|index| to_raw_value(&tool(index))).collect::<Result<Vec<_>, _>>()?;
        let about = Implementation { name: "echo".to_owned(), version: "1".to_owned(), ..Default::default() };
        Ok(Self {
            about: Arc::new(About::new(about)),
            tools: Arc::new(ToolList::new(tools, &ListOptions::default())),
        })
    }
}

impl Handler for Echo {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.tools)
    }

    async fn call_tool(&self, call: ToolCall, _: Context) -> Result<ToolResult, CallError> {
        Ok(ToolResult::text(call.arguments.as_deref().map_or("", RawValue::get)))
    }
}
