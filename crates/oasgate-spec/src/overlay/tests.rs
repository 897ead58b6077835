use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Overlay, apply};
use crate::Problem;

fn overlay(text: &str) -> Overlay {
    let text = text.as_bytes().to_vec();
    Overlay { name: "overlay.yaml".into(), uri: "file:///overlay.yaml".into(), text }
}

/// A document after overlays, and what was said about them: `line:column severity rule`.
fn after(document: &Value, overlays: &[&str]) -> (Value, Vec<String>) {
    let overlays: Vec<Overlay> = overlays.iter().map(|text| overlay(text)).collect();
    let (json, problems) = apply(document.to_string().into_bytes(), &overlays);
    (serde_json::from_slice(&json).unwrap(), problems.iter().map(row).collect())
}

fn row(problem: &Problem) -> String {
    let at = problem.position.map_or("-".to_owned(), |at| format!("{}:{}", at.line, at.column));
    format!("{at} {} {}", problem.severity, problem.rule)
}

/// An overlay with these actions.
fn actions(version: &str, actions: &Value) -> String {
    json!({"overlay": version, "info": {"title": "T", "version": "1"}, "actions": actions}).to_string()
}

fn document() -> Value {
    json!({
        "info": {"title": "T", "contact": {"name": "A", "email": "a@x.example"}, "empty": null},
        "tags": ["a", "b", "c"],
        "paths": {
            "/a": {"get": {"operationId": "a", "tags": ["a"]}, "post": {"operationId": "b", "x-internal": true}},
            "/b": {"get": {"operationId": "c", "parameters": [{"name": "p", "in": "query"}, {"name": "q", "in": "query"}]}},
        },
    })
}

#[test]
fn actions_change_what_they_select_and_nothing_else() {
    // action, pointer to what changes, what stands there then
    let rows = [
        (
            json!({"target": "$.info", "update": {"title": "N", "x": 1}}),
            "/info",
            json!({"title": "N", "contact": {"name": "A", "email": "a@x.example"}, "empty": null, "x": 1}),
        ),
        (
            json!({"target": "$", "update": {"info": {"contact": {"name": "B"}}}}),
            "/info/contact",
            json!({"name": "B", "email": "a@x.example"}),
        ),
        (json!({"target": "$", "update": {"tags": ["d"]}}), "/tags", json!(["a", "b", "c", "d"])),
        (json!({"target": "$", "update": {"paths": null}}), "", document()),
        (json!({"target": "$.info.empty", "update": {"now": [1]}}), "/info/empty", json!({"now": [1]})),
        (json!({"target": "$.tags", "update": "d"}), "/tags", json!(["a", "b", "c", "d"])),
        (
            json!({"target": "$.tags", "update": {"name": "d"}}),
            "/tags",
            json!(["a", "b", "c", {"name": "d"}]),
        ),
        (json!({"target": "$.tags", "update": ["d", "e"]}), "/tags", json!(["a", "b", "c", "d", "e"])),
        (json!({"target": "$.info.title", "update": "N"}), "/info/title", json!("N")),
        (
            json!({"target": "$.paths['/a'].post", "remove": true}),
            "/paths/~1a",
            json!({"get": {"operationId": "a", "tags": ["a"]}}),
        ),
        (json!({"target": "$.tags[0,2]", "remove": true}), "/tags", json!(["b"])),
        (json!({"target": "$.tags[?@ == 'b']", "remove": true}), "/tags", json!(["a", "c"])),
        (
            json!({"target": "$.paths.*.get.parameters[?@.name == 'p' && @.in == 'query']", "remove": true}),
            "/paths/~1b/get/parameters",
            json!([{"name": "q", "in": "query"}]),
        ),
        (
            json!({"target": "$.paths.*[?@['x-internal']]", "remove": true}),
            "/paths/~1a",
            json!({"get": {"operationId": "a", "tags": ["a"]}}),
        ),
        (json!({"target": "$.paths['/a']..*", "remove": true, "update": {"no": 1}}), "/paths/~1a", json!({})),
        (
            json!({"target": "$.paths['/b'].get", "copy": "$.paths['/a'].get"}),
            "/paths/~1b/get",
            json!({"operationId": "a", "parameters": [{"name": "p", "in": "query"}, {"name": "q", "in": "query"}], "tags": ["a"]}),
        ),
        (json!({"target": "$.info.title", "copy": "$.tags[1]"}), "/info/title", json!("b")),
    ];
    for (action, pointer, expected) in rows {
        let (changed, problems) = after(&document(), &[&actions("1.1.0", &json!([action]))]);
        let mut wanted = document();
        *wanted.pointer_mut(pointer).unwrap() = expected;
        // As text: the order of members is kept too.
        assert_eq!(changed.to_string(), wanted.to_string(), "{action}");
        assert_eq!(problems, [""; 0], "{action}");
    }
}

