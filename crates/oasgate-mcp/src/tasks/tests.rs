//! The life of a task, in every way it can go (SEP-2663).

use std::collections::HashMap;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{TaskOptions, Tasks};
use crate::capabilities::{Capabilities, ClientFeature, TASKS};
use crate::content::ToolResult;
use crate::context::Context;
use crate::handler::CallError;
use crate::input::{InputRequest, InputRequired};
use crate::revision::Revision;
use crate::tests::support::{raw, soon};

fn context(capabilities: &Value) -> Context {
    let mut context = Context::new(Revision::V2026_07_28);
    context.capabilities = Capabilities::read(&raw(capabilities));
    context.principal = Some("ada".into());
    context
}

fn able() -> Context {
    context(&json!({"elicitation": {}, "extensions": {TASKS: {}}}))
}

fn started(error: CallError) -> String {
    let CallError::Task(task) = error else { panic!("not begun: {error}") };
    let members: Value = serde_json::from_str(&format!("{{{}}}", task.written)).unwrap();
    assert_eq!(members["status"], "working");
    members["taskId"].as_str().unwrap().to_owned()
}

fn state(tasks: &Tasks, id: &str) -> Value {
    serde_json::from_str(&format!("{{{}}}", tasks.get(id, Some("ada")).unwrap())).unwrap()
}

async fn until(tasks: &Tasks, id: &str, status: &str) -> Value {
    soon(async {
        while state(tasks, id)["status"] != status {
            tokio::task::yield_now().await;
        }
    })
    .await;
    state(tasks, id)
}

fn form() -> InputRequest {
    InputRequest::form("?", &raw(&json!({"type": "object", "properties": {}})))
}

#[tokio::test]
async fn ends() {
    let tasks = Tasks::new(TaskOptions::default());
    let result = |is_error: bool| {
        let mut result = ToolResult::text("done");
        result.is_error = is_error;
        result
    };
    let text = json!([{"type": "text", "text": "done"}]);
    let rows = [
        (Ok(result(false)), "completed", "result", json!({"resultType": "complete", "content": text})),
        (
            Ok(result(true)),
            "completed",
            "result",
            json!({"resultType": "complete", "content": text, "isError": true}),
        ),
        (
            Err(CallError::Internal("no".to_owned())),
            "failed",
            "error",
            json!({"code": -32603, "message": "no"}),
        ),
        (
            Err(CallError::MissingCapability(vec![ClientFeature::Roots])),
            "failed",
            "error",
            json!({
                "code": -32021,
                "message": "The client lacks a capability that this request needs",
                "data": {"requiredCapabilities": {"roots": {}}}
            }),
        ),
    ];
    for (outcome, status, member, expected) in rows {
        let id = started(tasks.start(&able(), |_| async { outcome }));
        assert_eq!(until(&tasks, &id, status).await[member], expected);
        tasks.cancel(&id, Some("ada")).unwrap();
        assert_eq!(state(&tasks, &id)["status"], status, "what is done stays done");
    }
    let id = started(tasks.start(&able(), |_| async { panic!("a task that panics") }));
    assert_eq!(until(&tasks, &id, "failed").await["error"]["code"], -32603);
}

