//! What clients get besides tools: operations to read, completion, word of slow calls, and questions before calls that
//! a person must agree to. Asked by a real client that has a person, over both transports and in both eras.

mod lines;
mod reload;
mod tasks;

use std::sync::{Arc, Mutex};

use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationCapability, FormElicitationCapability,
    GetPromptRequestParams, Implementation, ProgressNotificationParam, ProtocolVersion,
    ReadResourceRequestParams, ResourceContents,
};
use rmcp::service::{
    ClientLifecycleMode, ClientServiceExt as _, NotificationContext, RequestContext, RunningService,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientHandler, ErrorData, RoleClient};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use crate::support::client::{Era, Transport, WAYS, connect, text};
use crate::support::program::{Server, command};
use crate::support::upstream::{Raw, Upstream, description, file};

const TOKEN: &str = "t0ken-of-the-operator";

/// What a person does with a form: the action, and what is filled in.
type Answer = (ElicitationAction, Value);

/// A client's handler with a person behind it, who gives one answer to everything.
struct Person {
    answer: Answer,
    asked: Arc<Mutex<Vec<String>>>,
    progress: mpsc::UnboundedSender<ProgressNotificationParam>,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation =
            Some(ElicitationCapability::new().with_form(FormElicitationCapability::default()));
        ClientConfig::new(capabilities, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else {
            return Err(ErrorData::internal_error("no form", None));
        };
        self.asked.lock().unwrap().push(message);
        let (action, content) = self.answer.clone();
        Ok(ElicitResult::new(action).with_content(content))
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        let _ = self.progress.send(told);
    }
}

/// A client with a person, and the server it talks to.
struct Met {
    client: RunningService<RoleClient, Person>,
    asked: Arc<Mutex<Vec<String>>>,
    progress: mpsc::UnboundedReceiver<ProgressNotificationParam>,
    _server: Option<Server>,
}

/// Legacy clients over HTTP are remembered here: without that nothing is known of what they can ask, see below.
async fn meet((transport, era): (Transport, Era), spec: &str, options: &[&str], answer: Answer) -> Met {
    let asked = Arc::default();
    let (sender, progress) = mpsc::unbounded_channel();
    let person = Person { answer, asked: Arc::clone(&asked), progress: sender };
    let mode = match era {
        Era::Legacy => ClientLifecycleMode::Initialize,
        Era::Modern => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::LATEST] },
    };
    let with = |arguments: &[&str]| {
        let mut command = command(arguments);
        command.args(options).env("OASGATE_CREDENTIAL_BEARER", TOKEN);
        command
    };
    let (client, server) = match transport {
        Transport::Http => {
            let server = Server::start(with(&["serve", spec, "--listen", "127.0.0.1:0", "--sessions", "9"]));
            let config = StreamableHttpClientTransportConfig::with_uri(server.url.as_str());
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let transport = StreamableHttpClientTransport::with_client(http, config);
            (person.serve_with_lifecycle(transport, mode).await.unwrap(), Some(server))
        }
        Transport::Stdio => {
            let process = tokio::process::Command::from(with(&["stdio", spec]));
            let spawned = TokioChildProcess::builder(process).stderr(std::process::Stdio::null()).spawn();
            (person.serve_with_lifecycle(spawned.unwrap().0, mode).await.unwrap(), None)
        }
    };
    Met { client, asked, progress, _server: server }
}

impl Met {
    async fn call(&self, tool: &'static str, arguments: Value) -> CallToolResult {
        let mut params = CallToolRequestParams::new(tool);
        params.arguments = arguments.as_object().cloned();
        self.client.call_tool(params).await.unwrap()
    }
}

fn accept(send: bool) -> Answer {
    (ElicitationAction::Accept, json!({"send": send}))
}

