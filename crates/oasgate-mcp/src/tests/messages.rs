//! What is no message, what is no request, and batches: the same over both transports.

use serde_json::{Value, json};

use crate::envelope::MAX_DEPTH;
use crate::tests::support::{Desk, MODERN, Pipes, Site, initialize, modern};
use crate::{http, stdio};

/// Whatever comes, it is refused with 400 and this error, and the next message is answered.
#[tokio::test]
async fn unreadable() {
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk.clone(), http::Options::default()).await;
    let mut pipes = Pipes::open(desk, stdio::Options::default());
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"a":{}{}}}}}"#,
        "[".repeat(MAX_DEPTH - 1),
        "]".repeat(MAX_DEPTH - 1),
    );
    let rows = [
        ("oops", json!(null), -32700),
        ("{", json!(null), -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#, json!(null), -32700),
        (deep.as_str(), json!(null), -32700),
        ("5", json!(null), -32600),
        (r#""ping""#, json!(null), -32600),
        ("[]", json!(null), -32600),
        ("{}", json!(null), -32600),
        (r#"{"id":1,"method":"ping"}"#, json!(1), -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, json!(1), -32600),
        (r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, json!(null), -32600),
        (r#"{"jsonrpc":"2.0","id":"a"}"#, json!("a"), -32600),
        (r#"{"jsonrpc":"2.0","id":"a","method":null}"#, json!("a"), -32600),
        (r#"{"jsonrpc":"2.0","id":"a","method":1}"#, json!("a"), -32600),
        (r#"{"jsonrpc":"2.0","id":"a","id":"b","method":"ping"}"#, json!(null), -32600),
    ];
    for (message, id, code) in rows {
        let headers = [("content-type", "application/json")];
        let answer = site.ask("POST /mcp", &headers, message.as_bytes()).await;
        assert_eq!((answer.status, refused(&answer.json())), (400, (&id, code)), "HTTP: {message}");
        pipes.send(message).await;
        let reply = pipes.receive().await.unwrap();
        assert_eq!(refused(&reply), (&id, code), "stdio: {message}");
    }
    pipes.send(r#"{"jsonrpc":"2.0","id":9,"method":"ping"}"#).await;
    assert_eq!(pipes.receive().await.unwrap()["id"], 9);
}

/// A notification or a response is not answered; over HTTP it has a status.
#[tokio::test]
async fn unanswered() {
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk.clone(), http::Options::default()).await;
    let mut pipes = Pipes::open(desk, stdio::Options::default());
    let notification = |method: &str| json!({"jsonrpc": "2.0", "method": method});
    let response = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
    let initialized = notification("notifications/initialized");
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    let rows = [
        ("streamable-http, Sending Messages, 5", MODERN, &initialized, 202),
        ("2025-11-25 basic/transports, Sending Messages, 4", "2025-11-25", &initialized, 202),
        ("an unknown notification", "2025-11-25", &notification("notifications/nope"), 202),
        ("nothing runs under this id", "2025-11-25", &cancelled, 202),
        ("nor without an id", "2025-11-25", &notification("notifications/cancelled"), 202),
        ("a request without an id", "2025-11-25", &notification("tools/list"), 400),
        ("basic/transports, Protocol Version Header", "2030-01-01", &initialized, 400),
        ("2025-11-25 basic/transports, Sending Messages, 4", "2025-11-25", &response, 202),
        ("streamable-http, Sending Messages, 4", MODERN, &response, 400),
    ];
    for (rule, revision, message, status) in rows {
        let headers = [("content-type", "application/json"), ("mcp-protocol-version", revision)];
        let answer = site.ask("POST /mcp", &headers, message.to_string().as_bytes()).await;
        assert_eq!(answer.status, status, "{rule}: {message}");
        assert_eq!(answer.body.is_empty(), status == 202, "{rule}: {message}");
        pipes.send(&message.to_string()).await;
    }
    assert_eq!(pipes.rest().await, Vec::<Value>::new());
}

/// 2025-03-26 basic/index, Batching.
#[tokio::test]
async fn batches() {
    let rows = [
        (
            json!([
                {"jsonrpc": "2.0", "id": 1, "method": "ping"},
                {"jsonrpc": "2.0", "method": "notifications/initialized"},
                {"jsonrpc": "2.0", "id": "b", "method": "tools/call", "params": {"name": "echo"}},
                {"jsonrpc": "2.0", "id": 3, "method": "nope"},
                {"jsonrpc": "2.0", "id": 4, "method": "tools/list"},
                5,
                ["2.0", 6, "ping"],
                initialize("2025-03-26"),
                modern(&json!(8), "tools/list", json!({})),
            ]),
            json!([1, "b", -32601, 4, -32600, -32600, -32600, -32600]),
        ),
        (json!([{"jsonrpc": "2.0", "method": "notifications/initialized"}]), json!(null)),
        (json!([5]), json!([-32600])),
    ];
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk.clone(), http::Options::default()).await;
    for (batch, outcome) in rows {
        let answer = site.post(&batch, &[]).await;
        assert_eq!(answer.status, if outcome.is_null() { 202 } else { 200 });
        assert_eq!(outcomes(&answer.json()), outcome);
        let mut pipes = Pipes::greeted(desk.clone(), "2025-03-26").await;
        pipes.send(&batch.to_string()).await;
        let replies = pipes.rest().await;
        assert_eq!(replies.first().map_or(Value::Null, outcomes), outcome);
    }
}

#[tokio::test]
async fn long_batches() {
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    for (length, refused) in [(2, false), (3, true)] {
        let batch = Value::from(vec![ping.clone(); length]);
        let (desk, _events, _gate) = Desk::new();
        let options = http::Options { batch: 2, ..http::Options::default() };
        let answer = Site::open(desk.clone(), options).await.post(&batch, &[]).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"] == -32600),
            (if refused { 400 } else { 200 }, refused)
        );
        let mut pipes = Pipes::open(desk, stdio::Options { batch: 2, ..stdio::Options::default() });
        pipes.send(&initialize("2025-03-26").to_string()).await;
        pipes.receive().await.unwrap();
        pipes.send(&batch.to_string()).await;
        assert_eq!(pipes.receive().await.unwrap()["error"]["code"] == -32600, refused);
    }
}

/// 2025-06-18 changelog: batches are gone.
#[tokio::test]
async fn no_batches() {
    let batch = json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]);
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk.clone(), http::Options::default()).await;
    for revision in ["2024-11-05", "2025-06-18", "2025-11-25", MODERN, "nope"] {
        let answer = site.post(&batch, &[("mcp-protocol-version", revision)]).await;
        assert_eq!((answer.status, refused(&answer.json())), (400, (&json!(null), -32600)), "{revision}");
    }
    for revision in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let mut pipes = Pipes::greeted(desk.clone(), revision).await;
        pipes.send(&batch.to_string()).await;
        assert_eq!(refused(&pipes.receive().await.unwrap()), (&json!(null), -32600), "{revision}");
    }
}

/// The id and the code of an error.
fn refused(reply: &Value) -> (&Value, i64) {
    (&reply["id"], reply["error"]["code"].as_i64().unwrap())
}

/// For every reply of a batch its id, or the code of its error.
fn outcomes(batch: &Value) -> Value {
    let outcome = |reply: &Value| reply["error"].get("code").unwrap_or(&reply["id"]).clone();
    batch.as_array().map_or(Value::Null, |replies| replies.iter().map(outcome).collect())
}
