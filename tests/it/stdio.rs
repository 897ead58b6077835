//! What only `oasgate stdio` does: a stdout that belongs to the protocol, and two ways to end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::support::program::{Ended, command, run, terminate};
use crate::support::upstream::{Raw, description, file};

const SPEC: &str = "specs/tasklist.yaml";

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn line(message: &Value) -> String {
    format!("{message}\n")
}

fn initialize() -> Value {
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
    }})
}

#[test]
fn stdout_has_messages_and_nothing_else_and_the_end_of_input_is_the_end() {
    let mut command = command(&["stdio", SPEC]);
    command.env("OASGATE_LOG", "trace");
    let mut child = start(command);
    let mut input = child.stdin.take().unwrap();
    for message in [initialize(), json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})] {
        input.write_all(line(&message).as_bytes()).unwrap();
    }
    input.write_all(b"this is no message\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut messages: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    messages.sort_by_key(|message| message["id"].as_i64());
    let ids: Vec<&Value> = messages.iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, [&Value::Null, &json!(0), &json!(1)]);
    assert_eq!(messages[1]["result"]["serverInfo"]["name"], "task-list");
    assert_eq!(messages[2]["result"]["tools"].as_array().unwrap().len(), 11);
    assert!(String::from_utf8(output.stderr).unwrap().contains("tools        11 of 11 operations"));
}

#[tokio::test]
async fn a_call_in_flight_is_answered_before_the_end() {
    for signal in [true, false] {
        let upstream = Raw::start().await;
        let spec = file(&description(&upstream.origin));
        let mut child = start(command(&["stdio", spec.to_str().unwrap()]));
        let mut input = child.stdin.take().unwrap();
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "open"}});
        input.write_all(line(&initialize()).as_bytes()).unwrap();
        input.write_all(line(&call).as_bytes()).unwrap();
        let mut request = upstream.request().await;
        if signal {
            terminate(child.id());
        } else {
            drop(input);
        }
        request.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlate!").await.unwrap();
        let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code() == Some(0) && said.contains("late!"), "signal {signal}: {said}");
    }
}

#[test]
fn a_signal_ends_a_server_whose_input_stays_open() {
    let mut child = start(command(&["stdio", SPEC]));
    let mut input = child.stdin.take().unwrap();
    input.write_all(line(&initialize()).as_bytes()).unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    terminate(child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(output.read_to_end(&mut Vec::new()).unwrap(), 0);
    drop(input);
}

#[test]
fn a_description_on_standard_input_is_refused() {
    let Ended { code, stderr, .. } = run(command(&["stdio", "-"]));
    assert!(code == 2 && stderr.contains("standard input belongs to the client"), "{stderr}");
}
