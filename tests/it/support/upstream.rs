//! Upstreams: an API that records what reaches it, and a description of it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

/// A request that reached the upstream.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An API on a free port.
pub(crate) struct Upstream {
    pub(crate) origin: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Upstream {
    /// Starts the API. Its paths are those of [`Upstream::description`]; `other` is where `/away` redirects to.
    pub(crate) async fn start(other: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let app = Router::new().fallback(answer).with_state((Arc::clone(&arrived), other.to_owned()));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { origin, arrived }
    }

    /// What has reached it so far.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// The last that has reached it.
    pub(crate) fn last(&self) -> Arrived {
        self.arrived().pop().unwrap()
    }

    /// The description, in a file.
    pub(crate) fn description(&self) -> tempfile::TempPath {
        file(&description(&self.origin))
    }
}

/// A description in a file, which is gone with the value.
pub(crate) fn file(description: &Value) -> tempfile::TempPath {
    let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    serde_json::to_writer(&file, description).unwrap();
    file.into_temp_path()
}

/// A description of an API at this origin, with one operation for each way to answer.
pub(crate) fn description(origin: &str) -> Value {
    let get = |id: &str| json!({"get": {"operationId": id, "responses": {"200": {"description": "OK"}}}});
    let secured = |id: &str, security: Value| json!({"get": {"operationId": id, "security": security, "responses": {}}});
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Test API", "version": "1"},
        "servers": [{"url": origin}],
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "query", "name": "api_key"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
        }},
        "paths": {
            "/things/{id}": {"post": {
                "operationId": "writeThing",
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                    {"name": "dry", "in": "query", "schema": {"type": "boolean"}},
                ],
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "type": "object", "required": ["title"], "properties": {"title": {"type": "string"}},
                }}}},
                "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {}}}}},
            }},
            "/fail": get("fail"),
            "/echo": get("echo"),
            "/image": get("image"),
            "/away": get("away"),
            "/here": get("here"),
            "/refuse": get("refuse"),
            "/keyed": secured("keyed", json!([{"key": []}])),
            "/both": secured("both", json!([{"key": [], "cookie": []}])),
            "/open": secured("open", json!([])),
            "/kept": secured("kept", json!([])),
            "/kept/secret": get("keptSecret"),
            "/paid": {"post": {
                "operationId": "pay",
                "parameters": [{
                    "name": "Idempotency-Key", "in": "header", "required": true,
                    "schema": {"type": "string", "format": "uuid"},
                }],
                "responses": {},
            }},
            "/upload": {"post": {
                "operationId": "upload",
                "requestBody": {"content": {"multipart/form-data": {"schema": {
                    "type": "object", "properties": {"file": {"type": "string", "format": "binary"}},
                }}}},
                "responses": {},
            }},
        },
    })
}

type Shared = (Arc<Mutex<Vec<Arrived>>>, String);

async fn answer(
    State((arrived, other)): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    arrived.lock().unwrap().push(Arrived {
        line: format!("{method} {uri}"),
        headers: headers.clone(),
        body: body.clone(),
    });
    let problem = json!({"code": "out_of_things", "message": "there are none left"});
    match uri.path() {
        "/fail" => (StatusCode::CONFLICT, axum::Json(problem)).into_response(),
        "/echo" => format!("you sent {uri} {headers:?}").into_response(),
        "/image" => ([(header::CONTENT_TYPE, "image/png")], Bytes::from_static(b"\x89PNG\r\n\x1a\nrest"))
            .into_response(),
        "/away" => (StatusCode::FOUND, [(header::LOCATION, format!("{other}/caught"))]).into_response(),
        "/here" => (StatusCode::FOUND, [(header::LOCATION, "/open")]).into_response(),
        "/kept" | "/kept/secret" => ([(header::CACHE_CONTROL, "max-age=600")], "kept").into_response(),
        "/refuse" => (StatusCode::UNAUTHORIZED, "who are you?").into_response(),
        path => axum::Json(
            json!({"method": method.as_str(), "path": path, "body": String::from_utf8_lossy(&body)}),
        )
        .into_response(),
    }
}

/// An upstream that reads one request and then does what the test says, byte by byte.
pub(crate) struct Raw {
    listener: TcpListener,
    pub(crate) origin: String,
}

impl Raw {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, origin }
    }

    /// The next connection, its request's head read.
    pub(crate) async fn request(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream
    }
}
