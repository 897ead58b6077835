//! Calls that become tasks: those that the API has only accepted, and those that take long. A client that knows tasks
//! asks for them; every other one waits, as always.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::lines::Server;
use crate::support::program::command;
use crate::support::upstream::{Raw, description, file};

/// How often an operation has been asked about, and with which credential.
type Asked = Arc<Mutex<Vec<Option<String>>>>;

/// An API that takes jobs on, and does them while it is asked for the third time.
async fn jobs() -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let app = Router::new().fallback(job).with_state(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (origin, asked)
}

async fn job(State(asked): State<Asked>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let soon = ("retry-after", "0".to_owned());
    if method == Method::POST {
        asked.lock().unwrap().clear();
        let (name, to) = match uri.path() {
            "/location" => ("location", "/monitor/plain"),
            "/content" => ("content-location", "monitor/plain"),
            "/operation" => ("operation-location", "/monitor/status"),
            "/redirect" => ("location", "/monitor/redirect"),
            "/failing" => ("location", "/monitor/failing"),
            "/away" => ("location", "http://elsewhere.example/monitor/plain"),
            _ => ("x-nothing", "/"),
        };
        return (StatusCode::ACCEPTED, [soon, (name, to.to_owned())], "accepted").into_response();
    }
    let credential = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    asked.lock().unwrap().push(credential);
    let is_done = asked.lock().unwrap().len() > 2;
    let done = json!({"made": 7});
    match (uri.path(), is_done) {
        ("/monitor/status", false) => ([soon], axum::Json(json!({"status": "Running"}))).into_response(),
        ("/monitor/status", true) => axum::Json(json!({"status": "Succeeded", "made": 7})).into_response(),
        ("/things/7", _) => axum::Json(done).into_response(),
        (_, false) => (StatusCode::ACCEPTED, [soon]).into_response(),
        ("/monitor/redirect", true) => (StatusCode::SEE_OTHER, [("location", "/things/7")]).into_response(),
        ("/monitor/failing", true) => (StatusCode::CONFLICT, "it is there already").into_response(),
        (_, true) => axum::Json(done).into_response(),
    }
}

/// A description of the jobs.
fn api(origin: &str) -> Value {
    let mut api = description(origin);
    for id in ["location", "content", "operation", "redirect", "failing", "away", "nowhere"] {
        api["paths"][format!("/{id}")] =
            json!({"post": {"operationId": id, "responses": {"202": {"description": ""}}}});
    }
    api
}

fn start(spec: &str, options: &[&str]) -> Server {
    let mut command = command(&["stdio", spec]);
    command.args(options).env("OASGATE_CREDENTIAL_BEARER", "t0ken");
    Server::of(command)
}

/// Calls a tool that becomes a task: its id.
async fn task(server: &mut Server, tool: &str) -> Value {
    let started = server.ask("tools/call", json!({"name": tool})).await;
    assert_eq!(started["result"]["resultType"], "task", "{tool}: {started}");
    json!({"taskId": started["result"]["taskId"]})
}

/// The state of a task when it has ended.
async fn ended(server: &mut Server, task: &Value) -> Value {
    loop {
        let state = server.ask("tasks/get", task.clone()).await["result"].clone();
        if state["status"] != "working" {
            return state;
        }
    }
}

#[tokio::test]
async fn an_accepted_call_is_followed_to_its_end() {
    let (origin, asked) = jobs().await;
    let spec = file(&api(&origin));
    let mut server = start(spec.to_str().unwrap(), &[]);
    let rows = [
        ("location", false, "\"made\":7", 3),
        ("content", false, "\"made\":7", 3),
        ("operation", false, "Succeeded", 3),
        ("redirect", false, "\"made\":7", 4),
        ("failing", true, "it is there already", 3),
    ];
    for (tool, is_error, part, times) in rows {
        let task = task(&mut server, tool).await;
        let state = ended(&mut server, &task).await;
        assert_eq!(state["status"], "completed", "{tool}: {state}");
        let result = &state["result"];
        assert_eq!(result["isError"].as_bool().unwrap_or(false), is_error, "{tool}: {state}");
        let text = result["content"][0]["text"].as_str().unwrap().replace(' ', "");
        assert!(text.contains(&part.replace(' ', "")), "{tool}: {text}");
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked, vec![Some("Bearer t0ken".to_owned()); times], "{tool}");
    }
}

/// Credentials go nowhere else, and a call that cannot be followed has its answer.
#[tokio::test]
async fn a_call_that_leads_nowhere_or_elsewhere_is_answered() {
    let (origin, asked) = jobs().await;
    let spec = file(&api(&origin));
    let mut server = start(spec.to_str().unwrap(), &[]);
    for tool in ["away", "nowhere"] {
        let answer = server.ask("tools/call", json!({"name": tool})).await;
        assert_eq!(answer["result"]["resultType"], "complete", "{tool}: {answer}");
        assert_eq!(answer["result"]["content"][0]["text"], "accepted", "{tool}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_client_that_knows_no_tasks_gets_none() {
    let (origin, asked) = jobs().await;
    let spec = file(&api(&origin));
    let mut server = start(spec.to_str().unwrap(), &["--task-after", "0"]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let answer = server.ask("tools/call", json!({"name": "location", "_meta": meta})).await;
    assert_eq!(answer["result"]["content"][0]["text"], "accepted", "{answer}");
    assert!(asked.lock().unwrap().is_empty());
    let refused = server.ask("tasks/get", json!({"taskId": "x", "_meta": meta})).await;
    assert_eq!(refused["error"]["code"], -32021, "{refused}");
}

#[tokio::test]
async fn a_call_that_takes_long_becomes_a_task() {
    let upstream = Raw::start().await;
    let spec = file(&api(&upstream.origin));
    let mut server = start(spec.to_str().unwrap(), &["--task-after", "0"]);
    let task = task(&mut server, "open").await;
    let mut request = upstream.request().await;
    let state = server.ask("tasks/get", task.clone()).await;
    assert_eq!(state["result"]["status"], "working", "{state}");
    request.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlate!").await.unwrap();
    let state = ended(&mut server, &task).await;
    assert!(state["status"] == "completed" && state.to_string().contains("late!"), "{state}");
}

/// Whether it waits for the answer itself or for what the monitor says: the request ends, and the task is cancelled.
#[tokio::test]
async fn a_cancelled_task_gives_its_request_up() {
    let upstream = Raw::start().await;
    let spec = file(&api(&upstream.origin));
    for accepts in [false, true] {
        let options: &[&str] = if accepts { &[] } else { &["--task-after", "0"] };
        let mut server = start(spec.to_str().unwrap(), options);
        let id = server.begin("tools/call", json!({"name": "open"})).await;
        let mut request = upstream.request().await;
        if accepts {
            let accepted = b"HTTP/1.1 202 Accepted\r\nlocation: /monitor\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            request.write_all(accepted).await.unwrap();
            request = upstream.request().await;
        }
        let started = server.next().await;
        assert_eq!(
            (&started["id"], &started["result"]["resultType"]),
            (&json!(id), &json!("task")),
            "{started}"
        );
        let task = json!({"taskId": started["result"]["taskId"]});
        server.ask("tasks/cancel", task.clone()).await;
        assert_eq!(request.read(&mut [0; 16]).await.unwrap_or(0), 0, "{accepts}");
        assert_eq!(ended(&mut server, &task).await["status"], "cancelled");
    }
}
