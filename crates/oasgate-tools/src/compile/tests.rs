//! Operations as tools: arguments, plans, annotations.

use http::Method;
use oasgate_spec::Severity;
use serde_json::{Value, json};
use url::Url;

use crate::fixture::{compiled, tool};
use crate::{Annotations, BodySource, Options, Profile};

fn listed(members: &str, profile: Profile) -> Value {
    let catalog = tool(members, profile);
    serde_json::from_str(catalog.get("act").unwrap().input_schema().get()).unwrap()
}

/// The names of the arguments, required ones with `!`.
fn arguments(members: &str) -> Vec<String> {
    let schema = listed(members, Profile::Full);
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let name = |name: &String| format!("{name}{}", if required.contains(&json!(name)) { "!" } else { "" });
    schema["properties"].as_object().unwrap().keys().map(name).collect()
}

const ID: &str = "{name: id, in: path, schema: {type: string}}";

fn with_body(schema: &str, required: bool) -> String {
    format!(
        "parameters: [{ID}], requestBody: {{required: {required}, content: {{application/json: {{schema: {schema}}}}}}}"
    )
}

#[test]
fn parameters_and_body_stand_side_by_side() {
    let object = "{type: object, required: [a], properties: {a: {type: string}, b: {type: string}, c: {type: string, readOnly: true}}}";
    assert_eq!(arguments(&with_body(object, true)), ["id!", "a!", "b"]);
    assert_eq!(arguments(&with_body(object, false)), ["id!", "a", "b"]);
}

#[test]
fn names_meet_whatever_their_case() {
    let members = "parameters: [{name: id, in: path, schema: {}}, {name: ID, in: query, schema: {}}, {name: Color, in: query, schema: {}}], \
                   requestBody: {content: {application/json: {schema: {type: object, properties: {color: {}, Id: {}}}}}}";
    assert_eq!(arguments(members), ["id__path!", "ID__query", "Color__query", "color", "Id"]);
}

#[test]
fn a_file_is_where_its_bytes_are_read() {
    let schema = "{type: object, properties: {f: {type: string, format: binary}}}";
    let described = |media: &str| {
        let members = format!("requestBody: {{content: {{{media}: {{schema: {schema}}}}}}}");
        listed(&members, Profile::Portable)["properties"]["f"]["description"].clone()
    };
    assert_eq!(described("multipart/form-data"), "A file: its bytes in base64, or a `data:` URL.");
    assert_eq!(described("application/json"), "Format: binary.");
}

#[test]
fn a_body_that_flattening_would_lose_is_one_argument() {
    let bodies = [
        "{type: array, items: {type: string}}",
        "{type: string}",
        "{}",
        "{type: object}",
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, properties: {a: {}}, additionalProperties: true}",
        "{type: [object, 'null'], properties: {a: {}}}",
        "{oneOf: [{type: object, properties: {a: {}}}, {type: object, properties: {b: {}}}]}",
        "{type: object, properties: {a: {}, b: {}}, minProperties: 1}",
        "{type: object, properties: {a: {}}, required: [elsewhere]}",
    ];
    for body in bodies {
        assert_eq!(arguments(&with_body(body, true)), ["id!", "body!"], "{body}");
    }
}

#[test]
fn allof_is_one_object() {
    let body = "{allOf: [{type: object, properties: {a: {type: string}}, required: [a]}, {properties: {b: {type: string}}}]}";
    assert_eq!(arguments(&with_body(body, true)), ["id!", "a!", "b"]);
}

#[test]
fn where_names_meet_the_parameter_yields() {
    let body = "{type: object, properties: {id: {type: string}, body: {type: string}}}";
    assert_eq!(arguments(&with_body(body, true)), ["id__path!", "id", "body"]);
    let three = format!(
        "parameters: [{ID}, {{name: id, in: query, schema: {{}}}}, {{name: id, in: header, schema: {{}}}}]"
    );
    assert_eq!(arguments(&three), ["id!", "id__query", "id__header"]);
    let named_body = format!(
        "parameters: [{ID}, {{name: body, in: query, schema: {{}}}}], requestBody: {{content: {{text/plain: {{}}}}}}"
    );
    assert_eq!(arguments(&named_body), ["id!", "body", "body_"]);
}

#[test]
fn what_the_operator_or_the_connection_sets_is_no_argument() {
    let text = "openapi: 3.1.0
info: {title: t, version: '1'}
components: {securitySchemes: {key: {type: apiKey, in: query, name: token}, head: {type: apiKey, in: header, name: X-Key}}}
paths:
  /a:
    get:
      operationId: act
      parameters:
        - {name: token, in: query, schema: {type: string}}
        - {name: x-key, in: header, schema: {type: string}}
        - {name: Authorization, in: header, schema: {type: string}}
        - {name: Host, in: header, schema: {type: string}}
        - {name: Accept, in: header, schema: {type: string, default: application/vnd.x+json}}
        - {name: X-Other, in: header, schema: {type: string}}
        - {name: 'bad name', in: header, schema: {type: string}}
";
    let (catalog, problems) = compiled(text, &Options::default());
    let tool = catalog.get("act").unwrap();
    let names: Vec<&str> = tool.plan.slots.iter().map(|slot| slot.argument.as_str()).collect();
    assert_eq!(names, ["X-Other"]);
    assert_eq!(tool.plan.accept, "application/vnd.x+json");
    let schemes: Vec<&str> = tool.plan.security[0].iter().map(|used| used.scheme.as_str()).collect();
    assert_eq!(schemes, ["key", "head"]);
    assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["header-name-invalid"]);
}

