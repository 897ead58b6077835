//! Any bytes as what a client sends over stdio: every answer is a line of JSON, and the end of input is the end.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use oasgate_mcp::{
    About, CallError, Context, Handler, Implementation, ListOptions, ToolCall, ToolList, ToolResult, stdio,
};

struct Echo;

impl Handler for Echo {
    fn about(&self) -> Arc<About> {
        Arc::new(About::new(Implementation {
            name: "fuzz".to_owned(),
            title: None,
            version: "0".to_owned(),
            website_url: None,
        }))
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::new(ToolList::new(Vec::new(), &ListOptions::default()))
    }

    async fn call_tool(&self, call: ToolCall, _: Context) -> Result<ToolResult, CallError> {
        Ok(ToolResult::text(call.name))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut output = Vec::new();
    let served = runtime.block_on(stdio::serve(Arc::new(Echo), bytes, &mut output, stdio::Options::default()));
    served.expect("a reader and a writer that never fail");
    for line in output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        serde_json::from_slice::<serde_json::Value>(line).expect("a line of JSON");
    }
});
