//! Input schemas: what is listed in each profile, and that the portable one keeps its rules whatever the schema is.

mod budget;
mod together;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::keys::Keys;
use crate::fixture::{compiled, tool};
use crate::{Options, Profile};

/// The portable schema of one query parameter with this schema.
fn portable(schema: &str) -> Value {
    let members = format!(
        "parameters: [{{name: id, in: path, schema: {{type: string}}}}, {{name: x, in: query, schema: {schema}}}]"
    );
    let catalog = tool(&members, Profile::Portable);
    let listed: Value = serde_json::from_str(catalog.get("act").unwrap().input_schema().get()).unwrap();
    listed["properties"]["x"].clone()
}

#[test]
fn what_a_model_cannot_be_told_in_the_schema_is_said_in_words() {
    let rows = [
        ("{type: [string, 'null']}", json!({"type": "string", "description": "May be null."})),
        ("{type: string, format: uuid}", json!({"type": "string", "description": "Format: uuid."})),
        ("{type: string, format: date-time}", json!({"type": "string", "format": "date-time"})),
        ("{type: string, pattern: '^a+$'}", json!({"type": "string", "description": "Pattern: ^a+$"})),
        ("{type: integer, exclusiveMinimum: 0}", json!({"type": "integer", "minimum": 1})),
        (
            "{type: number, exclusiveMaximum: 1}",
            json!({"type": "number", "description": "Must be less than 1."}),
        ),
        ("{type: integer, enum: [1, 2]}", json!({"type": "integer", "description": "One of 1, 2."})),
        ("{const: a}", json!({"type": "string", "enum": ["a"]})),
        (
            "{enum: [a, b, null]}",
            json!({"type": "string", "enum": ["a", "b"], "description": "May be null."}),
        ),
        ("{oneOf: [{const: a}, {const: b}]}", json!({"type": "string", "enum": ["a", "b"]})),
        (
            "{anyOf: [{type: string}, {type: 'null'}]}",
            json!({"type": "string", "description": "May be null."}),
        ),
        ("{type: [string, integer]}", json!({"anyOf": [{"type": "string"}, {"type": "integer"}]})),
        (
            "{oneOf: [{type: number}, {type: number, multipleOf: 2}]}",
            json!({"type": "number", "description": "A multiple of 2."}),
        ),
        (
            "{type: array, items: {type: string}, uniqueItems: true}",
            json!({"type": "array", "items": {"type": "string"}, "description": "No item twice."}),
        ),
        (
            "{type: string, default: a, description: Words}",
            json!({"type": "string", "description": "Words. Default: a."}),
        ),
        ("{allOf: [{type: string}, {maxLength: 3}]}", json!({"type": "string", "maxLength": 3})),
        ("{const: 5}", json!({"type": "number", "description": "Must be 5."})),
        ("{type: string, format: byte}", json!({"type": "string", "description": "Bytes in base64."})),
        (
            "{type: array, prefixItems: [{type: string}, {type: integer}]}",
            json!({"type": "array", "description": "In order: [string, integer]",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}),
        ),
    ];
    for (schema, expected) in rows {
        assert_eq!(portable(schema), expected, "{schema}");
    }
}

#[test]
fn any_value_has_a_type_in_every_place() {
    let listed = portable("{}");
    let kinds: Vec<&str> =
        listed["anyOf"].as_array().unwrap().iter().map(|branch| branch["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["string", "number", "boolean", "object", "array"]);
}

const RECURSIVE: &str = "openapi: 3.1.0
info: {title: t, version: '1'}
components: {schemas: {Node: {type: object, description: A node., properties: {name: {type: string}, children: {type: array, items: {$ref: '#/components/schemas/Node'}}}}}}
paths: {/a: {post: {operationId: act, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}}}}}
";

