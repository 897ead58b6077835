//! The rules that are missed most easily, in one table: each with its section, over HTTP, and on stdio where it is a
//! rule of messages. Sections without a date are of 2026-07-28.

use serde_json::{Value, json};

use crate::tests::support::{Desk, MODERN, Pipes, Site, modern};
use crate::{http, stdio};

/// A rule with its section, the header besides that of a client, the message, and what comes of it: the HTTP status, and
/// the code of the error if it is one.
type Row = (&'static str, &'static [(&'static str, &'static str)], String, u16, Option<i64>);

/// Legacy clients say their revision in a header, and on stdio in their handshake.
const OLD: &[(&str, &str)] = &[("mcp-protocol-version", "2025-03-26")];
const NEWER: &[(&str, &str)] = &[("mcp-protocol-version", "2025-06-18")];

fn call(method: &str, params: Value) -> String {
    modern(&json!(1), method, params).to_string()
}

/// Those that are about HTTP: a page of elsewhere, and what a client accepts.
fn of_http() -> Vec<Row> {
    let list = || call("tools/list", json!({}));
    let security = "basic/transports/streamable-http, Security Warning: an invalid Origin";
    vec![
        (security, &[("origin", "http://evil.example")], list(), 403, Some(-32600)),
        (security, &[("origin", "null")], list(), 403, Some(-32600)),
        ("RFC 9110, 12.5.1: */* is everything", &[("accept", "*/*")], list(), 200, None),
        ("RFC 9110, 12.5.1: what is sent is accepted", &[("accept", "application/json")], list(), 200, None),
        ("RFC 9110, 12.5.1: no Accept is everything", &[], list(), 200, None),
    ]
}

/// Those that are about messages.
fn of_messages() -> Vec<Row> {
    let batch = json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]).to_string();
    let mut rows: Vec<Row> = vec![
        ("JSON-RPC 2.0, 5.1: Parse error", &[], "{\"jsonrpc\": \"2.0\", ".to_owned(), 400, Some(-32700)),
        ("JSON-RPC 2.0, 5.1: Parse error", &[], "\u{0}".to_owned(), 400, Some(-32700)),
        (
            "basic/index, Requests: the id is never null",
            &[],
            call("tools/list", json!({})).replacen("\"id\":1", "\"id\":null", 1),
            400,
            Some(-32600),
        ),
        ("2025-06-18, changelog: no batches", NEWER, batch.clone(), 400, Some(-32600)),
        ("2025-03-26, basic/index, Batching", OLD, batch, 200, None),
        ("schema, CallToolRequestParams: a name", &[], call("tools/call", json!({})), 200, Some(-32602)),
        (
            "schema, CallToolRequestParams: arguments by name",
            &[],
            call("tools/call", json!({"name": "echo", "arguments": [1]})),
            200,
            Some(-32602),
        ),
        (
            "server/utilities/pagination, Error Handling",
            &[],
            call("tools/list", json!({"cursor": "nonsense"})),
            200,
            Some(-32602),
        ),
    ];
    let undeclared = [
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({"uri": "test://x"})),
        ("prompts/list", json!({})),
        ("prompts/get", json!({"name": "x"})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "a", "value": ""}}),
        ),
        ("subscriptions/listen", json!({"notifications": {}})),
        ("tasks/get", json!({"taskId": "x"})),
    ];
    let rule = "basic/transports/streamable-http, Protocol Version Header: what is not declared is not there";
    rows.extend(
        undeclared.map(|(method, params)| -> Row { (rule, &[], call(method, params), 404, Some(-32601)) }),
    );
    rows
}

#[tokio::test]
async fn over_http() {
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk, http::Options::default()).await;
    for (rule, headers, message, status, code) in of_http().into_iter().chain(of_messages()) {
        let answer = match serde_json::from_str::<Value>(&message) {
            Ok(message) if message.is_object() => site.post(&message, headers).await,
            _ => {
                let headers = [headers, &[("content-type", "application/json")]].concat();
                site.ask("POST /mcp", &headers, message.as_bytes()).await
            }
        };
        assert_eq!((answer.status, code_of(&answer.json())), (status, code), "{rule}: {message}");
    }
}

#[tokio::test]
async fn on_stdio() {
    for (rule, headers, message, _, code) in of_messages() {
        let (desk, _events, _gate) = Desk::new();
        let mut pipes = match headers.first() {
            Some((_, revision)) => Pipes::greeted(desk, revision).await,
            None => Pipes::open(desk, stdio::Options::default()),
        };
        pipes.send(&message).await;
        assert_eq!(code_of(&pipes.receive().await.unwrap()), code, "{rule}: {message}");
    }
}

/// basic/index, "Per-response protocol fields": every result says whose it is.
#[tokio::test]
async fn results_are_signed() {
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk, http::Options::default()).await;
    for (method, params) in
        [("server/discover", json!({})), ("tools/list", json!({})), ("tools/call", json!({"name": "echo"}))]
    {
        let answer = site.post(&modern(&json!(1), method, params), &[]).await.json();
        let server = &answer["result"]["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(*server, json!({"name": "desk", "version": "1"}), "{method} {MODERN}");
    }
}

fn code_of(reply: &Value) -> Option<i64> {
    reply["error"]["code"].as_i64()
}
