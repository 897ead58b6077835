use oasgate_mcp::{CallError, ResourceBody};
use oasgate_tools::Catalog;

use super::{TABLE, complete, id, read};
use crate::description::{Description, Locate};
use crate::source::Source;

/// Operations with a slash in their id, with one that is no path segment, with none, and with one that is not ASCII.
const API: &str = r"
openapi: 3.1.0
info: {title: t, version: '1'}
servers: [{url: 'https://api.example/v1'}]
components: {securitySchemes: {key: {type: apiKey, in: header, name: k}, login: {type: http, scheme: bearer}}}
paths:
  /things:
    get: {operationId: repos/list, summary: 'Lists a|b', security: [], responses: {}}
    post: {operationId: '..', responses: {}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, maximum: 7}}]
    get: {summary: One, security: [{key: [], login: [read, all]}, {}], responses: {}}
    delete: {operationId: löschen, description: Takes one away., security: [{login: []}], responses: {}}
";

async fn catalog() -> std::sync::Arc<Catalog> {
    let source = Source::of_text("api.yaml", API.as_bytes().to_vec());
    Description::load(source, oasgate_tools::Options::default(), Locate::All).await.unwrap().catalog
}

fn text(catalog: &Catalog, uri: &str) -> String {
    match read(catalog, uri.to_owned()).unwrap().parts.remove(0).body {
        ResourceBody::Text(text) => text,
        ResourceBody::Blob(_) => panic!("{uri}: bytes"),
    }
}

#[tokio::test]
async fn pages_say_what_there_is_to_know() {
    let catalog = catalog().await;
    let rows = [
        ("repos%2Flist", "# Lists a|b\n\n`GET /things` at https://api.example/v1; tool `repos_list`"),
        ("repos/list", "## Security\n\nNo credential is asked for.\n"),
        ("l%C3%B6schen", "Takes one away."),
        ("l%C3%B6schen", "\"maximum\": 7"),
        ("l%C3%B6schen", "## Security\n\n- `login`\n"),
        ("löschen", "DELETE /things/{id}"),
    ];
    for (name, expected) in rows {
        let page = text(&catalog, &format!("oasgate://operation/{name}"));
        assert!(page.contains(expected), "{name}: {page}");
    }
    let unnamed = catalog.tools().iter().find(|tool| tool.operation.id.is_none()).unwrap();
    let page = text(&catalog, &super::uri(&unnamed.name));
    assert!(page.contains("One of these:\n\n- `key` and `login` with read, all\n- nothing\n"), "{page}");
    let table = text(&catalog, TABLE);
    assert!(table.lines().count() == 6 && table.contains("| GET /things | Lists a\\|b |\n"), "{table}");
}

#[tokio::test]
async fn every_tool_has_a_uri_that_leads_to_it() {
    let catalog = catalog().await;
    for tool in catalog.tools() {
        let page = text(&catalog, &super::uri(id(&catalog, tool)));
        assert!(page.contains(&format!("tool `{}`", tool.name)), "{page}");
    }
}

#[tokio::test]
async fn what_is_no_operation_is_not_found() {
    let catalog = catalog().await;
    let rows = [
        "",
        "oasgate:",
        "oasgate://operation",
        "oasgate://operation/",
        "oasgate://operation/%ff",
        "oasgate://operation/none",
        "oasgate://operation/repos%2Flist?x",
        "oasgate://operations/repos%2Flist",
        "http://operation/repos%2Flist",
    ];
    for uri in rows {
        assert!(matches!(read(&catalog, uri.to_owned()), Err(CallError::UnknownResource(_))), "{uri}");
    }
}

#[tokio::test]
async fn what_begins_so_comes_first() {
    let catalog = catalog().await;
    let rows: [(&str, &[&str]); 3] = [("LIST", &["repos/list"]), ("LÖ", &["löschen"]), ("none", &[])];
    for (typed, expected) in rows {
        assert_eq!(complete(&catalog, typed).values, expected, "{typed}");
    }
    assert_eq!(complete(&catalog, "").values.len(), catalog.tools().len());
    assert_eq!(complete(&catalog, "l").values.first().unwrap(), "löschen");
}
