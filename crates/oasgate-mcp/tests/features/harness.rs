//! A client that speaks over either transport, in either era, and looks at every message. It knows the rules of the
//! wire and nothing of what it asks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use oasgate_mcp::{http, stdio};
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::Fixture;

pub(crate) const MODERN: &str = "2026-07-28";
pub(crate) const LEGACY: &str = "2025-11-25";

/// What is said while a request runs, and the response to it.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) told: Vec<Value>,
    pub(crate) response: Value,
}

/// One client of a server of its own.
pub(crate) struct Client {
    revision: &'static str,
    pub(crate) capabilities: Value,
    wire: Wire,
    ids: u32,
}

enum Wire {
    Http { address: std::net::SocketAddr, session: Option<String> },
    Stdio { input: DuplexStream, output: Lines<BufReader<DuplexStream>> },
}

/// Where the messages of one request come from.
pub(crate) enum Stream<'a> {
    Reply(VecDeque<Value>),
    Events(Lines<BufReader<TcpStream>>),
    Lines(&'a mut Lines<BufReader<DuplexStream>>),
}

impl Client {
    /// A client on each transport, with these capabilities. Legacy ones have shaken hands.
    pub(crate) async fn both(revision: &'static str, capabilities: &Value) -> [Self; 2] {
        let wires = [http_wire().await, stdio_wire()];
        let mut clients =
            wires.map(|wire| Self { revision, capabilities: capabilities.clone(), wire, ids: 0 });
        if revision == LEGACY {
            for client in &mut clients {
                client.greet().await;
            }
        }
        clients
    }

    /// Asks, and fails if the server asks back.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Exchange {
        self.ask_answering(method, params, |request| panic!("asked back: {request}")).await
    }

    /// Asks, and answers what the server asks.
    pub(crate) async fn ask_answering(
        &mut self,
        method: &str,
        params: Value,
        mut answer: impl FnMut(&Value) -> Value,
    ) -> Exchange {
        let request = self.request(method, params);
        let (address, session) = self.wire.http();
        let mut stream = self.wire.send(&request, self.revision).await;
        let mut told = Vec::new();
        loop {
            let message = stream.next().await.expect("a response");
            match (message.get("id"), message.get("method")) {
                (Some(id), None) if *id == request["id"] => return Exchange { told, response: message },
                (Some(id), Some(_)) => {
                    let response = json!({"jsonrpc": "2.0", "id": id, "result": answer(&message)});
                    if let Some(address) = address {
                        let answered = post(address, &response, LEGACY, session.as_deref()).await;
                        assert!(answered.0.contains(" 202 "), "{}", answered.0);
                    } else {
                        // The lines are borrowed, the input is not.
                        drop(stream);
                        self.wire.write(&response).await;
                        stream = self.wire.lines();
                    }
                    told.push(message);
                }
                _ => told.push(message),
            }
        }
    }

    /// Begins to listen: what comes is read one by one.
    pub(crate) async fn listen(&mut self, notifications: &Value) -> Stream<'_> {
        let request = self.request("subscriptions/listen", json!({"notifications": notifications}));
        self.wire.send(&request, self.revision).await
    }

    /// Tells something, on stdio: over HTTP, there is nothing to tell.
    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.wire.write(&json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    /// Closes the input, on stdio: what comes after that until the end.
    pub(crate) async fn leave(self) -> Vec<Value> {
        let Wire::Stdio { input, mut output } = self.wire else { panic!("not over HTTP") };
        drop(input);
        let (mut stream, mut left) = (Stream::Lines(&mut output), Vec::new());
        while let Some(message) = stream.next().await {
            left.push(message);
        }
        left
    }

    /// Another client of the same server, where the transport has more than one.
    pub(crate) fn beside(&self) -> Option<Self> {
        let Wire::Http { address, session } = &self.wire else { return None };
        let wire = Wire::Http { address: *address, session: session.clone() };
        Some(Self { revision: self.revision, capabilities: self.capabilities.clone(), wire, ids: 1000 })
    }

    fn request(&mut self, method: &str, mut params: Value) -> Value {
        self.ids += 1;
        if self.revision == MODERN {
            let meta = &mut params["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
            meta["io.modelcontextprotocol/clientCapabilities"] = self.capabilities.clone();
        }
        json!({"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params})
    }

    async fn greet(&mut self) {
        let params = json!({
            "protocolVersion": LEGACY,
            "capabilities": self.capabilities,
            "clientInfo": {"name": "test", "version": "1"},
        });
        let request = self.request("initialize", params);
        if let Wire::Http { address, session } = &mut self.wire {
            let (head, _) = post(*address, &request, LEGACY, None).await;
            let named = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
            *session = Some(named.expect("a session").to_owned());
        } else {
            let mut stream = self.wire.send(&request, LEGACY).await;
            assert_eq!(stream.next().await.unwrap()["result"]["protocolVersion"], LEGACY);
            drop(stream);
            self.wire.write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        }
    }
}

impl Wire {
    fn http(&self) -> (Option<std::net::SocketAddr>, Option<String>) {
        match self {
            Self::Http { address, session } => (Some(*address), session.clone()),
            Self::Stdio { .. } => (None, None),
        }
    }

    async fn send(&mut self, request: &Value, revision: &str) -> Stream<'_> {
        if let Self::Http { address, session } = self {
            return open(*address, request, revision, session.as_deref()).await.1;
        }
        self.write(request).await;
        self.lines()
    }

    async fn write(&mut self, message: &Value) {
        let Self::Stdio { input, .. } = self else { panic!("not over HTTP") };
        input.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    fn lines(&mut self) -> Stream<'_> {
        let Self::Stdio { output, .. } = self else { panic!("not over HTTP") };
        Stream::Lines(output)
    }
}

impl Stream<'_> {
    /// The next message, or none at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        match self {
            Self::Reply(messages) => messages.pop_front(),
            Self::Lines(lines) => line(lines).await.map(|line| serde_json::from_str(&line).unwrap()),
            Self::Events(lines) => loop {
                let line = line(lines).await?;
                if let Some(data) = line.strip_prefix("data: ") {
                    return Some(serde_json::from_str(data).unwrap());
                }
                assert!(line.is_empty() || line.starts_with(':'), "not of an event stream: {line}");
            },
        }
    }
}

