//! Responses, and what is said of the whole.

use super::{Written, names};
use crate::tests::{Shelf, read, rules};
use crate::{Dialect, Options, Response, Status, load};

fn row(response: &Response) -> String {
    let status = match response.status {
        Status::Code(code) => code.to_string(),
        Status::Class(class) => format!("{class}XX"),
        Status::Default => "default".to_owned(),
    };
    let media: Vec<String> = response
        .content
        .iter()
        .map(|media| {
            let items =
                media.item_schema.as_ref().map_or_else(String::new, |items| format!(" items {}", items.0));
            format!("{} {}{items}", media.name, media.schema.0)
        })
        .collect();
    format!("{status} {} [{}]", response.description.as_deref().unwrap_or("-"), media.join(", "))
}

fn one(version: &str, responses: &str) -> (Vec<String>, Vec<&'static str>) {
    let text = format!(
        "{version}\nproduces: [a/b, c/d]\npaths: {{/a: {{get: {{responses: {responses}}}}}}}\ncomponents:\n  mediaTypes: {{M: {{schema: {{type: integer}}}}}}\n  responses: {{R: {{description: theirs, content: {{x/y: {{}}}}}}}}"
    );
    let (api, problems) = read(&text);
    (api.operations[0].responses.iter().map(row).collect(), names(&problems))
}

