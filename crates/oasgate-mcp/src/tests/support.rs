//! A real handler on real transports: a listener on a free port, and a pair of pipes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

use crate::{
    About, CallError, Content, Context, Handler, Implementation, ListOptions, ResourceBody, ToolCall,
    ToolList, ToolResult, http, stdio,
};

pub(crate) const MODERN: &str = "2026-07-28";

/// What happened to calls of the tool `wait`, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Begun,
    Ended,
    GivenUp,
}

/// What a layer may tell a handler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guest(pub(crate) &'static str);

/// A server with a tool for each thing a tool can do.
pub(crate) struct Desk {
    about: Arc<About>,
    tools: Arc<ToolList>,
    events: mpsc::UnboundedSender<Event>,
    gate: Arc<Semaphore>,
}

impl Desk {
    /// The server, what it tells of `wait`, and the gate that `wait` waits at.
    pub(crate) fn new() -> (Arc<Self>, mpsc::UnboundedReceiver<Event>, Arc<Semaphore>) {
        let (events, told) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let about = About::new(Implementation {
            name: "desk".to_owned(),
            version: "1".to_owned(),
            ..Implementation::default()
        });
        let options = ListOptions { page_size: 2, ..ListOptions::default() };
        let desk = Self {
            about: Arc::new(about.with_instructions("Ring the bell.")),
            tools: Arc::new(ToolList::new(tools().iter().map(raw), &options)),
            events,
            gate: Arc::clone(&gate),
        };
        (Arc::new(desk), told, gate)
    }

    async fn wait(&self) -> ToolResult {
        let mut watch = Watch { events: self.events.clone(), last: Event::GivenUp };
        self.events.send(Event::Begun).unwrap();
        self.gate.acquire().await.unwrap().forget();
        watch.last = Event::Ended;
        ToolResult::text("waited")
    }
}

struct Watch {
    events: mpsc::UnboundedSender<Event>,
    last: Event,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The test may be over.
        let _ = self.events.send(std::mem::replace(&mut self.last, Event::GivenUp));
    }
}

impl Handler for Desk {
    fn about(&self) -> Arc<About> {
        Arc::clone(&self.about)
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.tools)
    }

    async fn call_tool(&self, call: ToolCall, context: Context) -> Result<ToolResult, CallError> {
        let arguments = call.arguments.as_deref().map_or("none", RawValue::get);
        match call.name.as_str() {
            "echo" => Ok(ToolResult::text(arguments)),
            "who" => Ok(ToolResult::text(format!(
                "{:?} {:?} {:?}",
                context.client.map(|client| client.name.clone()),
                context.trace.traceparent,
                context.http.map(|http| http.method.clone()),
            ))),
            "guest" => {
                let guest = context.http.and_then(|http| http.extensions.get::<Guest>().map(|guest| guest.0));
                Ok(ToolResult::text(format!("{guest:?}")))
            }
            "fail" => Ok(ToolResult::error("no luck")),
            "object" => Ok(ToolResult::text("{}").with_structured(raw(&json!({"a": 1})))),
            "array" => Ok(ToolResult::text("[]").with_structured(raw(&json!([1])))),
            "pretty" => Ok(ToolResult::text("\n")
                .with_structured(RawValue::from_string("{\n  \"a\": \"\\n\"\r\n}".to_owned()).unwrap())),
            "parts" => Ok(ToolResult::new(parts())),
            "refuse" => Err(CallError::InvalidParams("not like this".to_owned())),
            "break" => Err(CallError::Internal("out of order".to_owned())),
            "panic" => panic!("a handler that panics"),
            "wait" => Ok(self.wait().await),
            _ => Err(CallError::UnknownTool(call.name)),
        }
    }
}

/// Five tools: three pages of two.
pub(crate) fn tools() -> Vec<Value> {
    let names = ["echo", "fail", "object", "array", "parts"];
    names.map(|name| json!({"name": name, "inputSchema": {"type": "object"}})).into()
}

fn parts() -> Vec<Content> {
    vec![
        Content::Image { data: "img".into(), mime: "image/png".to_owned() },
        Content::Audio { data: "snd".into(), mime: "audio/wav".to_owned() },
        Content::Resource { uri: "urn:r".to_owned(), mime: None, body: ResourceBody::Blob("blob".into()) },
        Content::ResourceLink {
            uri: "urn:l".to_owned(),
            name: "link".to_owned(),
            description: None,
            mime: None,
        },
    ]
}

