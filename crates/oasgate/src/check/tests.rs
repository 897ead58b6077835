use oasgate_spec::Severity;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::excerpt::Page;
use super::{Checked, Depth, Looks, host, json as write_json, sarif, text};
use crate::description::Order;
use crate::source::Source;

/// What is found in a description.
fn checked(description: &str, depth: Depth) -> Checked {
    let source = Source::of_text("api.yaml", description.as_bytes().to_vec());
    let options = oasgate_tools::Options::default();
    let order = Order { source, overlays: Vec::new(), options };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(order.read(move |reading| Checked::of(reading, depth))).unwrap()
}

fn as_text(checked: &Checked, looks: Looks) -> String {
    let mut out = Vec::new();
    text(checked, looks, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// `line: text` and the caret below it.
fn excerpt(text: &str, line: usize, column: usize) -> Option<(String, usize)> {
    let excerpt = Page::new(text.as_bytes().to_vec())?.excerpt(line, column)?;
    Some((excerpt.text, excerpt.before))
}

#[test]
fn excerpts_show_the_line_and_the_place_in_it() {
    let long = "0123456789".repeat(30);
    let rows = [
        ("a: 1\nb: 2\n", 2, 4, Some(("b: 2", 3))),
        ("a: 1\r\nb: 2\r\n", 2, 1, Some(("b: 2", 0))),
        ("a: 1\rb: 2", 2, 1, Some(("b: 2", 0))),
        ("\u{FEFF}é: 1", 1, 4, Some(("é: 1", 3))),
        ("a\tb\u{1b}[31m", 1, 3, Some(("a b [31m", 2))),
        ("a\u{202E}b", 1, 3, Some(("a b", 2))),
        ("", 1, 1, Some(("", 0))),
        ("a", 1, 9, Some(("a", 8))),
        ("a", 2, 1, None),
        ("a", 0, 1, None),
        ("a", 1, 0, None),
    ];
    for (text, line, column, expected) in rows {
        let expected = expected.map(|(text, before): (&str, usize)| (text.to_owned(), before));
        assert_eq!(excerpt(text, line, column), expected, "{text:?} {line}:{column}");
    }
    let (shown, before) = excerpt(&long, 1, 151).unwrap();
    assert_eq!((shown.chars().count(), before), (102, 31));
    assert!(shown.starts_with("…01234") && shown.ends_with("9…"));
    assert_eq!(Page::new(vec![0xFF, 0xFE, b'a', 0]).map(|_| ()), None);
}

proptest! {
    #[test]
    fn the_caret_points_to_the_character(lines in prop::collection::vec("[ -~é]{0,250}", 1..4), places in prop::collection::vec((0_usize..4, 0_usize..250), 1..6)) {
        let text = lines.join("\n");
        let mut page = Page::new(text.into_bytes()).unwrap();
        for (line, column) in places {
            let Some(wanted) = lines.get(line).and_then(|line| line.chars().nth(column)) else { continue };
            let excerpt = page.excerpt(line + 1, column + 1).unwrap();
            prop_assert_eq!(excerpt.text.chars().nth(excerpt.before), Some(wanted));
            prop_assert!(excerpt.text.chars().count() <= 102);
        }
    }

    #[test]
    fn nothing_in_a_description_reaches_the_terminal_but_text(name in "\\PC{0,8}[\u{0}-\u{1f}\u{80}-\u{9f}\u{202a}-\u{202e}]{1,3}\\PC{0,8}") {
        let description = json!({"openapi": "3.0.3", "info": {}, "paths": {format!("/{name}"): {"get": {
            "operationId": name, "parameters": [{"$ref": format!("#/components/{name}")}]}}}});
        let found = checked(&description.to_string(), Depth::Strict);
        prop_assert!(!found.problems.is_empty());
        let shown = as_text(&found, Looks::Plain);
        let moves = |c: &char| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c);
        prop_assert!(shown.chars().find(moves).is_none(), "{shown:?}");
    }
}

#[test]
fn hosts_object_to_what_they_refuse() {
    let object = |properties: Value| json!({"type": "object", "properties": properties, "additionalProperties": false});
    let deep = (0..11).fold(json!({"type": "string"}), |inner, _| object(json!({"a": inner})));
    let many: Value = (0..1001).map(|n| json!(n.to_string())).collect();
    // name of the tool, its schema, what is objected to at which severity
    let rows = [
        ("getThing", object(json!({})), vec![]),
        ("get.thing", object(json!({})), vec!["anthropic-name", "openai-name", "gemini-name", "codex-name"]),
        (&*"a".repeat(65), object(json!({})), vec!["openai-name", "gemini-name", "codex-name"]),
        (
            &*"a".repeat(129),
            object(json!({})),
            vec!["anthropic-name", "openai-name", "gemini-name", "codex-name"],
        ),
        ("1st", object(json!({})), vec!["gemini-name"]),
        ("a", object(json!({"$top": {"type": "integer"}})), vec!["anthropic-key"]),
        ("a", object(json!({"b": object(json!({"$top": {"type": "integer"}}))})), vec![]),
        (
            "a",
            json!({"type": "object", "anyOf": [object(json!({}))], "additionalProperties": false}),
            vec!["anthropic-root", "openai-root"],
        ),
        (
            "a",
            object(json!({"b": {"allOf": [{"type": "string"}, {"type": "string"}]}})),
            vec!["openai-keyword", "gemini-keyword", "gemini-type", "codex-choice"],
        ),
        ("a", object(json!({"b": {"$ref": "#/$defs/B"}})), vec!["gemini-reference", "gemini-type"]),
        ("a", object(json!({"b": {"type": "array"}})), vec!["gemini-value"]),
        ("a", object(json!({"b": {"type": ["string", "null"]}})), vec!["gemini-type"]),
        ("a", object(json!({"b": {"type": "integer", "enum": [1]}})), vec!["gemini-value"]),
        ("a", object(json!({"b": {"type": "string", "format": "uuid"}})), vec!["gemini-value"]),
        ("a", object(json!({"b": {"type": "string", "format": "date-time"}})), vec![]),
        ("a", object(json!({"b": {"type": "integer", "exclusiveMinimum": 0}})), vec!["gemini-keyword"]),
        ("a", object(json!({"b": {"type": "string", "enum": many}})), vec!["openai-limit"]),
        ("a", deep, vec!["openai-limit"]),
    ];
    for (name, schema, expected) in rows {
        let warnings: Vec<&str> = host::rules(name, &schema, Severity::Warning);
        assert_eq!(warnings, expected, "{name} {schema}");
    }
    let notes = [
        (object(json!({"b": {"type": "string"}})), vec!["openai-optional"]),
        (
            json!({"type": "object", "properties": {"b": {"type": "object"}}, "required": ["b"], "additionalProperties": false}),
            vec!["openai-open"],
        ),
        (
            json!({"type": "object", "properties": {"b": {"type": "string", "minLength": 1}}, "required": ["b"], "additionalProperties": false}),
            vec!["codex-dropped"],
        ),
    ];
    for (schema, expected) in notes {
        assert_eq!(host::rules("a", &schema, Severity::Note), expected, "{schema}");
    }
}

#[test]
fn a_strict_reader_is_asked_down_to_the_smallest_part() {
    let rows = [
        ("paths: {}", ""),
        ("paths: {/a: {get: {responses: {'200': {description: d}}}}}", ""),
        ("paths: {/a: {get: {responses: {'200': {}}}}}", "/paths/~1a/get/responses/200"),
        (
            "paths: {/a: {get: {responses: {}, parameters: [{name: p, in: query, schema: {type: string, minLength: x}}]}}}",
            "/paths/~1a/get/parameters/0/schema",
        ),
        ("paths: {/a: {get: {responses: {}, deprecated: 'no'}}}", "/paths/~1a/get"),
        ("paths: {}\ncomponents: {schemas: {A: {type: number, minimum: 1.50, maximum: 1e3}}}", ""),
        (
            "paths: {}\ncomponents: {schemas: {A: {allOf: [{type: object, required: true}]}}}",
            "/components/schemas/A/allOf/0",
        ),
        ("paths: {}\ntags: [{name: a}, {name: 1}]", "/tags/1"),
        ("components: {}", ""),
    ];
    for (rest, expected) in rows {
        let found =
            checked(&format!("openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\n{rest}\n"), Depth::Strict);
        let found: Vec<&str> = found
            .problems
            .iter()
            .filter(|problem| problem.rule == "openapiv3-refuses")
            .map(|problem| problem.location.pointer.as_str())
            .collect();
        // Without `paths` the whole is refused.
        let expected: Vec<&str> =
            if expected.is_empty() && rest.starts_with("paths") { vec![] } else { vec![expected] };
        assert_eq!(found, expected, "{rest}");
    }
    let later = checked("openapi: 3.1.0\ninfo: 1\npaths: {/a: {get: {}}}", Depth::Strict);
    assert!(later.problems.iter().all(|problem| problem.rule != "openapiv3-refuses"));
}

#[test]
fn colours_change_nothing_but_colours() {
    let found =
        checked("openapi: 3.0.3\npaths: {/a: {get: {parameters: [{}]}}, /b: {put: 1}}", Depth::Strict);
    let coloured = as_text(&found, Looks::Coloured);
    let mut plain = String::new();
    for piece in coloured.split('\u{1b}') {
        plain.push_str(
            piece.strip_prefix('[').and_then(|code| code.split_once('m')).map_or(piece, |(_, text)| text),
        );
    }
    assert_ne!(coloured, plain);
    assert_eq!(plain, as_text(&found, Looks::Plain));
}

#[test]
fn many_problems_of_one_rule_are_cut_unless_they_cost_an_operation() {
    let operations: String =
        (0..30).map(|n| format!("  /w{n}: {{get: {{parameters: [{{}}]}}}}\n  /e{n}: {{put: 1}}\n")).collect();
    let found = checked(&format!("openapi: 3.1.0\npaths:\n{operations}"), Depth::Plain);
    let shown = as_text(&found, Looks::Plain);
    assert_eq!(shown.matches("error[operation-invalid]").count(), 30);
    assert_eq!(shown.matches("warning[parameter-invalid]").count(), 20);
    assert!(shown.contains("… and 10 more of parameter-invalid"), "{shown}");
    let mut json = Vec::new();
    write_json(&found, &mut json).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["problems"].as_array().unwrap().len(), found.problems.len());
    let mut log = Vec::new();
    sarif(&found, &mut log).unwrap();
    let log: Value = serde_json::from_slice(&log).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), found.problems.len());
}
