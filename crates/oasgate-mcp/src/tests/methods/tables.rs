//! The rows. Sections without a date are of 2026-07-28.

use super::Row;

#[rustfmt::skip]
pub(super) const MODERN: [Row; 21] = [
    ("server/discover", "server/discover", "{}", 200,
        r#"{"supportedVersions": ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"],
            "capabilities": {"tools": {}}, "instructions": "Ring the bell.", "ttlMs": 300000, "cacheScope": "private"}"#),
    ("server/tools, Calling Tools", "tools/call", r#"{"name": "echo", "arguments": {"a": "ä\n"}}"#, 200,
        r#"{"content": [{"type": "text", "text": "{\"a\":\"ä\\n\"}"}]}"#),
    ("no arguments", "tools/call", r#"{"name": "echo"}"#, 200, r#"{"content": [{"type": "text", "text": "none"}]}"#),
    ("null for no arguments", "tools/call", r#"{"name": "echo", "arguments": null}"#, 200,
        r#"{"content": [{"type": "text", "text": "none"}]}"#),
    ("server/tools, Error Handling: in the tool", "tools/call", r#"{"name": "fail"}"#, 200,
        r#"{"content": [{"type": "text", "text": "no luck"}], "isError": true}"#),
    ("server/tools, Structured Content: any value", "tools/call", r#"{"name": "array"}"#, 200,
        r#"{"content": [{"type": "text", "text": "[]"}], "structuredContent": [1]}"#),
    ("server/tools, Structured Content: with line breaks", "tools/call", r#"{"name": "pretty"}"#, 200,
        r#"{"content": [{"type": "text", "text": "\n"}], "structuredContent": {"a": "\n"}}"#),
    ("server/tools, Tool Result", "tools/call", r#"{"name": "parts"}"#, 200,
        r#"{"content": [
            {"type": "image", "data": "aW1n", "mimeType": "image/png"},
            {"type": "audio", "data": "c25k", "mimeType": "audio/wav"},
            {"type": "resource", "resource": {"uri": "urn:r", "blob": "YmxvYg=="}},
            {"type": "resource_link", "uri": "urn:l", "name": "link"}]}"#),
    ("server/tools, Error Handling: unknown tool", "tools/call", r#"{"name": "nope"}"#, 200,
        r#"{"code": -32602, "message": "Unknown tool: nope"}"#),
    ("server/tools, Error Handling: no name", "tools/call", r#"{"arguments": {}}"#, 200,
        r#"{"code": -32602, "message": "`params.name` must be a string"}"#),
    ("server/tools, Error Handling: bad arguments", "tools/call", r#"{"name": "echo", "arguments": [1]}"#, 200,
        r#"{"code": -32602, "message": "`arguments` must be an object"}"#),
    ("the handler's own -32602", "tools/call", r#"{"name": "refuse"}"#, 200,
        r#"{"code": -32602, "message": "not like this"}"#),
    ("the handler's own -32603", "tools/call", r#"{"name": "break"}"#, 200,
        r#"{"code": -32603, "message": "out of order"}"#),
    ("a panic is an internal error", "tools/call", r#"{"name": "panic"}"#, 200,
        r#"{"code": -32603, "message": "Internal error"}"#),
    ("server/utilities/pagination, Error Handling", "tools/list", r#"{"cursor": "nope"}"#, 200,
        r#"{"code": -32602, "message": "Invalid cursor: the list has changed; begin without one"}"#),
    ("schema, PaginatedRequestParams", "tools/list", r#"{"cursor": 1}"#, 200,
        r#"{"code": -32602, "message": "`params.cursor` must be a string"}"#),
    ("streamable-http, Protocol Version Header: unknown method", "nope", "{}", 404,
        r#"{"code": -32601, "message": "Method not found: nope"}"#),
    ("changelog: no initialize", "initialize", r#"{"protocolVersion": "2026-07-28"}"#, 404,
        r#"{"code": -32601, "message": "Method not found: initialize"}"#),
    ("changelog: no ping", "ping", "{}", 404, r#"{"code": -32601, "message": "Method not found: ping"}"#),
    ("server/prompts, Capabilities: undeclared", "prompts/list", "{}", 404,
        r#"{"code": -32601, "message": "Method not found: prompts/list"}"#),
    ("basic/patterns/subscriptions: undeclared", "subscriptions/listen", "{}", 404,
        r#"{"code": -32601, "message": "Method not found: subscriptions/listen"}"#),
];

/// basic/index, "Per-request protocol fields", and basic/versioning, "Protocol Version Negotiation". The third
/// column is `_meta`.
#[rustfmt::skip]
pub(super) const BAD_META: [Row; 10] = [
    ("no version", "tools/list", r#"{"io.modelcontextprotocol/clientCapabilities": {}}"#, 400, NO_VERSION),
    ("version is no string", "tools/list",
        r#"{"io.modelcontextprotocol/protocolVersion": 1, "io.modelcontextprotocol/clientCapabilities": {}}"#, 400, NO_VERSION),
    ("version is null", "tools/list",
        r#"{"io.modelcontextprotocol/protocolVersion": null, "io.modelcontextprotocol/clientCapabilities": {}}"#, 400, NO_VERSION),
    ("only the client", "tools/list", r#"{"io.modelcontextprotocol/clientInfo": {"name": "a", "version": "1"}}"#, 400, NO_VERSION),
    ("neither, for a modern method", "server/discover", "{}", 400, NO_VERSION),
    ("no _meta, for a modern method", "server/discover", "null", 400, NO_VERSION),
    ("no capabilities", "tools/list", r#"{"io.modelcontextprotocol/protocolVersion": "2026-07-28"}"#, 400, NO_CAPABILITIES),
    ("capabilities are no object", "tools/list",
        r#"{"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": []}"#, 400,
        NO_CAPABILITIES),
    ("no object", "tools/list", "[]", 400,
        r#"{"code": -32602, "message": "`params._meta` must be an object without repetition"}"#),
    ("unsupported version", "tools/list",
        r#"{"io.modelcontextprotocol/protocolVersion": "1900-01-01", "io.modelcontextprotocol/clientCapabilities": {}}"#, 400,
        r#"{"code": -32022, "message": "Unsupported protocol version", "data": {
            "supported": ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"], "requested": "1900-01-01"}}"#),
];

const NO_VERSION: &str = r#"{"code": -32602, "message": "`params._meta[\"io.modelcontextprotocol/protocolVersion\"]` must be a string"}"#;
const NO_CAPABILITIES: &str = r#"{"code": -32602, "message":
    "`params._meta[\"io.modelcontextprotocol/clientCapabilities\"]` must be an object"}"#;

/// In every legacy revision; sections are of 2025-11-25.
#[rustfmt::skip]
pub(super) const LEGACY: [Row; 13] = [
    ("basic/utilities/ping", "ping", "{}", 200, "{}"),
    ("null for no params", "ping", "null", 200, "{}"),
    ("JSON-RPC 2.0, 4.2: params by position", "ping", "[1]", 200,
        r#"{"code": -32602, "message": "`params` must be an object"}"#),
    ("server/tools, Calling Tools", "tools/call", r#"{"name": "echo", "arguments": {"a": 1}}"#, 200,
        r#"{"content": [{"type": "text", "text": "{\"a\":1}"}]}"#),
    ("server/tools, Structured Content: an object", "tools/call", r#"{"name": "object"}"#, 200,
        r#"{"content": [{"type": "text", "text": "{}"}], "structuredContent": {"a": 1}}"#),
    ("server/tools, Structured Content: nothing else", "tools/call", r#"{"name": "array"}"#, 200,
        r#"{"content": [{"type": "text", "text": "[]"}]}"#),
    ("server/tools, Error Handling: in the tool", "tools/call", r#"{"name": "fail"}"#, 200,
        r#"{"content": [{"type": "text", "text": "no luck"}], "isError": true}"#),
    ("server/tools, Error Handling: unknown tool", "tools/call", r#"{"name": "nope"}"#, 200,
        r#"{"code": -32602, "message": "Unknown tool: nope"}"#),
    ("server/utilities/pagination, Error Handling", "tools/list", r#"{"cursor": "nope"}"#, 200,
        r#"{"code": -32602, "message": "Invalid cursor: the list has changed; begin without one"}"#),
    ("unknown method", "nope", "{}", 200, r#"{"code": -32601, "message": "Method not found: nope"}"#),
    ("undeclared", "prompts/list", "{}", 200, r#"{"code": -32601, "message": "Method not found: prompts/list"}"#),
    ("basic/lifecycle, Initialization: no version", "initialize", "{}", 200,
        r#"{"code": -32602, "message": "`params.protocolVersion` must be a string"}"#),
    ("a _meta of the client's own", "ping", r#"{"_meta": {"progressToken": 1, "example.com/a": {}}}"#, 200, "{}"),
];