/// An API of which `erase` is marked and `drop` is not, though it destroys as well.
fn api(origin: &str) -> Value {
    let mut api = description(origin);
    let delete = |id: &str, confirm: bool| {
        let id_parameter =
            json!({"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}});
        json!({"delete": {
            "operationId": id, "summary": "Takes one | away", "x-oasgate": {"confirm": confirm},
            "parameters": [id_parameter], "responses": {},
        }})
    };
    api["paths"]["/marked/{id}"] = delete("erase", true);
    api["paths"]["/plain/{id}"] = delete("plain/drop", false);
    api["paths"]["/paid"]["post"]["x-oasgate"] = json!({"confirm": true});
    api
}

#[tokio::test]
async fn the_person_decides_what_is_sent() {
    let rows: [(Answer, bool, &str); 5] = [
        (accept(true), true, "DELETE"),
        (accept(false), false, "the user does not want it"),
        ((ElicitationAction::Accept, json!({})), false, "the user does not want it"),
        ((ElicitationAction::Decline, Value::Null), false, "the user does not want it"),
        ((ElicitationAction::Cancel, Value::Null), false, "has not answered"),
    ];
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    for way in WAYS {
        for (answer, sent, said) in &rows {
            let before = upstream.arrived().len();
            let met = meet(way, spec.to_str().unwrap(), &[], answer.clone()).await;
            let result = met.call("erase", json!({"id": 7})).await;
            assert!(text(&result).contains(said), "{way:?} {answer:?}: {}", text(&result));
            assert_eq!(result.is_error == Some(true), !sent, "{way:?} {answer:?}");
            assert_eq!(upstream.arrived().len() - before, usize::from(*sent), "{way:?} {answer:?}");
            let asked = met.asked.lock().unwrap().clone();
            let request = format!("DELETE {}/marked/7\n", upstream.origin);
            assert!(asked.len() == 1 && asked[0].contains(&request), "{way:?}: {asked:?}");
            assert!(
                asked[0].contains("Authorization: Bearer ****") && !asked[0].contains(TOKEN),
                "{asked:?}"
            );
        }
    }
}

#[tokio::test]
async fn clients_that_cannot_ask_are_told_what_would_be_sent_and_how_to_allow_it() {
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    for way in WAYS {
        let connected =
            connect(way, spec.to_str().unwrap(), &[], &[("OASGATE_CREDENTIAL_BEARER", TOKEN)]).await;
        let mut params = CallToolRequestParams::new("erase");
        params.arguments = json!({"id": 7}).as_object().cloned();
        let result = connected.client.call_tool(params).await.unwrap();
        let text = text(&result);
        assert_eq!(result.is_error, Some(true), "{way:?}");
        for part in ["was not sent", "--confirm never", "/marked/7", "Bearer ****"] {
            assert!(text.contains(part) && !text.contains(TOKEN), "{way:?} {part}: {text}");
        }
    }
    assert_eq!(upstream.arrived().len(), 0);
}

#[tokio::test]
async fn the_operator_decides_what_is_asked() {
    let rows: [(&[&str], &'static str, bool); 7] = [
        (&[], "erase", true),
        (&[], "plain_drop", false),
        (&["--confirm", "never"], "erase", false),
        (&["--confirm", "marked"], "plain_drop", false),
        (&["--confirm", "destructive"], "erase", true),
        (&["--confirm", "destructive"], "plain_drop", true),
        (&["--confirm", "destructive"], "open", false),
    ];
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    let way = (Transport::Stdio, Era::Modern);
    for (options, tool, asks) in rows {
        let met = meet(way, spec.to_str().unwrap(), options, accept(true)).await;
        let arguments = if tool == "open" { json!({}) } else { json!({"id": 7}) };
        let result = met.call(tool, arguments).await;
        assert_ne!(result.is_error, Some(true), "{options:?} {tool}: {}", text(&result));
        assert_eq!(met.asked.lock().unwrap().len(), usize::from(asks), "{options:?} {tool}");
    }
}

#[tokio::test]
async fn nobody_is_asked_about_a_call_that_cannot_be_made() {
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    let met = meet((Transport::Http, Era::Modern), spec.to_str().unwrap(), &[], accept(true)).await;
    let result = met.call("erase", json!({"id": "seven"})).await;
    assert!(result.is_error == Some(true) && text(&result).contains("/id"), "{}", text(&result));
    assert!(met.asked.lock().unwrap().is_empty() && upstream.arrived().is_empty());
}

#[tokio::test]
async fn an_answer_counts_for_its_question_only() {
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    let server = Server::start(command(&["serve", spec.to_str().unwrap(), "--listen", "127.0.0.1:0"]));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |id: i32, more: Value| -> Value {
        let mut params = json!({"name": "erase", "arguments": {"id": id}, "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
        }});
        params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request =
            http.post(&server.url).json(&message).header("accept", "application/json, text/event-stream");
        let request = request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call");
        let reply = request.header("mcp-name", "erase").send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&reply).unwrap()
    };
    let yes = json!({"confirm": {"action": "accept", "content": {"send": true}}});
    let asked = post(7, json!({})).await;
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    let state = &asked["result"]["requestState"];
    // An answer to no question is one to be asked first.
    let unasked = post(7, json!({"inputResponses": yes})).await;
    assert_eq!(unasked["result"]["resultType"], "input_required", "{unasked}");
    let other = post(8, json!({"inputResponses": yes, "requestState": state})).await;
    assert_eq!(other["error"]["code"], -32602, "{other}");
    assert_eq!(upstream.arrived().len(), 0);
    let sent = post(7, json!({"inputResponses": yes, "requestState": state})).await;
    assert_eq!(sent["result"]["resultType"], "complete", "{sent}");
    assert_eq!(upstream.last().line, "DELETE /marked/7");
}

/// The key that nobody has given is made before the person is asked, and is the one that goes out.
#[tokio::test]
async fn what_is_shown_is_what_is_sent() {
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    for way in WAYS {
        let met = meet(way, spec.to_str().unwrap(), &[], accept(true)).await;
        let mut sent = Vec::new();
        for _ in 0..2 {
            let result = met.call("pay", json!({})).await;
            assert_ne!(result.is_error, Some(true), "{way:?}: {}", text(&result));
            let key = upstream.last().headers["idempotency-key"].to_str().unwrap().to_owned();
            sent.push(format!("Idempotency-Key: {key}\n"));
        }
        let asked = met.asked.lock().unwrap().clone();
        assert!(asked.len() == 2 && asked.iter().zip(&sent).all(|(asked, key)| asked.contains(key)));
        assert_ne!(sent[0], sent[1], "{way:?}: each call has its own");
    }
}

/// A file that an argument names is part of what is agreed to.
#[tokio::test]
async fn what_changes_behind_the_question_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("a.txt");
    std::fs::write(&path, "as asked").unwrap();
    let upstream = Upstream::start("").await;
    let mut api = api(&upstream.origin);
    api["paths"]["/upload"]["post"]["x-oasgate"] = json!({"confirm": true});
    let spec = file(&api);
    let mut server = lines::Server::start(&[
        "stdio",
        spec.to_str().unwrap(),
        "--allow-files",
        folder.path().to_str().unwrap(),
    ]);
    let file = url::Url::from_file_path(&path).unwrap();
    let call = json!({"name": "upload", "arguments": {"file": file.as_str()}});
    let answered = |asked: &Value| {
        let mut call = call.clone();
        call["inputResponses"] = json!({"confirm": {"action": "accept", "content": {"send": true}}});
        call["requestState"] = asked["result"]["requestState"].clone();
        call
    };
    let asked = server.ask("tools/call", call.clone()).await;
    std::fs::write(&path, "changed").unwrap();
    let again = server.ask("tools/call", answered(&asked)).await;
    assert_eq!(again["result"]["resultType"], "input_required", "{again}");
    assert_eq!(upstream.arrived().len(), 0);
    let sent = server.ask("tools/call", answered(&again)).await;
    assert_eq!(sent["result"]["resultType"], "complete", "{sent}");
    assert!(String::from_utf8_lossy(&upstream.last().body).contains("changed"));
}