#[test]
fn actions_and_overlays_follow_each_other() {
    let first = actions(
        "1.0.0",
        &json!([
            {"target": "$.paths['/a']", "remove": true},
            {"target": "$.paths", "update": {"/a": {"get": {"operationId": "anew"}}}},
        ]),
    );
    let second =
        actions("1.1.0", &json!([{"target": "$.paths['/a'].get", "update": {"operationId": "again"}}]));
    let (changed, problems) = after(&document(), &[&first, &second]);
    assert_eq!(changed["paths"]["/a"], json!({"get": {"operationId": "again"}}));
    assert_eq!(problems, [""; 0]);
}

#[test]
fn what_cannot_be_applied_is_told_and_changes_nothing() {
    let head = "overlay: 1.1.0\ninfo: {title: T, version: '1'}\n";
    let one = |action: &str| format!("{head}actions:\n  - {action}\n");
    let rows = [
        (one("{target: $.none, update: {}}"), "4:6 warning overlay-target-empty"),
        (one("{target: $.paths.*.put, remove: true}"), "4:6 warning overlay-target-empty"),
        (one("{target: $.tags}"), "4:6 warning overlay-action-without-effect"),
        (one("{target: $.tags, remove: false}"), "4:6 warning overlay-action-without-effect"),
        (one("{target: $.tags, update: x, copy: $.info}"), "4:6 warning overlay-action-without-effect"),
        (
            one("{target: $.tags, copy: $.info}").replace("1.1.0", "1.0.0"),
            "4:6 warning overlay-action-without-effect",
        ),
        (one("{target: 'tags', update: x}"), "4:6 fatal overlay-action-refused"),
        (one("{target: '$.[', update: x}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $, remove: true}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $.info, update: [1]}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $.info, update: {contact: text}}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $.info.title, update: {a: 1}}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $.info.*, update: text}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $.info, copy: '$.tags[*]'}"), "4:6 fatal overlay-action-refused"),
        (one("{target: $.info, copy: '$.none'}"), "4:6 fatal overlay-action-refused"),
        (one("{update: {}}"), "4:5 fatal overlay-invalid"),
        (one("{target: 1, update: {}}"), "4:6 fatal overlay-invalid"),
        (one("{target: $, remove: 'true'}"), "4:17 fatal overlay-invalid"),
        (format!("{head}actions: []"), "3:1 fatal overlay-invalid"),
        (format!("{head}actions: {{}}"), "1:1 fatal overlay-invalid"),
        (head.replace("1.1.0", "2.0.0") + "actions: [{target: $, update: {}}]", "1:1 fatal overlay-invalid"),
        (head.replace("1.1.0", "1.10.0") + "actions: [{target: $, update: {}}]", "1:1 fatal overlay-invalid"),
        ("openapi: 3.1.0".to_owned(), "1:1 fatal overlay-invalid"),
        ("{".to_owned(), "1:2 fatal overlay-invalid"),
        (String::new(), "- fatal overlay-invalid"),
    ];
    for (overlay, expected) in rows {
        // What goes before in the same overlay is undone with it, and what follows another is applied.
        let (changed, problems) = after(&document(), &[&overlay]);
        assert_eq!(problems, [expected], "{overlay}");
        assert_eq!(changed, document(), "{overlay}");
    }
    let half =
        actions("1.1.0", &json!([{"target": "$.tags", "remove": true}, {"target": "$", "remove": true}]));
    assert_eq!(after(&document(), &[&half]).0, document());
}