#[test]
fn an_operation_of_no_method_is_left_out_alone() {
    let text = "openapi: 3.2.0\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {operationId: good}, additionalOperations: {'B A D': {operationId: bad}, COPY: {operationId: copy}}}}";
    let (catalog, problems) = compiled(text, &Options::default());
    let names: Vec<&str> = catalog.tools().iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["good", "copy"]);
    assert_eq!(problems[0].severity, Severity::Error);
    assert_eq!(problems[0].operation.as_deref(), Some("B A D /a"));
    assert_eq!(catalog.get("copy").unwrap().plan.method, Method::from_bytes(b"COPY").unwrap());
}

#[test]
fn requests_go_to_the_server_in_force() {
    let text = |root: &str, own: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\n{root}\npaths: {{/a: {{get: {{operationId: act {own}}}}}}}"
        )
    };
    let root = "servers: [{url: 'https://{host}/v1/', variables: {host: {default: api.example}}}]";
    let rows = [
        (root, "", None, Some("https://api.example/v1")),
        (
            "servers: [{url: 'http://a.example'}, {url: 'https://a.example'}]",
            "",
            None,
            Some("https://a.example"),
        ),
        ("servers: [{url: /v2}]", "", None, None),
        ("servers: [{url: /v2}]", "", Some("http://x.example:81/v2"), Some("http://x.example:81/v2")),
        ("", "", None, None),
        ("", "", Some("https://x.example/"), Some("https://x.example")),
        (root, ", servers: [{url: 'https://up.example/u'}]", None, Some("https://up.example/u")),
        // The operator's server stands for the API's; an operation's own keeps its place relative to it.
        (root, "", Some("http://127.0.0.1:9/base"), Some("http://127.0.0.1:9/base")),
        (
            root,
            ", servers: [{url: 'https://api.example/v1/upload'}]",
            Some("http://127.0.0.1:9/base"),
            Some("http://127.0.0.1:9/base/upload"),
        ),
        (
            root,
            ", servers: [{url: 'https://up.example/u'}]",
            Some("http://127.0.0.1:9/base"),
            Some("http://127.0.0.1:9/u"),
        ),
    ];
    for (root, own, base_url, expected) in rows {
        let base_url = base_url.map(|url| Url::parse(url).unwrap());
        let (catalog, _) = compiled(&text(root, own), &Options { base_url, ..Options::default() });
        let server = catalog.get("act").unwrap().plan.server.clone();
        assert_eq!(server.map(|base| base.origin + &base.path).as_deref(), expected, "{root} {own}");
    }
}

#[test]
fn json_comes_first_and_a_choice_is_offered_only_where_it_matters() {
    let body = |types: &[&str]| {
        let content: Vec<String> = types
            .iter()
            .map(|name| format!("'{name}': {{schema: {{type: object, properties: {{a: {{}}}}}}}}"))
            .collect();
        format!("parameters: [{ID}], requestBody: {{required: true, content: {{{}}}}}", content.join(", "))
    };
    let plan =
        |types: &[&str]| tool(&body(types), Profile::Full).get("act").unwrap().plan.body.clone().unwrap();
    let plain = plan(&["application/xml", "multipart/form-data", "application/json"]);
    assert_eq!(plain.recipes[0].content_type, "application/json");
    assert_eq!(plain.chooser, None);
    let patches = plan(&["application/json-patch+json", "application/merge-patch+json"]);
    assert_eq!(patches.recipes[0].content_type, "application/merge-patch+json");
    assert_eq!(patches.chooser.as_deref(), Some("content_type"));
    assert_eq!(patches.source, BodySource::Properties(vec!["a".to_owned()]));
}

#[test]
fn annotations_follow_the_method() {
    let rows = [
        ("GET", true, false, true),
        ("HEAD", true, false, true),
        ("QUERY", true, false, true),
        ("POST", false, true, false),
        ("PATCH", false, true, false),
        ("PUT", false, true, true),
        ("DELETE", false, true, true),
        ("COPY", false, true, false),
    ];
    for (method, read_only, destructive, idempotent) in rows {
        let expected = Annotations { read_only, destructive, idempotent, open_world: true };
        assert_eq!(Annotations::of_method(method), expected, "{method}");
    }
}

#[test]
fn a_tool_is_found_by_its_name_and_by_its_operation_id() {
    let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {operationId: repos/get}}}";
    let (catalog, _) = compiled(text, &Options::default());
    assert_eq!(catalog.get("repos/get").unwrap().name, "repos_get");
    assert_eq!(catalog.nearest("repo_get"), Some("repos_get"));
    assert_eq!(catalog.nearest("something else"), None);
}
