//! The suite's checks of tasks (SEP-2663), by their names there, over both transports.

use serde_json::{Value, json};

use crate::harness::{Client, MODERN};
use crate::{TASKS, answer, assert_within, until};

fn knows_tasks() -> Value {
    json!({"elicitation": {}, "extensions": {TASKS: {}}})
}

async fn call(client: &mut Client, tool: &str, arguments: Value) -> Value {
    let call = json!({"name": tool, "arguments": arguments});
    client.ask("tools/call", call).await.response["result"].clone()
}

/// What becomes of a task: its id as parameters.
fn named(created: &Value) -> Value {
    assert_eq!(created["resultType"], "task", "{created}");
    json!({"taskId": created["taskId"]})
}

/// tasks-sync-tool-call, sep-2663-legacy-task-param-ignored, tasks-immediate-result-shortcut,
/// tasks-result-type-complete-on-non-task-responses.
#[tokio::test]
async fn what_is_no_task() {
    let rows = [
        json!({"name": "greet", "arguments": {"name": "Ada"}}),
        json!({"name": "greet", "arguments": {"name": "Ada"}, "task": {"ttl": 1000, "pollInterval": 10}}),
        json!({"name": "slow_compute", "arguments": {"seconds": 0}}),
        json!({"name": "test_error_handling"}),
    ];
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        for row in &rows {
            let result = client.ask("tools/call", row.clone()).await.response["result"].clone();
            assert_eq!(result["resultType"], "complete", "{row}: {result}");
            assert!(result["content"].is_array() && result.get("taskId").is_none(), "{row}: {result}");
        }
    }
}

/// tasks-removed-tasks-list, sep-2663-tasks-result-removed-method-not-found,
/// sep-2663-tasks-get-invalid-task-id-32602.
#[tokio::test]
async fn what_cannot_be_asked() {
    let rows = [
        ("tasks/list", json!({}), -32601),
        ("tasks/result", json!({"taskId": "x"}), -32601),
        ("tasks/get", json!({"taskId": "x"}), -32602),
        ("tasks/get", json!({}), -32602),
        ("tasks/get", json!({"taskId": 7}), -32602),
        ("tasks/update", json!({"taskId": "x", "inputResponses": {}}), -32602),
        ("tasks/cancel", json!({"taskId": "x"}), -32602),
    ];
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        for (method, params, code) in &rows {
            let response = client.ask(method, params.clone()).await.response;
            assert_eq!(response["error"]["code"], *code, "{method} {params}: {response}");
        }
    }
}

/// sep-2663-durable-create-strong-consistency, tasks-wire-field-renames, tasks-no-early-ttl-expiry,
/// tasks-create-result-no-request-state, tasks-get-detailed-no-request-state, sep-2663-tasks-get-status-working.
#[tokio::test]
async fn what_a_task_says_of_itself() {
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        let created = call(&mut client, "slow_compute", json!({"seconds": 600})).await;
        let id = named(&created);
        let state = client.ask("tasks/get", id.clone()).await.response["result"].clone();
        assert_eq!(state["resultType"], "complete");
        for said in [&created, &state] {
            assert_eq!(said["status"], "working", "{said}");
            for member in ["ttlMs", "pollIntervalMs"] {
                assert!(said[member].as_u64().is_some_and(|millis| millis > 0), "{member}: {said}");
            }
            for member in ["createdAt", "lastUpdatedAt"] {
                assert!(said[member].as_str().is_some_and(|time| time.ends_with('Z')), "{member}: {said}");
            }
            for gone in ["task", "ttl", "pollInterval", "requestState", "result", "error"] {
                assert!(said.get(gone).is_none(), "{gone}: {said}");
            }
        }
        client.ask("tasks/cancel", id).await;
    }
}

