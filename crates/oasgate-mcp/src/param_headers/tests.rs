//! The rules of the section, one row each.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::ParamHeaders;
use crate::tests::support::raw;

fn learned(schema: &Value) -> ParamHeaders {
    let mut headers = ParamHeaders::default();
    headers.learn(&raw(&json!({"name": "t", "inputSchema": schema})));
    headers
}

/// Names and values.
type Pairs = &'static [(&'static str, &'static str)];

fn headers(pairs: Pairs) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    pairs.iter().map(pair).collect()
}

/// Which schemas have annotations that count.
#[test]
fn annotations() {
    let rows = [
        ("a string", json!({"a": {"type": "string", "x-mcp-header": "A"}}), 1),
        ("an integer", json!({"a": {"type": "integer", "x-mcp-header": "A"}}), 1),
        ("a truth value", json!({"a": {"type": "boolean", "x-mcp-header": "A"}}), 1),
        ("below a property", json!({"a": {"properties": {"b": {"type": "string", "x-mcp-header": "A"}}}}), 1),
        ("a property of that name", json!({"x-mcp-header": {"type": "string"}}), 0),
        ("not a number", json!({"a": {"type": "number", "x-mcp-header": "A"}}), 0),
        ("not without a type", json!({"a": {"x-mcp-header": "A"}}), 0),
        ("not empty", json!({"a": {"type": "string", "x-mcp-header": ""}}), 0),
        ("a token", json!({"a": {"type": "string", "x-mcp-header": "A B"}}), 0),
        ("a text", json!({"a": {"type": "string", "x-mcp-header": 1}}), 0),
        (
            "once, whatever the case",
            json!({"a": {"type": "string", "x-mcp-header": "A"}, "b": {"type": "string", "x-mcp-header": "a"}}),
            0,
        ),
        ("not below items", json!({"a": {"items": {"type": "string", "x-mcp-header": "A"}}}), 0),
        ("not below anyOf", json!({"a": {"anyOf": [{"type": "string", "x-mcp-header": "A"}]}}), 0),
        (
            "one bad spoils all",
            json!({"a": {"type": "string", "x-mcp-header": "A"}, "b": {"type": "number", "x-mcp-header": "B"}}),
            0,
        ),
    ];
    for (rule, properties, found) in rows {
        let learned = learned(&json!({"type": "object", "properties": properties}));
        assert_eq!(learned.tools.values().map(Vec::len).sum::<usize>(), found, "{rule}");
    }
    let defs = json!({"properties": {}, "$defs": {"a": {"type": "string", "x-mcp-header": "A"}}});
    assert!(learned(&defs).tools.is_empty(), "not below $defs");
}

/// "Server Behavior for Custom Headers".
#[test]
fn headers_and_arguments() {
    let learned = learned(&json!({"properties": {
        "s": {"type": "string", "x-mcp-header": "S"},
        "i": {"type": "integer", "x-mcp-header": "I"},
        "b": {"type": "boolean", "x-mcp-header": "B"},
        "o": {"properties": {"d": {"type": "string", "x-mcp-header": "Deep"}}},
    }}));
    let rows: [(&str, Pairs, Value, bool); 19] = [
        ("nothing", &[], json!({}), true),
        ("null is nothing", &[], json!({"s": null}), true),
        ("text", &[("mcp-param-s", "a b")], json!({"s": "a b"}), true),
        ("text in base64", &[("mcp-param-s", "=?base64?SGVsbG8=?=")], json!({"s": "Hello"}), true),
        ("bad padding", &[("mcp-param-s", "=?base64?SGVsbG8?=")], json!({"s": "Hello"}), false),
        ("bad characters", &[("mcp-param-s", "=?base64?SGVs!!!bG8=?=")], json!({"s": "Hello"}), false),
        ("no wrapper", &[("mcp-param-s", "SGVsbG8=")], json!({"s": "SGVsbG8="}), true),
        ("half a wrapper", &[("mcp-param-s", "=?base64?SGVsbG8=")], json!({"s": "=?base64?SGVsbG8="}), true),
        ("case counts", &[("mcp-param-s", "A")], json!({"s": "a"}), false),
        ("missing", &[], json!({"s": "a"}), false),
        ("the empty text counts", &[], json!({"s": ""}), false),
        ("not in the body", &[("mcp-param-s", "a")], json!({}), false),
        ("one of two", &[("mcp-param-s", "a"), ("mcp-param-s", "b")], json!({"s": "a"}), false),
        ("integer", &[("mcp-param-i", "-7")], json!({"i": -7}), true),
        ("integer, numerically", &[("mcp-param-i", "42.0")], json!({"i": 42}), true),
        ("another integer", &[("mcp-param-i", "43")], json!({"i": 42}), false),
        ("truth", &[("mcp-param-b", "true")], json!({"b": true}), true),
        ("another truth", &[("mcp-param-b", "True")], json!({"b": true}), false),
        ("deep", &[("mcp-param-deep", "x")], json!({"o": {"d": "x"}}), true),
    ];
    for (rule, given, arguments, fits) in rows {
        let checked = learned.check("t", &headers(given), Some(&raw(&arguments)));
        assert_eq!(checked.is_ok(), fits, "{rule}");
    }
    assert!(learned.check("t", &headers(&[]), None).is_ok());
    assert!(learned.check("other", &headers(&[("mcp-param-s", "a")]), None).is_ok());
}
