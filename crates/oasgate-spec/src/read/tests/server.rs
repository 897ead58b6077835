//! Servers.

use super::{format, names};
use crate::tests::{Shelf, rules};
use crate::{Options, load};

/// The servers of a description that came from a URI.
fn servers(uri: &str, head: &str) -> (Vec<String>, Vec<&'static str>) {
    let text = format!("{head}\npaths: {{/a: {{get: {{responses: {{default: {{}}}}}}}}}}");
    let (api, problems) = load(&Shelf::new(&[(uri, &text)]), &Options::default());
    assert_eq!(api.operations[0].servers, api.servers);
    (api.servers.iter().map(format::server).collect(), names(&problems))
}

const WEB: &str = "https://docs.example:8443/specs/v2/api.yaml";
const FILE: &str = "file:///specs/api.yaml";

#[test]
fn urls_are_relative_to_where_the_description_came_from() {
    let rows = [
        ("servers: [{url: 'https://api.example/v1'}]", "https://api.example/v1", "https://api.example/v1"),
        ("servers: [{url: ' https://api.example '}]", "https://api.example", "https://api.example"),
        ("servers: [{url: 'https://api.example/v1/'}]", "https://api.example/v1/", "https://api.example/v1/"),
        ("servers: [{url: /v1}]", "https://docs.example:8443/v1", "/v1"),
        ("servers: [{url: v1}]", "https://docs.example:8443/specs/v2/v1", "v1"),
        ("servers: [{url: ./v1}]", "https://docs.example:8443/specs/v2/v1", "./v1"),
        ("servers: [{url: ../v1}]", "https://docs.example:8443/specs/v1", "../v1"),
        ("servers: [{url: .}]", "https://docs.example:8443/specs/v2/", "."),
        ("servers: [{url: ''}]", "https://docs.example:8443/", "/"),
        ("servers: [{url: /}]", "https://docs.example:8443/", "/"),
        ("servers: [{url: //api.example/v1}]", "https://api.example/v1", "https://api.example/v1"),
        ("servers: []", "https://docs.example:8443/", "/"),
        ("servers: null", "https://docs.example:8443/", "/"),
        ("", "https://docs.example:8443/", "/"),
        // `$self` says nothing about the API.
        (
            "$self: https://elsewhere.example/x/api.yaml\nservers: [{url: v1}]",
            "https://docs.example:8443/specs/v2/v1",
            "v1",
        ),
    ];
    for (head, web, file) in rows {
        let head = format!("openapi: 3.2.0\n{head}");
        assert_eq!(servers(WEB, &head), (vec![web.to_owned()], vec![]), "{head}");
        assert_eq!(servers(FILE, &head), (vec![file.to_owned()], vec![]), "{head}");
    }
}

