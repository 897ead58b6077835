//! The commands as a person types them: what they print, and how they end.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::client::{Era, Transport, call, connect, over_http, text};
use crate::support::program::{Ended, Server, command, root, run, shown};
use crate::support::upstream::Upstream;

#[test]
fn tables_of_tools() {
    for spec in [
        "tasklist.yaml",
        "bookshop-2.0.json",
        "fleet-3.0.yaml",
        "multifile/openapi.yaml",
        "odd/one-broken-of-ten.yaml",
    ] {
        let name = format!("tools {spec}").replace(['/', ' '], "_");
        insta::assert_snapshot!(name, shown(&["tools", &format!("specs/{spec}")]));
    }
}

#[test]
fn operations_are_chosen() {
    let spec = "specs/tasklist.yaml";
    let rows: [(&[&str], &str); 7] = [
        (&["--include", "createTask"], "createTask"),
        (&["--include", "GET */lists", "--include", "getTask"], "listLists getTask"),
        (&["--include", "*Task", "--exclude", "delete*", "--read-only"], "getTask"),
        (&["--include", "{no}"], ""),
        (&["--include", "getTask", "--prefix", "my-tasks"], "my-tasks_getTask"),
        (&["--exclude", "*"], ""),
        (&["--read-only", "--exclude", "*/tasks*"], "listLists getList exportTasks"),
    ];
    for (options, expected) in rows {
        let Ended { code, stdout, stderr } = run(command(&[&["tools", spec], options].concat()));
        let names: Vec<&str> = stdout.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!((names.join(" ").as_str(), code), (expected, 0), "{options:?} {stderr}");
    }
    for options in [["--include", "["], ["--prefix", "1"], ["--prefix", "a b"], ["--prefix", ""]] {
        let Ended { code, stderr, .. } = run(command(&[&["tools", spec], &options[..]].concat()));
        assert!(code == 2 && stderr.contains(options[1]), "{options:?} {stderr}");
    }
}

#[test]
fn the_report_says_what_was_left_out_and_why() {
    let hidden = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    let operation =
        |id: &str, hide: bool| json!({"operationId": id, "x-oasgate": {"hidden": hide}, "responses": {}});
    let paths = json!({"/a": {"get": operation("a", false)}, "/b": {"get": operation("b", true)}});
    let text =
        json!({"openapi": "3.1.0", "info": {}, "servers": [{"url": "https://x.example"}], "paths": paths});
    write!(hidden.as_file(), "{text}").unwrap();
    let rows: [(&str, &[&str], &str); 3] = [
        ("specs/tasklist.yaml", &["--read-only"], "5 of 11 operations, 6 not selected"),
        (
            "specs/odd/one-broken-of-ten.yaml",
            &["--exclude", "* /path1*"],
            "7 of 10 operations, 2 not selected",
        ),
        (hidden.path().to_str().unwrap(), &[], "1 of 2 operations, 1 hidden by the description"),
    ];
    for (spec, options, expected) in rows {
        let serve = command(&[&["serve", spec, "--listen", "127.0.0.1:0"], options].concat());
        assert_eq!(Server::start(serve).reported("tools"), expected, "{spec}");
    }
}

#[tokio::test]
async fn tools_as_json_are_what_a_client_is_told() {
    let spec = "specs/fleet-3.0.yaml";
    for profile in ["portable", "full"] {
        let printed = run(command(&["tools", spec, "--json", "--profile", profile]));
        let printed: Value = serde_json::from_str(&printed.stdout).unwrap();
        let connected = connect((Transport::Stdio, Era::Modern), spec, &["--profile", profile], &[]).await;
        let listed = serde_json::to_value(connected.client.list_all_tools().await.unwrap()).unwrap();
        assert_eq!(printed, listed, "{profile}");
    }
}

#[test]
fn problems_with_their_places() {
    for spec in [
        "tasklist.yaml",
        "odd/one-broken-of-ten.yaml",
        "odd/ref-outside-folder.yaml",
        "odd/truncated.json",
        "odd/empty.yaml",
    ] {
        let name = format!("check {spec}").replace(['/', ' '], "_");
        insta::assert_snapshot!(name, shown(&["check", &format!("specs/{spec}")]));
    }
}

