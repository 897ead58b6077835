//! Bodies: of OpenAPI 3 by media type, of Swagger 2.0 by parameters.

use super::{Written, format};

/// What is written, the body as read, the rules of the problems.
type Row = (&'static str, &'static str, &'static [&'static str]);

fn one(version: &str, operation: &str) -> (String, Vec<&'static str>) {
    let head = "consumes: [application/x-yaml, application/json]
components:
  mediaTypes: {M: {schema: {type: integer}}}
  requestBodies: {B: {required: true, content: {text/plain: {}}}, R: {$ref: '#/components/requestBodies/R'}}
  schemas: {S: {type: boolean}}
  headers: {H: {schema: {const: h}}}
";
    let (operation, problems) = Written { version, head, operation, ..Written::default() }.read();
    (format::body(operation.body.as_ref()), problems)
}

const OPENAPI_3: &[Row] = &[
    ("", "", &[]),
    ("requestBody: null", "", &[]),
    (
        "requestBody: {content: {application/json: {schema: {type: string}}}}",
        r#"application/json {"type":"string"}"#,
        &[],
    ),
    (
        "requestBody: {required: true, content: {application/json: {}, text/plain: {}}}",
        "!application/json true, text/plain true",
        &[],
    ),
    ("requestBody: {required: 'true', content: {a/b: {}}}", "!a/b true", &["written-as-text"]),
    ("requestBody: {content: {a/b: null}}", "a/b true", &[]),
    ("requestBody: {$ref: '#/components/requestBodies/B'}", "!text/plain true", &[]),
    (
        "requestBody: {content: {'application/json; charset=utf-8': {}}}",
        "application/json; charset=utf-8 true",
        &[],
    ),
    (
        "requestBody: {content: {'*/*': {}, 'application/*+json': {}}}",
        "*/* true, application/*+json true",
        &[],
    ),
    ("requestBody: {content: {json: {}}}", "application/json true", &["media-type-invalid"]),
    (
        "requestBody: {content: {'': {}, json: {}}}",
        "application/json true",
        &["media-type-invalid", "media-type-invalid"],
    ),
    ("requestBody: {content: {json: {}, a/b: {}}}", "a/b true", &["media-type-invalid"]),
    ("requestBody: {content: {\"a/b\\r\\nX: y\": {}}}", "", &["media-type-invalid", "body-without-content"]),
    ("requestBody: {content: {a/b: {$ref: '#/components/mediaTypes/M'}}}", r#"a/b {"type":"integer"}"#, &[]),
    ("requestBody: {content: {a/b: {$ref: '#/nowhere'}}}", "a/b true", &["media-type-ref-broken"]),
    (
        "requestBody: {content: {a/b: {$ref: '#/components/schemas/S'}}}",
        r#"a/b {"type":"boolean"}"#,
        &["media-type-is-schema"],
    ),
    ("requestBody: {content: {a/b: {type: string}}}", r#"a/b {"type":"string"}"#, &["media-type-is-schema"]),
    (
        "requestBody: {content: {application/jsonl: {itemSchema: {type: string}}}}",
        r#"application/jsonl true items {"type":"string"}"#,
        &[],
    ),
    ("requestBody: {content: {a/b: {example: 1, examples: {x: {value: 2}}}}}", "a/b true example 1", &[]),
    (
        "requestBody: {content: {a/b: {encoding: {f: {contentType: c/d}, g: {style: pipeDelimited}, h: {explode: false}, i: {allowReserved: true}}}}}",
        "a/b true f=c/d g=pipe h=form i=form* reserved",
        &[],
    ),
    ("requestBody: {content: {a/b: {encoding: {f: {style: moon}}}}}", "a/b true f=form*", &["style-invalid"]),
    (
        "requestBody: {content: {a/b: {encoding: {f: {headers: {X: {schema: {default: x}}, Y: {$ref: '#/components/headers/H'}, Z: {}}}}}}}",
        r#"a/b true f= X:{"default":"x"} Y:{"const":"h"}"#,
        &[],
    ),
    ("requestBody: {}", "", &["body-without-content"]),
    ("requestBody: {content: {}}", "", &["body-without-content"]),
    (
        "requestBody: {required: true, schema: {type: string}}",
        r#"!application/json {"type":"string"}"#,
        &["body-without-content"],
    ),
    (
        "requestBody: {$ref: '#/components/schemas/S'}",
        r#"application/json {"type":"boolean"}"#,
        &["body-without-content"],
    ),
];

#[test]
fn of_openapi_3() {
    for (written, expected, problems) in OPENAPI_3 {
        let read = one("openapi: 3.2.0", written);
        assert_eq!((read.0.as_str(), read.1.as_slice()), (*expected, *problems), "{written}");
    }
}

#[test]
fn a_reference_to_no_body_costs_the_operation() {
    for reference in ["#/components/requestBodies/R", "#/nowhere", "none.yaml"] {
        let operation = format!("requestBody: {{$ref: '{reference}'}}");
        let head = "components: {requestBodies: {R: {$ref: '#/components/requestBodies/R'}}}";
        let (api, problems) = Written { head, operation: &operation, ..Written::default() }.api();
        assert!(api.operations.is_empty(), "{reference}");
        assert_eq!(super::names(&problems), ["body-ref-broken"], "{reference}");
    }
}

const SWAGGER_2: &[Row] = &[
    (
        "parameters: [{name: b, in: body, required: true, schema: {type: object}}]",
        r#"!application/x-yaml {"type":"object"}, application/json {"type":"object"}"#,
        &[],
    ),
    ("parameters: [{in: body, schema: {type: object}}], consumes: [a/b]", r#"a/b {"type":"object"}"#, &[]),
    ("parameters: [{name: b, in: body}], consumes: a/b", "a/b true", &[]),
    ("parameters: [{name: b, in: body, type: string}], consumes: [a/b]", r#"a/b {"type":"string"}"#, &[]),
    (
        "parameters: [{name: b, in: body, schema: {}}], consumes: []",
        "application/x-yaml {}, application/json {}",
        &[],
    ),
    (
        "parameters: [{name: b, in: body, schema: {}}], consumes: [json]",
        "application/json {}",
        &["media-type-invalid"],
    ),
    (
        "parameters: [{name: f, in: formData, type: string, required: true}]",
        r#"!application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"string"}},"required":["f"]}"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: string, description: d}], consumes: [multipart/form-data]",
        r#"multipart/form-data {"type":"object","properties":{"f":{"type":"string","description":"d"}}}"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: string}], consumes: [multipart/form-data, application/x-www-form-urlencoded]",
        r#"application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"string"}}}"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: file}]",
        r#"multipart/form-data {"type":"object","properties":{"f":{"format":"binary","type":"string"}}}"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: array, items: {type: string}}]",
        r#"application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"array","items":{"type":"string"}}}} f=form"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: array, collectionFormat: multi}]",
        r#"application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"array"}}} f=form*"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: array, collectionFormat: tsv}]",
        r#"application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"array"}}} f=tab"#,
        &[],
    ),
    (
        "parameters: [{name: f, in: formData, type: string}, {name: f, in: formData, type: integer}]",
        r#"application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"integer"}}}"#,
        &[],
    ),
    ("parameters: [{in: formData, type: string}]", "", &["parameter-invalid"]),
    (
        "parameters: [{name: b, in: body, schema: {}}, {name: f, in: formData, type: string}], consumes: [a/b]",
        "a/b {}",
        &["parameter-invalid"],
    ),
    ("requestBody: {content: {a/b: {}}}", "a/b true", &[]),
];

#[test]
fn of_swagger_2() {
    for (written, expected, problems) in SWAGGER_2 {
        let read = one("swagger: '2.0'", written);
        assert_eq!((read.0.as_str(), read.1.as_slice()), (*expected, *problems), "{written}");
    }
}

const LEFT: &[Row] = &[
    ("consumes: [a/b], parameters: [{name: b, in: body, schema: {}}]", "a/b {}", &["parameter-place"]),
    (
        "parameters: [{name: f, in: formData, type: string}]",
        r#"application/x-www-form-urlencoded {"type":"object","properties":{"f":{"type":"string"}}}"#,
        &["parameter-place"],
    ),
    (
        "parameters: [{name: b, in: body, schema: {}}], requestBody: {content: {c/d: {}}}",
        "c/d true",
        &["parameter-place"],
    ),
];

#[test]
fn what_is_left_of_swagger_2_in_openapi_3_is_heard() {
    for (written, expected, problems) in LEFT {
        let read = one("openapi: 3.0.3", written);
        assert_eq!((read.0.as_str(), read.1.as_slice()), (*expected, *problems), "{written}");
    }
}
