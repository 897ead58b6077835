//! Schemas of every version and what becomes of them, row by row.

mod naming;

use serde_json::{Value, json};

use crate::tests::{read, rules};
use crate::{Api, Problem};

/// A 3.0 description whose one body has this schema, and these components.
fn api(schema: &str, schemas: &str) -> (Api, Vec<Problem>) {
    read(&format!(
        "openapi: 3.0.3\npaths:\n  /a: {{post: {{requestBody: {{content: {{a/b: {{schema: {schema}}}}}}}, responses: {{default: {{}}}}}}}}\ncomponents:\n  schemas:\n    Unused: {{}}\n{schemas}"
    ))
}

/// What becomes of a schema, and the rules of the problems met.
fn lower(schema: &str) -> (Value, Vec<String>) {
    let (api, problems) = api(schema, "    S: {type: string}\n    N: {type: string, nullable: true}");
    assert_eq!(rules(&problems).len(), problems.len());
    let schema = api.operations[0].body.as_ref().unwrap().content[0].schema.0.clone();
    (schema, problems.iter().map(|problem| problem.rule.to_owned()).collect())
}

/// Rows that give no reason for a problem.
fn assert_lowers(rows: &[(&str, Value)]) {
    for (schema, expected) in rows {
        assert_eq!(lower(schema), (expected.clone(), vec![]), "{schema}");
    }
}