#[tokio::test]
async fn said_of_it() {
    let tasks = Tasks::new(TaskOptions { ttl: Duration::from_secs(60), ..TaskOptions::default() });
    let (go, gone) = oneshot::channel::<()>();
    let id = started(tasks.start(&able(), |task| async move {
        task.note(format!("working on {}", task.id()));
        gone.await.unwrap();
        Ok(ToolResult::text("done"))
    }));
    soon(async {
        while state(&tasks, &id).get("statusMessage").is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let said = state(&tasks, &id);
    let names: Vec<_> = said.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        ["taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs"];
    assert_eq!(names, expected);
    assert_eq!((&said["ttlMs"], &said["pollIntervalMs"]), (&json!(60_000), &json!(1000)));
    assert_eq!(said["statusMessage"], format!("working on {id}"));
    go.send(()).unwrap();
    until(&tasks, &id, "completed").await;
}

/// "Task Input Requests": some at a time, each key once, and what nobody waits for is ignored.
#[tokio::test]
async fn questions() {
    let tasks = Tasks::new(TaskOptions::default());
    let id = started(tasks.start(&able(), |task| async move {
        let both = task.ask(InputRequired::new("a", form()).and("b", form()).with_state("s")).await?;
        let again = task.ask(InputRequired::new("a", form())).await?;
        Ok(ToolResult::text(format!(
            "{} {} {} {}",
            both.response("a").unwrap(),
            both.response("b").unwrap(),
            again.response("a").unwrap(),
            both.state().unwrap(),
        )))
    }));
    let asked = until(&tasks, &id, "input_required").await;
    let keys: Vec<_> = asked["inputRequests"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(asked["inputRequests"][&keys[0]]["method"], "elicitation/create");
    let answer = |key: &str, text: &str| -> HashMap<String, Box<RawValue>> {
        [(key.to_owned(), raw(&json!({"action": text})))].into()
    };
    tasks.update(&id, Some("ada"), answer("unknown", "x")).unwrap();
    tasks.update(&id, Some("ada"), answer(&keys[0], "one")).unwrap();
    let left = state(&tasks, &id);
    assert_eq!(left["status"], "input_required");
    assert_eq!(left["inputRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), [&keys[1]]);
    tasks.update(&id, Some("ada"), answer(&keys[1], "two")).unwrap();
    let again = soon(async {
        loop {
            let now = until(&tasks, &id, "input_required").await;
            let key = now["inputRequests"].as_object().unwrap().keys().next().unwrap().clone();
            if !keys.contains(&key) {
                return key;
            }
        }
    })
    .await;
    tasks.update(&id, Some("ada"), answer(&again, "three")).unwrap();
    let done = until(&tasks, &id, "completed").await;
    let text = r#"{"action":"one"} {"action":"two"} {"action":"three"} s"#;
    assert_eq!(done["result"]["content"][0]["text"], text);
    // Later than it was done, by the clock that is shown.
    tokio::time::sleep(Duration::from_millis(2)).await;
    tasks.update(&id, Some("ada"), answer(&again, "late")).unwrap();
    assert_eq!(state(&tasks, &id), done, "an answer to what is done changes nothing");
}

#[tokio::test]
async fn clients_that_cannot() {
    let tasks = Tasks::new(TaskOptions::default());
    let refused = tasks.start(&context(&json!({})), |_| async { Ok(ToolResult::text("")) });
    assert_eq!(refused, CallError::MissingCapability(vec![ClientFeature::Extension(TASKS.to_owned())]));
    let mute = context(&json!({"extensions": {TASKS: {}}}));
    let id = started(tasks.start(&mute, |task| async move {
        task.ask(InputRequired::new("a", form())).await.map(|_| ToolResult::text(""))
    }));
    let failed = until(&tasks, &id, "failed").await;
    assert_eq!(failed["error"]["data"], json!({"requiredCapabilities": {"elicitation": {"form": {}}}}));
}

/// Dropped with its work, wherever that is.
#[tokio::test]
async fn cancellation() {
    let tasks = Tasks::new(TaskOptions::default());
    let (held, mut dropped) = oneshot::channel::<()>();
    let id = started(tasks.start(&able(), |task| async move {
        let _held = held;
        task.ask(InputRequired::new("a", form())).await?;
        Ok(ToolResult::text("never"))
    }));
    until(&tasks, &id, "input_required").await;
    tasks.cancel(&id, Some("ada")).unwrap();
    let cancelled = state(&tasks, &id);
    assert_eq!((&cancelled["status"], cancelled.get("inputRequests")), (&json!("cancelled"), None));
    assert!(soon(&mut dropped).await.is_err());
    tasks.cancel(&id, Some("ada")).unwrap();
}

#[tokio::test]
async fn bounds() {
    let waits = || async { std::future::pending::<Result<ToolResult, CallError>>().await };
    let tasks = Tasks::new(TaskOptions { limit: 1, ..TaskOptions::default() });
    let id = started(tasks.start(&able(), |_| waits()));
    assert!(matches!(tasks.start(&able(), |_| waits()), CallError::Internal(_)), "one too many");
    for (id, principal) in [("nope", Some("ada")), (&*id, Some("bob")), (&*id, None)] {
        assert!(tasks.get(id, principal).is_err());
        assert!(tasks.cancel(id, principal).is_err());
        assert!(tasks.update(id, principal, HashMap::new()).is_err());
    }
    assert_eq!(state(&tasks, &id)["status"], "working");

    let brief = Tasks::new(TaskOptions { limit: 1, ttl: Duration::ZERO, ..TaskOptions::default() });
    let id = started(brief.start(&able(), |_| waits()));
    assert!(brief.get(&id, Some("ada")).is_err(), "its time is over");
    started(brief.start(&able(), |_| waits()));
}

#[tokio::test]
async fn a_server_that_goes_takes_its_tasks_along() {
    let tasks = Tasks::new(TaskOptions::default());
    let (held, mut dropped) = oneshot::channel::<()>();
    started(tasks.start(&able(), |_| async move {
        let _held = held;
        std::future::pending().await
    }));
    drop(tasks);
    assert!(soon(&mut dropped).await.is_err());
}
