//! What a client declares, read and asked for.

use serde_json::{Value, json};

use super::{Capabilities, ClientFeature, TASKS};
use crate::tests::support::raw;
use ClientFeature::{ElicitationForm, ElicitationUrl, Roots, Sampling, SamplingTools};

#[test]
fn declared() {
    let tasks = ClientFeature::Extension(TASKS.to_owned());
    let all = [ElicitationForm, ElicitationUrl, Sampling, SamplingTools, Roots, tasks.clone()];
    let rows = [
        (json!({}), vec![]),
        (json!({"elicitation": {}}), vec![ElicitationForm]),
        (json!({"elicitation": {"form": {}}}), vec![ElicitationForm]),
        (json!({"elicitation": {"url": {}}}), vec![ElicitationUrl]),
        (json!({"elicitation": {"form": {}, "url": {}}}), vec![ElicitationForm, ElicitationUrl]),
        (json!({"elicitation": null, "sampling": 1, "roots": []}), vec![]),
        (json!({"sampling": {}}), vec![Sampling]),
        (json!({"sampling": {"tools": {}, "context": {}}}), vec![Sampling, SamplingTools]),
        (json!({"roots": {"listChanged": true}}), vec![Roots]),
        (json!({"extensions": {TASKS: {}}}), vec![tasks.clone()]),
        (json!({"extensions": {"a": {"b": TASKS}}}), vec![]),
        (json!({"experimental": {"x": {}}, "unknown": 1}), vec![]),
    ];
    for (declared, expected) in rows {
        let capabilities = Capabilities::read(&raw(&declared));
        let found: Vec<_> = all.iter().filter(|feature| capabilities.has(feature)).cloned().collect();
        assert_eq!(found, expected, "{declared}");
        assert_eq!(capabilities.tasks, expected.contains(&tasks), "{declared}");
    }
}

/// 2026-07-28, schema, `MissingRequiredClientCapabilityError`: whoever declares what is asked for has all of it.
#[test]
fn asked_for() {
    let tasks = ClientFeature::Extension(TASKS.to_owned());
    let rows = [
        (vec![Sampling], json!({"sampling": {}})),
        (vec![SamplingTools], json!({"sampling": {"tools": {}}})),
        (vec![ElicitationForm, Roots], json!({"elicitation": {"form": {}}, "roots": {}})),
        (vec![ElicitationUrl], json!({"elicitation": {"url": {}}})),
        (vec![tasks], json!({"extensions": {TASKS: {}}})),
    ];
    for (features, expected) in rows {
        let mut out = Vec::new();
        ClientFeature::push_all(&features, &mut out);
        let pushed: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(pushed, expected);
        let capabilities = Capabilities::read(&raw(&pushed));
        assert!(features.iter().all(|feature| capabilities.has(feature)));
    }
}

#[test]
fn settings_of_extensions() {
    let capabilities = Capabilities::read(&raw(&json!({"extensions": {"a/b": {"c": [1]}}})));
    assert_eq!(capabilities.extension("a/b").unwrap().get(), r#"{"c":[1]}"#);
    assert!(!capabilities.has_extension("a"));
}
