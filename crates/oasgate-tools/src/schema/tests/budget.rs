//! What is listed is within the budget, however large the schema is.

use proptest::prelude::*;
use serde_json::Value;

use crate::fixture::compiled;
use crate::{BodyFormat, Options, Profile, XmlNode};

/// A description with one operation, `POST /a`, of this body and these parameters.
fn description(definitions: &str, media: &str, body: &str, parameters: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\ncomponents: {{schemas: {{{definitions}}}}}\n\
         paths: {{/a: {{post: {{operationId: act, parameters: [{parameters}], \
         requestBody: {{required: true, content: {{{media}: {{schema: {body}}}}}}}}}}}}}\n"
    )
}

/// Levels of objects, of which each holds the next one five times: inlined, the whole is some 5^24 objects.
fn explosion() -> String {
    let reference = |level: usize| format!("{{$ref: '#/components/schemas/L{level}'}}");
    let object = |level: usize| {
        let members = ["a", "b", "c", "d", "e"].map(|name| format!("{name}: {}", reference(level + 1)));
        format!(
            "L{level}: {{type: object, description: Level {level}., properties: {{{}}}}}, ",
            members.join(", ")
        )
    };
    let last = "L24: {type: object, properties: {leaf: {type: string}}}";
    (0..24).map(object).collect::<String>() + last
}

/// Five hundred fields, each described at length.
fn wide() -> String {
    let words = "What this field is for. ".repeat(20);
    let field = |n: usize| {
        format!("a_field_with_a_name_{n}: {{type: string, description: '{words}', enum: [one, two, three]}}")
    };
    let fields: Vec<String> = (0..500).map(field).collect();
    format!("{{type: object, properties: {{{}}}}}", fields.join(", "))
}

/// Objects in objects in objects, all in one place.
fn dereferenced() -> String {
    (0..12).fold("{type: string}".to_owned(), |inner, _| {
        format!(
            "{{type: object, properties: {{first: {inner}, second: {{type: array, items: {{type: object, \
                 description: Something., properties: {{x: {{type: string}}, y: {{type: string}}}}}}}}}}}}"
        )
    })
}

fn parameters(count: usize) -> String {
    let parameter = |n: usize| {
        format!(
            "{{name: a_parameter_with_a_name_{n}, in: query, schema: {{type: string, description: Words.}}}}"
        )
    };
    (0..count).map(parameter).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_is_listed_is_within_the_budget() {
    let definitions = explosion();
    let rows = [
        ("explosion", description(&definitions, "application/json", "{$ref: '#/components/schemas/L0'}", "")),
        (
            "explosion in XML",
            description(&definitions, "application/xml", "{$ref: '#/components/schemas/L0'}", ""),
        ),
        ("wide", description("", "application/json", &wide(), "")),
        ("dereferenced", description("", "application/json", &dereferenced(), "")),
        ("parameters", description("", "application/json", "{type: string}", &parameters(1_000))),
    ];
    for (name, text) in rows {
        for profile in [Profile::Portable, Profile::Full] {
            for schema_budget in [16_000, 4_000] {
                let options = Options { profile, schema_budget, ..Options::default() };
                let (catalog, _) = compiled(&text, &options);
                let listed = catalog.get("act").unwrap().input_schema().get();
                assert!(listed.len() <= schema_budget, "{name}: {profile:?} lists {} bytes", listed.len());
                assert!(listed.len() > 1_000, "{name}: {profile:?} lists only {listed}");
            }
        }
    }
}

#[test]
fn fields_too_many_to_list_are_named() {
    let text = description("", "application/json", &wide(), "");
    let (catalog, _) = compiled(&text, &Options::default());
    let listed: Value = serde_json::from_str(catalog.get("act").unwrap().input_schema().get()).unwrap();
    let body = listed["properties"]["body"]["description"].as_str().unwrap();
    assert!(body.contains("a_field_with_a_name_0?: \"one\"|\"two\"|\"three\""), "{body}");
    assert!(body.contains("a_field_with_a_name_100?"), "{body}");
}

#[test]
fn arguments_too_many_to_list_are_accepted_all_the_same() {
    let text = description("", "application/json", "{type: string}", &parameters(1_000));
    let (catalog, problems) = compiled(&text, &Options::default());
    let told: Vec<&str> = problems.iter().map(|problem| problem.rule).collect();
    assert_eq!(told, ["schema-over-budget"]);
    let tool = catalog.get("act").unwrap();
    let name = "a_parameter_with_a_name_999";
    assert!(!tool.input_schema().get().contains(name));
    let arguments = format!(r#"{{"body": "x", "{name}": "1"}}"#);
    let arguments = serde_json::value::RawValue::from_string(arguments).unwrap();
    assert!(tool.check(Some(&arguments)).is_ok());
}

#[test]
fn a_choice_among_itself_comes_to_an_end() {
    let definitions = "Any: {anyOf: [{$ref: '#/components/schemas/Any'}, {$ref: '#/components/schemas/More'}]}, \
                       More: {oneOf: [{type: array, items: {$ref: '#/components/schemas/Any'}}, {$ref: '#/components/schemas/Any'}]}";
    for body in [
        "{$ref: '#/components/schemas/Any'}",
        "{type: object, properties: {a: {$ref: '#/components/schemas/More'}}}",
    ] {
        for schema_budget in [16_000, 400, 200] {
            let text = description(definitions, "application/json", body, "");
            let (catalog, _) = compiled(&text, &Options { schema_budget, ..Options::default() });
            assert!(catalog.get("act").unwrap().input_schema().get().len() <= schema_budget);
        }
    }
}

#[test]
fn an_explosion_in_xml_is_read_as_far_as_it_is_worth_it() {
    fn count(node: &XmlNode) -> usize {
        1 + node.properties.iter().map(|(_, node)| count(node)).sum::<usize>()
            + node.items.as_deref().map_or(0, count)
    }
    let text = description(&explosion(), "application/xml", "{$ref: '#/components/schemas/L0'}", "");
    let (catalog, _) = compiled(&text, &Options::default());
    let body = catalog.get("act").unwrap().plan.body.as_ref().unwrap();
    let BodyFormat::Xml(root) = &body.recipes[0].format else { panic!("{body:?}") };
    assert!((1_000..=4_000).contains(&count(root)), "{}", count(root));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_budget_is_kept_down_to_what_is_required(schema_budget in 200_usize..20_000, fields in 1_usize..60) {
        let text = description(&explosion(), "application/json", &dereferenced(), &parameters(fields));
        for profile in [Profile::Portable, Profile::Full] {
            let (catalog, _) = compiled(&text, &Options { profile, schema_budget, ..Options::default() });
            let listed = catalog.get("act").unwrap().input_schema().get();
            prop_assert!(listed.len() <= schema_budget, "{profile:?}: {} bytes of {schema_budget}", listed.len());
        }
    }
}
