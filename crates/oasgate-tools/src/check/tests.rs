//! Arguments: what is read, what is decoded, what is refused and in which words.

use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use crate::fixture::tool;
use crate::{Profile, Refusal};

const MEMBERS: &str = "
  parameters: [
    {name: id, in: path, schema: {type: integer, minimum: 1}},
    {name: 'filter[state]', in: query, schema: {type: string, enum: [open, closed]}},
    {name: tags, in: query, schema: {type: array, items: {type: string}}},
    {name: where, in: query, style: deepObject, schema: {type: object, properties: {a: {type: integer}}, additionalProperties: false}}],
  requestBody: {required: true, content: {application/json: {schema: {
    type: object, required: [name], properties: {
      name: {type: string, maxLength: 5, description: The name.},
      id: {type: string},
      kind: {oneOf: [{type: object, required: [dog], properties: {dog: {type: string}}}, {type: object, required: [cat], properties: {cat: {type: string}}}]},
      note: {type: [string, 'null']},
      nested: {type: object, properties: {'@id': {type: string}, list: {type: array, items: {type: object, properties: {'a b': {type: integer}}}}}}}}}}}";

fn check(arguments: &Value) -> Result<Map<String, Value>, Refusal> {
    let catalog = tool(MEMBERS, Profile::Portable);
    let raw = to_raw_value(arguments).unwrap();
    catalog.get("act").unwrap().check(Some(&raw))
}

/// The faults as `pointer: message`.
fn faults(arguments: &Value) -> Vec<String> {
    let refusal = check(arguments).expect_err("accepted");
    refusal.faults.into_iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect()
}

#[test]
fn what_is_right_comes_back_as_the_plan_names_it() {
    let rows = [
        (json!({"id__path": 1, "name": "n"}), json!({"id__path": 1, "name": "n"})),
        (
            json!({"id__path": 1, "name": "n", "filter_state": "open"}),
            json!({"id__path": 1, "name": "n", "filter[state]": "open"}),
        ),
        (
            json!({"id__path": 1, "name": "n", "filter[state]": "open"}),
            json!({"id__path": 1, "name": "n", "filter[state]": "open"}),
        ),
        (
            json!({"id__path": 1, "name": "n", "note": null}),
            json!({"id__path": 1, "name": "n", "note": null}),
        ),
        (
            json!({"id__path": 1, "name": "n", "nested": {"id": "x", "list": [{"a_b": 1}]}}),
            json!({"id__path": 1, "name": "n", "nested": {"@id": "x", "list": [{"a b": 1}]}}),
        ),
        // Objects and arrays as JSON text, where text itself cannot be meant.
        (
            json!({"id__path": 1, "name": "n", "tags": "[\"a\"]"}),
            json!({"id__path": 1, "name": "n", "tags": ["a"]}),
        ),
        (
            json!({"id__path": 1, "name": "n", "where": "{\"a\": 1}"}),
            json!({"id__path": 1, "name": "n", "where": {"a": 1}}),
        ),
        (json!({"id__path": 1, "name": "{}"}), json!({"id__path": 1, "name": "{}"})),
        // Both branches of a oneOf fit.
        (
            json!({"id__path": 1, "name": "n", "kind": {"dog": "d", "cat": "c"}}),
            json!({"id__path": 1, "name": "n", "kind": {"dog": "d", "cat": "c"}}),
        ),
    ];
    for (given, expected) in rows {
        assert_eq!(Value::Object(check(&given).expect("refused")), expected, "{given}");
    }
}

#[test]
fn arguments_as_json_text_are_the_object_they_hold() {
    let accepted = check(&json!("{\"id__path\": 1, \"name\": \"n\"}")).expect("refused");
    assert_eq!(Value::Object(accepted), json!({"id__path": 1, "name": "n"}));
}

#[test]
fn numbers_stay_exact() {
    let catalog = tool("parameters: [{name: id, in: path, schema: {type: integer}}]", Profile::Portable);
    let raw = serde_json::value::RawValue::from_string("{\"id\": 123456789012345678901234567890}".to_owned())
        .unwrap();
    let accepted = catalog.get("act").unwrap().check(Some(&raw)).expect("refused");
    assert_eq!(accepted["id"].to_string(), "123456789012345678901234567890");
}

#[test]
fn every_fault_is_told_with_its_place() {
    let rows: [(Value, &[&str]); 9] = [
        (json!({}), &["/id__path: required, and missing", "/name: required, and missing: The name."]),
        (json!({"id__path": "1", "name": "n"}), &["/id__path: expected an integer; got \"1\""]),
        (
            json!({"id__path": 0, "name": "toolong"}),
            &[
                "/id__path: expected at least 1; got 0",
                "/name: expected at most 5 characters; got \"toolong\"",
            ],
        ),
        (
            json!({"id__path": 1, "name": "n", "filter_state": "opne"}),
            &["/filter_state: expected one of \"open\", \"closed\"; got \"opne\""],
        ),
        (
            json!({"id__path": 1, "name": "n", "nmae": 2}),
            &["/nmae: there is no such argument; did you mean `name`?"],
        ),
        (
            json!({"id__path": 1, "name": "n", "filterstate": "open"}),
            &["/filterstate: there is no such argument; did you mean `filter_state`?"],
        ),
        (
            json!({"id__path": 1, "name": "n", "where": {"b": 1}}),
            &["/where/b: there is no such argument; did you mean `a`?"],
        ),
        (json!({"id__path": 1, "name": "n", "kind": "x"}), &["/kind: expected an object; got \"x\""]),
        (json!([1]), &[": expected an object with the arguments by name, got an array"]),
    ];
    for (given, expected) in rows {
        assert_eq!(faults(&given), expected, "{given}");
    }
}

#[test]
fn a_refusal_shows_what_would_be_accepted() {
    let refusal = check(&json!({"name": "n", "filter_state": "bad"})).expect_err("accepted");
    let skeleton: Value = serde_json::from_str(&refusal.skeleton.unwrap()).unwrap();
    assert_eq!(skeleton, json!({"id__path": 1, "name": "n", "filter_state": "open"}));
    assert!(check(&skeleton).is_ok());
}

#[test]
fn a_body_that_may_be_absent_is_whole_or_absent() {
    let members = "parameters: [{name: id, in: path, schema: {type: string}}], requestBody: {content: {application/json: \
                   {schema: {type: object, required: [a], properties: {a: {type: integer}, b: {type: integer}}}}}}";
    let catalog = tool(members, Profile::Portable);
    let check = |arguments: Value| {
        catalog.get("act").unwrap().check(Some(&to_raw_value(&arguments).unwrap())).is_ok()
    };
    assert!(check(json!({"id": "x"})));
    assert!(check(json!({"id": "x", "a": 1, "b": 2})));
    assert!(!check(json!({"id": "x", "b": 2})));
}

#[test]
fn a_pattern_that_is_none_costs_only_itself() {
    let members = "parameters: [{name: id, in: path, schema: {type: string, pattern: '(['}}, {name: n, in: query, schema: {type: integer}}]";
    let catalog = tool(members, Profile::Portable);
    let check = |arguments: Value| {
        catalog.get("act").unwrap().check(Some(&to_raw_value(&arguments).unwrap())).is_ok()
    };
    assert!(check(json!({"id": "anything", "n": 1})));
    assert!(!check(json!({"id": "anything", "n": "x"})));
}
