//! Path keys and path items.

use super::{Written, format, names};
use crate::tests::read;

/// Reads an operation at a path key; `parameters` is a list in flow style.
fn one(path: &str, parameters: &str) -> (String, Vec<String>, Vec<&'static str>) {
    let operation = format!("parameters: [{parameters}]");
    let (operation, problems) = Written { path, operation: &operation, ..Written::default() }.read();
    (format::template(&operation.template), format::parameters(&operation.parameters), problems)
}

fn rows_of(rows: &[String]) -> Vec<&str> {
    rows.iter().map(String::as_str).collect()
}

const ID: &str = "{name: id, in: path, required: true, schema: {}}";
const A: &str = "{name: a, in: query, schema: {}}";

#[test]
fn keys_are_taken_apart() {
    let rows: [(&str, &str, &str, &[&str]); 19] = [
        ("/", "", "/", &[]),
        ("/a", "", "/a", &[]),
        ("/a/", "", "/a/", &[]),
        ("//a", "", "//a", &[]),
        ("/a/{id}", ID, "/a/{id}", &["path:id! simple"]),
        ("/a/{id}.json", ID, "/a/{id}.json", &["path:id! simple"]),
        ("/a:{id}/b", ID, "/a:{id}/b", &["path:id! simple"]),
        ("/{id}/{id}", ID, "/{id}/{id}", &["path:id! simple"]),
        ("/a/{ id }", ID, "/a/{id}", &["path:id! simple"]),
        (
            "/a/{$.x/y[0]}",
            "{name: '$.x/y[0]', in: path, schema: {}}",
            "/a/{$.x/y[0]}",
            &["path:$.x/y[0]! simple"],
        ),
        ("/a/{b,c}", "{name: 'b,c', in: path, schema: {}}", "/a/{b,c}", &["path:b,c! simple"]),
        ("/a/{?b}", "{name: '?b', in: path, schema: {}}", "/a/{?b}", &["path:?b! simple"]),
        ("/ä b%20/c", "", "/ä b%20/c", &[]),
        ("/a#b", "", "/a", &[]),
        ("/a?b=1&c", "", "/a?b=1&c", &[]),
        ("/a?b={id}&c=1#d", ID, "/a?c=1", &["query:b! form*"]),
        ("/a?{a}=1", A, "/a", &["query:a form*"]),
        ("/a?b={a}", A, "/a", &["query:b form*"]),
        ("a", "", "/a", &[]),
    ];
    for (path, parameters, template, expected) in rows {
        let (read, parameters, _) = one(path, parameters);
        assert_eq!((read.as_str(), rows_of(&parameters).as_slice()), (template, expected), "{path}");
    }
}

#[test]
fn operators_of_rfc_6570_are_filled_in() {
    let rows: [(&str, &str, &str, &[&str]); 15] = [
        ("/{+id}", ID, "/{+id}", &["path:id! simple"]),
        ("/{id+}", ID, "/{+id}", &["path:id! simple"]),
        ("/{id*}", ID, "/{id}", &["path:id! simple"]),
        ("/{id:3}", ID, "/{id}", &["path:id! simple"]),
        ("/a{/id}", ID, "/a/{id}", &["path:id! simple"]),
        ("/a{/id,b}", ID, "/a/{id}/{b}", &["path:id! simple", "path:b! simple"]),
        ("/a{.id}", ID, "/a.{id}", &["path:id! simple"]),
        ("/a{;id}", ID, "/a;id={id}", &["path:id! simple"]),
        ("/a{#id}", "", "/a", &[]),
        ("/{id,b}", ID, "/{id},{b}", &["path:id! simple", "path:b! simple"]),
        ("/a{?a}", A, "/a", &["query:a form*"]),
        ("/a{?a,b*}", A, "/a", &["query:a form*", "query:b form*"]),
        ("/a{&b}", "", "/a", &["query:b form*"]),
        ("/a{?id}", ID, "/a", &["query:id form*"]),
        ("/a{?a}", "{name: a, in: query, style: deepObject, schema: {}}", "/a", &["query:a deep*"]),
    ];
    for (path, parameters, template, expected) in rows {
        let (read, parameters, problems) = one(path, parameters);
        assert_eq!((read.as_str(), rows_of(&parameters).as_slice()), (template, expected), "{path}");
        assert_eq!(problems[0], "path-key-odd", "{path}");
    }
}

