//! The operations as resources, for people and models that want to read before they call: a table of all, and a page
//! for each.
//!
//! Owns their URIs and their text. The lists are made once; a page is written when it is read, because few ever are.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use oasgate_mcp::{
    CacheScope, CallError, Completion, ListOptions, ResourceContents, ResourceList, TemplateList,
};
use oasgate_tools::{Catalog, Tool};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use url::Url;

use super::SEGMENT;

#[cfg(test)]
mod tests;

/// The URI of the table.
pub(super) const TABLE: &str = "oasgate://operations";

/// The URI template of the pages (RFC 6570, 3.2.2: everything but unreserved characters is encoded).
const TEMPLATE: &str = "oasgate://operation/{operationId}";

/// The variable of [`TEMPLATE`].
pub(super) const VARIABLE: &str = "operationId";

const MARKDOWN: &str = "text/markdown";

/// How long a client may keep what it has read.
const TTL: Duration = Duration::from_secs(300);

/// The lists, ready to be sent.
#[derive(Debug)]
pub(super) struct Resources {
    pub(super) list: Arc<ResourceList>,
    pub(super) templates: Arc<TemplateList>,
}

impl Resources {
    /// The lists of a catalog.
    ///
    /// # Errors
    /// None but what serde foresees.
    pub(super) fn of(catalog: &Catalog) -> serde_json::Result<Self> {
        let table = Entry {
            uri: Some(TABLE),
            name: "operations",
            title: "All operations",
            description: "Every operation of the API: its tool, its method and path, what it is for.",
            mime_type: MARKDOWN,
            ..Entry::default()
        };
        let template = Entry {
            uri_template: Some(TEMPLATE),
            name: "operation",
            title: "One operation",
            description: "What an operation does, what it takes in full, and which credentials it needs.",
            mime_type: MARKDOWN,
            ..Entry::default()
        };
        let pages = catalog.tools().iter().map(|tool| entry(catalog, tool));
        let list = std::iter::once(to_raw_value(&table)).chain(pages).collect::<Result<Vec<_>, _>>()?;
        let options = ListOptions::default();
        Ok(Self {
            list: Arc::new(ResourceList::new(list, &options)),
            templates: Arc::new(TemplateList::new([to_raw_value(&template)?], &options)),
        })
    }
}

/// Reads the table, or a page.
///
/// # Errors
/// [`CallError::UnknownResource`].
pub(super) fn read(catalog: &Catalog, uri: String) -> Result<ResourceContents, CallError> {
    let text = if uri == TABLE { Some(table(catalog)) } else { find(catalog, &uri).map(page) };
    match text {
        Some(text) => Ok(ResourceContents::text(uri, MARKDOWN, text).with_caching(TTL, CacheScope::Private)),
        None => Err(CallError::UnknownResource(super::shown(&uri).to_owned())),
    }
}

/// The operations whose name begins with what was typed, then those that have it elsewhere; case does not count.
pub(super) fn complete(catalog: &Catalog, typed: &str) -> Completion {
    let typed = typed.to_lowercase();
    let names = catalog.tools().iter().map(|tool| id(catalog, tool));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for name in names {
        match name.to_lowercase().find(&typed) {
            Some(0) => first.push(name.to_owned()),
            Some(_) => second.push(name.to_owned()),
            None => {}
        }
    }
    first.append(&mut second);
    Completion::new(first)
}

/// The URI of the page of a tool.
pub(super) fn uri_of(catalog: &Catalog, tool: &Tool) -> String {
    uri(id(catalog, tool))
}

/// What an operation is called in URIs: its `operationId`, if that leads to it and not to another.
fn id<'c>(catalog: &Catalog, tool: &'c Tool) -> &'c str {
    let written = tool.operation.id.as_deref();
    let leads_here = |id: &&str| find(catalog, &uri(id)).is_some_and(|found| std::ptr::eq(found, tool));
    written.filter(leads_here).unwrap_or(&tool.name)
}

/// The URI of a page.
pub(super) fn uri(id: &str) -> String {
    format!("oasgate://operation/{}", utf8_percent_encode(id, SEGMENT))
}

fn find<'c>(catalog: &'c Catalog, uri: &str) -> Option<&'c Tool> {
    let uri = Url::parse(uri).ok()?;
    let is_page = uri.scheme() == "oasgate" && uri.host_str() == Some("operation");
    // Ids with slashes in them are common, and clients forget to encode them.
    let id = uri.path().strip_prefix('/').filter(|_| is_page && uri.query().is_none())?;
    catalog.get(&percent_decode_str(id).decode_utf8().ok()?)
}

/// The table.
pub(super) fn table(catalog: &Catalog) -> String {
    let mut text = "| tool | operation | |\n|---|---|---|\n".to_owned();
    for tool in catalog.tools() {
        let operation = &tool.operation;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} {} | {} |",
            tool.name,
            operation.method,
            cell(&operation.path),
            cell(&tool.title)
        );
    }
    text
}

/// Text that stays in its cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}

/// The page of an operation.
pub(super) fn page(tool: &Tool) -> String {
    let operation = &tool.operation;
    let title = if tool.title.is_empty() { &tool.name } else { &tool.title };
    let server = tool.plan.server.as_ref().map(|server| format!(" at {}{}", server.origin, server.path));
    let mut text = format!(
        "# {title}\n\n`{} {}`{}; tool `{}`\n\n",
        operation.method,
        operation.path,
        server.unwrap_or_default(),
        tool.name
    );
    // Writing to a string cannot fail.
    let _ =
        write!(text, "{}\n\n## Input\n\n```json\n{:#}\n```\n", tool.description.trim(), tool.full_schema());
    let _ = write!(text, "\n## Security\n\n{}", security(tool));
    text
}

fn security(tool: &Tool) -> String {
    let alternatives = &tool.plan.security;
    if alternatives.is_empty() {
        return "No credential is asked for.\n".to_owned();
    }
    let mut text = if alternatives.len() > 1 { "One of these:\n\n".to_owned() } else { String::new() };
    for alternative in alternatives {
        let schemes = alternative.iter().map(|used| match used.scopes.as_slice() {
            [] => format!("`{}`", used.scheme),
            scopes => format!("`{}` with {}", used.scheme, scopes.join(", ")),
        });
        let schemes = schemes.collect::<Vec<_>>().join(" and ");
        let _ = writeln!(text, "- {}", if schemes.is_empty() { "nothing" } else { &schemes });
    }
    text
}

fn entry(catalog: &Catalog, tool: &Tool) -> serde_json::Result<Box<RawValue>> {
    let (id, operation) = (id(catalog, tool), &tool.operation);
    to_raw_value(&Entry {
        uri: Some(&uri(id)),
        name: id,
        title: &tool.title,
        description: &format!("{} {}", operation.method, operation.path),
        mime_type: MARKDOWN,
        ..Entry::default()
    })
}

/// 2026-07-28, schema, `Resource` and `ResourceTemplate`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_template: Option<&'e str>,
    name: &'e str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'e str,
    description: &'e str,
    mime_type: &'e str,
}