/// The limit is there so that a test fails instead of hanging.
async fn line(lines: &mut Lines<impl AsyncBufRead + Unpin>) -> Option<String> {
    let next = tokio::time::timeout(Duration::from_secs(30), lines.next_line());
    next.await.expect("a line in time").unwrap()
}

async fn http_wire() -> Wire {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut options = http::Options::default();
    options.sessions = 8;
    let app = http::router(Arc::new(Fixture::new().unwrap()), options);
    let serving = http::serve(listener, app, http::ServeOptions::default(), std::future::pending());
    tokio::spawn(serving);
    Wire::Http { address, session: None }
}

fn stdio_wire() -> Wire {
    let (input, theirs) = tokio::io::duplex(1 << 16);
    let (ours, output) = tokio::io::duplex(1 << 16);
    let fixture = Arc::new(Fixture::new().unwrap());
    tokio::spawn(stdio::serve(fixture, theirs, ours, stdio::Options::default()));
    Wire::Stdio { input, output: BufReader::new(output).lines() }
}

/// Posts a message, and reads the whole answer: its head, and the messages in it.
async fn post(
    address: std::net::SocketAddr,
    message: &Value,
    revision: &str,
    session: Option<&str>,
) -> (String, Vec<Value>) {
    let (head, mut stream) = open(address, message, revision, session).await;
    let mut messages = Vec::new();
    while let Some(message) = stream.next().await {
        messages.push(message);
    }
    (head, messages)
}

/// Posts a message the way a client of its era does, and reads the head of the answer. In HTTP/1.0, where the body is
/// all that comes until the end of the connection.
async fn open(
    address: std::net::SocketAddr,
    message: &Value,
    revision: &str,
    session: Option<&str>,
) -> (String, Stream<'static>) {
    let body = message.to_string();
    let mut head = format!(
        "POST /mcp HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         accept: application/json, text/event-stream\r\nmcp-protocol-version: {revision}\r\n",
        body.len(),
    );
    if let Some(session) = session {
        head.push_str(&format!("mcp-session-id: {session}\r\n"));
    }
    let params = &message["params"];
    let name = ["name", "uri", "taskId"].iter().find_map(|name| params[name].as_str());
    for (header, value) in [("mcp-method", message["method"].as_str()), ("mcp-name", name)] {
        if let (Some(value), MODERN) = (value, revision) {
            head.push_str(&format!("{header}: {value}\r\n"));
        }
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut head = String::new();
    while let Some(line) = line(&mut lines).await.filter(|line| !line.is_empty()) {
        head.push_str(&line);
        head.push('\n');
    }
    if head.contains("content-type: text/event-stream") {
        return (head, Stream::Events(lines));
    }
    let mut body = String::new();
    while let Some(line) = line(&mut lines).await {
        body.push_str(&line);
    }
    let messages =
        if body.is_empty() { VecDeque::new() } else { [serde_json::from_str(&body).unwrap()].into() };
    (head, Stream::Reply(messages))
}
