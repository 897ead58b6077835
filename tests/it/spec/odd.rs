//! The odd descriptions: what must still be there, and what must be said, a row for each file; and facts, of those in
//! which the operations alone do not tell.

use std::collections::BTreeSet;

use oasgate_spec::{Api, Operation, Place, Problem, Severity};
use serde_json::{Value, json};

use super::read;
use crate::support::files;

/// The file, the operations that are read, and the problems as `line severity rule`.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const ROWS: &[Row] = &[
    ("alias-bomb.yaml", &[], &["11 fatal document-unreadable"]),
    ("bom.json", &["listThings"], &[]),
    ("c1-control.yaml", &["listThings"], &["10 note character-replaced"]),
    (
        "content-type-invalid.yaml",
        &["listThings", "addThing", "sendThing"],
        &[
            "16 warning media-type-invalid",
            "23 warning media-type-invalid",
            "21 warning body-without-content",
        ],
    ),
    ("dangling-parameter-ref.yaml", &["whole"], &["11 error parameter-ref-broken"]),
    ("dangling-schema-ref.yaml", &["addThing"], &["19 warning schema-ref-broken"]),
    ("deep-nesting.json", &[], &["1 fatal document-unreadable"]),
    ("duplicate-keys.yaml", &["addThing"], &["11 warning duplicate-key", "13 warning duplicate-key"]),
    (
        "duplicate-operation-id.yaml",
        &["fetch", "fetch"],
        &["13 warning operation-id-twice", "9 warning operation-id-twice"],
    ),
    ("empty.yaml", &[], &["1 fatal not-openapi"]),
    ("enum-empty.yaml", &["listThings"], &["11 warning schema-invalid"]),
    (
        "fragment-in-path-key.yaml",
        &["findByName", "findByColour"],
        &["8 note path-key-odd", "14 note path-key-odd"],
    ),
    (
        "header-authorization-parameter.yaml",
        &["addThing"],
        &["11 note parameter-ignored", "12 note parameter-ignored", "13 note parameter-ignored"],
    ),
    ("json-with-comments.json", &["listThings"], &[]),
    ("latin-1.yaml", &["listThings"], &["10 note character-replaced"]),
    ("no-paths.yaml", &[], &["3 fatal no-operations"]),
    ("not-openapi.json", &[], &["1 fatal not-openapi"]),
    (
        "one-broken-of-ten.yaml",
        &[
            "operation1",
            "operation2",
            "operation3",
            "operation4",
            "operation5",
            "operation7",
            "operation8",
            "operation9",
            "operation10",
        ],
        &["31 error parameter-ref-broken"],
    ),
    (
        "operation-not-an-object.yaml",
        &["replaceThings"],
        &["8 error operation-invalid", "9 error operation-invalid"],
    ),
    ("operation-ids-odd.yaml", &["2faEnable", "-", "padded id", "404", "drive.files.größe", "-"], &[]),
    ("parameter-without-name.yaml", &["listThings"], &["11 warning parameter-invalid"]),
    ("parameter-without-schema.yaml", &["listThings"], &["11 warning parameter-invalid"]),
    ("path-parameter-case-differs.yaml", &["getThing"], &["8 note path-parameter-name-differs"]),
    (
        "path-parameter-underscore-differs.yaml",
        &["getUser"],
        &["8 note path-parameter-name-differs", "8 note path-parameter-name-differs"],
    ),
    ("path-parameter-undeclared.yaml", &["getThing"], &["8 warning path-parameter-undeclared"]),
    ("pattern-invalid.yaml", &["listThings"], &["11 warning pattern-invalid", "13 warning pattern-invalid"]),
    ("property-keys-illegal.yaml", &["addThing"], &[]),
    (
        "query-in-path-key.yaml",
        &["countThings", "listThings"],
        &["8 note path-key-odd", "12 note path-key-odd"],
    ),
    ("ref-cycle-of-parameters.yaml", &[], &["11 error parameter-ref-broken"]),
    (
        "ref-outside-folder.yaml",
        &["up", "absolute", "whole"],
        &["13 warning schema-ref-broken", "21 warning schema-ref-broken"],
    ),
    (
        "ref-to-itself.yaml",
        &["sendSchema", "getResponse"],
        &["11 error parameter-ref-broken", "25 note response-ref-broken", "30 note schema-loop"],
    ),
    ("ref-tower.json", &["Tower", "allOf", "anyOf"], &[]),
    (
        "ref-to-url.yaml",
        &["public", "private"],
        &["13 warning schema-ref-broken", "21 warning schema-ref-broken"],
    ),
    (
        "reserved-expansion.yaml",
        &["getFile", "getTree", "search"],
        &["8 note path-key-odd", "14 note path-key-odd", "20 note path-key-odd"],
    ),
    (
        "responses-missing.yaml",
        &["none", "empty", "odd"],
        &[
            "8 note response-invalid",
            "13 note response-invalid",
            "17 note response-invalid",
            "17 note response-invalid",
        ],
    ),
    ("same-name-in-path-and-query.yaml", &["replaceThing"], &[]),
    (
        "schema-true-as-string.yaml",
        &["getThing"],
        &[
            "15 note written-as-text",
            "19 note written-as-text",
            "18 note written-as-text",
            "10 note written-as-text",
        ],
    ),
    ("schema-with-own-id.yaml", &["addPerson"], &[]),
    ("server-missing.yaml", &["listThings"], &[]),
    ("server-relative.yaml", &["beside", "dot", "up", "root", "host", "inherited"], &[]),
    (
        "server-variable-without-default.yaml",
        &["listThings"],
        &["8 warning server-variable-without-default", "6 warning server-variable-undefined"],
    ),
    ("swagger-without-host.yaml", &["listThings", "listSafeThings"], &[]),
    (
        "tools-colliding-after-sanitise.yaml",
        &[
            "things/list",
            "things list",
            "things_list",
            "Things_List",
            "things:list",
            "-",
            "/",
            "数",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxfirst",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxsecond",
        ],
        &[],
    ),
    ("utf-16.yaml", &["listThings"], &[]),
    ("version-unknown.yaml", &["findThings"], &["3 warning version-unknown"]),
    ("webhooks-only.yaml", &[], &["3 fatal no-operations"]),
    ("truncated.json", &[], &["11 fatal document-unreadable"]),
    ("yaml-aliases.yaml", &["listThings", "addThing", "listOthers", "replaceOthers"], &[]),
    ("yaml-dates-and-leading-zeros.yaml", &["listThings"], &["23 note written-as-value"]),
    ("yaml-numeric-keys.yaml", &["listThings", "addThing"], &[]),
    ("yaml-tab-in-block-scalar.yaml", &["listThings"], &[]),
    ("yaml-tabs.yaml", &[], &["8 fatal document-unreadable"]),
    ("yaml-yes-no.yaml", &["listThings"], &[]),
];