#[test]
fn check_ends_by_what_it_found() {
    let rows = [
        ("specs/tasklist.yaml", 0, 0),
        ("specs/odd/one-broken-of-ten.yaml", 0, 1),
        ("specs/odd/ref-outside-folder.yaml", 0, 1),
        ("specs/odd/truncated.json", 2, 2),
        ("specs/odd/not-openapi.json", 2, 2),
        ("specs", 2, 2),
        ("specs/none.yaml", 2, 2),
    ];
    for (spec, plain, strict) in rows {
        assert_eq!(run(command(&["check", spec])).code, plain, "{spec}");
        assert_eq!(run(command(&["check", spec, "--strict"])).code, strict, "{spec} --strict");
    }
}

#[test]
fn problems_as_json() {
    let Ended { stdout, .. } = run(command(&["check", "specs/odd/one-broken-of-ten.yaml", "--json"]));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let problems = report["problems"].as_array().unwrap();
    let error = problems.iter().find(|problem| problem["severity"] == "error").unwrap();
    assert_eq!(error["document"], "specs/odd/one-broken-of-ten.yaml");
    assert_eq!(error["operation"], "GET /things/{id}");
    assert_eq!(error["line"], 31);
    let members: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["severity", "rule", "document", "line", "column", "pointer", "operation", "message", "fix"]
    );
}

#[test]
fn requests_are_shown_and_not_sent() {
    let rows: [(&str, &[&str]); 7] = [
        (
            "create",
            &[
                "specs/tasklist.yaml",
                "createTask",
                "listId=3",
                "title=12",
                "tags=[\"a\",\"b\"]",
                "due=2026-12-01",
            ],
        ),
        ("patch_null", &["specs/tasklist.yaml", "updateTask", "taskId=1", "due:=null", "title:=\"x\""]),
        (
            "args",
            &[
                "specs/tasklist.yaml",
                "listTasks",
                "--args",
                r#"{"listId": 3, "limit": 5}"#,
                "limit=7",
                "done=false",
            ],
        ),
        (
            "base_url",
            &["specs/tasklist.yaml", "getTask", "taskId=1", "--base-url", "https://tasks.example/base/"],
        ),
        ("wrong", &["specs/tasklist.yaml", "createTask", "listId=first", "priority=urgent"]),
        ("unknown", &["specs/tasklist.yaml", "createTasks"]),
        ("no_pair", &["specs/tasklist.yaml", "getTask", "1"]),
    ];
    for (name, arguments) in rows {
        let arguments = [&["call"], arguments, &["--dry-run"]].concat();
        insta::assert_snapshot!(format!("dry_run_{name}"), shown(&arguments));
    }
}

const SECRET: &str = "s3cret-of-the-operator";

#[test]
fn credentials_are_covered_when_a_request_is_shown() {
    let spec = "specs/tasklist.yaml";
    let rows: [(&[&str], &str); 3] = [
        (&["getTask", "taskId=1"], "Authorization: Bearer ****\n"),
        (&["getTask", "taskId=1", "--credential", "bearerAuth=env:OTHER"], "Authorization: Bearer ****\n"),
        (&["getTask", "taskId=1", "--header", "X-Tenant=env:OTHER"], "X-Tenant: ****\n"),
    ];
    for (arguments, expected) in rows {
        let mut command = command(&[&["call", spec, "--dry-run"], arguments].concat());
        command.env("OASGATE_CREDENTIAL_BEARERAUTH", SECRET).env("OTHER", SECRET);
        let Ended { code, stdout, stderr } = run(command);
        assert!(code == 0 && stdout.contains(expected), "{arguments:?}: {stdout}{stderr}");
        assert!(!stdout.contains(SECRET) && !stderr.contains(SECRET), "{arguments:?}");
    }
}

#[test]
fn a_description_that_asks_for_nothing_gets_the_universal_credential() {
    let spec = "specs/odd/one-broken-of-ten.yaml";
    let rows: [(&[&str], &str, &str); 3] = [
        (
            &["--credential", "bearer=env:OTHER"],
            "Bearer ****",
            "bearer (9 of 9 tools, which ask for nothing) found in environment variable OTHER",
        ),
        (
            &["--credential", "basic=env:PAIR"],
            "Basic ****",
            "basic (9 of 9 tools, which ask for nothing) found in environment variable PAIR",
        ),
        (
            &[],
            "Bearer ****",
            "bearer (9 of 9 tools, which ask for nothing) found in environment variable OASGATE_CREDENTIAL_BEARER",
        ),
    ];
    let variables =
        [("OTHER", SECRET), ("PAIR", &format!("user:{SECRET}")), ("OASGATE_CREDENTIAL_BEARER", SECRET)];
    for (options, sent, reported) in rows {
        let mut call = command(&[&["call", spec, "operation1", "--dry-run"], options].concat());
        call.envs(variables);
        let Ended { stdout, stderr, .. } = run(call);
        assert!(stdout.contains(&format!("Authorization: {sent}\n")), "{options:?}: {stdout}{stderr}");
        let mut serve = command(&[&["serve", spec, "--listen", "127.0.0.1:0"], options].concat());
        serve.envs(variables);
        let server = Server::start(serve);
        assert_eq!(server.reported("credentials"), reported);
        assert!(!server.report.contains(SECRET) && !stdout.contains(SECRET));
    }
}

