//! Tools listed and called by a real client: the same over both transports, in both eras.

use std::collections::HashSet;
use std::time::Duration;

use rmcp::model::CallToolResult;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::support::client::{Connected, Era, Transport, WAYS, ask, call, connect, over_http, text};
use crate::support::program::{Server, command};
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
        assert_eq!((tools.len(), names.len()), (1_214, 1_214), "{way:?}");
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

#[tokio::test]
async fn the_trace_of_a_client_goes_on_to_the_api() {
    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let upstream = Upstream::start("").await;
    for (way, connected) in everywhere(&upstream).await {
        for (meta, expected) in [
            (json!({"traceparent": PARENT, "tracestate": "rojo=1"}), (Some(PARENT), Some("rojo=1"))),
            (json!({"traceparent": PARENT, "tracestate": "ROJO"}), (Some(PARENT), None)),
            (json!({"traceparent": "00-x", "tracestate": "rojo=1"}), (None, None)),
            (json!({"baggage": "who=me"}), (None, None)),
        ] {
            let params = serde_json::from_value(json!({"name": "open", "_meta": meta})).unwrap();
            connected.client.call_tool(params).await.unwrap();
            let headers = upstream.last().headers;
            let field = |name| headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!((field("traceparent"), field("tracestate")), expected, "{way:?}");
            assert_eq!(field("baggage"), None, "{way:?}");
        }
    }
}

#[tokio::test]
async fn a_call_without_an_idempotency_key_gets_a_fresh_one() {
    let upstream = Upstream::start("").await;
    for (way, connected) in everywhere(&upstream).await {
        let mut keys = HashSet::new();
        for arguments in [json!({}), json!({}), json!({"Idempotency-Key": "own"})] {
            let result = call(&connected.client, "pay", arguments).await.unwrap();
            assert!(!failed(&result), "{way:?}: {}", text(&result));
            keys.insert(upstream.last().headers["idempotency-key"].to_str().unwrap().to_owned());
        }
        assert!(keys.remove("own") && keys.len() == 2, "{way:?}: {keys:?}");
        let is_uuid = |key: &String| {
            let parts: Vec<_> = key.split('-').map(str::len).collect();
            parts == [8, 4, 4, 4, 12] && key[14..].starts_with('4') && "89ab".contains(&key[19..20])
        };
        assert!(keys.iter().all(is_uuid), "{way:?}: {keys:?}");
    }
}

#[tokio::test]
async fn what_the_api_lets_keep_is_asked_for_once() {
    // The options, and how often each of the two is asked for when it is called twice.
    let rows: [(&[&str], [usize; 2]); 3] =
        [(&[], [1, 2]), (&["--cache-credentialed"], [1, 1]), (&["--cache-bytes", "0"], [2, 2])];
    for (options, expected) in rows {
        let upstream = Upstream::start("").await;
        let spec = upstream.description();
        let way = (Transport::Http, Era::Modern);
        let connected = connect(way, spec.to_str().unwrap(), options, &CREDENTIAL).await;
        for (tool, expected) in ["kept", "keptSecret"].into_iter().zip(expected) {
            let before = upstream.arrived().len();
            for _ in 0..2 {
                assert_eq!(text(&call(&connected.client, tool, json!({})).await.unwrap()), "kept");
            }
            assert_eq!(upstream.arrived().len() - before, expected, "{tool} {options:?}");
        }
        // What may have changed something makes it unknown.
        call(&connected.client, "pay", json!({})).await.unwrap();
        call(&connected.client, "kept", json!({})).await.unwrap();
        assert_eq!(upstream.last().line, "GET /kept", "{options:?}");
    }
}

#[tokio::test]
async fn a_file_below_the_allowed_folder_is_uploaded() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "bytes of a").unwrap();
    let below = url::Url::from_file_path(folder.path().canonicalize().unwrap().join("a.txt")).unwrap();
    let upstream = Upstream::start("").await;
    let spec = upstream.description();
    let allowed = ["--allow-files", folder.path().to_str().unwrap()];
    /// What is in the body that arrives, or what is told.
    type Expected = Result<&'static str, &'static str>;
    let rows: [(Transport, &[&str], &str, Expected); 4] = [
        (Transport::Stdio, &allowed, below.as_str(), Ok("filename=\"a.txt\"")),
        (Transport::Stdio, &allowed, "file:///etc/passwd", Err("is a file outside of")),
        (Transport::Stdio, &[], below.as_str(), Err("this server reads none")),
        (Transport::Http, &[], below.as_str(), Err("this server reads none")),
    ];
    for (transport, options, file, expected) in rows {
        let way = (transport, Era::Modern);
        let connected = connect(way, spec.to_str().unwrap(), options, &CREDENTIAL).await;
        let instructions = connected.client.peer_info().unwrap().instructions.clone().unwrap();
        let told = below.as_str().replace("a.txt", "NAME sends the file of that name");
        assert_eq!(instructions.contains(&told), !options.is_empty(), "{instructions}");
        let result = call(&connected.client, "upload", json!({"file": file})).await.unwrap();
        assert_eq!(failed(&result), expected.is_err(), "{way:?} {file}: {}", text(&result));
        match expected {
            Ok(name) => {
                let body = String::from_utf8(upstream.last().body.to_vec()).unwrap();
                assert!(body.contains(name) && body.contains("bytes of a"), "{body}");
            }
            Err(reason) => assert!(text(&result).contains(reason), "{way:?} {file}: {}", text(&result)),
        }
    }
    assert_eq!(upstream.arrived().len(), 1);
}

#[tokio::test]
async fn an_open_server_reaches_public_addresses_only() {
    let upstream = Upstream::start("").await;
    let spec = upstream.description();
    let rows: [(&[&str], bool); 3] = [
        (&["--listen", "127.0.0.1:0"], true),
        (&["--listen", "0.0.0.0:0", "--allow-anonymous"], false),
        (&["--listen", "0.0.0.0:0", "--allow-anonymous", "--danger-allow-private-upstreams"], true),
    ];
    for (options, is_reached) in rows {
        let mut command = command(&["serve", spec.to_str().unwrap()]);
        command.args(options);
        let server = Server::start(command);
        let client = over_http(&server.url.replace("0.0.0.0", "127.0.0.1"), Era::Modern).await;
        let before = upstream.arrived().len();
        let result = call(&client, "open", json!({})).await.unwrap();
        assert_eq!(failed(&result), !is_reached, "{options:?}: {}", text(&result));
        assert_eq!(upstream.arrived().len() - before, usize::from(is_reached), "{options:?}");
        let is_told = text(&result).contains("--danger-allow-private-upstreams");
        assert_eq!(is_told, !is_reached, "{options:?}: {}", text(&result));
    }
}