#[test]
fn recursion_is_cut_in_portable_and_kept_in_full() {
    let (catalog, _) = compiled(RECURSIVE, &Options::default());
    let tool = catalog.get("act").unwrap();
    assert!(!tool.input_schema().get().contains("$ref"), "{}", tool.input_schema());
    assert!(tool.input_schema().get().contains("recursive Node"), "{}", tool.input_schema());
    let (catalog, _) = compiled(RECURSIVE, &Options { profile: Profile::Full, ..Options::default() });
    let full: Value = serde_json::from_str(catalog.get("act").unwrap().input_schema().get()).unwrap();
    assert_eq!(full["properties"]["children"]["items"], json!({"$ref": "#/$defs/Node"}));
    assert!(full["$defs"]["Node"].is_object());
}

#[test]
fn full_inlines_what_is_shorter_so_and_names_the_rest() {
    let text = |uses: &str| {
        format!(
            "openapi: 3.1.0
info: {{title: t, version: '1'}}
components: {{schemas: {{Small: {{type: string, enum: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, b]}}}}}}
paths: {{/a: {{post: {{operationId: act, parameters: [{uses}]}}}}}}"
        )
    };
    let parameter =
        |name: &str| format!("{{name: {name}, in: query, schema: {{$ref: '#/components/schemas/Small'}}}}");
    let full = |text: &str| {
        let (catalog, _) = compiled(text, &Options { profile: Profile::Full, ..Options::default() });
        catalog.get("act").unwrap().input_schema().get().to_owned()
    };
    assert!(!full(&text(&parameter("a"))).contains("$defs"));
    assert!(full(&text(&["a", "b", "c"].map(parameter).join(", "))).contains("$defs"));
}

#[test]
fn a_discriminator_demands_its_value() {
    let text = "openapi: 3.1.0
info: {title: t, version: '1'}
components: {schemas: {
  Cat: {type: object, properties: {kind: {type: string}, lives: {type: integer}}},
  Dog: {type: object, properties: {kind: {type: string}, lives: {type: string}}}}}
paths: {/a: {post: {operationId: act, requestBody: {required: true, content: {application/json: {schema: {
  oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}],
  discriminator: {propertyName: kind, mapping: {cat: Cat, dog: '#/components/schemas/Dog'}}}}}}}}}
";
    let (catalog, _) = compiled(text, &Options::default());
    let tool = catalog.get("act").unwrap();
    let check =
        |arguments: Value| tool.check(Some(&serde_json::value::to_raw_value(&arguments).unwrap())).is_ok();
    assert!(check(json!({"body": {"kind": "cat", "lives": 9}})));
    assert!(check(json!({"body": {"kind": "dog", "lives": "one"}})));
    assert!(!check(json!({"body": {"kind": "cat", "lives": "nine"}})));
    assert!(tool.input_schema().get().contains("\"enum\":[\"cat\"]"), "{}", tool.input_schema());
}

#[test]
fn output_schemas_name_what_answers_have_and_demand_nothing() {
    let text = "openapi: 3.1.0
info: {title: t, version: '1'}
components: {schemas: {Thing: {type: object, required: [id, secret], properties: {
  id: {type: integer, description: Its number.}, secret: {type: string, writeOnly: true}, made: {type: string, readOnly: true}, tags: {type: array, items: {type: string}}}}}}
paths:
  /object: {get: {operationId: object, responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}, '404': {content: {text/plain: {}}}}}}
  /array: {get: {operationId: array, responses: {'200': {content: {application/json: {schema: {type: array, items: {}}}}}}}}
  /other: {get: {operationId: other, responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}, text/csv: {}}}}}}
  /none: {get: {operationId: none}}
";
    let loaded = crate::fixture::api_with_answers(text);
    let (catalog, _) = crate::compile(&loaded, &Options { output_schemas: true, ..Options::default() });
    let output = |name: &str| catalog.get(name).unwrap().output_schema().map(|raw| raw.get().to_owned());
    let listed: Value = serde_json::from_str(&output("object").unwrap()).unwrap();
    let expected = json!({"type": "object", "properties": {
        "id": {"description": "integer. Its number."}, "made": {"description": "string"}, "tags": {"description": "[string]"}}});
    assert_eq!(listed, expected);
    for name in ["array", "other", "none"] {
        assert_eq!(output(name), None, "{name}");
    }
}