#[test]
fn of_openapi_3() {
    let rows: [(&str, &[&str], &[&str]); 16] = [
        ("{200: {description: d}}", &["200 d []"], &[]),
        ("{'2XX': {}, 4xx: {}, default: {}}", &["2XX - []", "4XX - []", "default - []"], &[]),
        (
            "{'200': {content: {a/b: {schema: {type: string}}, '': {}}}}",
            &[r#"200 - [a/b {"type":"string"},  true]"#],
            &[],
        ),
        (
            "{'200': {content: {a/b: {$ref: '#/components/mediaTypes/M'}}}}",
            &[r#"200 - [a/b {"type":"integer"}]"#],
            &[],
        ),
        (
            "{'200': {content: {a/b: {itemSchema: {type: string}}}}}",
            &[r#"200 - [a/b true items {"type":"string"}]"#],
            &[],
        ),
        ("{'200': {summary: s}}", &["200 s []"], &[]),
        ("{'200': {$ref: '#/components/responses/R'}}", &["200 theirs [x/y true]"], &[]),
        ("{'200': {$ref: '#/components/responses/R', description: ours}}", &["200 ours [x/y true]"], &[]),
        ("{'200': {$ref: '#/nowhere'}, '404': {}}", &["404 - []"], &["response-ref-broken"]),
        ("{'200': OK}", &["200 - []"], &["response-invalid"]),
        (
            "{'20': {}, '600': {}, '2x': {}, success: {}, '200': {}}",
            &["200 - []"],
            &["response-invalid", "response-invalid", "response-invalid", "response-invalid"],
        ),
        ("{x-a: 1, '200': {}}", &["200 - []"], &[]),
        ("{}", &[], &["response-invalid"]),
        ("null", &[], &["response-invalid"]),
        ("{$ref: '#/components/responses'}", &[], &["response-invalid"]),
        ("{'200': {content: null}}", &["200 - []"], &[]),
    ];
    for (responses, expected, problems) in rows {
        let (read, met) = one("openapi: 3.0.3", responses);
        assert_eq!(
            (read.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), met.as_slice()),
            (expected, problems),
            "{responses}"
        );
    }
    assert_eq!(one("openapi: 3.1.0", "null").1, Vec::<&str>::new());
}

#[test]
fn of_swagger_2() {
    let rows: [(&str, &[&str]); 4] = [
        ("{200: {description: d}}", &["200 d []"]),
        ("{200: {schema: {type: string}}}", &[r#"200 - [a/b {"type":"string"}, c/d {"type":"string"}]"#]),
        (
            "{200: {schema: {type: file}}}, produces: [e/f]",
            &[r#"200 - [e/f {"format":"binary","type":"string"}]"#],
        ),
        ("{200: {schema: {}}}, produces: e/f", &["200 - [e/f {}]"]),
    ];
    for (responses, expected) in rows {
        assert_eq!(one("swagger: '2.0'", responses).0, expected, "{responses}");
    }
}

#[test]
fn response_schemas_are_read_only_when_asked_for() {
    let shelf = Shelf::new(&[
        (
            "api.yaml",
            "openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {content: {a/b: {schema: {$ref: 's.yaml'}}}}}}}}",
        ),
        ("s.yaml", "type: string"),
    ]);
    for (wanted, schema, asked) in [(true, r##"{"$ref":"#/$defs/s"}"##, 2), (false, "true", 1)] {
        let options = Options { response_schemas: wanted, ..Options::default() };
        let (api, _) = load(&shelf, &options);
        assert_eq!(row(&api.operations[0].responses[0]), format!("200 - [a/b {schema}]"));
        assert_eq!(shelf.asked.take().len(), asked);
    }
}

#[test]
fn versions_are_told_by_their_numbers() {
    let rows = [
        ("swagger: '2.0'", Some(Dialect::V2_0), ""),
        ("swagger: 2.0", Some(Dialect::V2_0), ""),
        ("swagger: 2", Some(Dialect::V2_0), ""),
        ("openapi: 3.0.0", Some(Dialect::V3_0), ""),
        ("openapi: '3.0'", Some(Dialect::V3_0), ""),
        ("openapi: 3", Some(Dialect::V3_0), ""),
        ("openapi: 3.1.0-rc1", Some(Dialect::V3_1), ""),
        ("openapi: 3.1", Some(Dialect::V3_1), ""),
        ("openapi: 3.2.0", Some(Dialect::V3_2), ""),
        ("openapi: 3.10.0", Some(Dialect::V3_2), "1:1 version-unknown"),
        ("openapi: 4.0.0", Some(Dialect::V3_2), "1:1 version-unknown"),
        ("openapi: null", Some(Dialect::V3_2), "1:1 version-unknown"),
        ("swagger: '1.2'\ndefinitions: {}", Some(Dialect::V2_0), "1:1 version-unknown"),
        ("info: {}", Some(Dialect::V3_2), "1:1 version-unknown"),
    ];
    for (version, dialect, problem) in rows {
        let text = format!("{version}\npaths: {{/a: {{get: {{responses: {{default: {{}}}}}}}}}}");
        let (api, problems) = read(&text);
        assert_eq!((Some(api.dialect), rules(&problems).join(" ").as_str()), (dialect, problem), "{version}");
        assert_eq!(api.operations.len(), 1, "{version}");
    }
}

#[test]
fn what_is_no_description_is_said_to_be_none() {
    let rows = [
        ("", "the description is empty"),
        ("# nothing", "the description is empty"),
        ("null", "the description is empty"),
        ("[]", "this is not an OpenAPI description: neither `openapi` nor `swagger` is given"),
        ("hello", "this is not an OpenAPI description: neither `openapi` nor `swagger` is given"),
        ("{\"a\": 1}", "this is not an OpenAPI description: neither `openapi` nor `swagger` is given"),
        (
            "swaggerVersion: '1.2'\napis: []",
            "this is a Swagger 1 description, which is not supported: convert it to a later version",
        ),
        (
            "asyncapi: 3.0.0\nchannels: {}",
            "this is an AsyncAPI description, of messages and not of HTTP operations",
        ),
        ("overlay: 1.0.0\nactions: []", "this is an overlay, which changes a description and is none"),
        ("arazzo: 1.0.1\nworkflows: []", "this is an Arazzo description, of workflows over descriptions"),
        (
            "info: {_postman_id: x}\nitem: []",
            "this is a Postman collection: export the API as OpenAPI instead",
        ),
        (
            "info: {schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'}",
            "this is a Postman collection: export the API as OpenAPI instead",
        ),
    ];
    for (text, message) in rows {
        let (_, problems) = read(text);
        assert_eq!(
            (rules(&problems), problems[0].message.as_str()),
            (vec!["1:1 not-openapi".to_owned()], message),
            "{text}"
        );
    }
}

#[test]
fn info_and_tags_are_kept() {
    let head = "info: {title: 7, version: 1.10, summary: s}
tags: [{name: a, description: d}, {name: b, summary: s, parent: a}, {name: c}, d, {x: 1}, {$ref: '#/x-tag'}]
x-tag: {name: e}";
    let (api, problems) = Written { head, ..Written::default() }.api();
    assert_eq!(
        (api.title.as_str(), api.version.as_str(), api.description.as_deref()),
        ("7", "1.10", Some("s"))
    );
    let tags: Vec<(&str, Option<&str>)> =
        api.tags.iter().map(|(name, said)| (name.as_str(), said.as_deref())).collect();
    assert_eq!(tags, [("a", Some("d")), ("b", Some("s")), ("c", None), ("d", None), ("e", None)]);
    assert_eq!(api.tag_parents.iter().collect::<Vec<_>>(), [(&"b".to_owned(), &"a".to_owned())]);
    assert!(problems.is_empty());
}