#[tokio::test]
async fn calls_print_what_came_back_and_end_by_it() {
    let upstream = Upstream::start("").await;
    let spec = upstream.description();
    let spec = spec.to_str().unwrap().to_owned();
    let rows: [(&[&str], i32, &str); 4] = [
        (&["writeThing", "id=7", "title=x"], 0, r#""path":"/things/7""#),
        (&["fail"], 1, "out_of_things"),
        (&["refuse"], 1, "set OASGATE_CREDENTIAL_BEARER"),
        (&["writeThing", "id=x"], 1, "/id"),
    ];
    for (arguments, expected, said) in rows {
        let command = command(&[&["call", &spec], arguments].concat());
        let ended = tokio::task::spawn_blocking(|| run(command)).await.unwrap();
        assert!(ended.code == expected && ended.stdout.contains(said), "{arguments:?}: {ended:?}");
    }
    let mut image = command(&["call", &spec, "image"]);
    let image = tokio::task::spawn_blocking(move || image.output().unwrap()).await.unwrap();
    assert_eq!(image.stdout, b"\x89PNG\r\n\x1a\nrest");
}

#[tokio::test]
async fn no_credential_is_ever_seen() {
    let upstream = Upstream::start("").await;
    let spec = upstream.description();
    let spec = spec.to_str().unwrap();
    let environment = [
        ("OASGATE_CREDENTIAL_BEARER", SECRET),
        ("OASGATE_CREDENTIAL_KEY", SECRET),
        ("OASGATE_CREDENTIAL_COOKIE", SECRET),
        ("EXTRA", SECRET),
        ("OASGATE_LOG", "trace"),
    ];
    let mut serve = command(&["serve", spec, "--listen", "127.0.0.1:0", "--header", "X-Extra=env:EXTRA"]);
    serve.envs(environment);
    let server = Server::start(serve);
    let client = over_http(&server.url, Era::Modern).await;
    let mut seen = format!("{:?}", client.peer_info());
    seen.push_str(&serde_json::to_string(&client.list_all_tools().await.unwrap()).unwrap());
    for tool in ["echo", "keyed", "both", "refuse", "away", "fail"] {
        seen.push_str(&text(&call(&client, tool, json!({})).await.unwrap()));
    }
    assert!(seen.contains("you sent /echo") && seen.contains("****"), "the echo came, covered: {seen}");
    drop(client);
    server.terminate();
    let (_, said) = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert!(said.contains("TRACE"), "everything was logged");
    let sent = upstream.arrived();
    assert!(sent.iter().any(|arrived| arrived.line == format!("GET /keyed?api_key={SECRET}")));
    assert!(
        sent.iter()
            .any(|arrived| arrived.headers.get("cookie").is_some_and(|c| c == &format!("sid={SECRET}")))
    );
    for text in [seen, said] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn secrets_on_the_command_line_are_refused_and_not_repeated() {
    let spec = "specs/tasklist.yaml";
    for option in [["--credential", "bearerAuth=s3cret-value"], ["--header", "X-Key=s3cret-value"]] {
        for name in ["call", "serve", "stdio"] {
            let tool: &[&str] = if name == "call" { &["listLists"] } else { &[] };
            let listen: &[&str] = if name == "serve" { &["--listen", "127.0.0.1:0"] } else { &[] };
            let Ended { code, stdout, stderr } =
                run(command(&[&[name, spec], tool, listen, &option[..]].concat()));
            assert!(code == 2 && stderr.contains("env:VARIABLE"), "{name} {option:?}: {stderr}");
            assert!(!stderr.contains("s3cret") && stdout.is_empty(), "{stderr}");
        }
    }
}

#[test]
fn a_description_may_come_from_standard_input() {
    let text = std::fs::read(root().join("specs/odd/one-broken-of-ten.yaml")).unwrap();
    let mut check = command(&["check", "-"]);
    let mut child = check.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("<stdin>:31:") && stdout.contains("9 tools"), "{stdout}");
}

#[tokio::test]
async fn a_description_may_come_from_the_web() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let text = r##"{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {
        "/a": {"$ref": "below/paths.json#/a"}, "/b": {"$ref": "/other.json#/b"},
        "/c": {"get": {"operationId": "c", "responses": {}}}}}"##;
    let paths = r#"{"a": {"get": {"operationId": "a", "responses": {}}}, "b": {"get": {"operationId": "b", "responses": {}}}}"#;
    let app = axum::Router::new()
        .route("/v1/api.json", axum::routing::get(move || async move { text }))
        .route("/v1/below/paths.json", axum::routing::get(move || async move { paths }))
        .route("/other.json", axum::routing::get(move || async move { paths }))
        .route("/moved", axum::routing::get(|| async { axum::response::Redirect::to("/v1/api.json") }))
        .route("/gone", axum::routing::get(|| async { axum::response::Redirect::to("http://127.0.0.1:9/") }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let tools = |path: &str, options: &[&str]| {
        let command = command(&[&["tools", &format!("http://{address}{path}")], options].concat());
        tokio::task::spawn_blocking(|| run(command))
    };
    let allowed = ["--allow-ref-host", "127.0.0.1"];
    let rows: [(&str, &[&str], usize, &str); 5] = [
        ("/v1/api.json", &[], 2, "1 operation was skipped"),
        ("/v1/api.json", &allowed, 3, ""),
        ("/moved", &[], 0, ""),
        ("/gone", &[], 0, "redirects to http://127.0.0.1:9/, which is not followed"),
        ("/none", &[], 0, "answered 404 Not Found"),
    ];
    for (path, options, count, said) in rows {
        let ended = tools(path, options).await.unwrap();
        if path != "/moved" {
            assert_eq!(ended.stdout.lines().count(), count, "{path}: {ended:?}");
        }
        assert!(ended.stderr.contains(said), "{path}: {ended:?}");
    }
}

#[test]
fn a_system_without_certificates_is_enough_for_what_needs_none() {
    let empty = tempfile::tempdir().unwrap();
    let rows: [(&[&str], &str); 2] = [
        (&["tools", "specs/tasklist.yaml"], ""),
        (
            &["call", "specs/tasklist.yaml", "getTask", "taskId=1", "--dry-run"],
            "install the system's CA certificates",
        ),
    ];
    for (arguments, warning) in rows {
        let mut command = command(arguments);
        command.env("SSL_CERT_DIR", empty.path()).env("SSL_CERT_FILE", empty.path().join("none"));
        let Ended { code, stderr, .. } = run(command);
        assert!(code == 0 && stderr.contains(warning), "{stderr}");
        assert_eq!(stderr.is_empty(), warning.is_empty(), "{stderr}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut tools = command(&["tools", "specs/fleet-3.0.yaml", "--json"]);
    let mut child = tools.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn help_fits_every_command() {
    for name in ["demo", "serve", "stdio", "tools", "call", "check"] {
        let Ended { code, stdout, .. } = run(command(&[name, "--help"]));
        assert!(code == 0 && stdout.contains("Usage: "), "{name}");
    }
}

#[test]
fn the_report_at_the_start() {
    let rows = [("one-broken-of-ten", "specs/odd/one-broken-of-ten.yaml"), ("fleet", "specs/fleet-3.0.yaml")];
    for (name, spec) in rows {
        let mut serve = command(&["serve", spec, "--listen", "127.0.0.1:0"]);
        serve.env("OASGATE_CREDENTIAL_SESSION", SECRET);
        let server = Server::start(serve);
        let listing = server.reported("listing").to_owned();
        let report = server.report.replace(&server.url, "URL").replace(&listing, "LISTING");
        insta::assert_snapshot!(format!("report_{name}"), report);
        let tools = run(command(&["tools", spec, "--json"])).stdout;
        let tools: Vec<Value> = serde_json::from_str(&tools).unwrap();
        let bytes: usize = tools.iter().map(|tool| tool.to_string().len()).sum();
        let digits = listing.split(" bytes").next().unwrap().replace(',', "");
        assert_eq!(digits, bytes.to_string(), "{listing}");
    }
}
