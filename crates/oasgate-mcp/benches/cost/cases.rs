//! The messages, and what each may cost.

use std::time::Duration;

use serde_json::{Value, json};

/// A message, what its answer must weigh, and what it may cost.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) revision: &'static str,
    pub(crate) message: Value,
    /// How long its answer is at least, in bytes.
    pub(crate) at_least: usize,
    pub(crate) cpu: Duration,
    pub(crate) allocations: usize,
    /// How often it is sent for a measurement.
    pub(crate) rounds: u32,
    /// How many connections are kept busy at the same time.
    pub(crate) connections: usize,
}

/// Both messages, in the newest revision, and in one that most clients still speak.
pub(crate) fn cases() -> Vec<Case> {
    ["2025-06-18", "2026-07-28"].into_iter().flat_map(|revision| [call(revision), list(revision)]).collect()
}

fn call(revision: &'static str) -> Case {
    Case {
        name: "tools/call",
        revision,
        message: message(
            revision,
            "tools/call",
            json!({"name": "echo", "arguments": {"text": "hello", "n": 42}}),
        ),
        at_least: 70,
        cpu: Duration::from_micros(12),
        allocations: 40,
        rounds: 20_000,
        connections: 32,
    }
}

fn list(revision: &'static str) -> Case {
    Case {
        name: "tools/list of 730 KB",
        revision,
        message: message(revision, "tools/list", json!({})),
        at_least: 730_000,
        cpu: Duration::from_micros(150),
        allocations: 40,
        rounds: 2_000,
        connections: 4,
    }
}

impl Case {
    /// The header fields that must go with the message.
    pub(crate) fn headers(&self) -> Vec<(&'static str, &str)> {
        let text = |pointer: &str| self.message.pointer(pointer).and_then(Value::as_str);
        let mut headers = vec![
            ("host", "localhost"),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", self.revision),
        ];
        if is_modern(self.revision) {
            headers.extend(text("/method").map(|method| ("mcp-method", method)));
            headers.extend(text("/params/name").map(|name| ("mcp-name", name)));
        }
        headers
    }
}

fn message(revision: &str, method: &str, mut params: Value) -> Value {
    if let (Value::Object(params), true) = (&mut params, is_modern(revision)) {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": revision,
            "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}},
        });
        params.insert("_meta".to_owned(), meta);
    }
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// 2026-07-28 and later state in every request what older revisions agree on once.
fn is_modern(revision: &str) -> bool {
    revision >= "2026"
}
