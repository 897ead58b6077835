//! The API as a client sees it: a table of requests and answers over a real connection.
#![cfg(test)]

use std::path::PathBuf;

use reqwest::{Client, Method, header};
use serde_json::{Value, json};
use tasklist::{App, OpenError, Options};
use tokio::net::TcpListener;

const TOKEN: &str = "test-token";
const JSON: &str = "application/json";
const PATCH: &str = "application/merge-patch+json";
const PROBLEM: &str = "application/problem+json";

/// A running task list and a client of it.
struct Served {
    base: String,
    client: Client,
}

impl Served {
    async fn open(database: Option<PathBuf>) -> Self {
        let app = App::open(Options { database, token: TOKEN.to_owned() }).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app.router()).await });
        Self { base, client: Client::builder().no_proxy().build().unwrap() }
    }

    async fn ask(&self, request: &Request) -> Answer {
        let mut builder =
            self.client.request(request.method.clone(), format!("{}{}", self.base, request.path));
        if let Some(credentials) = request.credentials {
            builder = builder.header(header::AUTHORIZATION, credentials);
        }
        if let Some((media_type, body)) = &request.body {
            builder = builder.header(header::CONTENT_TYPE, *media_type).body(body.clone());
        }
        let response = builder.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }
}

struct Request {
    method: Method,
    path: &'static str,
    credentials: Option<&'static str>,
    body: Option<(&'static str, String)>,
}

struct Answer {
    status: u16,
    headers: header::HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// A request with the token and without a body.
fn ask(method: Method, path: &'static str) -> Request {
    Request { method, path, credentials: Some("Bearer test-token"), body: None }
}

fn send(method: Method, path: &'static str, media_type: &'static str, body: &Value) -> Request {
    Request { body: Some((media_type, body.to_string())), ..ask(method, path) }
}

fn get(path: &'static str) -> Request {
    ask(Method::GET, path)
}

fn post(path: &'static str, body: &Value) -> Request {
    send(Method::POST, path, JSON, body)
}

fn patch(path: &'static str, body: &Value) -> Request {
    send(Method::PATCH, path, PATCH, body)
}

fn delete(path: &'static str) -> Request {
    ask(Method::DELETE, path)
}

/// Whether `actual` has everything `expected` has: objects may have more members, nothing else may differ.
fn has(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| actual.get(name).is_some_and(|found| has(found, value)))
        }
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len() && actual.iter().zip(expected).all(|(a, e)| has(a, e))
        }
        _ => actual == expected,
    }
}

/// Asks row by row on one server: later rows see what earlier ones did.
async fn check(rows: Vec<(Request, u16, &str, Value)>) {
    let served = Served::open(None).await;
    for (request, status, media_type, body) in rows {
        let answer = served.ask(&request).await;
        let asked = format!("{} {} {:?}: {}", request.method, request.path, request.body, answer.text);
        assert_eq!(answer.status, status, "{asked}");
        assert_eq!(answer.header(header::CONTENT_TYPE), media_type, "{asked}");
        assert!(has(&answer.json(), &body), "{asked}\nexpected {body}");
    }
}

#[tokio::test]
async fn lists() {
    check(vec![
        (get("/api/v1/lists"), 200, JSON, json!({"items": []})),
        (
            post("/api/v1/lists", &json!({"title": " A "})),
            201,
            JSON,
            json!({"id": 1, "title": "A", "description": null, "openTasks": 0, "doneTasks": 0}),
        ),
        (post("/api/v1/lists", &json!({"title": "B", "description": "b"})), 201, JSON, json!({"id": 2})),
        (get("/api/v1/lists/2"), 200, JSON, json!({"title": "B", "description": "b"})),
        (get("/api/v1/lists?limit=1"), 200, JSON, json!({"items": [{"id": 1}], "nextCursor": "1"})),
        (get("/api/v1/lists?limit=1&cursor=1"), 200, JSON, json!({"items": [{"id": 2}]})),
        (post("/api/v1/lists/1/tasks", &json!({"title": "t"})), 201, JSON, json!({"id": 1, "listId": 1})),
        (delete("/api/v1/lists/1"), 204, "", Value::Null),
        (delete("/api/v1/lists/1"), 404, PROBLEM, json!({"status": 404})),
        (get("/api/v1/tasks/1"), 404, PROBLEM, json!({"detail": "There is no task 1."})),
        (get("/api/v1/lists"), 200, JSON, json!({"items": [{"id": 2}]})),
    ])
    .await;
}