#[test]
fn overlays_and_documents_are_json_or_yaml_and_versions_may_be_numbers() {
    let yaml = "overlay: 1.0\nextends: ./other.yaml\nactions:\n- target: $.info\n  update:\n    title: é\n";
    let (json, problems) =
        apply(b"# C\ninfo:\n  version: 1.10\n  n: 12345678901234567890.5\n".to_vec(), &[overlay(yaml)]);
    assert_eq!(problems, []);
    assert_eq!(
        String::from_utf8(json).unwrap(),
        r#"{"info":{"version":1.10,"n":12345678901234567890.5,"title":"é"}}"#
    );
}

#[test]
fn a_document_that_cannot_be_read_comes_back() {
    let action = actions("1.1.0", &json!([{"target": "$", "update": {}}]));
    for text in [&b""[..], b"{", b"# nothing\n"] {
        let (back, problems) = apply(text.to_vec(), &[overlay(&action)]);
        assert_eq!((back.as_slice(), problems.len()), (text, 0));
    }
}

#[test]
fn no_overlay_makes_a_document_of_any_size() {
    let twice = json!({"target": "$..*", "copy": "$"});
    let deeper = json!({"target": "$.x", "copy": "$"});
    for action in [twice, deeper] {
        let many: Vec<&Value> = std::iter::repeat_n(&action, 400).collect();
        let document = json!({"x": {"y": {}}, "z": {}});
        let (same, problems) = after(&document, &[&actions("1.1.0", &json!(many))]);
        assert_eq!((problems.len(), same), (1, document), "{action}");
        assert!(problems[0].ends_with("fatal overlay-too-large"), "{problems:?}");
    }
}

/// Any JSON, small.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z'/~é]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec(("[a-c'/~é]{1,2}", inner), 0..5)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Every value of a document: its normalized path (RFC 9535, 2.7) and JSON pointer.
fn all(value: &Value, path: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    found.push((path.to_owned(), pointer.to_owned()));
    for (name, member) in value.as_object().into_iter().flatten() {
        let path = format!("{path}['{}']", name.replace('\'', "\\'"));
        all(member, &path, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found);
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        all(item, &format!("{path}[{index}]"), &format!("{pointer}/{index}"), found);
    }
}

/// The document without one value, taken out by another way than the overlay's.
fn without(document: &Value, pointer: &str, at: &str) -> Value {
    match document {
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(name, member)| {
                let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                (here != pointer).then(|| (name.clone(), without(member, pointer, &here)))
            });
            kept.collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(items) => {
            let kept = items.iter().enumerate().filter_map(|(index, item)| {
                let here = format!("{at}/{index}");
                (here != pointer).then(|| without(item, pointer, &here))
            });
            kept.collect::<Vec<_>>().into()
        }
        plain => plain.clone(),
    }
}

proptest! {
    #[test]
    fn what_removes_one_value_removes_nothing_else(inner in value(), which in any::<proptest::sample::Index>()) {
        let document = json!({"root": inner});
        let mut places = Vec::new();
        all(&document, "$", "", &mut places);
        places.remove(0);
        let (path, pointer) = which.get(&places);
        let (changed, problems) = after(&document, &[&actions("1.1.0", &json!([{"target": path, "remove": true}]))]);
        prop_assert_eq!(problems, Vec::<String>::new());
        prop_assert_eq!(changed.to_string(), without(&document, pointer, "").to_string());
    }

    #[test]
    fn merging_twice_what_has_no_lists_is_merging_once(document in value(), update in value()) {
        let overlay = actions("1.0.0", &json!([{"target": "$.root", "update": {"more": update}}]));
        let document = json!({"root": {"more": document}});
        let (once, problems) = after(&document, &[&overlay]);
        let (twice, _) = after(&once, &[&overlay]);
        prop_assume!(!update.to_string().contains('['));
        prop_assert!(problems.is_empty() || once == document, "refused, and unchanged");
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn no_text_is_too_odd(text in ".{0,60}", target in ".{0,20}") {
        let _ = apply(text.clone().into_bytes(), &[overlay(&target)]);
        let one = actions("1.1.0", &json!([{"target": target, "update": text}]));
        let _ = after(&document(), &[&one]);
    }
}
