//! What only `oasgate serve` does: probes, who may come in, how it starts and how it stops.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::support::client::{Era, call, over_http, text};
use crate::support::program::{Ended, Server, command, run};
use crate::support::upstream::{Raw, description, file};

const SPEC: &str = "specs/tasklist.yaml";
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

fn serve(options: &[&str]) -> Server {
    let mut command = command(&["serve", SPEC, "--listen", "127.0.0.1:0"]);
    command.args(options);
    Server::start(command)
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Posts a ping with these header fields.
async fn ping(url: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = http().post(url).body(PING).header("content-type", "application/json");
    request = request.header("accept", "application/json, text/event-stream");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn probes_are_answered() {
    let server = serve(&[]);
    for path in ["/health", "/ready"] {
        assert_eq!(http().get(server.at(path)).send().await.unwrap().status(), 200, "{path}");
    }
    assert_eq!(http().get(server.at("/")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_path_is_the_operators() {
    let server = serve(&["--path", "/tools/v1"]);
    assert!(server.url.ends_with("/tools/v1"));
    assert_eq!(ping(&server.url, &[]).await, 200);
    assert_eq!(ping(&server.at("/mcp"), &[]).await, 404);
}

#[tokio::test]
async fn other_hosts_and_origins_are_let_in_by_name_only() {
    let closed = serve(&[]);
    let open = serve(&["--allowed-host", "mcp.example", "--allowed-origin", "https://app.example"]);
    type Headers = &'static [(&'static str, &'static str)];
    let rows: [(Headers, u16, u16); 5] = [
        (&[], 200, 200),
        (&[("host", "mcp.example")], 403, 200),
        (&[("host", "evil.example")], 403, 403),
        (&[("origin", "https://app.example")], 403, 200),
        (&[("origin", "https://evil.example")], 403, 403),
    ];
    for (headers, at_closed, at_open) in rows {
        assert_eq!(ping(&closed.url, headers).await, at_closed, "{headers:?}");
        assert_eq!(ping(&open.url, headers).await, at_open, "{headers:?}");
    }
}

#[test]
fn other_machines_are_let_in_only_if_the_operator_says_so() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let Ended { code, stderr, .. } = run(command(&["serve", SPEC, "--listen", address]));
        assert!(code == 2 && stderr.contains("--allow-anonymous"), "{address}: {stderr}");
    }
    let server = Server::start(command(&["serve", SPEC, "--listen", "0.0.0.0:0", "--allow-anonymous"]));
    assert!(server.url.starts_with("http://0.0.0.0:"));
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let rows: [(&[&str], i32, &str); 6] = [
        (&["serve", SPEC, "--listen", &taken], 3, "choose another with --listen"),
        (&["serve", SPEC, "--listen", "127.0.0.1:0", "--path", "/health"], 2, "/health is taken"),
        (&["serve", SPEC, "--listen", "127.0.0.1:0", "--path", "mcp"], 2, "begins with `/`"),
        (&["serve", "no-such.yaml", "--listen", "127.0.0.1:0"], 2, "cannot read no-such.yaml"),
        (
            &["serve", "specs/odd/not-openapi.json", "--listen", "127.0.0.1:0"],
            2,
            "specs/odd/not-openapi.json",
        ),
        (
            &["serve", SPEC, "--listen", "127.0.0.1:0", "--credential", "bearerAuth=env:UNSET"],
            3,
            "UNSET cannot be read",
        ),
    ];
    for (arguments, expected, said) in rows {
        let Ended { code, stderr, stdout } = run(command(arguments));
        assert!(
            code == expected && stderr.contains(said) && stdout.is_empty(),
            "{arguments:?}: {code} {stderr}"
        );
    }
}

#[tokio::test]
async fn a_call_in_flight_is_answered_before_the_end() {
    let upstream = Raw::start().await;
    let spec = file(&description(&upstream.origin));
    let server = Server::start(command(&["serve", spec.to_str().unwrap(), "--listen", "127.0.0.1:0"]));
    let client = over_http(&server.url, Era::Modern).await;
    let calling = tokio::spawn(async move { call(&client, "open", json!({})).await });
    let mut request = upstream.request().await;
    server.terminate();
    refused(&server).await;
    request
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nlate!")
        .await
        .unwrap();
    assert_eq!(text(&calling.await.unwrap().unwrap()), "late!");
    drop(request);
    let (code, _) = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert_eq!(code, Some(0));
}

/// Waits until the server takes no new connections.
async fn refused(server: &Server) {
    let address = server.url.split('/').nth(2).unwrap();
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