#[tokio::test]
async fn tasks() {
    check(vec![
        (post("/api/v1/lists", &json!({"title": "A"})), 201, JSON, json!({"id": 1})),
        (
            post("/api/v1/lists/1/tasks", &json!({"title": "one"})),
            201,
            JSON,
            json!({"id": 1, "priority": "normal", "due": null, "tags": [], "done": false, "completedAt": null}),
        ),
        (
            post(
                "/api/v1/lists/1/tasks",
                &json!({"title": "two", "due": "2026-12-01", "priority": "high", "tags": ["a", "b"], "notes": "n"}),
            ),
            201,
            JSON,
            json!({"id": 2, "due": "2026-12-01", "priority": "high", "tags": ["a", "b"], "notes": "n"}),
        ),
        (post("/api/v1/lists/1/tasks", &json!({"title": "three", "tags": ["b"]})), 201, JSON, json!({"id": 3})),
        (post("/api/v1/lists/9/tasks", &json!({"title": "x"})), 404, PROBLEM, json!({})),
        (patch("/api/v1/tasks/2", &json!({"due": null})), 200, JSON, json!({"due": null, "notes": "n", "title": "two"})),
        (patch("/api/v1/tasks/2", &json!({"notes": null, "tags": ["a"]})), 200, JSON, json!({"notes": null, "tags": ["a"]})),
        (patch("/api/v1/tasks/2", &json!({})), 200, JSON, json!({"title": "two", "priority": "high"})),
        (ask(Method::POST, "/api/v1/tasks/1/complete"), 200, JSON, json!({"done": true})),
        (ask(Method::POST, "/api/v1/tasks/1/complete"), 200, JSON, json!({"done": true})),
        (ask(Method::POST, "/api/v1/tasks/9/complete"), 404, PROBLEM, json!({})),
        (get("/api/v1/lists/1"), 200, JSON, json!({"openTasks": 2, "doneTasks": 1})),
        (get("/api/v1/lists/1/tasks?done=true"), 200, JSON, json!({"items": [{"id": 1}]})),
        (get("/api/v1/lists/1/tasks?done=false"), 200, JSON, json!({"items": [{"id": 2}, {"id": 3}]})),
        (get("/api/v1/lists/1/tasks?tags=b"), 200, JSON, json!({"items": [{"id": 3}]})),
        (get("/api/v1/lists/1/tasks?tags=a&tags=b"), 200, JSON, json!({"items": []})),
        (get("/api/v1/lists/1/tasks?limit=2"), 200, JSON, json!({"items": [{"id": 1}, {"id": 2}], "nextCursor": "2"})),
        (get("/api/v1/lists/1/tasks?limit=2&cursor=2"), 200, JSON, json!({"items": [{"id": 3}]})),
        (patch("/api/v1/tasks/1", &json!({"done": false})), 200, JSON, json!({"done": false, "completedAt": null})),
        (delete("/api/v1/tasks/1"), 204, "", Value::Null),
        (get("/api/v1/tasks/1"), 404, PROBLEM, json!({})),
        (get("/api/v1/lists/1/export"), 200, "text/csv; charset=utf-8", Value::Null),
        (get("/api/v1/lists/1/export?format=text"), 200, "text/plain; charset=utf-8", Value::Null),
        (get("/api/v1/lists/9/export"), 404, PROBLEM, json!({})),
    ])
    .await;
}