#[tokio::test]
async fn slow_calls_are_told_of_until_they_end() {
    for way in WAYS {
        let upstream = Raw::start().await;
        let spec = file(&api(&upstream.origin));
        let mut met = meet(way, spec.to_str().unwrap(), &[], accept(true)).await;
        let calling = async {
            let result = met.client.call_tool(CallToolRequestParams::new("open")).await.unwrap();
            assert_eq!(text(&result), "late!", "{way:?}");
        };
        let answering = async {
            let mut request = upstream.request().await;
            let told = met.progress.recv().await.unwrap();
            let host = upstream.origin.strip_prefix("http://").unwrap();
            let message = told.message.unwrap();
            assert!(message.starts_with(&format!("waiting for {host}, ")), "{way:?}: {message}");
            assert!(told.progress >= 1.0 && told.total.is_none(), "{way:?}");
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nlate!";
            request.write_all(answer).await.unwrap();
        };
        tokio::join!(calling, answering);
    }
}

#[tokio::test]
async fn every_operation_can_be_read() {
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    for way in WAYS {
        let connected = connect(way, spec.to_str().unwrap(), &[], &[]).await;
        let tools = connected.client.list_all_tools().await.unwrap();
        let resources = connected.client.list_all_resources().await.unwrap();
        assert_eq!(resources.len(), tools.len() + 1, "{way:?}: the table, too");
        for resource in &resources {
            let read = connected.client.read_resource(ReadResourceRequestParams::new(&resource.uri)).await;
            let ResourceContents::TextResourceContents { text, .. } = &read.unwrap().contents[0] else {
                panic!("{}: no text", resource.uri);
            };
            let expected = if resource.name == "operations" { "plain_drop" } else { "```json\n{\n" };
            assert!(text.contains(expected), "{way:?} {}: {text}", resource.uri);
        }
        assert!(
            resources.iter().any(|resource| resource.uri == "oasgate://operation/plain%2Fdrop"),
            "{way:?}"
        );
        for unknown in ["oasgate://operation/none", "oasgate://operations/none", "https://example.com/", "x"]
        {
            let read = connected.client.read_resource(ReadResourceRequestParams::new(unknown)).await;
            assert!(read.unwrap_err().to_string().contains("not found"), "{way:?} {unknown}");
        }
    }
}

