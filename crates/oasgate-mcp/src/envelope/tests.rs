//! Arbitrary bytes never panic, and what is read is what a parse into a tree has.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MAX_DEPTH, Message, Payload, message, payload};

#[test]
fn depth_is_that_of_the_parser() {
    for (depth, fits) in [(1, true), (MAX_DEPTH, true), (MAX_DEPTH + 1, false), (10 * MAX_DEPTH, false)] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let code = payload(nested.as_bytes()).err().map(|unreadable| unreadable.fault.code());
            assert_eq!(code != Some(-32700), fits, "{depth}");
            assert_eq!(serde_json::from_str::<Value>(&nested).is_ok(), fits, "{depth}");
        }
    }
    let brackets_in_strings = json!({"jsonrpc": "2.0", "method": "\\\"[[[[".repeat(MAX_DEPTH)}).to_string();
    assert!(payload(brackets_in_strings.as_bytes()).is_ok());
}

/// What a request, a notification or a response is, said of a parsed tree.
fn expected(tree: &Value) -> Option<(&'static str, Value)> {
    let object = tree.as_object()?;
    let method = object.get("method");
    let id = object.get("id");
    let good_id = id.is_none_or(|id| id.is_string() || id.is_i64() || id.is_u64());
    if object.get("jsonrpc")? != "2.0" || !good_id {
        return None;
    }
    match (method, id) {
        (Some(Value::String(_)), Some(id)) => Some(("request", id.clone())),
        (Some(Value::String(method)), None) => Some(("notification", json!(method))),
        (Some(_), _) => None,
        (None, _) => (object.contains_key("result") || object.contains_key("error"))
            .then_some(("response", Value::Null)),
    }
}

fn actual(bytes: &[u8]) -> Option<(&'static str, Value)> {
    let Payload::Single(message) = payload(bytes).ok()? else { return None };
    Some(match message {
        Message::Request(request) => ("request", serde_json::from_str(request.id.get()).unwrap()),
        Message::Notification { method, .. } => ("notification", json!(method)),
        Message::Response(_) => ("response", Value::Null),
    })
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        Just(json!(1.5)),
        Just(json!("2.0")),
        ".{0,6}".prop_map(Value::from),
        Just(json!([1, {"a": "}"}])),
        Just(json!({"a": ["\\", "\""]})),
    ]
}

fn members() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["jsonrpc", "id", "method", "params", "result", "error", "other"]);
    let object = prop::collection::btree_map(name, values(), 0..7);
    let right = any::<bool>();
    (object, right).prop_map(|(members, right)| {
        let mut object = json!(members);
        if right {
            object["jsonrpc"] = json!("2.0");
        }
        object
    })
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let read = payload(&bytes).is_ok();
        prop_assert!(!read || serde_json::from_slice::<Value>(&bytes).is_ok());
    }

    #[test]
    fn any_text_of_json_characters(text in r#"[\[\]{}",:\\a1.0 \n-]{0,40}"#) {
        if let Ok(Payload::Batch(items)) = payload(text.as_bytes()) {
            for item in items {
                let _ = message(item);
            }
        }
        let is_json = serde_json::from_str::<Value>(&text).is_ok();
        let refused = payload(text.as_bytes()).err().map(|unreadable| unreadable.fault.code());
        prop_assert_eq!(refused == Some(-32700), !is_json);
    }

    #[test]
    fn any_members(object in members(), pretty in any::<bool>()) {
        let text = if pretty { format!("{object:#}") } else { object.to_string() };
        prop_assert_eq!(actual(text.as_bytes()), expected(&object));
    }
}