/// Waits for what must come. The limit is there so that a test fails instead of hanging.
pub(crate) async fn soon<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), coming).await.expect("it came")
}

pub(crate) fn raw(value: &Value) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap()
}

/// A modern request with the `_meta` it must have.
pub(crate) fn modern(id: &Value, method: &str, params: Value) -> Value {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

/// The headers a modern client derives from a message.
pub(crate) fn headers_of(message: &Value) -> Vec<(&'static str, String)> {
    let params = &message["params"];
    let name = ["name", "uri", "taskId"].map(|name| &params[name]).into_iter().find(|name| name.is_string());
    let name = name.unwrap_or(&Value::Null);
    let texts = [
        ("mcp-protocol-version", &params["_meta"]["io.modelcontextprotocol/protocolVersion"]),
        ("mcp-method", &message["method"]),
        ("mcp-name", name),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name, text.as_str()?.to_owned()))).collect()
}

/// An HTTP response as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// A server that listens.
pub(crate) struct Site {
    address: std::net::SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Site {
    pub(crate) async fn open(desk: Arc<Desk>, options: http::Options) -> Self {
        Self::serve(http::router(desk, options)).await
    }

    pub(crate) async fn serve(app: axum::Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = tokio::spawn(http::serve(listener, app, http::ServeOptions::default(), async {
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), serving }
    }

    /// Asks the server to stop, and waits until it takes no more connections.
    pub(crate) async fn begin_to_close(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        while TcpStream::connect(self.address).await.is_ok() {}
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.serving.is_finished()
    }

    /// Waits until the server has stopped.
    pub(crate) async fn closed(&mut self) {
        soon(&mut self.serving).await.unwrap().unwrap();
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn ask(&self, head: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(&request(head, headers, body)).await.unwrap();
        let mut answer = Vec::new();
        soon(stream.read_to_end(&mut answer)).await.unwrap();
        parse(&String::from_utf8(answer).unwrap())
    }

    /// Posts a message the way a client of its era does.
    pub(crate) async fn post(&self, message: &Value, more: &[(&str, &str)]) -> Answer {
        let derived = headers_of(message);
        let mut headers: Vec<_> = derived.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend_from_slice(&[("content-type", "application/json")]);
        headers.extend_from_slice(more);
        self.ask("POST /mcp", &headers, message.to_string().as_bytes()).await
    }
}

pub(crate) fn request(head: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("{head} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "host") {
        out.push_str("host: localhost:80\r\n");
    }
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str("\r\n");
    [out.as_bytes(), body].concat()
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Answer { status, headers: lines.filter_map(header).collect(), body: body.to_owned() }
}

/// A server behind pipes.
pub(crate) struct Pipes {
    input: Option<DuplexStream>,
    output: Lines<BufReader<DuplexStream>>,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Pipes {
    pub(crate) fn open(desk: Arc<Desk>, options: stdio::Options) -> Self {
        let (input, theirs) = tokio::io::duplex(1 << 16);
        let (ours, output) = tokio::io::duplex(1 << 16);
        let serving = tokio::spawn(stdio::serve(desk, theirs, ours, options));
        Self { input: Some(input), output: BufReader::new(output).lines(), serving }
    }

    /// Opens, and shakes hands in a legacy revision.
    pub(crate) async fn greeted(desk: Arc<Desk>, revision: &str) -> Self {
        let mut pipes = Self::open(desk, stdio::Options::default());
        pipes.send(&initialize(revision).to_string()).await;
        let answer = pipes.receive().await.unwrap();
        assert_eq!(answer["result"]["protocolVersion"], revision);
        pipes
    }

    pub(crate) async fn send(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).await.unwrap();
        input.write_all(b"\n").await.unwrap();
    }

    /// The next message, or none when the server has ended.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        let line = soon(self.output.next_line()).await.unwrap()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a message: {line}")))
    }

    /// Ends the input and returns all that comes until the server has ended in order.
    pub(crate) async fn rest(mut self) -> Vec<Value> {
        self.input = None;
        let mut rest = Vec::new();
        while let Some(message) = self.receive().await {
            rest.push(message);
        }
        soon(self.serving).await.unwrap().unwrap();
        rest
    }

    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }
}

pub(crate) fn initialize(revision: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": revision,
        "capabilities": {},
        "clientInfo": {"name": "caller", "version": "1"},
    }})
}
