//! What each method answers: the same over both transports. The status is that of HTTP.

use serde_json::{Value, json};

use crate::tests::support::{Desk, MODERN, Pipes, Site, initialize, modern, tools};
use crate::{http, stdio};

mod tables;

/// A rule with where it stands, the method, its parameters, the HTTP status, and the members of the result or those
/// of the error.
type Row = (&'static str, &'static str, &'static str, u16, &'static str);

const LEGACY: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

#[tokio::test]
async fn modern_requests() {
    for (rule, method, params, status, outcome) in tables::MODERN {
        let request = modern(&json!(1), method, read(params));
        both(rule, MODERN, &request, status, complete(&json!(1), &read(outcome))).await;
    }
}

#[tokio::test]
async fn modern_requests_with_bad_meta() {
    for (rule, method, meta, status, outcome) in tables::BAD_META {
        let request = plain_request(method, &json!({"_meta": read(meta)}));
        both(rule, "", &request, status, reply(&json!(1), &read(outcome))).await;
    }
}

#[tokio::test]
async fn legacy_requests() {
    for revision in LEGACY {
        for (rule, method, params, status, outcome) in tables::LEGACY {
            let request = plain_request(method, &read(params));
            both(rule, revision, &request, status, reply(&json!(1), &read(outcome))).await;
        }
    }
}

/// What a revision lacks is sent as what it has.
#[tokio::test]
async fn legacy_content() {
    let sound = json!({"type": "audio", "data": "c25k", "mimeType": "audio/wav"});
    let resource = json!({"type": "resource", "resource": {"uri": "urn:audio", "mimeType": "audio/wav", "blob": "c25k"}});
    let link = json!({"type": "resource_link", "uri": "urn:l", "name": "link"});
    let text = json!({"type": "text", "text": "link: urn:l"});
    let rows = [
        ("2025-06-18", &sound, &link),
        ("2025-03-26 has no links", &sound, &text),
        ("2024-11-05 has neither", &resource, &text),
    ];
    for (rule, second, last) in rows {
        let content = json!([
            {"type": "image", "data": "aW1n", "mimeType": "image/png"},
            second,
            {"type": "resource", "resource": {"uri": "urn:r", "blob": "YmxvYg=="}},
            last,
        ]);
        let request = plain_request("tools/call", &json!({"name": "parts"}));
        both(rule, &rule[..10], &request, 200, reply(&json!(1), &json!({"content": content}))).await;
    }
}

