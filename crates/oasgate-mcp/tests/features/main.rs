//! The checks of the official suite, and what it doesn't look at, over HTTP *and* stdio, which it doesn't know: the
//! same requests must have the same answers. The server is that of `examples/conformance-server`.

#![cfg(test)]

mod asking;
#[path = "../../examples/conformance-server/fixture/mod.rs"]
mod fixture;
mod harness;
mod jobs;
mod tables;

use harness::{Client, Exchange, LEGACY, MODERN};
use serde_json::{Value, json};

const TASKS: &str = "io.modelcontextprotocol/tasks";

/// Everything a client can declare.
fn able() -> Value {
    json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
}

/// Whether all that is expected is there; what else is there doesn't count.
fn assert_within(expected: &Value, actual: &Value, at: &str) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(_)) => {
            for (name, value) in expected {
                let found = actual.get(name).unwrap_or_else(|| panic!("{at}: no `{name}` in {actual}"));
                assert_within(value, found, &format!("{at}.{name}"));
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() <= found.len() => {
            for (index, value) in expected.iter().enumerate() {
                assert_within(value, &found[index], &format!("{at}[{index}]"));
            }
        }
        _ => assert_eq!(actual, expected, "{at}"),
    }
}

#[tokio::test]
async fn requests() {
    for (revision, rows) in [(MODERN, &tables::MODERN[..]), (LEGACY, &tables::LEGACY[..])] {
        for mut client in Client::both(revision, &json!({})).await {
            for (check, method, params, expected) in rows.iter().chain(&tables::BOTH) {
                let Exchange { told, response } = client.ask(method, read(params)).await;
                assert_within(&read(expected), &response, &format!("{revision}: {check}"));
                assert!(told.is_empty(), "{check}");
                let result_type = response["result"].get("resultType");
                assert_eq!(
                    result_type.is_some(),
                    revision == MODERN && response.get("result").is_some(),
                    "{check}"
                );
            }
        }
    }
}

/// tools-list-deterministic-order, tools-name-format, json-schema-2020-12: what is listed is what was written, always.
#[tokio::test]
async fn lists() {
    for revision in [MODERN, LEGACY] {
        for mut client in Client::both(revision, &json!({})).await {
            let mut list =
                async || client.ask("tools/list", json!({})).await.response["result"]["tools"].clone();
            let tools = list().await;
            assert_eq!(list().await, tools);
            for tool in tools.as_array().unwrap() {
                let name = tool["name"].as_str().unwrap();
                let is_letter = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
                assert!((1..=64).contains(&name.len()) && name.chars().all(is_letter), "{name}");
            }
            let is_whole = |tool: &&Value| tool["name"] == "json_schema_2020_12_tool";
            let schema = &tools.as_array().unwrap().iter().find(is_whole).unwrap()["inputSchema"];
            let kept = ["$schema", "$defs", "additionalProperties", "allOf", "if", "then", "else"];
            for keyword in kept {
                assert!(schema.get(keyword).is_some(), "{keyword}: {schema}");
            }
        }
    }
}

/// 2026-07-28, basic/patterns/progress: only for a token, and under it.
#[tokio::test]
async fn progress() {
    for revision in [MODERN, LEGACY] {
        for mut client in Client::both(revision, &json!({})).await {
            let call = json!({"name": "test_tool_with_progress"});
            assert!(client.ask("tools/call", call.clone()).await.told.is_empty());
            for token in [json!("t"), json!(7)] {
                let mut call = call.clone();
                call["_meta"] = json!({"progressToken": token});
                let told = client.ask("tools/call", call).await.told;
                let expected = [0.0, 50.0, 100.0].map(|progress| {
                    json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {
                        "progressToken": token, "progress": progress, "total": 100.0}})
                });
                assert_eq!(told, expected);
            }
        }
    }
}

