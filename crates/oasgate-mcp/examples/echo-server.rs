//! A whole server: two tools, both transports.
//!
//! ```sh
//! cargo run -p oasgate-mcp --example echo-server                    # stdio
//! cargo run -p oasgate-mcp --example echo-server 127.0.0.1:8080     # http://127.0.0.1:8080/mcp
//! ```

use std::io;
use std::sync::Arc;

use oasgate_mcp::{
    About, CallError, Context, Handler, Implementation, ListOptions, ToolCall, ToolList, ToolResult, http,
    stdio,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

/// The tools, as the wire has them.
const TOOLS: [&str; 2] = [
    r#"{
        "name": "echo",
        "title": "Echo",
        "description": "Says what you said.",
        "inputSchema": {
            "type": "object",
            "properties": {"text": {"type": "string"}},
            "required": ["text"],
            "additionalProperties": false
        },
        "annotations": {"readOnlyHint": true, "openWorldHint": false}
    }"#,
    r#"{
        "name": "add",
        "title": "Add",
        "description": "Adds two integers.",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": false
        },
        "annotations": {"readOnlyHint": true, "openWorldHint": false}
    }"#,
];

#[derive(Deserialize)]
struct Echo {
    text: String,
}

#[derive(Deserialize)]
struct Add {
    a: i64,
    b: i64,
}

struct EchoServer {
    about: Arc<About>,
    tools: Arc<ToolList>,
}

impl EchoServer {
    fn new() -> serde_json::Result<Self> {
        let about = About::new(Implementation {
            name: "echo-server".to_owned(),
            title: Some("Echo server".to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            website_url: None,
        });
        let tools = TOOLS
            .into_iter()
            .map(|tool| RawValue::from_string(tool.to_owned()))
            .collect::<serde_json::Result<Vec<_>>>()?;
        Ok(Self {
            about: Arc::new(about.with_instructions("Use `echo` to hear yourself, and `add` for sums.")),
            tools: Arc::new(ToolList::new(tools, &ListOptions::default())),
        })
    }
}

impl Handler for EchoServer {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.tools)
    }

    async fn call_tool(&self, call: ToolCall, _: Context) -> Result<ToolResult, CallError> {
        let arguments = call.arguments.as_deref().map_or("{}", RawValue::get);
        match call.name.as_str() {
            "echo" => Ok(with_arguments(arguments, |Echo { text }| ToolResult::text(text))),
            "add" => Ok(with_arguments(arguments, add)),
            _ => Err(CallError::UnknownTool(call.name)),
        }
    }
}

/// Arguments the tool can't use are the model's to mend, so they are a result, too.
fn with_arguments<'a, T: Deserialize<'a>>(
    arguments: &'a str,
    tool: impl FnOnce(T) -> ToolResult,
) -> ToolResult {
    match serde_json::from_str(arguments) {
        Ok(arguments) => tool(arguments),
        Err(error) => ToolResult::error(format!("The arguments don't fit: {error}")),
    }
}

fn add(Add { a, b }: Add) -> ToolResult {
    let Some(sum) = a.checked_add(b) else { return ToolResult::error("The sum is too large.") };
    let result = ToolResult::text(sum.to_string());
    match RawValue::from_string(format!(r#"{{"sum":{sum}}}"#)) {
        Ok(structured) => result.with_structured(structured),
        Err(_) => result,
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let server = Arc::new(EchoServer::new()?);
    let Some(address) = std::env::args().nth(1) else {
        return stdio::serve(server, tokio::io::stdin(), tokio::io::stdout(), stdio::Options::default())
            .await;
    };
    let listener = TcpListener::bind(address).await?;
    let app = http::router(server, http::Options::default());
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    http::serve(listener, app, http::ServeOptions::default(), interrupted).await
}