#[test]
fn what_is_odd_about_a_key_is_told() {
    let rows: [(&str, &str, &str, &[&str]); 11] = [
        ("a", "", "/a", &["path-key-odd"]),
        ("/a?b", "", "/a?b", &["path-key-odd"]),
        ("/a#b", "", "/a", &["path-key-odd"]),
        ("/a?b#c", "", "/a?b", &["path-key-odd", "path-key-odd"]),
        ("/a/{id", "", "/a/{id", &["path-key-odd"]),
        ("/a/id}", "", "/a/id}", &["path-key-odd"]),
        ("/a/{}", "", "/a/{}", &["path-key-odd"]),
        ("/a/{b}", "", "/a/{b}", &["path-parameter-undeclared"]),
        ("/a", ID, "/a", &["path-parameter-unused"]),
        ("/a/{ID}", ID, "/a/{id}", &["path-parameter-name-differs"]),
        ("/a/{name}", ID, "/a/{id}", &["path-parameter-name-differs"]),
    ];
    for (path, parameters, template, expected) in rows {
        let (read, _, problems) = one(path, parameters);
        assert_eq!((read.as_str(), problems.as_slice()), (template, expected), "{path}");
    }
}

#[test]
fn names_spelt_otherwise_are_matched() {
    let two = "{name: account_id, in: path, schema: {}}, {name: dns-name, in: path, schema: {}}";
    let rows: [(&str, &str, &[&str]); 5] = [
        (
            "/{accountId}/{dnsName}",
            "/{account_id}/{dns-name}",
            &["path:account_id! simple", "path:dns-name! simple"],
        ),
        (
            "/{ACCOUNT.ID}/{dns-name}",
            "/{account_id}/{dns-name}",
            &["path:account_id! simple", "path:dns-name! simple"],
        ),
        (
            "/{account_id}/{x}",
            "/{account_id}/{dns-name}",
            &["path:account_id! simple", "path:dns-name! simple"],
        ),
        ("/{x}/{y}", "/{x}/{y}", &["path:x! simple", "path:y! simple"]),
        (
            "/{accountId}/{x}/{y}",
            "/{account_id}/{x}/{y}",
            &["path:account_id! simple", "path:x! simple", "path:y! simple"],
        ),
    ];
    for (path, template, expected) in rows {
        let (read, parameters, _) = one(path, two);
        assert_eq!((read.as_str(), rows_of(&parameters).as_slice()), (template, expected), "{path}");
    }
}

/// `METHOD /path id` of every operation, and the problems' rules.
fn operations(paths: &str) -> (Vec<String>, Vec<&'static str>) {
    let (api, problems) = read(&format!("openapi: 3.2.0\npaths:\n{paths}"));
    let row = |operation: &crate::Operation| {
        format!("{} {} {}", operation.method, operation.path, operation.id.as_deref().unwrap_or("-"))
    };
    (api.operations.iter().map(row).collect(), names(&problems))
}

#[test]
fn a_path_item_has_an_operation_for_each_method() {
    let rows: [(&str, &[&str], &[&str]); 17] = [
        (
            "  /a: {get: {}, put: {}, post: {}, delete: {}, options: {}, head: {}, patch: {}, trace: {}, query: {}}",
            &[
                "GET /a -",
                "PUT /a -",
                "POST /a -",
                "DELETE /a -",
                "OPTIONS /a -",
                "HEAD /a -",
                "PATCH /a -",
                "TRACE /a -",
                "QUERY /a -",
            ],
            &[],
        ),
        (
            "  /a: {get: {operationId: ' x '}, post: {operationId: ''}, put: {operationId: 7}}",
            &["GET /a x", "POST /a -", "PUT /a 7"],
            &[],
        ),
        (
            "  /a: {get: {operationId: x}, post: {operationId: x}, put: {operationId: X}}",
            &["GET /a x", "POST /a x", "PUT /a X"],
            &["operation-id-twice", "operation-id-twice"],
        ),
        ("  /a: {additionalOperations: {LOCK: {}, copy: {}}}", &["LOCK /a -", "copy /a -"], &[]),
        ("  /a: {GET: {}}", &["GET /a -"], &["method-case"]),
        ("  /a: {get: {}, connect: {}, x-get: {}, parameters: []}", &["GET /a -"], &[]),
        ("  /a: {get: null, post: {}}", &["POST /a -"], &["operation-invalid"]),
        ("  /a: {get: text, post: {}}", &["POST /a -"], &["operation-invalid"]),
        ("  /a: {get: {$ref: '#/x-get'}}\nx-get: {operationId: far}", &["GET /a far"], &[]),
        ("  /a: {get: {$ref: '#/nowhere'}, post: {}}", &["POST /a -"], &["operation-invalid"]),
        ("  /a: null\n  /b: {get: {}}", &["GET /b -"], &[]),
        ("  /a: text\n  /b: {get: {}}", &["GET /b -"], &["path-item-broken"]),
        ("  /a: {$ref: '#/nowhere'}\n  /b: {get: {}}", &["GET /b -"], &["path-item-broken"]),
        ("  /a: {$ref: '#/nowhere', get: {}}", &["GET /a -"], &["path-item-broken"]),
        ("  x-a: {get: {}}\n  /b: {get: {}}", &["GET /b -"], &[]),
        ("  $ref: '#/x-paths'\nx-paths: {/a: {get: {}}}", &["GET /a -"], &[]),
        (
            "  /a: {$ref: '#/x-item', get: {operationId: here}}\nx-item: {get: {operationId: there}, post: {operationId: there}}",
            &["GET /a here", "POST /a there"],
            &[],
        ),
    ];
    for (paths, expected, problems) in rows {
        let (read, met) = operations(paths);
        assert_eq!(
            (read.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), met.as_slice()),
            (expected, problems),
            "{paths}"
        );
    }
}