#[tokio::test]
async fn refusals() {
    let anonymous = |path| Request { credentials: None, ..get(path) };
    let wrong = |credentials| Request { credentials: Some(credentials), ..get("/api/v1/lists") };
    let raw = |media_type, body: &str| Request {
        body: Some((media_type, body.to_owned())),
        ..ask(Method::POST, "/api/v1/lists")
    };
    check(vec![
        (
            anonymous("/api/v1/lists"),
            401,
            PROBLEM,
            json!({"type": "about:blank", "title": "Unauthorized", "status": 401}),
        ),
        (anonymous("/api/v1/nothing"), 401, PROBLEM, json!({})),
        (wrong("Bearer test-toke"), 401, PROBLEM, json!({})),
        (wrong("Bearer test-tokenx"), 401, PROBLEM, json!({})),
        (wrong("Bearer "), 401, PROBLEM, json!({})),
        (wrong("Basic test-token"), 401, PROBLEM, json!({})),
        (wrong("bearer test-token"), 200, JSON, json!({})),
        (get("/api/v1/nothing"), 404, PROBLEM, json!({})),
        (get("/nothing"), 404, PROBLEM, json!({})),
        (get("/api/v1/lists/one"), 404, PROBLEM, json!({"detail": "There is no list one."})),
        (ask(Method::PUT, "/api/v1/lists"), 405, PROBLEM, json!({})),
        (raw("text/plain", "{}"), 415, PROBLEM, json!({})),
        (raw(JSON, "{"), 400, PROBLEM, json!({})),
        (raw("application/json; charset=utf-8", "{}"), 422, PROBLEM, json!({})),
        (raw(JSON, &"x".repeat(70_000)), 413, PROBLEM, json!({})),
        (send(Method::PATCH, "/api/v1/tasks/1", JSON, &json!({})), 415, PROBLEM, json!({})),
        (
            post("/api/v1/lists", &json!({"title": "", "id": 1, "a/b~c": 1})),
            422,
            PROBLEM,
            json!({"errors": [{"pointer": "/title"}, {"pointer": "/id"}, {"pointer": "/a~1b~0c"}]}),
        ),
        (post("/api/v1/lists", &json!({})), 422, PROBLEM, json!({"errors": [{"pointer": "/title"}]})),
        (post("/api/v1/lists", &json!([])), 422, PROBLEM, json!({"errors": [{"pointer": ""}]})),
        (
            get("/api/v1/lists/1/tasks?done=maybe&limit=0&sort=due"),
            422,
            PROBLEM,
            json!({"errors": [{"parameter": "done"}, {"parameter": "limit"}, {"parameter": "sort"}]}),
        ),
        (
            get("/api/v1/lists/1/export?format=pdf"),
            422,
            PROBLEM,
            json!({"errors": [{"parameter": "format"}]}),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_refusal_for_want_of_a_token_challenges() {
    let served = Served::open(None).await;
    let rows = [
        (None, r#"Bearer realm="tasklist""#),
        (Some("Bearer nonsense"), r#"Bearer realm="tasklist", error="invalid_token""#),
    ];
    for (credentials, challenge) in rows {
        let answer = served.ask(&Request { credentials, ..get("/api/v1/lists") }).await;
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), challenge);
    }
}

#[tokio::test]
async fn what_is_made_says_where_it_is() {
    let served = Served::open(None).await;
    let list = served.ask(&post("/api/v1/lists", &json!({"title": "A"}))).await;
    assert_eq!(list.header(header::LOCATION), "/api/v1/lists/1");
    let task = served.ask(&post("/api/v1/lists/1/tasks", &json!({"title": "a, \"b\""}))).await;
    assert_eq!(task.header(header::LOCATION), "/api/v1/tasks/1");
    let csv = served.ask(&get("/api/v1/lists/1/export")).await;
    assert_eq!(csv.text, "id,title,done,priority,due,tags,notes\r\n1,\"a, \"\"b\"\"\",false,normal,,,\r\n");
    let text = served.ask(&get("/api/v1/lists/1/export?format=text")).await;
    assert_eq!(text.text, "[ ] a, \"b\"\n");
}

#[tokio::test]
async fn the_page_and_the_description_need_no_token() {
    let served = Served::open(None).await;
    served.ask(&post("/api/v1/lists", &json!({"title": "<b>A</b>"}))).await;
    served.ask(&post("/api/v1/lists/1/tasks", &json!({"title": "<script>x</script>"}))).await;

    let page = served.ask(&Request { credentials: None, ..get("/") }).await;
    assert_eq!((page.status, page.header(header::CONTENT_TYPE)), (200, "text/html; charset=utf-8"));
    assert!(
        page.text.contains("&lt;b&gt;A&lt;/b&gt;") && page.text.contains("&lt;script&gt;x"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("<script"));
    assert!(page.header(header::CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"));

    let description = served.ask(&Request { credentials: None, ..get("/openapi.yaml") }).await;
    assert_eq!(description.header(header::CONTENT_TYPE), "application/yaml");
    assert_eq!(description.text, tasklist::DESCRIPTION);
}

#[tokio::test]
async fn a_file_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tasks.sqlite");
    let before = Served::open(Some(file.clone())).await;
    before.ask(&post("/api/v1/lists", &json!({"title": "A"}))).await;
    before
        .ask(&post("/api/v1/lists/1/tasks", &json!({"title": "t", "due": "2026-12-01", "tags": ["x"]})))
        .await;
    let task = before.ask(&get("/api/v1/tasks/1")).await;

    let after = Served::open(Some(file)).await;
    assert_eq!(after.ask(&get("/api/v1/tasks/1")).await.json(), task.json());
    // Ids are never used twice, so a stale one cannot come to name something else.
    after.ask(&delete("/api/v1/tasks/1")).await;
    let next = after.ask(&post("/api/v1/lists/1/tasks", &json!({"title": "u"}))).await;
    assert!(has(&next.json(), &json!({"id": 2})), "{}", next.text);
}

#[test]
fn what_cannot_be_opened_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.sqlite");
    std::fs::write(&other, "this is no database, though it is long enough to be taken for one by its size")
        .unwrap();
    let open =
        |database: Option<PathBuf>, token: &str| App::open(Options { database, token: token.to_owned() });
    assert!(matches!(open(None, ""), Err(OpenError::EmptyToken)));
    assert!(matches!(open(Some(other), TOKEN), Err(OpenError::Database { .. })));
    assert!(matches!(open(Some(folder.path().to_owned()), TOKEN), Err(OpenError::Database { .. })));
}

#[test]
fn no_token_is_shown() {
    let options = Options { database: None, token: TOKEN.to_owned() };
    assert!(!format!("{options:?}").contains(TOKEN));
    assert!(!format!("{:?}", App::open(options).unwrap()).contains(TOKEN));
    assert_ne!(tasklist::random_token().unwrap(), tasklist::random_token().unwrap());
}
