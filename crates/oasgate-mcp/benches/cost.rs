//! What the protocol costs, without network and upstream: CPU time and allocations for each message, held to limits.
//!
//! ```sh
//! cargo bench -p oasgate-mcp --bench cost
//! ```
//!
//! Messages go through the whole router, as they do behind `http::serve`: a modern call of a tool with its headers, and
//! a list of 730 KB. Time is what the thread has spent on a CPU, from `/proc/thread-self/schedstat`, so that other work
//! on the machine doesn't count; where there is no such file, it is wall time. Ends with 1 if a limit is passed.

#![expect(clippy::print_stdout, reason = "it reports")]

use std::alloc::System;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use oasgate_mcp::{
    About, CallError, Context, Handler, Implementation, ListOptions, ToolCall, ToolList, ToolResult, http,
};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Failure = Box<dyn std::error::Error>;

/// A message, what its answer must weigh, and what it may cost.
struct Case {
    name: &'static str,
    message: Value,
    at_least: usize,
    cpu: Duration,
    allocations: usize,
    rounds: u32,
}

fn cases() -> [Case; 2] {
    [
        Case {
            name: "tools/call",
            message: modern("tools/call", json!({"name": "echo", "arguments": {"text": "hello", "n": 42}})),
            at_least: 100,
            cpu: Duration::from_micros(12),
            allocations: 40,
            rounds: 20_000,
        },
        Case {
            name: "tools/list of 730 KB",
            message: modern("tools/list", json!({})),
            at_least: 730_000,
            cpu: Duration::from_micros(150),
            allocations: 40,
            rounds: 2_000,
        },
    ]
}

fn main() -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let app = TowerToHyperService::new(http::router(Arc::new(Echo::new()?), http::Options::default()));
    let mut within = true;
    for case in cases() {
        let (cpu, allocations, bytes) = runtime.block_on(measure(&app, &case))?;
        let fits = cpu <= case.cpu && allocations <= case.allocations;
        within &= fits;
        println!(
            "{}: {cpu:?} CPU (at most {:?}), {allocations} allocations (at most {}), {bytes} bytes allocated{}",
            case.name,
            case.cpu,
            case.allocations,
            if fits { "" } else { ": TOO MUCH" }
        );
    }
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The cost of one message: the mean of CPU time in the best of ten runs, and the allocations.
async fn measure(
    app: &TowerToHyperService<axum::Router>,
    case: &Case,
) -> Result<(Duration, usize, usize), Failure> {
    for _ in 0..100 {
        assert!(answer(app, request(case)?).await? >= case.at_least, "not the answer that was asked for");
    }
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let mut requests = (0..case.rounds).map(|_| request(case)).collect::<Result<Vec<_>, _>>()?;
        let begun = CpuTime::now();
        while let Some(request) = requests.pop() {
            answer(app, request).await?;
        }
        best = best.min(begun.spent() / case.rounds);
    }
    let request = request(case)?;
    let region = Region::new(ALLOCATOR);
    answer(app, request).await?;
    let spent = region.change();
    Ok((best, spent.allocations + spent.reallocations, spent.bytes_allocated))
}

/// Reads the answer as the connection would, frame by frame: its length.
async fn answer(app: &TowerToHyperService<axum::Router>, request: Request<Body>) -> Result<usize, Failure> {
    let mut body = app.call(request).await?.into_body();
    let mut length = 0;
    while let Some(frame) =
        std::future::poll_fn(|cx| axum::body::HttpBody::poll_frame(std::pin::Pin::new(&mut body), cx)).await
    {
        length += frame?.data_ref().map_or(0, bytes::Bytes::len);
    }
    Ok(length)
}

fn request(case: &Case) -> Result<Request<Body>, Failure> {
    let text = |pointer: &str| case.message.pointer(pointer).and_then(Value::as_str);
    let mut request = Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", text("/method").unwrap_or_default());
    if let Some(name) = text("/params/name") {
        request = request.header("mcp-name", name);
    }
    Ok(request.body(Body::from(case.message.to_string()))?)
}

fn modern(method: &str, mut params: Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}},
    });
    if let Value::Object(params) = &mut params {
        params.insert("_meta".to_owned(), meta);
    }
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
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

/// Time on a CPU.
struct CpuTime {
    on_cpu: Option<Duration>,
    wall: Instant,
}

impl CpuTime {
    fn now() -> Self {
        // The first number: nanoseconds on a CPU (Linux, Documentation/scheduler/sched-stats.rst).
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let on_cpu = stat.and_then(|stat| stat.split(' ').next()?.parse().ok()).map(Duration::from_nanos);
        Self { on_cpu, wall: Instant::now() }
    }

    fn spent(&self) -> Duration {
        match (self.on_cpu, Self::now().on_cpu) {
            (Some(begun), Some(now)) => now.saturating_sub(begun),
            _ => self.wall.elapsed(),
        }
    }
}