#[test]
fn names_of_the_description_come_back_from_listed_ones() {
    let keys = Keys {
        renamed: vec![("filter_x".to_owned(), "filter[x]".to_owned())],
        members: vec![(
            "filter[x]".to_owned(),
            Keys { renamed: vec![("at".to_owned(), "@at".to_owned())], ..Keys::default() },
        )],
        ..Keys::default()
    };
    let mut value = json!({"filter_x": {"at": 1, "b": {"at": 2}}, "at": 3});
    keys.decode(&mut value);
    assert_eq!(value, json!({"filter[x]": {"@at": 1, "b": {"at": 2}}, "at": 3}));
    assert_eq!(keys.listed_pointer("/filter[x]/@at"), "/filter_x/at");
}

/// Schemas as descriptions have them, good and bad.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({"type": "string"})),
        Just(json!({"type": ["integer", "null"], "exclusiveMinimum": 3})),
        Just(json!({"enum": ["a", 1, null, {"x": 1}]})),
        Just(json!({"const": false})),
        Just(json!({"type": "array"})),
        Just(json!({"type": "object"})),
        Just(json!({"format": "uuid", "pattern": "["})),
        Just(json!({"$ref": "#/components/schemas/Loop"})),
        Just(json!({"type": "number", "enum": [1, 2]})),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|branches| json!({"anyOf": branches})),
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|branches| json!({"oneOf": branches, "type": "object"})),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|branches| json!({"allOf": branches})),
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            inner.clone().prop_map(|values| json!({"type": "object", "additionalProperties": values})),
            prop::collection::btree_map("[a-c$\\[ @.]{1,3}|x{70}", inner, 0..5).prop_map(
                |properties| json!({"type": "object", "properties": properties, "required": ["a"]})
            ),
        ]
    })
}

/// Fails with what breaks a rule of the portable profile.
fn assert_portable(schema: &Value, is_root: bool) -> Result<(), TestCaseError> {
    const KEYWORDS: [&str; 15] = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "anyOf",
        "enum",
        "description",
        "format",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    ];
    let empty = Map::new();
    let members = schema.as_object().unwrap_or(&empty);
    prop_assert!(schema.is_object(), "a schema that is no object: {schema}");
    prop_assert!(members.keys().all(|key| KEYWORDS.contains(&key.as_str())), "{schema}");
    prop_assert!(
        members.get("type").is_some_and(Value::is_string) != members.contains_key("anyOf"),
        "{schema}"
    );
    prop_assert!(members.get("format").is_none_or(|format| format == "date-time"), "{schema}");
    if let Some(values) = members.get("enum").and_then(Value::as_array) {
        prop_assert!(!values.is_empty() && values.iter().all(Value::is_string), "{schema}");
    }
    if schema["type"] == "array" {
        prop_assert!(members.contains_key("items"), "{schema}");
    }
    for (name, property) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let legal = (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        prop_assert!(legal, "{name}");
        assert_portable(property, false)?;
    }
    for branch in
        members.get("anyOf").and_then(Value::as_array).into_iter().flatten().chain(members.get("items"))
    {
        assert_portable(branch, false)?;
    }
    match members.get("additionalProperties") {
        Some(values) if is_root => prop_assert_eq!(values, &json!(false)),
        Some(values) => assert_portable(values, false)?,
        None => prop_assert!(!is_root),
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_portable_profile_keeps_its_rules(parameter in schemas(), body in schemas(), shared in schemas()) {
        let description = json!({
            "openapi": "3.1.0",
            "components": {"schemas": {"Loop": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Loop"}, "s": shared}}}},
            "paths": {"/a": {"post": {
                "operationId": "act",
                "parameters": [{"name": "q", "in": "query", "schema": parameter}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
            }}},
        });
        let (catalog, _) = compiled(&description.to_string(), &Options { schema_budget: 3_000, ..Options::default() });
        let tool = catalog.get("act").unwrap();
        let listed: Value = serde_json::from_str(tool.input_schema().get()).unwrap();
        assert_portable(&listed, true)?;
        let full = tool.full_schema();
        prop_assert!(jsonschema::draft202012::meta::is_valid(&full), "{full}");
        let _ = tool.check(None);
    }
}