#[test]
fn each_loses_no_more_than_it_must_and_says_what_is_wrong() {
    let mut rows = BTreeSet::new();
    for (file, operations, problems) in ROWS {
        let (api, met) = read(&files::specs().join("odd").join(file));
        let ids: Vec<&str> =
            api.operations.iter().map(|operation| operation.id.as_deref().unwrap_or("-")).collect();
        assert_eq!(ids, *operations, "{file}");
        assert_eq!(met.iter().map(row).collect::<Vec<_>>(), *problems, "{file}: {met:#?}");
        rows.insert(*file);
    }
    let there: BTreeSet<String> = files::descriptions()
        .iter()
        .filter_map(|path| path.strip_prefix(files::specs().join("odd")).ok()?.to_str().map(str::to_owned))
        .collect();
    assert_eq!(rows.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), there, "each file has its row");
}

fn row(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
        Severity::Fatal => "fatal",
    };
    let line = problem.position.map_or_else(|| "?".to_owned(), |position| position.line.to_string());
    format!("{line} {severity} {}", problem.rule)
}

/// The file, an operation, a pointer into what is said of it, and the JSON that stands there.
const FACTS: &[(&str, &str, &str, &str)] = &[
    (
        "c1-control.yaml",
        "listThings",
        "/description",
        r#""before   after; next line \u0085, line separator \u2028.""#,
    ),
    (
        "content-type-invalid.yaml",
        "addThing",
        "/body",
        r#"{"application/json; charset=utf-8": {"type": "object", "properties": {"a": {"type": "string"}}}}"#,
    ),
    ("content-type-invalid.yaml", "sendThing", "/body", "{}"),
    ("dangling-schema-ref.yaml", "addThing", "/body/application~1json/properties/shape", "{}"),
    ("header-authorization-parameter.yaml", "addThing", "/query", "{}"),
    ("json-with-comments.json", "listThings", "/query/note/default", r#""// no comment""#),
    ("latin-1.yaml", "listThings", "/summary", r#""The gr\ufffd\ufffde of things""#),
    (
        "path-parameter-underscore-differs.yaml",
        "getUser",
        "/path",
        r#"{"account_id": {"type": "integer"}, "userId": {"type": "string"}}"#,
    ),
    ("ref-to-itself.yaml", "sendSchema", "/definitions/Self", "{}"),
    ("ref-to-itself.yaml", "getResponse", "/statuses", "[]"),
    (
        "version-unknown.yaml",
        "findThings",
        "/body/application~1json",
        r#"{"type": ["object", "null"], "properties": {"colour": {"const": "red"}}}"#,
    ),
    (
        "yaml-tab-in-block-scalar.yaml",
        "listThings",
        "/description",
        r#""Columns:\nname\tsize\n\tindented\n""#,
    ),
    ("yaml-tab-in-block-scalar.yaml", "listThings", "/query/colour/enum", r#"["red", "blue"]"#),
    ("enum-empty.yaml", "listThings", "/query/colour", r#"{"type": "string", "enum": []}"#),
    ("enum-empty.yaml", "listThings", "/query/size", r#"{"type": "integer", "enum": [1, 2]}"#),
    ("parameter-without-schema.yaml", "listThings", "/query/colour", r#"{"type": "string"}"#),
    ("path-parameter-case-differs.yaml", "getThing", "/path", r#"{"thingid": {"type": "integer"}}"#),
    ("path-parameter-undeclared.yaml", "getThing", "/path", r#"{"thingId": {"type": "string"}}"#),
    ("property-keys-illegal.yaml", "addThing", "/query/größe", r#"{"type": "integer"}"#),
    ("query-in-path-key.yaml", "listThings", "/query/kind", r#"{"type": "string"}"#),
    ("query-in-path-key.yaml", "listThings", "/path", "{}"),
    ("ref-to-url.yaml", "public", "/body/application~1json", "{}"),
    ("reserved-expansion.yaml", "search", "/query", r#"{"a": {"type": "string"}, "b": {"type": "string"}}"#),
    ("schema-true-as-string.yaml", "getThing", "/path/id", r#"{"type": "string", "maxLength": 10}"#),
    ("schema-with-own-id.yaml", "addPerson", "/body/application~1json", r##"{"$ref": "#/$defs/Person"}"##),
    (
        "schema-with-own-id.yaml",
        "addPerson",
        "/definitions/Person/properties/given/$ref",
        r##""#/$defs/Name""##,
    ),
    ("schema-with-own-id.yaml", "addPerson", "/definitions/Name", r#"{"type": "string", "minLength": 1}"#),
    ("server-missing.yaml", "listThings", "/servers", r#"["/"]"#),
    (
        "server-variable-without-default.yaml",
        "listThings",
        "/variables",
        r#"{"region": "north", "version": ""}"#,
    ),
    ("yaml-aliases.yaml", "listThings", "/query/limit", r#"{"type": "integer", "minimum": 1}"#),
    ("yaml-aliases.yaml", "listThings", "/query/page", r#"{"type": "integer", "minimum": 1}"#),
    ("yaml-aliases.yaml", "addThing", "/summary", r#""From the merge key""#),
    ("yaml-aliases.yaml", "replaceOthers", "/query/limit", r#"{"type": "integer", "minimum": 5}"#),
    ("yaml-dates-and-leading-zeros.yaml", "listThings", "/description", r#""2026-11-20""#),
    ("yaml-dates-and-leading-zeros.yaml", "listThings", "/query/postcode/enum", r#"["0123", "00801"]"#),
    ("yaml-dates-and-leading-zeros.yaml", "listThings", "/query/at/examples", r#"["12:30:45"]"#),
    (
        "yaml-dates-and-leading-zeros.yaml",
        "listThings",
        "/query/version/enum",
        r#"["1.10", "1.0", "1e3", "0x1F", "0o17", "1_000"]"#,
    ),
    (
        "yaml-dates-and-leading-zeros.yaml",
        "listThings",
        "/query/big/minimum",
        "-170141183460469231731687303715884105728",
    ),
    ("yaml-numeric-keys.yaml", "listThings", "/statuses", r#"["Code(200)", "Code(404)", "Class(5)"]"#),
    ("yaml-yes-no.yaml", "listThings", "/query/country/enum", r#"["NO", "SE", "DK"]"#),
    ("yaml-yes-no.yaml", "listThings", "/query/answer/enum", r#"["yes", "no", "y", "n"]"#),
    ("yaml-yes-no.yaml", "listThings", "/query/y", r#"{"type": "number"}"#),
];

#[test]
fn what_is_odd_is_read_as_it_is_meant() {
    for (file, operation, pointer, expected) in FACTS {
        let (api, _) = read(&files::specs().join("odd").join(file));
        let found = api.operations.iter().find(|one| one.id.as_deref() == Some(operation)).unwrap();
        let said = said(&api, found);
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(said.pointer(pointer), Some(&expected), "{file} {operation} {pointer} in {said:#}");
    }
}

/// What is said of an operation.
fn said(api: &Api, operation: &Operation) -> Value {
    let of = |place: Place| -> Value {
        let there = operation.parameters.iter().filter(|parameter| parameter.place == place);
        there.map(|parameter| (parameter.name.clone(), parameter.schema.0.clone())).collect()
    };
    let media = operation.body.iter().flat_map(|body| &body.content);
    let body: Value = media.map(|media| (media.name.clone(), media.schema.0.clone())).collect();
    let definitions: Value =
        api.definitions.0.iter().map(|(name, schema)| (name.clone(), schema.0.clone())).collect();
    let servers: Vec<&str> = operation.servers.iter().map(|server| server.url.as_str()).collect();
    let variables: Value = operation
        .servers
        .iter()
        .flat_map(|server| &server.variables)
        .map(|(name, variable)| (name.clone(), Value::from(variable.default.as_str())))
        .collect();
    let statuses: Vec<String> =
        operation.responses.iter().map(|response| format!("{:?}", response.status)).collect();
    json!({
        "summary": operation.summary,
        "description": operation.description,
        "path": of(Place::Path),
        "query": of(Place::Query),
        "body": body,
        "definitions": definitions,
        "servers": servers,
        "variables": variables,
        "statuses": statuses,
    })
}