#[tokio::test]
async fn operations_are_completed_and_explained() {
    let upstream = Upstream::start("").await;
    let spec = file(&api(&upstream.origin));
    for way in WAYS {
        let connected = connect(way, spec.to_str().unwrap(), &[], &[]).await;
        let templates = connected.client.list_all_resource_templates().await.unwrap();
        let template = &templates[0].uri_template;
        assert_eq!((templates.len(), template.as_str()), (1, "oasgate://operation/{operationId}"), "{way:?}");
        let rows: [(&str, &[&str]); 4] =
            [("plain", &["plain/drop"]), ("e", &["echo", "erase"]), ("DROP", &["plain/drop"]), ("none", &[])];
        for (typed, expected) in rows {
            let (client, variable) = (&connected.client, "operationId");
            let page = client.complete_resource_simple(template, variable, typed).await.unwrap();
            let prompt = client.complete_prompt_simple("explain_operation", variable, typed).await.unwrap();
            assert!(page.iter().zip(expected).all(|(page, expected)| page == expected), "{way:?}: {page:?}");
            assert!(page == prompt && page.len() >= expected.len(), "{way:?}: {page:?}");
            assert_eq!(page.is_empty(), expected.is_empty(), "{way:?}: {page:?}");
        }
        let mut get = GetPromptRequestParams::new("explain_operation");
        get.arguments = json!({"operationId": "erase"}).as_object().cloned();
        let prompt = connected.client.get_prompt(get).await.unwrap();
        assert!(serde_json::to_string(&prompt).unwrap().contains("DELETE /marked/{id}"), "{way:?}");
    }
}