/// A client may choose a legacy revision from what server/discover offers, and name it the modern way.
#[tokio::test]
async fn legacy_revision_in_meta() {
    for revision in LEGACY {
        let mut request = modern(&json!(1), "tools/call", json!({"name": "fail"}));
        request["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(revision);
        let result = json!({"content": [{"type": "text", "text": "no luck"}], "isError": true});
        both(revision, "", &request, 200, reply(&json!(1), &result)).await;
    }
}

#[tokio::test]
async fn handshakes() {
    let cases = LEGACY.map(|revision| (revision, revision));
    let others = [(MODERN, "2025-11-25"), ("2030-01-01", "2025-11-25"), ("", "2025-11-25")];
    for (requested, answered) in cases.into_iter().chain(others) {
        let result = json!({
            "protocolVersion": answered,
            "capabilities": {"tools": {}},
            "instructions": "Ring the bell.",
            "serverInfo": {"name": "desk", "version": "1"},
        });
        let rule = "2025-11-25 basic/lifecycle, Version Negotiation";
        both(rule, "", &initialize(requested), 200, reply(&json!(0), &result)).await;
    }
}

/// 2026-07-28 basic/index, Requests: a string or an integer, sent back as it was written.
#[tokio::test]
async fn ids() {
    for id in ["0", "-7", "123456789012345678901234567890", r#""""#, r#""a\"\u00e4""#] {
        let request = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let (desk, _events, _gate) = Desk::new();
        let site = Site::open(desk, http::Options::default()).await;
        let answer = site.ask("POST /mcp", &[("content-type", "application/json")], request.as_bytes()).await;
        assert_eq!(answer.body, format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
    }
}

/// 2026-07-28 server/utilities/pagination: following the cursors gives the list, whole and in order.
#[tokio::test]
async fn pages() {
    let (desk, _events, _gate) = Desk::new();
    let site = Site::open(desk, http::Options::default()).await;
    for first in [json!({}), json!({"cursor": ""}), json!({"cursor": null})] {
        let (mut seen, mut params, mut pages) = (Vec::new(), first, 0);
        loop {
            let answer = site.post(&modern(&json!(1), "tools/list", params), &[]).await.json();
            seen.extend(answer["result"]["tools"].as_array().unwrap().clone());
            pages += 1;
            let Some(next) = answer["result"].get("nextCursor") else { break };
            params = json!({"cursor": next});
        }
        assert_eq!((seen, pages), (tools(), 3));
    }
}

#[tokio::test]
async fn what_a_handler_learns() {
    let (desk, _events, _gate) = Desk::new();
    let mut named = modern(&json!(1), "tools/call", json!({"name": "who"}));
    named["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] = json!({"name": "n", "version": "1"});
    named["params"]["_meta"]["traceparent"] = json!("00-1-2-01");
    let anonymous = modern(&json!(1), "tools/call", json!({"name": "who"}));
    let legacy = plain_request("tools/call", &json!({"name": "who"}));

    let site = Site::open(desk.clone(), http::Options::default()).await;
    let mut pipes = Pipes::greeted(desk, "2025-11-25").await;
    let rows = [
        (&named, r#"Some("n") Some("00-1-2-01") Some(POST)"#, r#"Some("n") Some("00-1-2-01") None"#),
        // 2026-07-28 basic/index, Statelessness: the handshake says nothing about a modern request.
        (&anonymous, "None None Some(POST)", "None None None"),
        (&legacy, "None None Some(POST)", r#"Some("caller") None None"#),
    ];
    for (message, over_http, over_stdio) in rows {
        assert_eq!(site.post(message, &[]).await.json()["result"]["content"][0]["text"], over_http);
        pipes.send(&message.to_string()).await;
        assert_eq!(pipes.receive().await.unwrap()["result"]["content"][0]["text"], over_stdio);
    }
}

/// Asks over both transports, in a legacy revision by its header and its handshake.
async fn both(rule: &str, revision: &str, message: &Value, status: u16, reply: Value) {
    let (desk, _events, _gate) = Desk::new();
    let is_legacy = LEGACY.contains(&revision);
    let site = Site::open(desk.clone(), http::Options::default()).await;
    let stated = [("mcp-protocol-version", revision)];
    let answer = site.post(message, if is_legacy { &stated } else { &[] }).await;
    assert_eq!((answer.status, answer.json()), (status, reply.clone()), "HTTP, {rule}: {message}");
    assert_eq!(answer.headers["content-type"], "application/json");

    let mut pipes = if is_legacy {
        Pipes::greeted(desk, revision).await
    } else {
        Pipes::open(desk, stdio::Options::default())
    };
    pipes.send(&message.to_string()).await;
    assert_eq!(pipes.receive().await, Some(reply), "stdio, {rule}: {message}");
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn plain_request(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// An error if the outcome has a code, else a result.
fn reply(id: &Value, outcome: &Value) -> Value {
    let member = if outcome.get("code").is_some() { "error" } else { "result" };
    json!({"jsonrpc": "2.0", "id": id, member: outcome})
}

/// A reply with what modern results have besides.
fn complete(id: &Value, outcome: &Value) -> Value {
    let mut reply = reply(id, outcome);
    if let Some(result) = reply.get_mut("result") {
        result["resultType"] = json!("complete");
        result["_meta"] = json!({"io.modelcontextprotocol/serverInfo": {"name": "desk", "version": "1"}});
    }
    reply
}
