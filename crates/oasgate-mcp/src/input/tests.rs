//! Questions as the schema has them, and answers as clients give them.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{Elicited, InputRequest, InputRequired, Inputs, push_requests};
use crate::capabilities::{Capabilities, ClientFeature};
use crate::tests::support::raw;

#[test]
fn questions() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let sampling = json!({"messages": [], "maxTokens": 5});
    let with_tools = json!({"messages": [], "maxTokens": 5, "tools": []});
    let rows = [
        (
            InputRequest::form("Who?", &raw(&schema)),
            json!({"method": "elicitation/create", "params": {"message": "Who?", "requestedSchema": schema}}),
            ClientFeature::ElicitationForm,
        ),
        (
            InputRequest::page("Sign in", "https://a.example/"),
            json!({"method": "elicitation/create", "params": {
                "mode": "url", "message": "Sign in", "url": "https://a.example/"}}),
            ClientFeature::ElicitationUrl,
        ),
        (
            InputRequest::sampling(&raw(&sampling)),
            json!({"method": "sampling/createMessage", "params": sampling}),
            ClientFeature::Sampling,
        ),
        (
            InputRequest::sampling(&raw(&with_tools)),
            json!({"method": "sampling/createMessage", "params": with_tools}),
            ClientFeature::SamplingTools,
        ),
        (InputRequest::roots(), json!({"method": "roots/list", "params": {}}), ClientFeature::Roots),
    ];
    for (request, written, needs) in rows {
        let mut out = Vec::new();
        push_requests([("a\"", &request), ("b", &request)], &mut out);
        assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), json!({"a\"": written, "b": written}));
        let required = InputRequired::new("a", request.clone()).and("b", request);
        assert_eq!(required.missing(&Capabilities::default()), [needs]);
    }
}

/// 2026-07-28, basic/patterns/mrtr, Server Requirements, 2.
#[test]
fn keys_are_unique() {
    let page = |url: &str| InputRequest::page("", url);
    let required = InputRequired::new("k", page("a:1")).and("l", page("a:2")).and("k", page("a:3"));
    let mut out = Vec::new();
    push_requests(required.requests().iter().map(|(key, request)| (key.as_str(), request)), &mut out);
    let urls: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(required.requests().len(), 2);
    assert_eq!((&urls["k"]["params"]["url"], &urls["l"]["params"]["url"]), (&json!("a:3"), &json!("a:2")));
}

#[test]
fn answers() {
    let accepted = |content: Value| Some(Elicited::Accepted(content.as_object().unwrap().clone()));
    let rows = [
        (json!({"action": "accept", "content": {"a": 1}}), accepted(json!({"a": 1}))),
        (json!({"action": "accept"}), Some(Elicited::Accepted(Map::new()))),
        (json!({"action": "accept", "content": null, "more": 1}), Some(Elicited::Accepted(Map::new()))),
        (json!({"action": "decline"}), Some(Elicited::Declined)),
        (json!({"action": "cancel"}), Some(Elicited::Cancelled)),
        (json!({"action": "nope"}), None),
        (json!({"content": {}}), None),
        (json!({"action": "accept", "content": 5}), None),
    ];
    for (answer, expected) in rows {
        let responses = HashMap::from([("k".to_owned(), raw(&answer))]);
        let inputs = Inputs { responses, state: None };
        assert_eq!(inputs.elicited("k"), expected, "{answer}");
        assert_eq!(inputs.elicited("other"), None);
        assert!(!format!("{inputs:?}").contains("accept"), "answers are not for logs");
    }
}