/// 2026-07-28, server/utilities/logging: by request; 2025-11-25, the same section: by client.
#[tokio::test]
async fn logging() {
    let call = json!({"name": "test_tool_with_logging"});
    for mut client in Client::both(MODERN, &json!({})).await {
        for (level, messages) in [(None, 0), (Some("debug"), 3), (Some("info"), 3), (Some("notice"), 0)] {
            let mut call = call.clone();
            if let Some(level) = level {
                call["_meta"] = json!({"io.modelcontextprotocol/logLevel": level});
            }
            assert_eq!(client.ask("tools/call", call).await.told.len(), messages, "{level:?}");
        }
        let mut call = call.clone();
        call["_meta"] = json!({"io.modelcontextprotocol/logLevel": "loud"});
        assert_eq!(client.ask("tools/call", call).await.response["error"]["code"], -32602);
    }
    for mut client in Client::both(LEGACY, &json!({})).await {
        assert!(client.ask("tools/call", call.clone()).await.told.is_empty());
        for (level, messages) in [("info", 3), ("error", 0)] {
            client.ask("logging/setLevel", json!({"level": level})).await;
            let told = client.ask("tools/call", call.clone()).await.told;
            assert_eq!(told.len(), messages, "{level}");
            for message in told {
                assert_within(&json!({"params": {"level": "info", "logger": "fixture"}}), &message, level);
            }
        }
    }
}

/// A handler asks in one way; legacy clients are asked on the stream of the request, modern ones by its result.
#[tokio::test]
async fn questions() {
    let tools = [
        "test_elicitation",
        "test_sampling",
        "test_input_required_result_list_roots",
        "test_input_required_result_multiple_inputs",
        "test_input_required_result_request_state",
        "test_input_required_result_multi_round",
    ];
    for tool in tools {
        for mut client in Client::both(LEGACY, &able()).await {
            let call = json!({"name": tool, "arguments": {"message": "m", "prompt": "p"}});
            let Exchange { told, response } = client.ask_answering("tools/call", call, answer).await;
            assert!(!told.is_empty(), "{tool}");
            assert_eq!(response["result"].get("isError"), None, "{tool}: {response}");
            assert!(response["result"]["content"][0]["text"].is_string(), "{tool}: {response}");
        }
        for mut client in Client::both(MODERN, &able()).await {
            let mut call = json!({"name": tool, "arguments": {"message": "m", "prompt": "p"}});
            let (mut rounds, mut states) = (0, Vec::new());
            let result = loop {
                let result = client.ask("tools/call", call.clone()).await.response["result"].clone();
                if result["resultType"] != "input_required" {
                    break result;
                }
                rounds += 1;
                let requests = result["inputRequests"].as_object().unwrap();
                call["inputResponses"] =
                    requests.iter().map(|(key, request)| (key.clone(), answer(request))).collect();
                call.as_object_mut().unwrap().remove("requestState");
                if let Some(state) = result.get("requestState") {
                    assert!(!states.contains(state), "{tool}: state is not used twice");
                    states.push(state.clone());
                    call["requestState"] = state.clone();
                }
            };
            assert_eq!(rounds, if tool.ends_with("multi_round") { 2 } else { 1 }, "{tool}");
            assert!(result["content"][0]["text"].is_string(), "{tool}: {result}");
        }
    }
}

