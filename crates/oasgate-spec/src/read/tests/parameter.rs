//! Parameters of all versions.

use serde_json::json;

use super::{Written, format};

/// Reads one parameter of 3.1, in flow style.
fn one(parameter: &str) -> (Vec<String>, Vec<&'static str>) {
    in_version("openapi: 3.1.0", parameter)
}

fn in_version(version: &str, parameter: &str) -> (Vec<String>, Vec<&'static str>) {
    let operation = format!("parameters: [{parameter}]");
    let path = if parameter.contains("in: path") { "/a/{p}" } else { "/a" };
    let (operation, problems) = Written { version, path, operation: &operation, ..Written::default() }.read();
    (format::parameters(&operation.parameters), problems)
}

#[test]
fn styles_have_the_defaults_of_their_place() {
    let rows = [
        ("in: path, required: true", "path:p! simple"),
        ("in: query", "query:p form*"),
        ("in: header", "header:p simple"),
        ("in: cookie", "cookie:p form*"),
        ("in: path, required: true, style: matrix", "path:p! matrix"),
        ("in: path, required: true, style: label, explode: true", "path:p! label*"),
        ("in: query, explode: false", "query:p form"),
        ("in: query, explode: null", "query:p form*"),
        ("in: query, style: spaceDelimited", "query:p space"),
        ("in: query, style: pipeDelimited, explode: true", "query:p pipe*"),
        ("in: query, style: deepObject", "query:p deep*"),
        ("in: cookie, style: cookie", "cookie:p cookie*"),
        ("in: query, allowReserved: true", "query:p form* reserved"),
        ("in: query, allowEmptyValue: true", "query:p form* empty"),
        ("in: header, allowEmptyValue: true", "header:p simple"),
        ("in: query, required: true", "query:p! form*"),
        ("in: path", "path:p! simple"),
        ("in: Query", "query:p form*"),
    ];
    for (written, expected) in rows {
        let (read, problems) = one(&format!("{{name: p, {written}, schema: {{}}}}"));
        assert_eq!((read.as_slice(), problems), ([expected.to_owned()].as_slice(), vec![]), "{written}");
    }
}

#[test]
fn what_is_wrong_with_a_parameter_is_mended_and_told() {
    let rows: [(&str, &[&str], &[&str]); 21] = [
        ("{name: p, in: query, style: matrix, schema: {}}", &["query:p form*"], &["style-invalid"]),
        ("{name: p, in: header, style: form, schema: {}}", &["header:p simple"], &["style-invalid"]),
        ("{name: p, in: query, style: 7, schema: {}}", &["query:p form*"], &["style-invalid"]),
        ("{name: p, in: query, required: 'true', schema: {}}", &["query:p! form*"], &["written-as-text"]),
        ("{name: p, in: query, explode: 'false', schema: {}}", &["query:p form"], &["written-as-text"]),
        ("{name: p, in: query}", &["query:p form*"], &["parameter-invalid"]),
        ("{in: query, schema: {}}", &[], &["parameter-invalid"]),
        ("{name: '', in: query, schema: {}}", &[], &["parameter-invalid"]),
        ("{name: 7, in: query, schema: {}}", &["query:7 form*"], &[]),
        ("{name: p, schema: {}}", &[], &["parameter-invalid"]),
        ("{name: p, in: moon, schema: {}}", &[], &["parameter-invalid"]),
        ("text", &[], &["parameter-invalid"]),
        ("null", &[], &["parameter-invalid"]),
        ("{name: p, in: query, type: string}", &["query:p form*"], &[]),
        ("{name: p, in: query, collectionFormat: pipes, type: array}", &["query:p pipe"], &[]),
        (
            "{name: p, in: query, schema: {}}, {name: p, in: query, required: true, schema: {}}",
            &["query:p! form*"],
            &["parameter-twice"],
        ),
        (
            "{name: p, in: query, schema: {}}, {name: p, in: header, schema: {}}",
            &["query:p form*", "header:p simple"],
            &[],
        ),
        ("{name: P, in: header, schema: {}}, {name: p, in: header, schema: {}}", &["header:p simple"], &[]),
        (
            "{name: p, in: query, content: {application/json: {schema: {}}}}",
            &["query:p application/json"],
            &[],
        ),
        ("{name: p, in: query, content: {}, schema: {}}", &["query:p form*"], &[]),
        (
            "{name: q, in: querystring, content: {application/json: {}}}",
            &["querystring:q application/json"],
            &[],
        ),
    ];
    for (written, expected, problems) in rows {
        let read = one(written);
        assert_eq!(
            (read.0, read.1.as_slice()),
            (expected.iter().map(ToString::to_string).collect(), problems),
            "{written}"
        );
    }
}