#[test]
fn json_schema_2020_12_stays_as_it_is() {
    let rows = [
        json!(true),
        json!(false),
        json!({}),
        json!({"type": ["integer", "null"], "minimum": 1, "exclusiveMaximum": 9.5, "multipleOf": 0.5}),
        json!({"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a", "format": "date", "const": "a", "enum": ["a", null]}),
        json!({"type": "array", "items": {"type": "string"}, "prefixItems": [true, {}], "contains": {}, "minContains": 0,
            "maxContains": 3, "minItems": 1, "maxItems": 9, "uniqueItems": true, "unevaluatedItems": false}),
        json!({"type": "object", "properties": {"a": {}, "example": {"type": "string"}}, "required": ["a"], "additionalProperties": false,
            "patternProperties": {"^x-": {}}, "propertyNames": {"maxLength": 3}, "minProperties": 1, "maxProperties": 9,
            "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {}}, "unevaluatedProperties": {}}),
        json!({"allOf": [{}], "anyOf": [{}], "oneOf": [{}], "not": {}, "if": {}, "then": {}, "else": {}}),
        json!({"title": "t", "description": "d", "default": {"$ref": "#/no"}, "examples": [1], "deprecated": true, "readOnly": true,
            "writeOnly": false, "contentEncoding": "base64", "contentMediaType": "a/b", "contentSchema": {}}),
        json!({"xml": {"name": "n", "wrapped": true}}),
    ];
    for schema in rows {
        assert_eq!(lower(&schema.to_string()), (schema, vec![]));
    }
}

#[test]
fn what_a_schema_of_ours_does_not_carry_is_dropped_in_silence() {
    assert_lowers(&[
        ("{$schema: s, $id: 'https://a.example/b', $anchor: c, $comment: d, $vocabulary: {}}", json!({})),
        ("{$defs: {A: {}}, definitions: {A: {}}, x-a: 1, externalDocs: {}, moon: 1}", json!({})),
        ("{title: null, enum: null, properties: null, required: null, allOf: null}", json!({})),
        ("{allOf: [], anyOf: [], oneOf: []}", json!({})),
        ("{required: []}", json!({})),
        ("{pattern: ''}", json!({})),
        ("{properties: {a: {}, x-b: 1, x-c: {}}}", json!({"properties": {"a": {}, "x-c": {}}})),
    ]);
}

#[test]
fn older_ways_are_said_in_the_new_one() {
    assert_lowers(&[
        // 3.0: limits that are exclusive or not.
        ("{minimum: 1, exclusiveMinimum: true}", json!({"exclusiveMinimum": 1})),
        ("{exclusiveMinimum: true, minimum: 1}", json!({"exclusiveMinimum": 1})),
        ("{maximum: 1, exclusiveMaximum: false}", json!({"maximum": 1})),
        ("{exclusiveMaximum: true}", json!({})),
        // 3.0: nullable.
        ("{type: string, nullable: true}", json!({"type": ["string", "null"]})),
        ("{type: string, nullable: false}", json!({"type": "string"})),
        ("{type: string, x-nullable: true}", json!({"type": ["string", "null"]})),
        ("{type: [string, 'null'], nullable: true}", json!({"type": ["string", "null"]})),
        (
            "{type: string, enum: [a], nullable: true}",
            json!({"type": ["string", "null"], "enum": ["a", null]}),
        ),
        ("{enum: [a, null], nullable: true}", json!({"enum": ["a", null]})),
        ("{nullable: true}", json!({})),
        ("{type: 'null', nullable: true}", json!({"type": "null"})),
        (
            "{anyOf: [{type: string}], nullable: true}",
            json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ),
        ("{oneOf: [{type: 'null'}], nullable: true}", json!({"oneOf": [{"type": "null"}]})),
        (
            "{allOf: [{type: string}], nullable: true, description: d}",
            json!({"description": "d", "anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]}),
        ),
        (
            "{$ref: '#/components/schemas/S', nullable: true}",
            json!({"anyOf": [{"$ref": "#/$defs/S"}, {"type": "null"}]}),
        ),
        // 2.0: files, discriminators, required in the property itself; before 2020-12: tuples.
        ("{type: file}", json!({"format": "binary", "type": "string"})),
        (
            "{type: object, discriminator: kind}",
            json!({"type": "object", "discriminator": {"propertyName": "kind", "mapping": {}}}),
        ),
        (
            "{properties: {a: {required: true}, b: {required: false}}, required: [c]}",
            json!({"properties": {"a": {}, "b": {}}, "required": ["a", "c"]}),
        ),
        (
            "{required: [a], properties: {a: {required: true}}}",
            json!({"properties": {"a": {}}, "required": ["a"]}),
        ),
        ("{items: [{type: string}, {}]}", json!({"prefixItems": [{"type": "string"}, {}]})),
        ("{example: 1}", json!({"examples": [1]})),
        ("{example: 1, examples: [2]}", json!({"examples": [2]})),
        ("{enum: [a, a, 1, 1.0]}", json!({"enum": ["a", 1, 1.0]})),
    ]);
}

#[test]
fn what_is_no_schema_or_no_limit_is_mended_or_left_out_and_told() {
    let rows = [
        ("7", json!(true), "schema-invalid"),
        ("[a]", json!(true), "schema-invalid"),
        ("null", json!(true), "schema-invalid"),
        ("string", json!({"type": "string"}), "schema-invalid"),
        ("'false'", json!(false), "schema-invalid"),
        ("moon", json!(true), "schema-invalid"),
        ("'#/components/schemas/S'", json!({"$ref": "#/$defs/S"}), "schema-invalid"),
        ("{type: moon}", json!({}), "schema-invalid"),
        ("{type: [string, moon]}", json!({}), "schema-invalid"),
        ("{type: 7}", json!({}), "schema-invalid"),
        ("{minLength: -1}", json!({}), "schema-invalid"),
        ("{minLength: 1.5}", json!({}), "schema-invalid"),
        ("{minLength: '3'}", json!({"minLength": 3}), "written-as-text"),
        ("{minimum: '2.5'}", json!({"minimum": 2.5}), "written-as-text"),
        (
            "{type: string, enum: [1.10, true, a, null, 1e3]}",
            json!({"type": "string", "enum": ["1.10", "true", "a", null, "1e3"]}),
            "written-as-value",
        ),
        (
            "{type: string, nullable: true, default: 1E5}",
            json!({"type": ["string", "null"], "default": "1E5"}),
            "written-as-value",
        ),
        (
            "{type: [string, 'null'], const: true}",
            json!({"type": ["string", "null"], "const": "true"}),
            "written-as-value",
        ),
        ("{minimum: a}", json!({}), "schema-invalid"),
        ("{multipleOf: 0}", json!({}), "schema-invalid"),
        ("{uniqueItems: 'true'}", json!({"uniqueItems": true}), "written-as-text"),
        ("{uniqueItems: 1}", json!({}), "schema-invalid"),
    ];
    for (schema, expected, rule) in rows {
        assert_eq!(lower(schema), (expected, vec![rule.to_owned()]), "{schema}");
    }
}

#[test]
fn what_no_keyword_holds_is_mended_or_left_out_and_told() {
    let rows = [
        ("{enum: []}", json!({"enum": []}), "schema-invalid"),
        (
            "{type: string, enum: [], nullable: true}",
            json!({"type": ["string", "null"], "enum": []}),
            "schema-invalid",
        ),
        ("{enum: {a: 1}}", json!({}), "schema-invalid"),
        ("{title: [a]}", json!({}), "schema-invalid"),
        ("{required: a}", json!({}), "schema-invalid"),
        ("{allOf: {type: string}}", json!({"allOf": [{"type": "string"}]}), "schema-invalid"),
        ("{allOf: a}", json!({}), "schema-invalid"),
        ("{allOf: [{type: string}, null]}", json!({"allOf": [{"type": "string"}]}), "schema-invalid"),
        ("{oneOf: [null]}", json!({}), "schema-invalid"),
        ("{properties: [a]}", json!({}), "schema-invalid"),
        ("{properties: {a: null}}", json!({"properties": {"a": true}}), "schema-invalid"),
        ("{items: null}", json!({"items": true}), "schema-invalid"),
        ("{discriminator: {}}", json!({}), "schema-invalid"),
        ("{$ref: 7}", json!({}), "schema-ref-broken"),
        ("{$ref: '#/nowhere', title: t}", json!({"title": "t"}), "schema-ref-broken"),
        ("{$ref: '#'}", json!({}), "schema-ref-broken"),
        ("{$ref: '#/definitions/S'}", json!({"$ref": "#/$defs/S"}), "reference-repaired"),
        ("{properties: {$ref: '#/nowhere', a: {}}}", json!({"properties": {"a": {}}}), "schema-invalid"),
    ];
    for (schema, expected, rule) in rows {
        assert_eq!(lower(schema), (expected, vec![rule.to_owned()]), "{schema}");
    }
}

#[test]
fn what_people_write_for_a_value_is_understood() {
    assert_lowers(&[
        ("{type: String}", json!({"type": "string"})),
        ("{type: int}", json!({"type": "integer"})),
        ("{type: double}", json!({"type": "number"})),
        ("{type: bool}", json!({"type": "boolean"})),
        ("{type: map}", json!({"type": "object"})),
        ("{type: list}", json!({"type": "array"})),
        ("{type: [string]}", json!({"type": "string"})),
        ("{type: [string, null]}", json!({"type": ["string", "null"]})),
        ("{type: [string, string]}", json!({"type": "string"})),
        ("{type: [string, integer], enum: [1, a]}", json!({"type": ["string", "integer"], "enum": [1, "a"]})),
        ("{type: date, example: 3.0}", json!({"type": "string", "examples": ["3.0"]})),
        ("{type: integer, enum: [1]}", json!({"type": "integer", "enum": [1]})),
        ("{enum: [1]}", json!({"enum": [1]})),
        ("{maxLength: 10.0}", json!({"maxLength": 10})),
        ("{maxLength: 1e3}", json!({"maxLength": 1000})),
        ("{enum: a}", json!({"enum": ["a"]})),
        ("{title: 7, description: 1.0}", json!({"title": "7", "description": "1.0"})),
        ("{required: [a, 7, a]}", json!({"required": ["a", "7"]})),
        (
            "{default: 12345678901234567890123}",
            json!({"default": "12345678901234567890123".parse::<serde_json::Number>().unwrap()}),
        ),
    ]);
}

#[test]
fn siblings_of_a_reference_count() {
    assert_lowers(&[
        (
            "{$ref: '#/components/schemas/S', description: d, maxLength: 3}",
            json!({"$ref": "#/$defs/S", "description": "d", "maxLength": 3}),
        ),
        ("{$dynamicRef: '#/components/schemas/S'}", json!({"$ref": "#/$defs/S"})),
        (
            "{$ref: '#/components/schemas/S', $dynamicRef: '#/components/schemas/N'}",
            json!({"$ref": "#/$defs/S", "allOf": [{"$ref": "#/$defs/N"}]}),
        ),
    ]);
}

#[test]
fn maps_and_lists_may_be_kept_elsewhere() {
    let elsewhere =
        "    P: {a: {type: string}, b: {required: true}}\n    L: [{type: string}, {type: integer}]";
    let rows = [
        (
            "{properties: {$ref: '#/components/schemas/P'}}",
            json!({"properties": {"a": {"type": "string"}, "b": {}}, "required": ["b"]}),
        ),
        (
            "{properties: {$ref: '#/components/schemas/P', a: {type: integer}}}",
            json!({"properties": {"a": {"type": "integer"}, "b": {}}, "required": ["b"]}),
        ),
        (
            "{oneOf: {$ref: '#/components/schemas/L'}}",
            json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        ),
    ];
    for (schema, expected) in rows {
        let (api, problems) = api(schema, elsewhere);
        assert_eq!(api.operations[0].body.as_ref().unwrap().content[0].schema.0, expected, "{schema}");
        assert!(problems.is_empty(), "{problems:?}");
    }
}

#[test]
fn mappings_of_discriminators_lead_into_the_pool() {
    let schemas = "    A: {type: object}\n    'b/c': {type: object}\n    D: {type: object}";
    let schema =
        "{oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: k, defaultMapping: D,
        mapping: {a: '#/components/schemas/A', n: A, c: b/c, x: Nobody, y: 7}}}";
    let (api, problems) = api(schema, schemas);
    let read = &api.operations[0].body.as_ref().unwrap().content[0].schema.0;
    let mapping = json!({"a": "#/$defs/A", "n": "#/$defs/A", "c": "#/$defs/b_c"});
    assert_eq!(
        read["discriminator"],
        json!({"propertyName": "k", "mapping": mapping, "defaultMapping": "#/$defs/D"})
    );
    assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["schema-ref-broken"]);
    assert_eq!(api.definitions.0.keys().collect::<Vec<_>>(), ["A", "b_c", "D"]);
}

#[test]
fn schemas_that_are_defined_as_themselves_are_cut() {
    let rows = [
        // A schema that is only a reference to itself is any value.
        ("    A: {$ref: '#/components/schemas/A'}", json!({"A": {}})),
        (
            "    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}",
            json!({"A": {"$ref": "#/$defs/B"}, "B": {}}),
        ),
        // The base lists its kinds, and each kind extends the base: the kinds get what the base says itself.
        (
            "    A: {type: object, required: [k], oneOf: [{$ref: '#/components/schemas/B'}]}\n    B: {allOf: [{$ref: '#/components/schemas/A'}, {title: b}]}",
            json!({"A": {"type": "object", "required": ["k"], "oneOf": [{"$ref": "#/$defs/B"}]},
                "B": {"allOf": [{"type": "object", "required": ["k"]}, {"title": "b"}]}}),
        ),
        // A reference within a property is no loop.
        (
            "    A: {properties: {a: {$ref: '#/components/schemas/A'}}}",
            json!({"A": {"properties": {"a": {"$ref": "#/$defs/A"}}}}),
        ),
        ("    A: {not: {$ref: '#/components/schemas/A'}}", json!({"A": {"not": {}}})),
    ];
    for (schemas, expected) in rows {
        let (api, problems) = api("{$ref: '#/components/schemas/A'}", schemas);
        let definitions: Value =
            api.definitions.0.iter().map(|(name, schema)| (name.clone(), schema.0.clone())).collect();
        assert_eq!(definitions, expected, "{schemas}");
        let looped = problems.iter().filter(|problem| problem.rule == "schema-loop").count();
        assert_eq!(
            (looped, problems.len()),
            (problems.len(), usize::from(!schemas.contains("properties"))),
            "{schemas}"
        );
    }
}

#[test]
fn long_chains_of_definitions_take_no_time() {
    let chain: String = (0..20_000)
        .map(|nth| format!("    S{nth}: {{allOf: [{{$ref: '#/components/schemas/S{}'}}]}}\n", nth + 1))
        .collect();
    let (api, problems) = api(
        "{$ref: '#/components/schemas/S0'}",
        &format!("{chain}    S20000: {{$ref: '#/components/schemas/S0'}}"),
    );
    assert_eq!(api.definitions.0.len(), 20_000);
    assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["schema-loop"]);
}