/// sep-2663-tasks-get-status-completed, sep-2663-tool-error-uses-completed-status,
/// sep-2663-tasks-get-status-failed, tasks-no-related-task-meta-on-inlined-result.
#[tokio::test]
async fn how_tasks_end() {
    let rows = [
        (
            "slow_compute",
            json!({"seconds": 1}),
            "completed",
            json!({"result": {"resultType": "complete", "content": [{}]}}),
        ),
        ("failing_job", json!({}), "completed", json!({"result": {"isError": true}})),
        ("protocol_error_job", json!({}), "failed", json!({"error": {"code": -32603}})),
    ];
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        for (tool, arguments, status, expected) in &rows {
            let created = call(&mut client, tool, arguments.clone()).await;
            let state = until(&mut client, &named(&created), status).await;
            assert_within(expected, &state, tool);
            assert_eq!(state.get("result").is_some(), *status == "completed", "{state}");
            assert!(state["result"]["_meta"].get("io.modelcontextprotocol/related-task").is_none());
        }
    }
}

/// sep-2663-cancel-ack-empty-result, tasks-cancel-terminal-idempotent-ack.
#[tokio::test]
async fn how_tasks_are_given_up() {
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        let id = named(&call(&mut client, "slow_compute", json!({"seconds": 600})).await);
        for _ in 0..2 {
            let given_up = client.ask("tasks/cancel", id.clone()).await.response["result"].clone();
            let members: Vec<_> = given_up.as_object().unwrap().keys().cloned().collect();
            assert_eq!(members, ["resultType", "_meta"]);
            until(&mut client, &id, "cancelled").await;
        }
        // What has ended stays as it has ended.
        let done = named(&call(&mut client, "failing_job", json!({})).await);
        until(&mut client, &done, "completed").await;
        client.ask("tasks/cancel", done.clone()).await;
        until(&mut client, &done, "completed").await;
    }
}

/// tasks-mrtr-partial-fulfillment, tasks-mrtr-tasks-update-resumes: what is answered is asked no more.
#[tokio::test]
async fn how_tasks_ask() {
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        let id = named(&call(&mut client, "multi_input", json!({})).await);
        let asked = until(&mut client, &id, "input_required").await["inputRequests"].clone();
        let mut left: Vec<(String, Value)> = asked.as_object().unwrap().clone().into_iter().collect();
        assert_eq!(left.len(), 2);
        while let Some((key, request)) = left.pop() {
            let update =
                json!({"taskId": id["taskId"], "inputResponses": {key: answer(&request), "nobody": {}}});
            assert_eq!(client.ask("tasks/update", update).await.response["result"]["resultType"], "complete");
            if !left.is_empty() {
                let state = until(&mut client, &id, "input_required").await;
                let keys: Vec<_> = state["inputRequests"].as_object().unwrap().keys().cloned().collect();
                assert_eq!(keys, left.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>());
            }
        }
        until(&mut client, &id, "completed").await;
    }
}

/// sep-2663-mrtr-synchronous-before-task-creation: first the question, then the task.
#[tokio::test]
async fn what_asks_first_is_a_task_then() {
    for mut client in Client::both(MODERN, &knows_tasks()).await {
        let asked = call(&mut client, "test_tool_with_task", json!({})).await;
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        assert!(asked.get("taskId").is_none(), "{asked}");
        let answers = json!({"user_name": {"action": "accept", "content": {"name": "Ada"}}});
        let again = json!({"name": "test_tool_with_task", "arguments": {}, "inputResponses": answers});
        let created = client.ask("tools/call", again).await.response["result"].clone();
        assert!(created.get("requestState").is_none(), "{created}");
        let done = until(&mut client, &named(&created), "completed").await;
        assert!(done["result"]["content"][0]["text"].as_str().unwrap().contains("Ada"), "{done}");
    }
}

/// tasks-per-request-meta-opt-in: each request says anew what its client can do.
#[tokio::test]
async fn each_request_says_whether_it_may_be_a_task() {
    for mut client in Client::both(MODERN, &json!({})).await {
        for knows in [false, true, false] {
            client.capabilities = if knows { knows_tasks() } else { json!({}) };
            let result = call(&mut client, "slow_compute", json!({"seconds": 1})).await;
            assert_eq!(result["resultType"], if knows { "task" } else { "complete" }, "{result}");
        }
    }
}
