//! What only HTTP has: methods, headers, limits, connections. Sections are of 2026-07-28,
//! basic/transports/streamable-http, unless they say otherwise.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{EndpointPath, Hosts, Options, Origins, ServeOptions};
use crate::tests::support::{
    Answer, Desk, Event, Guest, MODERN, Site, headers_of, initialize, modern, request, soon, tools,
};

mod connections;
mod streams;

const JSON: (&str, &str) = ("content-type", "application/json");

fn ping() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})
}

/// Names and values.
type Headers<'a> = &'a [(&'a str, &'a str)];

async fn site(options: Options) -> Site {
    Site::open(Desk::new().0, options).await
}

/// Before the message is looked at.
#[tokio::test]
async fn admission() {
    let site = site(Options::default()).await;
    let post = "POST /mcp";
    let rows: [(&str, &str, Headers<'_>, u16); 36] = [
        ("Sending Messages", post, &[], 200),
        ("Earlier Revisions: GET", "GET /mcp", &[], 405),
        ("Earlier Revisions: DELETE", "DELETE /mcp", &[], 405),
        ("other methods", "PUT /mcp", &[], 405),
        ("other paths", "POST /mcp/", &[], 404),
        ("Security: a page of this machine", post, &[("origin", "http://localhost:5173")], 200),
        ("Security: a page of this machine", post, &[("origin", "https://127.0.0.1")], 200),
        ("Security: a page of this machine", post, &[("origin", "http://[::1]:80")], 200),
        ("Security: another page", post, &[("origin", "http://evil.example")], 403),
        ("Security: another page", post, &[("origin", "http://localhost.evil.example")], 403),
        ("Security: a page without a name", post, &[("origin", "null")], 403),
        ("Security: no page", post, &[("origin", "file://localhost")], 403),
        ("Security: no text", post, &[("origin", "")], 403),
        (
            "Security: one of two",
            post,
            &[("origin", "http://localhost"), ("origin", "http://evil.example")],
            403,
        ),
        ("Security: before the method", "GET /mcp", &[("origin", "http://evil.example")], 403),
        ("Security: rebound name", post, &[("host", "evil.example")], 403),
        ("Security: rebound name", post, &[("host", "localhost.evil.example:80")], 403),
        ("Security: rebound name in the target", "POST http://evil.example/mcp", &[], 403),
        ("Security: own name", post, &[("host", "127.0.0.1:8080")], 200),
        ("Security: own name", post, &[("host", "LOCALHOST")], 200),
        ("Security: own name", post, &[("host", "[::1]:80")], 200),
        ("Security: own name", post, &[("host", "a.localhost")], 200),
        ("lenient Accept", post, &[("accept", "*/*")], 200),
        ("lenient Accept", post, &[("accept", "application/json")], 200),
        ("lenient Accept", post, &[("accept", "text/html, Application/JSON;q=0.5")], 200),
        ("lenient Accept", post, &[("accept", "text/event-stream")], 200),
        ("lenient Accept", post, &[("accept", "application/*")], 200),
        ("lenient Accept", post, &[("accept", "")], 200),
        ("2: Accept", post, &[("accept", "text/html")], 406),
        ("2: Accept", post, &[("accept", "image/*, text/plain")], 406),
        ("Content-Type", post, &[("content-type", "application/json; charset=utf-8")], 200),
        ("Content-Type", post, &[("content-type", "APPLICATION/JSON")], 200),
        ("Content-Type", post, &[("content-type", "text/plain")], 415),
        ("Content-Type", post, &[("content-type", "application/jsonl")], 415),
        ("Content-Type", post, &[("content-type", "")], 415),
        (
            "Earlier Revisions: sessions are ignored",
            post,
            &[("mcp-session-id", "x"), ("last-event-id", "y")],
            200,
        ),
    ];
    for (rule, head, headers, status) in rows {
        let typed = headers.iter().any(|(name, _)| *name == "content-type");
        let json = if typed { &[][..] } else { &[JSON][..] };
        let answer = site.ask(head, &[headers, json].concat(), ping().to_string().as_bytes()).await;
        assert_eq!(answer.status, status, "{rule}: {head} {headers:?}");
        assert_eq!(answer.headers.get("allow").is_some_and(|allow| allow == "POST"), status == 405);
        assert!(!answer.headers.contains_key("mcp-session-id"));
        assert!(status == 404 || answer.json()["jsonrpc"] == "2.0", "{}", answer.body);
    }
    let answer = site.ask("POST /mcp", &[], b"{}").await;
    assert_eq!(answer.status, 415, "no Content-Type");
}

#[tokio::test]
async fn hosts_and_origins_by_configuration() {
    let listed = Options {
        hosts: Hosts::Listed(vec!["mcp.example".to_owned(), "other.example:8080".to_owned()]),
        origins: Origins::Listed(vec!["https://app.example/".to_owned()]),
        ..Options::default()
    };
    let open = Options { hosts: Hosts::Any, origins: Origins::Any, ..Options::default() };
    let rows: [(&Options, Headers<'_>, u16); 10] = [
        (&listed, &[("host", "mcp.example")], 200),
        (&listed, &[("host", "MCP.example:8443")], 200),
        (&listed, &[("host", "other.example:8080")], 200),
        (&listed, &[("host", "other.example")], 403),
        (&listed, &[("host", "localhost")], 200),
        (&listed, &[("host", "mcp.example.evil")], 403),
        (&listed, &[("origin", "https://app.example")], 200),
        (&listed, &[("origin", "http://app.example")], 403),
        (&listed, &[("origin", "http://localhost")], 403),
        (&open, &[("host", "any.example"), ("origin", "https://any.example")], 200),
    ];
    for (options, headers, status) in rows {
        let site = site(options.clone()).await;
        assert_eq!(site.post(&ping(), headers).await.status, status, "{headers:?}");
    }
}

/// Fetch, "CORS protocol".
#[tokio::test]
async fn pages_may_read_answers_only_if_they_may_call() {
    let site = site(Options::default()).await;
    let asked = ("access-control-request-headers", "content-type, mcp-param-x");
    let good = ("origin", "http://localhost:1");
    let preflight = site.ask("OPTIONS /mcp", &[good, asked], b"").await;
    assert_eq!(preflight.status, 204);
    let header = |answer: &Answer, name: &str| answer.headers.get(name).cloned();
    let allowed = |answer: &Answer| header(answer, "access-control-allow-origin");
    assert_eq!(header(&preflight, "access-control-allow-methods").as_deref(), Some("POST"));
    assert_eq!(header(&preflight, "access-control-allow-headers").as_deref(), Some(asked.1));
    assert_eq!(allowed(&preflight).as_deref(), Some(good.1));

    let answer = site.post(&ping(), &[good]).await;
    assert_eq!(allowed(&answer).as_deref(), Some(good.1));
    assert_eq!(header(&answer, "vary").as_deref(), Some("origin"));
    assert_eq!(allowed(&site.post(&ping(), &[]).await), None);

    let evil = ("origin", "http://evil.example");
    for answer in [site.ask("OPTIONS /mcp", &[evil, asked], b"").await, site.post(&ping(), &[evil]).await] {
        assert_eq!((answer.status, allowed(&answer)), (403, None));
    }
}

/// A layer is behind the guard, and before the message and its method.
#[tokio::test]
async fn layers() {
    let closed = |app: Router| app.layer(from_fn(async |_: Request, _: Next| StatusCode::UNAUTHORIZED));
    let site = Site::serve(super::router_behind(Desk::new().0, Options::default(), closed)).await;
    let (good, evil) = (("origin", "http://localhost"), ("origin", "http://evil.example"));
    let rows: [(&str, Headers<'_>, u16, bool); 5] = [
        ("POST /mcp", &[], 401, false),
        ("POST /mcp", &[good], 401, true),
        ("POST /mcp", &[evil], 403, false),
        ("OPTIONS /mcp", &[good], 204, true),
        ("GET /mcp", &[], 401, false),
    ];
    for (head, headers, status, readable) in rows {
        let answer = site.ask(head, headers, b"").await;
        assert_eq!(answer.status, status, "{head} {headers:?}");
        assert_eq!(answer.headers.contains_key("access-control-allow-origin"), readable);
    }
    let open = |app: Router| {
        app.layer(from_fn(async |mut request: Request, next: Next| {
            request.extensions_mut().insert(Guest("ada"));
            next.run(request).await
        }))
    };
    let site = Site::serve(super::router_behind(Desk::new().0, Options::default(), open)).await;
    assert_eq!(site.ask("GET /mcp", &[], b"").await.status, 405, "for whom the layer lets through");
    let answer = site.post(&modern(&json!(1), "tools/call", json!({"name": "guest"})), &[]).await;
    assert_eq!(answer.json()["result"]["content"][0]["text"], r#"Some("ada")"#);
}

/// "Server Validation": headers and body must agree. The body is a modern call of `echo`.
#[tokio::test]
async fn mirrored_headers() {
    let site = site(Options::default()).await;
    let call = modern(&json!(1), "tools/call", json!({"name": "echo"})).to_string();
    let (version, method, name) =
        (("MCP-Protocol-Version", MODERN), ("Mcp-Method", "tools/call"), ("mcp-name", "echo"));
    let rows: [(&str, Headers<'_>, Option<i64>); 14] = [
        ("all there", &[version, method, name], None),
        ("values in base64", &[version, method, ("mcp-name", "=?base64?ZWNobw==?=")], None),
        ("no version", &[method, name], Some(-32020)),
        ("no method", &[version, name], Some(-32020)),
        ("no name", &[version, method], Some(-32020)),
        ("another version", &[("mcp-protocol-version", "2025-11-25"), method, name], Some(-32020)),
        ("an unknown version", &[("mcp-protocol-version", "2030-01-01"), method, name], Some(-32020)),
        ("another method", &[version, ("mcp-method", "tools/list"), name], Some(-32020)),
        ("Case Sensitivity", &[version, ("mcp-method", "Tools/Call"), name], Some(-32020)),
        ("another name", &[version, method, ("mcp-name", "fail")], Some(-32020)),
        ("another name in base64", &[version, method, ("mcp-name", "=?base64?ZmFpbA==?=")], Some(-32020)),
        ("not base64", &[version, method, ("mcp-name", "=?base64?ZWNobw?=")], Some(-32020)),
        ("two names", &[version, method, name, ("mcp-name", "fail")], Some(-32020)),
        ("not ASCII", &[version, method, ("mcp-name", "ä")], Some(-32020)),
    ];
    for (rule, headers, code) in rows {
        let answer = site.ask("POST /mcp", &[headers, &[JSON]].concat(), call.as_bytes()).await;
        assert_eq!(answer.json()["error"]["code"].as_i64(), code, "{rule}");
        assert_eq!(answer.status, if code.is_some() { 400 } else { 200 }, "{rule}");
    }
}

/// The revision of a message that doesn't say itself.
#[tokio::test]
async fn stated_revision() {
    let site = site(Options::default()).await;
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let rows: [(&str, &Value, Headers<'_>, u16, Option<i64>); 6] = [
        ("2025-11-25 basic/transports: none is 2025-03-26", &list, &[], 200, None),
        ("2025-11-25 basic/transports", &list, &[("mcp-protocol-version", "2025-06-18")], 200, None),
        (
            "2025-11-25 basic/transports: unknown",
            &list,
            &[("mcp-protocol-version", "nope")],
            400,
            Some(-32022),
        ),
        ("basic/index: modern and no _meta", &list, &[("mcp-protocol-version", MODERN)], 400, Some(-32602)),
        (
            "the handshake settles it",
            &initialize("2025-11-25"),
            &[("mcp-protocol-version", MODERN)],
            200,
            None,
        ),
        (
            "the handshake settles it",
            &initialize("2025-11-25"),
            &[("mcp-protocol-version", "nope")],
            200,
            None,
        ),
    ];
    for (rule, message, headers, status, code) in rows {
        let answer = site.post(message, headers).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_i64()), (status, code), "{rule}");
        assert_eq!(answer.json()["result"].get("resultType"), None, "{rule}");
    }
}

#[tokio::test]
async fn bodies_are_bounded() {
    let message = ping().to_string();
    let limit = |body_limit| Options { body_limit, ..Options::default() };
    let chunked = |head: &str| {
        let half = message.len() / 2;
        let (first, second) = message.split_at(half);
        format!(
            "{head}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            first.len(),
            second.len(),
        )
    };
    for (options, status) in [(limit(message.len()), 200), (limit(message.len() - 1), 413)] {
        let site = site(options).await;
        assert_eq!(site.post(&ping(), &[]).await.status, status);
        let mut stream = site.connect().await;
        let head =
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close";
        stream.write_all(chunked(head).as_bytes()).await.unwrap();
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

/// Waits for the end of a connection, not for a time.
#[tokio::test]
async fn slow_clients_are_not_waited_for() {
    let options = Options { body_timeout: Duration::from_millis(1), ..Options::default() };
    let site = site(options.clone()).await;
    let mut stream = site.connect().await;
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9";
    stream.write_all(format!("{head}\r\n\r\n{{").as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn requests_in_flight_are_bounded() {
    let (desk, mut events, gate) = Desk::new();
    let site = Site::open(desk, Options { in_flight: 1, ..Options::default() }).await;
    let wait = modern(&json!(1), "tools/call", json!({"name": "wait"}));
    let turned_away = async {
        assert_eq!(soon(events.recv()).await, Some(Event::Begun));
        let answer = site.post(&ping(), &[]).await;
        gate.add_permits(1);
        answer
    };
    let (waited, refused) = tokio::join!(site.post(&wait, &[]), turned_away);
    assert_eq!((waited.status, refused.status), (200, 503));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(site.post(&ping(), &[]).await.status, 200);
}

/// Starts a call of `wait` and leaves the connection open.
async fn begin(site: &Site, call: &Value) -> TcpStream {
    let headers = headers_of(call);
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(JSON);
    let mut stream = site.connect().await;
    stream.write_all(&request("POST /mcp", &headers, call.to_string().as_bytes())).await.unwrap();
    stream
}

/// "Cancellation", and for the legacy era 2025-11-25 basic/transports, "Sending Messages to the Server", 6.
#[tokio::test]
async fn disconnecting() {
    let legacy = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "wait"}});
    let batch = json!([legacy]);
    let modern = modern(&json!(1), "tools/call", json!({"name": "wait"}));
    for (call, end) in [(modern, Event::GivenUp), (legacy, Event::Ended), (batch, Event::Ended)] {
        let (desk, mut events, gate) = Desk::new();
        // Tells when the server has dropped the request because its client is gone.
        let (open, mut noticed) = tokio::sync::mpsc::channel::<()>(1);
        let watched = from_fn(move |request: Request, next: Next| {
            let open = open.clone();
            async move {
                let answer = next.run(request).await;
                drop(open);
                answer
            }
        });
        let app = super::router(desk, Options::default()).layer(watched);
        let mut site = Site::serve(app).await;
        let stream = begin(&site, &call).await;
        assert_eq!(soon(events.recv()).await, Some(Event::Begun));
        drop(stream);
        site.begin_to_close().await;
        site.closed().await;
        assert_eq!(soon(noticed.recv()).await, None);
        if end == Event::Ended {
            gate.add_permits(1);
        }
        assert_eq!(soon(events.recv()).await, Some(end), "{call}");
    }
}

#[tokio::test]
async fn shutdown_lets_requests_finish() {
    let (desk, mut events, gate) = Desk::new();
    let mut site = Site::open(desk, Options::default()).await;
    let wait = modern(&json!(1), "tools/call", json!({"name": "wait"}));
    let mut stream = begin(&site, &wait).await;
    assert_eq!(soon(events.recv()).await, Some(Event::Begun));
    site.begin_to_close().await;
    assert!(!site.is_closed());
    gate.add_permits(1);
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("waited"), "{answer}");
    site.closed().await;
}

/// The spliced reply is the one that plain serialisation gives, and its length is known beforehand.
#[tokio::test]
async fn a_list_over_the_wire() {
    let site = site(Options::default()).await;
    let answer = site.post(&json!({"jsonrpc": "2.0", "id": "x", "method": "tools/list"}), &[]).await;
    let reply = answer.json();
    let next = reply["result"]["nextCursor"].as_str().unwrap();
    let expected = json!({"jsonrpc": "2.0", "id": "x", "result": {
        "tools": &tools()[..2],
        "nextCursor": next,
    }});
    assert_eq!(answer.body, expected.to_string());
    assert_eq!(answer.headers["content-length"], answer.body.len().to_string());
}

#[tokio::test]
async fn paths() {
    for path in ["/", "/mcp", "/a/b-c.d_e~f", "/1/"] {
        let options = Options { path: path.parse().unwrap(), ..Options::default() };
        let site = site(options).await;
        let answer = site.ask(&format!("POST {path}"), &[JSON], ping().to_string().as_bytes()).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let paths = ["/mcp", "/mcp/key", "/mcp/key", "/b"].map(|path| path.parse().unwrap());
    let site = site(Options { other_paths: paths.to_vec(), ..Options::default() }).await;
    for (path, status) in [("/mcp", 200), ("/mcp/key", 200), ("/b", 200), ("/c", 404)] {
        let answer = site.ask(&format!("POST {path}"), &[JSON], ping().to_string().as_bytes()).await;
        assert_eq!(answer.status, status, "{path}");
    }
    for path in ["", "mcp", "/{a}", "/:a", "/*a", "/a b", "/a?b", "/ä", "/%41"] {
        assert!(path.parse::<EndpointPath>().is_err(), "{path}");
    }
}
