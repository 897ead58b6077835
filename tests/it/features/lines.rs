//! `oasgate stdio`, spoken to line by line: what a client library would hide is seen, and what it says on stderr.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::support::program::command;

/// A running server, and how many requests it has had.
pub(super) struct Server {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    log: mpsc::UnboundedReceiver<String>,
    asked: u64,
}

impl Server {
    pub(super) fn start(arguments: &[&str]) -> Self {
        Self::of(command(arguments))
    }

    pub(super) fn of(command: std::process::Command) -> Self {
        let mut command = Command::from(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (line, log) = mpsc::unbounded_channel();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(said)) = lines.next_line().await {
                let _ = line.send(said);
            }
        });
        Self { child, input, output: BufReader::new(output).lines(), log, asked: 0 }
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(super) async fn send(&mut self, message: &Value) {
        self.input.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    pub(super) async fn next(&mut self) -> Value {
        serde_json::from_str(&self.output.next_line().await.unwrap().unwrap()).unwrap()
    }

    /// The next line on stderr with this in it.
    pub(super) async fn said(&mut self, part: &str) -> String {
        loop {
            let line = self.log.recv().await.unwrap();
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Sends a request in the modern era, from a client that can do all that is asked of it here, unless it says what it
    /// can. Its id.
    pub(super) async fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        self.asked += 1;
        let able = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {
                "elicitation": {"form": {}},
                "extensions": {"io.modelcontextprotocol/tasks": {}},
            },
        });
        params.as_object_mut().unwrap().entry("_meta").or_insert(able);
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    /// Sends a request, and waits for its response. Nothing may come before.
    pub(super) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        let message = self.next().await;
        assert_eq!(message["id"], id, "{message}");
        message
    }
}
