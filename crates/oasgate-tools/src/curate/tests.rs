//! Curation: who says what about a tool, and which operations are taken.

use serde_json::{Value, json};

use super::{Curation, Selection};
use crate::fixture::{api, compiled};
use crate::{Annotations, Options};

/// The curation of an operation with these extensions, given as YAML members.
fn curation(members: &str) -> Curation {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{get: {{operationId: act, {members}}}}}}}"
    );
    Curation::of(&api(&text).operations[0])
}

#[test]
fn each_dialect_says_the_same_in_its_own_words() {
    let named = |name: &str| Curation { name: Some(name.to_owned()), ..Curation::default() };
    let hidden = |is: bool| Curation { hidden: Some(is), ..Curation::default() };
    let rows = [
        ("x-oasgate: {name: n}", named("n")),
        ("x-oasgate: {hidden: true}", hidden(true)),
        ("x-oasgate: false", hidden(true)),
        ("x-mcp: {name: n}", named("n")),
        ("x-mcp: false", hidden(true)),
        ("x-mcp: {enabled: false}", hidden(true)),
        ("x-speakeasy-mcp: {name: n}", named("n")),
        ("x-speakeasy-mcp: {disabled: true}", hidden(true)),
        ("x-mcp-hidden: true", hidden(true)),
        ("x-zuplo-route: {mcp: {name: n}}", named("n")),
        ("x-zuplo-route: {handler: {}}", Curation::default()),
        ("x-mcp: [1]", Curation::default()),
        ("x-other: {name: n}", Curation::default()),
        // Ours counts first, and others complete it.
        ("x-mcp-hidden: true, x-oasgate: {hidden: false}", hidden(false)),
    ];
    for (members, expected) in rows {
        assert_eq!(curation(members), expected, "{members}");
    }
}

#[test]
fn hints_replace_what_the_method_tells() {
    let rows = [
        ("x-mcp-annotations: {destructiveHint: true}", [true, true, true, true]),
        ("x-oasgate: {annotations: {readOnly: false}}", [false, true, true, true]),
        ("x-speakeasy-mcp: {readOnlyHint: true, openWorldHint: false}", [true, false, true, false]),
    ];
    for (members, [read_only, destructive, idempotent, open_world]) in rows {
        let expected = Annotations { read_only, destructive, idempotent, open_world };
        assert_eq!(curation(members).annotations("GET"), expected, "{members}");
    }
    let read = curation("x-oasgate: {annotations: {readOnly: true}}").annotations("POST");
    assert_eq!(read, Annotations { read_only: true, destructive: false, idempotent: true, open_world: true });
}

const PETS: &str = "openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /pets: {get: {operationId: listPets, tags: [pets]}, post: {operationId: createPet, tags: [pets, admin]}}
  '/pets/{id}': {get: {operationId: getPet}, delete: {operationId: deletePet, x-mcp-hidden: true}}
  /search: {post: {operationId: search, x-oasgate: {name: find things, title: Find, description: Finds., confirm: true, keywords: [look], annotations: {readOnly: true}}}}
";

fn taken(include: &[&str], exclude: &[&str], read_only: bool) -> Vec<String> {
    let owned = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>();
    let selection = Selection::new(&owned(include), &owned(exclude), read_only).unwrap();
    let (catalog, _) = compiled(PETS, &Options { selection, ..Options::default() });
    catalog.tools().iter().map(|tool| tool.name.clone()).collect()
}

#[test]
fn operations_are_chosen_by_id_route_and_tag() {
    let check = |include: &[&str], exclude: &[&str], read_only: bool, expected: &[&str]| {
        assert_eq!(taken(include, exclude, read_only), expected, "{include:?} {exclude:?} {read_only}");
    };
    check(&[], &[], false, &["listPets", "createPet", "getPet", "find_things"]);
    check(&["*Pet"], &[], false, &["createPet", "getPet"]);
    check(&["GET *"], &[], false, &["listPets", "getPet"]);
    check(&["* /pets/{id}"], &[], false, &["getPet"]);
    check(&["pets"], &[], false, &["listPets", "createPet"]);
    check(&["pets"], &["admin"], false, &["listPets"]);
    check(&[], &["get*", "search"], false, &["listPets", "createPet"]);
    check(&[], &[], true, &["listPets", "getPet", "find_things"]);
    check(&["nothing"], &[], false, &[]);
    assert!(Selection::new(&["[".to_owned()], &[], false).is_err());
}

#[test]
fn what_was_decided_is_what_the_tool_says() {
    let (catalog, _) = compiled(PETS, &Options { prefix: Some("shop".to_owned()), ..Options::default() });
    let tool = catalog.get("shop_find_things").unwrap();
    assert_eq!((tool.title.as_str(), tool.description.as_str()), ("Find", "Finds.\nPOST /search"));
    assert!(tool.confirm && tool.annotations.read_only);
    assert_eq!(tool.keywords, ["look"]);
    assert_eq!(
        catalog.get("search").unwrap().name,
        "shop_find_things",
        "the operationId is still understood"
    );
}

#[test]
fn header_parameters_are_marked_where_mcp_allows_it() {
    let text = "openapi: 3.1.0
info: {title: t, version: '1'}
paths: {/a: {get: {operationId: act, x-oasgate: {header-param: {region: Region, list: List, other: Other, twin: region}}, parameters: [
  {name: region, in: query, schema: {type: string}}, {name: twin, in: query, schema: {type: string}}, {name: list, in: query, schema: {type: array, items: {type: string}}}]}}}
";
    let (catalog, problems) = compiled(text, &Options::default());
    let listed: Value = serde_json::from_str(catalog.get("act").unwrap().input_schema().get()).unwrap();
    assert_eq!(listed["properties"]["region"], json!({"type": "string", "x-mcp-header": "Region"}));
    assert!(listed["properties"]["list"].get("x-mcp-header").is_none());
    assert_eq!(
        problems.iter().filter(|problem| problem.rule == "header-param-invalid").count(),
        3,
        "{problems:?}"
    );
}