#[test]
fn swagger_2_says_styles_by_collection_format() {
    let rows = [
        ("in: query, type: array", "query:p form"),
        ("in: query, type: array, collectionFormat: csv", "query:p form"),
        ("in: query, type: array, collectionFormat: multi", "query:p form*"),
        ("in: query, type: array, collectionFormat: ssv", "query:p space"),
        ("in: query, type: array, collectionFormat: tsv", "query:p tab"),
        ("in: query, type: array, collectionFormat: pipes", "query:p pipe"),
        ("in: query, type: array, collectionFormat: moon", "query:p form"),
        ("in: header, type: array, collectionFormat: csv", "header:p simple"),
        ("in: header, type: array, collectionFormat: multi", "header:p simple"),
        ("in: path, required: true, type: array", "path:p! simple"),
        ("in: query, type: string, allowEmptyValue: true", "query:p form empty"),
    ];
    for (written, expected) in rows {
        let (read, problems) = in_version("swagger: '2.0'", &format!("{{name: p, {written}}}"));
        assert_eq!((read.as_slice(), problems), ([expected.to_owned()].as_slice(), vec![]), "{written}");
    }
}

#[test]
fn schemas_stand_in_three_places() {
    let rows = [
        ("openapi: 3.0.3", "schema: {type: string}", json!({"type": "string"})),
        ("openapi: 3.0.3", "schema: true", json!(true)),
        ("openapi: 3.0.3", "type: string, format: date", json!({"type": "string", "format": "date"})),
        ("openapi: 3.0.3", "type: string, schema: {type: integer}", json!({"type": "integer"})),
        ("openapi: 3.0.3", "type: string, schema: {}", json!({"type": "string"})),
        ("openapi: 3.0.3", "type: string, schema: null", json!({"type": "string"})),
        (
            "openapi: 3.0.3",
            "content: {application/json: {schema: {type: object}}}",
            json!({"type": "object"}),
        ),
        ("openapi: 3.0.3", "content: {application/json: {}}", json!(true)),
        (
            "swagger: '2.0'",
            "type: integer, format: int32, minimum: 1, enum: [1, 2], default: 1, description: d, required: true, x-a: 1, collectionFormat: csv",
            json!({"type": "integer", "format": "int32", "minimum": 1, "enum": [1, 2], "default": 1}),
        ),
        (
            "swagger: '2.0'",
            "type: array, items: {type: string, collectionFormat: csv}",
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        ("swagger: '2.0'", "type: file", json!({"format": "binary", "type": "string"})),
        ("swagger: '2.0'", "type: string, x-nullable: true", json!({"type": ["string", "null"]})),
        ("swagger: '2.0'", "schema: {type: string}", json!({"type": "string"})),
    ];
    for (version, written, expected) in rows {
        let operation = format!("parameters: [{{name: p, in: query, {written}}}]");
        let (operation, _) = Written { version, operation: &operation, ..Written::default() }.read();
        assert_eq!(operation.parameters[0].schema.0, expected, "{written}");
    }
}

#[test]
fn an_operation_overrides_the_path_item_by_name_and_place() {
    let p = |place: &str, more: &str| format!("{{name: p, in: {place}, schema: {{}}{more}}}");
    let rows = [
        (p("query", ""), p("query", ", required: true"), vec!["query:p! form*"]),
        (p("query", ", required: true"), p("query", ""), vec!["query:p form*"]),
        (p("query", ""), p("header", ""), vec!["query:p form*", "header:p simple"]),
        (p("query", ""), String::new(), vec!["query:p form*"]),
        (String::new(), p("query", ""), vec!["query:p form*"]),
    ];
    for (item, operation, expected) in rows {
        let (item, operation) = (format!("parameters: [{item}]"), format!("parameters: [{operation}]"));
        let (read, problems) = Written { item: &item, operation: &operation, ..Written::default() }.read();
        assert_eq!(
            (format::parameters(&read.parameters), problems),
            (expected.iter().map(ToString::to_string).collect(), vec![])
        );
    }
}

#[test]
fn references_are_followed_and_what_stands_beside_them_wins() {
    let head = "components: {parameters: {
  P: {name: p, in: query, description: theirs, schema: {}},
  Q: {$ref: '#/components/parameters/P'},
  Ring: {$ref: '#/components/parameters/Ring'},
  List: [{name: l, in: query, schema: {}}],
  Map: {a: {name: m, in: query, schema: {}}}}}";
    let rows: [(&str, &str, Option<&str>, &[&str]); 7] = [
        ("[{$ref: '#/components/parameters/P'}]", "query:p form*", Some("theirs"), &[]),
        ("[{$ref: '#/components/parameters/Q'}]", "query:p form*", Some("theirs"), &[]),
        ("[{$ref: '#/components/parameters/P', description: ours}]", "query:p form*", Some("ours"), &[]),
        ("[{$ref: '#/parameters/P'}]", "query:p form*", Some("theirs"), &["reference-repaired"]),
        ("{$ref: '#/components/parameters/List'}", "query:l form*", None, &[]),
        ("{$ref: '#/components/parameters/Map'}", "query:m form*", None, &["parameters-no-list"]),
        ("{a: {name: m, in: query, schema: {}}}", "query:m form*", None, &["parameters-no-list"]),
    ];
    for (list, expected, description, problems) in rows {
        let operation = format!("parameters: {list}");
        let (operation, met) = Written { head, operation: &operation, ..Written::default() }.read();
        assert_eq!(format::parameters(&operation.parameters), [expected], "{list}");
        assert_eq!(
            (operation.parameters[0].description.as_deref(), met.as_slice()),
            (description, problems),
            "{list}"
        );
    }
    for list in ["[{$ref: '#/components/parameters/Ring'}]", "[{$ref: '#/nowhere'}]", "{$ref: 'none.yaml'}"] {
        let (api, problems) =
            Written { head, operation: &format!("parameters: {list}"), ..Written::default() }.api();
        assert!(api.operations.is_empty(), "{list}");
        assert_eq!(super::names(&problems), ["parameter-ref-broken"], "{list}");
        assert_eq!(problems[0].operation.as_deref(), Some("POST /a"));
    }
}

#[test]
fn the_first_example_is_taken() {
    let head = "components: {examples: {E: {value: theirs}}}";
    let rows = [
        ("example: a", json!("a")),
        ("example: 0", json!(0)),
        ("example: a, examples: {x: {value: b}}", json!("a")),
        ("examples: {x: {value: b}, y: {value: c}}", json!("b")),
        ("examples: {x: {externalValue: u}, y: {value: c}}", json!("c")),
        ("examples: {x: {$ref: '#/components/examples/E'}}", json!("theirs")),
        ("examples: {x: {dataValue: {a: 1}}}", json!({"a": 1})),
        ("examples: [d, e]", json!("d")),
        ("x-example: f", json!("f")),
    ];
    for (written, expected) in rows {
        let operation = format!("parameters: [{{name: p, in: query, schema: {{}}, {written}}}]");
        let (operation, _) = Written { head, operation: &operation, ..Written::default() }.read();
        assert_eq!(operation.parameters[0].example, Some(expected), "{written}");
    }
}
