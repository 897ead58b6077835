//! Tools listed and called by a real client: the same over both transports, in both eras.

use std::collections::HashSet;
use std::time::Duration;

use rmcp::model::CallToolResult;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::support::client::{Connected, Era, Transport, WAYS, ask, call, connect, text};
use crate::support::upstream::{Raw, Upstream, description, file};

const TOKEN: &str = "t0ken-of-the-operator";
const CREDENTIAL: [(&str, &str); 1] = [("OASGATE_CREDENTIAL_BEARER", TOKEN)];

/// Every way to talk to the program, in front of one upstream.
async fn everywhere(upstream: &Upstream) -> Vec<((Transport, Era), Connected)> {
    let spec = upstream.description();
    let mut all = Vec::new();
    for way in WAYS {
        all.push((way, connect(way, spec.to_str().unwrap(), &[], &CREDENTIAL).await));
    }
    all
}

fn failed(result: &CallToolResult) -> bool {
    result.is_error == Some(true)
}

#[tokio::test]
async fn a_call_becomes_one_request_and_its_answer_a_result() {
    let upstream = Upstream::start("").await;
    for (way, connected) in everywhere(&upstream).await {
        let arguments = json!({"id": 7, "dry": true, "title": "Größe"});
        let answer = ask(&connected.client, "writeThing", arguments).await;
        assert_eq!(
            answer,
            json!({"method": "POST", "path": "/things/7", "body": r#"{"title":"Größe"}"#}),
            "{way:?}"
        );
        let arrived = upstream.last();
        assert_eq!(arrived.line, "POST /things/7?dry=true", "{way:?}");
        assert_eq!(arrived.headers["authorization"], format!("Bearer {TOKEN}"), "{way:?}");
        assert_eq!(arrived.headers["content-type"], "application/json", "{way:?}");
        assert_eq!(arrived.headers["user-agent"], concat!("oasgate/", env!("CARGO_PKG_VERSION")), "{way:?}");
        assert_eq!(arrived.body, r#"{"title":"Größe"}"#, "{way:?}");
    }
}

#[tokio::test]
async fn every_page_of_a_long_list_is_there() {
    let mut long = description("http://127.0.0.1:9");
    for index in 0..1_200 {
        let parameter = |number: i32| {
            let name = format!("parameter{number}");
            json!({"name": name, "in": "query", "description": "x ".repeat(60), "schema": {"type": "string"}})
        };
        let operation = json!({"parameters": (0..8).map(parameter).collect::<Vec<_>>(), "responses": {}});
        long["paths"][format!("/page/{index}")] = json!({"get": operation});
    }
    let spec = file(&long);
    for way in WAYS {
        let connected = connect(way, spec.to_str().unwrap(), &[], &[]).await;
        let first = connected.client.list_tools(None).await.unwrap();
        assert!(first.next_cursor.is_some(), "{way:?}: more than one page");
        let tools = connected.client.list_all_tools().await.unwrap();
        let names: HashSet<_> = tools.iter().map(|tool| tool.name.as_ref()).collect();
        assert_eq!((tools.len(), names.len()), (1_210, 1_210), "{way:?}");
    }
}

#[tokio::test]
async fn a_tool_tells_what_it_is() {
    let upstream = Upstream::start("").await;
    for (way, connected) in everywhere(&upstream).await {
        let tools = connected.client.list_all_tools().await.unwrap();
        let tool = tools.iter().find(|tool| tool.name == "writeThing").unwrap();
        let annotations = tool.annotations.as_ref().unwrap();
        let hints = [
            annotations.read_only_hint,
            annotations.destructive_hint,
            annotations.idempotent_hint,
            annotations.open_world_hint,
        ];
        assert_eq!(hints, [Some(false), Some(true), Some(false), Some(true)], "{way:?}");
        let meta = tool.meta.as_ref().unwrap();
        assert_eq!(meta["oasgate/operation"], "POST /things/{id}", "{way:?}");
        assert_eq!(meta["oasgate/operationId"], "writeThing", "{way:?}");
        let required = tool.input_schema["required"].as_array().unwrap();
        assert_eq!(required, &[Value::from("id"), Value::from("title")], "{way:?}");
    }
}

#[tokio::test]
async fn wrong_arguments_are_told_to_the_model_and_nothing_is_sent() {
    let upstream = Upstream::start("").await;
    let rows = [
        (json!({"title": "x"}), "/id"),
        (json!({"id": "seven", "title": "x"}), "/id"),
        (json!({"id": 7, "title": 1}), "/title"),
        (json!({"id": 7}), "/title"),
        (json!({"id": 7, "title": "x", "tilte": "x"}), "/tilte"),
    ];
    for (way, connected) in everywhere(&upstream).await {
        for (arguments, pointer) in &rows {
            let result = call(&connected.client, "writeThing", arguments.clone()).await.unwrap();
            assert!(failed(&result) && text(&result).contains(pointer), "{way:?}: {}", text(&result));
        }
        let unknown = call(&connected.client, "writeThings", json!({})).await.unwrap_err().to_string();
        assert!(
            unknown.contains("writeThings") && unknown.contains("there is one named writeThing"),
            "{unknown}"
        );
    }
    assert_eq!(upstream.arrived().len(), 0);
}

#[tokio::test]
async fn an_error_of_the_upstream_is_an_error_of_the_tool_with_its_body() {
    let upstream = Upstream::start("").await;
    for (way, connected) in everywhere(&upstream).await {
        let result = call(&connected.client, "fail", json!({})).await.unwrap();
        let text = text(&result);
        assert!(failed(&result) && text.contains("409") && text.contains("out_of_things"), "{way:?}: {text}");
    }
}

#[tokio::test]
async fn an_image_comes_as_one() {
    let upstream = Upstream::start("").await;
    for (way, connected) in everywhere(&upstream).await {
        let result = call(&connected.client, "image", json!({})).await.unwrap();
        let image = result.content.iter().find_map(|content| content.as_image()).unwrap();
        assert_eq!(
            (image.mime_type.as_str(), image.data.as_str()),
            ("image/png", "iVBORw0KGgpyZXN0"),
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn a_client_that_gives_up_ends_the_request() {
    for way in WAYS {
        let upstream = Raw::start().await;
        let spec = file(&description(&upstream.origin));
        let connected = connect(way, spec.to_str().unwrap(), &[], &[]).await;
        let client = connected.client.peer().clone();
        let waiting =
            tokio::spawn(
                async move { client.call_tool(rmcp::model::CallToolRequestParams::new("open")).await },
            );
        let mut request = upstream.request().await;
        waiting.abort();
        // In the legacy era a client that leaves an HTTP request says nothing by it, and no session could tell which
        // request a notification means: the upstream's time limit ends it.
        if way != (Transport::Http, Era::Legacy) {
            assert_eq!(request.read_to_end(&mut Vec::new()).await.unwrap(), 0, "{way:?}");
        }
    }
}

#[tokio::test]
async fn credentials_reach_only_the_origin_they_are_for() {
    let other = Upstream::start("").await;
    let upstream = Upstream::start(&other.origin).await;
    for (way, connected) in everywhere(&upstream).await {
        let result = call(&connected.client, "away", json!({})).await.unwrap();
        assert!(text(&result).contains("302"), "{way:?}: {}", text(&result));
        let result = call(&connected.client, "here", json!({})).await.unwrap();
        assert!(!failed(&result), "{way:?}");
        assert_eq!(upstream.last().line, "GET /open", "{way:?}");
    }
    assert_eq!(other.arrived().len(), 0);
}

#[tokio::test]
async fn missing_credentials_are_told_with_the_way_to_give_them() {
    let upstream = Upstream::start("").await;
    let spec = upstream.description();
    for way in WAYS {
        let connected = connect(way, spec.to_str().unwrap(), &[], &[]).await;
        let result = call(&connected.client, "refuse", json!({})).await.unwrap();
        let text = text(&result);
        assert!(failed(&result) && text.contains("who are you?"), "{way:?}: {text}");
        assert!(text.contains("set OASGATE_CREDENTIAL_BEARER"), "{way:?}: {text}");
        assert!(upstream.last().headers.get("authorization").is_none(), "{way:?}");
    }
}

#[tokio::test]
async fn a_hostile_upstream_costs_no_more_than_its_limits() {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    let rows: [(&str, &'static str, &'static [u8], &str); 4] = [
        (
            "endless",
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n",
            &[b'x'; 16_384],
            "more than 1 MiB",
        ),
        ("announced", "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n", b"", "more than 1 MiB"),
        ("silent", "", b"", "did not answer within 1 s"),
        ("half a head", OK, b"", "did not answer within 1 s"),
    ];
    for (name, head, chunk, expected) in rows {
        let upstream = Raw::start().await;
        let spec = file(&description(&upstream.origin));
        upstream.answer_endlessly(head, chunk);
        let options =
            ["--timeout", if expected.contains("within") { "1" } else { "60" }, "--max-response", "1048576"];
        let connected = connect((Transport::Http, Era::Modern), spec.to_str().unwrap(), &options, &[]).await;
        let result = call(&connected.client, "open", json!({})).await.unwrap();
        assert!(failed(&result) && text(&result).contains(expected), "{name}: {}", text(&result));
    }
}

#[tokio::test]
async fn calls_run_side_by_side() {
    for way in WAYS {
        let upstream = Raw::start().await;
        let spec = file(&description(&upstream.origin));
        let connected = connect(way, spec.to_str().unwrap(), &[], &[]).await;
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let client = connected.client.peer().clone();
                tokio::spawn(async move {
                    client.call_tool(rmcp::model::CallToolRequestParams::new("open")).await
                })
            })
            .collect();
        // None is answered before all four have arrived.
        let mut requests = Vec::new();
        for _ in 0..4 {
            let request = tokio::time::timeout(Duration::from_secs(30), upstream.request()).await;
            requests.push(request.expect("a call waits for another"));
        }
        for mut request in requests {
            let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut request, answer).await.unwrap();
        }
        for call in calls {
            assert!(text(&call.await.unwrap().unwrap()).contains("204"), "{way:?}");
        }
    }
}