#[test]
fn a_path_item_gives_to_its_operations_what_they_lack() {
    let text = "openapi: 3.1.0
servers: [{url: 'https://root.example'}]
paths:
  /a/{id}:
    $ref: '#/x-item'
    summary: item
    x-a: item
    x-b: item
    parameters: [{name: q, in: query, required: true, schema: {}}]
    get: {summary: own, x-a: own, servers: [{url: 'https://own.example'}], tags: [t, 7]}
    post: {deprecated: true, tags: alone}
x-item:
  summary: there
  description: there
  servers: [{url: 'https://item.example'}]
  parameters: [{name: id, in: path, schema: {}}, {name: q, in: query, schema: {}}]
";
    let (api, problems) = read(text);
    assert_eq!(names(&problems), Vec::<&str>::new());
    let row = |operation: &crate::Operation| {
        let servers: Vec<String> = operation.servers.iter().map(format::server).collect();
        let said =
            [operation.summary.as_deref(), operation.description.as_deref()].map(Option::unwrap_or_default);
        let extensions = serde_json::to_string(&operation.extensions).unwrap();
        (
            said.join(" "),
            servers.join(" "),
            format::parameters(&operation.parameters).join(" "),
            extensions,
            operation.tags.join(" "),
        )
    };
    let parameters = "path:id! simple query:q! form*".to_owned();
    let expected = [
        (
            "own there".to_owned(),
            "https://own.example".to_owned(),
            parameters.clone(),
            r#"{"x-a":"own","x-b":"item"}"#.to_owned(),
            "t 7".to_owned(),
        ),
        (
            "item there".to_owned(),
            "https://item.example".to_owned(),
            parameters,
            r#"{"x-a":"item","x-b":"item"}"#.to_owned(),
            "alone".to_owned(),
        ),
    ];
    assert_eq!(api.operations.iter().map(row).collect::<Vec<_>>(), expected);
    assert_eq!(
        api.operations.iter().map(|operation| operation.deprecated).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(api.operations[1].location.pointer, "/paths/~1a~1{id}/post");
}

#[test]
fn without_paths_there_is_nothing_to_do() {
    let rows = [
        ("openapi: 3.1.0", "1:1 no-operations", "the description has no operations"),
        ("openapi: 3.1.0\npaths: {}", "1:1 no-operations", "the description has no operations"),
        (
            "openapi: 3.1.0\nwebhooks: {a: {post: {}}}",
            "1:1 no-operations",
            "the description has no operations, only webhooks",
        ),
        ("openapi: 3.1.0\npaths: []", "2:1 paths-invalid", "`paths` is not an object"),
        ("openapi: 3.1.0\npaths: {$ref: '#/nowhere'}", "2:1 paths-invalid", "`paths` is not an object"),
        (
            "openapi: 3.1.0\npaths: {/a: text}",
            "2:9 path-item-broken",
            "the path item is not an object; the operations behind it are left out",
        ),
    ];
    for (text, rule, message) in rows {
        let (api, problems) = read(text);
        assert!(api.operations.is_empty());
        assert_eq!(
            (crate::tests::rules(&problems), problems[0].message.as_str()),
            (vec![rule.to_owned()], message),
            "{text}"
        );
    }
}
