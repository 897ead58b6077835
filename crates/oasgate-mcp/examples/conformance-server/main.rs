//! The server that the official conformance suite asks for: one tool, prompt or resource for each thing it looks at.
//! What they are called and what they say is the suite's; `tests/conformance/run` holds this server to it.
//!
//! ```sh
//! cargo run -p oasgate-mcp --example conformance-server                    # stdio
//! cargo run -p oasgate-mcp --example conformance-server 127.0.0.1:8080     # http://127.0.0.1:8080/mcp
//! ```

use std::io;
use std::sync::Arc;

use oasgate_mcp::{
    About, CallError, Changes, Completion, CompletionQuery, Context, Handler, Implementation, Kinds,
    ListOptions, PromptGet, PromptList, PromptResult, ResourceContents, ResourceList, ResourceRead,
    TaskOptions, Tasks, TemplateList, ToolCall, ToolList, ToolResult, http, stdio,
};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tokio::net::TcpListener;

mod asking;
mod jobs;
mod prompts;
mod resources;
mod tools;

struct Fixture {
    about: Arc<About>,
    tools: Arc<ToolList>,
    resources: Arc<ResourceList>,
    templates: Arc<TemplateList>,
    prompts: Arc<PromptList>,
    changes: Changes,
    tasks: Tasks,
}

impl Fixture {
    fn new() -> serde_json::Result<Self> {
        let about = About::new(Implementation {
            name: "conformance-server".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Implementation::default()
        });
        let options = ListOptions::default();
        Ok(Self {
            about: Arc::new(about.with_completions().with_logging()),
            tools: Arc::new(ToolList::new(raw(&tools::list())?, &options)),
            resources: Arc::new(ResourceList::new(raw(&resources::list())?, &options)),
            templates: Arc::new(TemplateList::new(raw(&resources::templates())?, &options)),
            prompts: Arc::new(PromptList::new(raw(&prompts::list())?, &options)),
            changes: Changes::of(Kinds { tools: true, prompts: true, resources: true, updates: true }),
            tasks: Tasks::new(TaskOptions::default()),
        })
    }
}

impl Handler for Fixture {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.tools)
    }

    async fn call_tool(&self, call: ToolCall, context: Context) -> Result<ToolResult, CallError> {
        tools::call(self, call, context).await
    }

    fn resources(&self, _: &Context) -> Option<Arc<ResourceList>> {
        Some(Arc::clone(&self.resources))
    }

    fn resource_templates(&self, _: &Context) -> Option<Arc<TemplateList>> {
        Some(Arc::clone(&self.templates))
    }

    async fn read_resource(&self, read: ResourceRead, _: Context) -> Result<ResourceContents, CallError> {
        resources::read(read.uri)
    }

    fn prompts(&self, _: &Context) -> Option<Arc<PromptList>> {
        Some(Arc::clone(&self.prompts))
    }

    async fn get_prompt(&self, prompt: PromptGet, context: Context) -> Result<PromptResult, CallError> {
        prompts::get(&prompt, &context)
    }

    async fn complete(&self, query: CompletionQuery, _: Context) -> Result<Completion, CallError> {
        Ok(prompts::complete(&query))
    }

    fn changes(&self) -> Option<&Changes> {
        Some(&self.changes)
    }

    fn tasks(&self) -> Option<&Tasks> {
        Some(&self.tasks)
    }
}

fn raw(values: &[Value]) -> serde_json::Result<Vec<Box<RawValue>>> {
    values.iter().map(to_raw_value).collect()
}

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let fixture = Arc::new(Fixture::new()?);
    let Some(address) = std::env::args().nth(1) else {
        return stdio::serve(fixture, tokio::io::stdin(), tokio::io::stdout(), stdio::Options::default())
            .await;
    };
    let listener = TcpListener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let mut options = http::Options::default();
    // The suite asks legacy clients for things, which takes a session.
    options.sessions = 64;
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    http::serve(listener, http::router(fixture, options), http::ServeOptions::default(), interrupted).await
}