#[test]
fn variables_are_filled_by_default_or_first_choice() {
    let one = |url: &str, variables: &str| {
        format!("openapi: 3.1.0\nservers: [{{url: '{url}', variables: {{{variables}}}}}]")
    };
    let rows: [(String, &str, &[&str]); 11] = [
        (
            one("https://{r}.example/{v}", "r: {default: eu}, v: {default: v1, enum: [v1, v2]}"),
            "https://{r}.example/{v} r=eu v=v1(v1|v2)",
            &[],
        ),
        (
            one("https://a.example:{port}", "port: {default: 8443, enum: [8443, 443]}"),
            "https://a.example:{port} port=8443(8443|443)",
            &[],
        ),
        (one("{scheme}://a.example", "scheme: {default: https}"), "{scheme}://a.example scheme=https", &[]),
        (one("/{v}/x", "v: {default: v1}"), "https://docs.example:8443/{v}/x v=v1", &[]),
        (one("{v}/x", "v: {default: v1}"), "https://docs.example:8443/specs/v2/{v}/x v=v1", &[]),
        (one("../{v}", "v: {default: v1}"), "https://docs.example:8443/specs/{v} v=v1", &[]),
        (
            one("https://{r}.example", "r: {enum: [eu, us]}"),
            "https://{r}.example r=eu(eu|us)",
            &["server-variable-without-default"],
        ),
        (one("https://{r}.example", "r: {}"), "https://{r}.example r=", &["server-variable-without-default"]),
        (
            one("https://{r}.example", "r: eu"),
            "https://{r}.example r=eu",
            &["server-variable-without-default"],
        ),
        (one("https://{r}.example", ""), "https://{r}.example r=", &["server-variable-undefined"]),
        (one("https://a.example/{}", "'': {default: x}"), "https://a.example/{} =x", &[]),
    ];
    for (head, expected, problems) in rows {
        let read = servers(WEB, &head);
        assert_eq!(
            (read.0.as_slice(), read.1.as_slice()),
            ([expected.to_owned()].as_slice(), problems),
            "{head}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_server_is_mended_and_told() {
    let rows: [(&str, &[&str], &[&str]); 11] = [
        ("[{url: api.example.com/v1}]", &["https://api.example.com/v1"], &["server-invalid"]),
        ("[{url: 'localhost:8080'}]", &["https://localhost:8080"], &["server-invalid"]),
        ("[{url: 'api.example.com:8443/v1'}]", &["https://api.example.com:8443/v1"], &["server-invalid"]),
        ("[{url: v1.0/x}]", &["https://docs.example:8443/specs/v2/v1.0/x"], &[]),
        ("[{url: 'https://a.example/v1?key=1#x'}]", &["https://a.example/v1"], &["server-invalid"]),
        ("[{description: d}, {url: 'https://a.example'}]", &["https://a.example"], &["server-invalid"]),
        ("[null]", &["https://docs.example:8443/"], &["server-invalid"]),
        ("['https://a.example']", &["https://a.example"], &[]),
        ("{url: 'https://a.example'}", &["https://a.example"], &[]),
        ("[{$ref: '#/x-server'}]", &["https://far.example"], &[]),
        ("{$ref: '#/x-servers'}", &["https://far.example", "https://near.example"], &[]),
    ];
    for (written, expected, problems) in rows {
        let head = format!(
            "openapi: 3.1.0\nx-server: {{url: 'https://far.example'}}\nx-servers: [{{$ref: '#/x-server'}}, {{url: 'https://near.example'}}]\nservers: {written}"
        );
        let read = servers(WEB, &head);
        assert_eq!(
            (read.0.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), read.1.as_slice()),
            (expected, problems),
            "{written}"
        );
    }
}

/// What stands at the root, the servers if it came from the web and if from a file, the rules of the problems.
type V2Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const SWAGGER_2: &[V2Row] = &[
    (
        "host: api.example\nbasePath: /v1\nschemes: [https]",
        &["https://api.example/v1"],
        &["https://api.example/v1"],
        &[],
    ),
    ("host: api.example", &["https://api.example/"], &["https://api.example/"], &[]),
    (
        "host: 'api.example:8443'\nbasePath: v1",
        &["https://api.example:8443/v1"],
        &["https://api.example:8443/v1"],
        &[],
    ),
    ("host: api.example\nbasePath: /v1/", &["https://api.example/v1/"], &["https://api.example/v1/"], &[]),
    (
        "host: api.example\nschemes: [http, https, ws]",
        &["https://api.example/", "http://api.example/"],
        &["https://api.example/", "http://api.example/"],
        &[],
    ),
    ("host: api.example\nschemes: [http]", &["http://api.example/"], &["http://api.example/"], &[]),
    ("host: api.example\nschemes: [ws, wss]", &["https://api.example/"], &["https://api.example/"], &[]),
    ("host: api.example\nschemes: [HTTP]", &["http://api.example/"], &["http://api.example/"], &[]),
    ("host: api.example\nschemes: http", &["http://api.example/"], &["http://api.example/"], &[]),
    ("basePath: /v1", &["https://docs.example:8443/v1"], &["/v1"], &[]),
    ("", &["https://docs.example:8443/"], &["/"], &[]),
    ("host: ''", &["https://docs.example:8443/"], &["/"], &[]),
    (
        "host: 'https://api.example/x'\nbasePath: /v1",
        &["https://api.example/x/v1"],
        &["https://api.example/x/v1"],
        &["host-invalid"],
    ),
    (
        "host: api.example/x\nbasePath: /v1",
        &["https://api.example/x/v1"],
        &["https://api.example/x/v1"],
        &["host-invalid"],
    ),
    ("host: api.example/", &["https://api.example/"], &["https://api.example/"], &["host-invalid"]),
    (
        "host: api.example\nbasePath: 'https://api.example/v1'",
        &["https://api.example/v1"],
        &["https://api.example/v1"],
        &["host-invalid"],
    ),
    ("host: '{tenant}.example'", &["https://{tenant}.example/"], &["https://{tenant}.example/"], &[]),
    ("servers: [{url: 'https://a.example'}]", &["https://a.example"], &["https://a.example"], &[]),
];

#[test]
fn swagger_2_puts_servers_together() {
    for (head, web, file, problems) in SWAGGER_2 {
        for (uri, expected) in [(WEB, *web), (FILE, *file)] {
            let read = servers(uri, &format!("swagger: '2.0'\n{head}"));
            assert_eq!(
                (read.0.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), read.1.as_slice()),
                (expected, *problems),
                "{head}"
            );
        }
    }
}

#[test]
fn servers_of_a_path_item_from_another_file_are_relative_to_that_file() {
    let shelf = Shelf::new(&[
        (
            "https://docs.example/specs/api.yaml",
            "openapi: 3.1.0\npaths: {/a: {$ref: 'https://other.example/x/item.yaml'}}",
        ),
        ("https://other.example/x/item.yaml", "get: {servers: [{url: v1}]}"),
    ]);
    let (api, problems) = load(&shelf, &Options::default());
    assert_eq!(rules(&problems), Vec::<String>::new());
    assert_eq!(format::server(&api.operations[0].servers[0]), "https://other.example/x/v1");
}