/// 2026-07-28, basic/patterns/mrtr, Server Requirements, 4 and 5.
#[tokio::test]
async fn state_holds_for_its_request_only() {
    for mut client in Client::both(MODERN, &able()).await {
        let call = |tool: &str, arguments: Value, state: &str| {
            let confirm = json!({"action": "accept", "content": {"ok": true}});
            json!({
                "name": tool, "arguments": arguments,
                "inputResponses": {"confirm": confirm}, "requestState": state,
            })
        };
        let (one, other) =
            ("test_input_required_result_request_state", "test_input_required_result_tampered_state");
        let first = client.ask("tools/call", json!({"name": one, "arguments": {"a": 1}})).await.response;
        let state = first["result"]["requestState"].as_str().unwrap();
        let changed = state.chars().rev().collect::<String>();
        let rows = [
            (call(one, json!({"a": 1}), state), true),
            (call(one, json!({"a": 1}), state), true),
            (call(one, json!({"a": 2}), state), false),
            (call(other, json!({"a": 1}), state), false),
            (call(one, json!({"a": 1}), &changed), false),
            (call(one, json!({"a": 1}), ""), false),
        ];
        for (call, holds) in rows {
            let response = client.ask("tools/call", call.clone()).await.response;
            let expected = if holds {
                json!({"result": {"content": [{"text": "state-ok"}]}})
            } else {
                json!({"error": {"code": -32602}})
            };
            assert_within(&expected, &response, &call.to_string());
        }
    }
}

/// SEP-2663.
#[tokio::test]
async fn tasks() {
    for mut client in Client::both(MODERN, &json!({"elicitation": {}, "extensions": {TASKS: {}}})).await {
        let created =
            client.ask("tools/call", json!({"name": "confirm_delete"})).await.response["result"].clone();
        assert_eq!((&created["resultType"], &created["status"]), (&json!("task"), &json!("working")));
        let id = json!({"taskId": created["taskId"]});
        let asked = until(&mut client, &id, "input_required").await;
        let answers: Value = asked["inputRequests"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, request)| (key.clone(), answer(request)))
            .collect();
        let update = json!({"taskId": created["taskId"], "inputResponses": answers});
        let acknowledged = client.ask("tasks/update", update).await.response["result"].clone();
        let names: Vec<_> = acknowledged.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["resultType", "_meta"]);
        let done = until(&mut client, &id, "completed").await;
        assert!(done["result"]["content"][0]["text"].as_str().unwrap().contains("Accepted"), "{done}");

        let slow =
            client.ask("tools/call", json!({"name": "slow_compute", "arguments": {"seconds": 600}})).await;
        let id = json!({"taskId": slow.response["result"]["taskId"]});
        client.ask("tasks/cancel", id.clone()).await;
        until(&mut client, &id, "cancelled").await;

        client.capabilities = json!({});
        for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
            let response = client.ask(method, id.clone()).await.response;
            let required = json!({"error": {"code": -32021, "data": {"requiredCapabilities": {"extensions": {TASKS: {}}}}}});
            assert_within(&required, &response, method);
        }
    }
}

/// 2026-07-28, basic/patterns/subscriptions. On stdio all share one channel, so the answers to the calls are there, too.
#[tokio::test]
async fn subscriptions() {
    let filter = json!({"toolsListChanged": true, "resourceSubscriptions": ["test://watched-resource"]});
    let triggers = ["test_trigger_prompt_change", "test_trigger_tool_change", "test_update_resource"];
    let expected = [
        ("notifications/subscriptions/acknowledged", json!({"notifications": filter})),
        ("notifications/tools/list_changed", json!({})),
        ("notifications/resources/updated", json!({"uri": "test://watched-resource"})),
    ];
    for mut client in Client::both(MODERN, &json!({})).await {
        let mut told = Vec::new();
        if let Some(mut other) = client.beside() {
            let mut stream = client.listen(&filter).await;
            told.push(stream.next().await.unwrap());
            for tool in triggers {
                other.ask("tools/call", json!({"name": tool})).await;
            }
            told.extend([stream.next().await.unwrap(), stream.next().await.unwrap()]);
        } else {
            told.push(client.listen(&filter).await.next().await.unwrap());
            for tool in triggers {
                told.extend(client.ask("tools/call", json!({"name": tool})).await.told);
            }
            while told.len() < expected.len() {
                told.extend(client.ask("tools/call", json!({"name": "test_simple_text"})).await.told);
            }
        }
        for (message, (method, params)) in told.iter().zip(&expected) {
            assert_within(&json!({"method": method, "params": params}), message, method);
            assert_eq!(message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 1);
        }
    }
}

/// The same section, Cancellation, on stdio: nothing more is told, and other subscriptions go on.
#[tokio::test]
async fn cancelled_subscriptions() {
    let [_, mut client] = Client::both(MODERN, &json!({})).await;
    let filter = json!({"toolsListChanged": true});
    for id in [1, 2] {
        let acknowledged = client.listen(&filter).await.next().await.unwrap();
        assert_eq!(acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
    }
    client.notify("notifications/cancelled", json!({"requestId": 1})).await;
    let mut told = Vec::new();
    let mut next = json!({"name": "test_trigger_tool_change"});
    while told.is_empty() {
        told = client.ask("tools/call", next).await.told;
        next = json!({"name": "test_simple_text"});
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 2);
}

/// basic/patterns/subscriptions, Graceful Closure, and schema, `CancelledNotification`: on stdio, where no stream of its
/// own ends with a subscription, its end is said. Over HTTP `http::tests` look at it.
#[tokio::test]
async fn subscriptions_end_with_the_server() {
    let [_, mut client] = Client::both(MODERN, &json!({})).await;
    for id in [1, 2] {
        let acknowledged = client.listen(&json!({"toolsListChanged": true})).await.next().await.unwrap();
        assert_eq!(acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
    }
    client.notify("notifications/cancelled", json!({"requestId": 1})).await;
    let left = client.leave().await;
    let meta = json!({"io.modelcontextprotocol/subscriptionId": 2});
    let expected = [
        json!({"method": "notifications/cancelled", "params": {"requestId": 2, "_meta": meta}}),
        json!({"id": 2, "result": {"resultType": "complete", "_meta": meta}}),
    ];
    assert_eq!(left.len(), expected.len(), "{left:?}");
    for (message, expected) in left.iter().zip(&expected) {
        assert_within(expected, message, "the end");
    }
}

/// 2025-11-25, server/resources, Subscriptions, on stdio: over HTTP there is a stream for it, which `http::tests` look at.
#[tokio::test]
async fn legacy_subscriptions() {
    let [_, mut client] = Client::both(LEGACY, &json!({})).await;
    let update = json!({"name": "test_update_resource"});
    let uri = json!({"uri": "test://watched-resource"});
    for (method, heard) in [("", false), ("resources/subscribe", true), ("resources/unsubscribe", false)] {
        if !method.is_empty() {
            assert_eq!(client.ask(method, uri.clone()).await.response["result"], json!({}));
        }
        let mut told = client.ask("tools/call", update.clone()).await.told;
        // What is told comes before what is told after it, and this is told always.
        let mut next = json!({"name": "test_trigger_tool_change"});
        while !told.iter().any(|message| message["method"] == "notifications/tools/list_changed") {
            told.extend(client.ask("tools/call", next).await.told);
            next = json!({"name": "test_simple_text"});
        }
        let updated = told.iter().any(|message| message["method"] == "notifications/resources/updated");
        assert_eq!(updated, heard, "{method}: {told:?}");
    }
}

/// Asks for the state of a task until it is the one that is waited for.
async fn until(client: &mut Client, id: &Value, status: &str) -> Value {
    loop {
        let state = client.ask("tasks/get", id.clone()).await.response["result"].clone();
        assert_eq!(state["resultType"], "complete", "{state}");
        if state["status"] == status {
            return state;
        }
        tokio::task::yield_now().await;
    }
}

/// What a user and a model would answer.
fn answer(request: &Value) -> Value {
    match request["method"].as_str() {
        Some("elicitation/create") => {
            json!({"action": "accept", "content": {"name": "Ada", "ok": true, "color": "red"}})
        }
        Some("sampling/createMessage") => {
            json!({"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m"})
        }
        _ => json!({"roots": [{"uri": "file:///home"}]}),
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
