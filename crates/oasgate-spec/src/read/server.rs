//! Servers: of 3.x as written, of 2.0 from `schemes`, `host` and `basePath` (Swagger 2.0, Swagger Object).

use indexmap::IndexMap;
use serde_json::Value;
use url::Url;

use super::{Reader, Rule};
use crate::store::{Document, Node};
use crate::{Dialect, Server, Severity, Variable};

const VARIABLE_WITHOUT_DEFAULT: Rule = Rule {
    severity: Severity::Warning,
    name: "server-variable-without-default",
    fix: "give the variable a `default`",
};

impl<'d> Reader<'d> {
    /// The servers of the whole API.
    pub(super) fn root_servers(&mut self, root: Node<'d>) -> Vec<Server> {
        match self.dialect {
            Dialect::V2_0 => v2_servers(root),
            _ => self.servers(root).unwrap_or_else(|| vec![plain(absolute("/", root.document))]),
        }
    }

    /// The servers of a path item or operation, if it has any of its own.
    pub(super) fn servers(&mut self, node: Node<'d>) -> Option<Vec<Server>> {
        let servers: Vec<Server> =
            node.get("servers")?.items().filter_map(|server| self.server(server)).collect();
        (!servers.is_empty()).then_some(servers)
    }

    fn server(&mut self, node: Node<'d>) -> Option<Server> {
        let url = node.text("url")?;
        let variables = node.get("variables").into_iter().flat_map(Node::members);
        let variables =
            variables.map(|(name, variable)| (name.to_owned(), self.variable(name, variable))).collect();
        Some(Server {
            url: absolute(url.trim(), node.document),
            description: node.text("description").map(str::to_owned),
            variables,
        })
    }

    fn variable(&mut self, name: &str, node: Node<'d>) -> Variable {
        let choices: Vec<String> =
            node.get("enum").into_iter().flat_map(Node::items).filter_map(scalar).collect();
        let default = node.get("default").and_then(scalar).or_else(|| choices.first().cloned());
        if default.is_none() {
            let message =
                format!("server variable `{name}` has no default; it stays empty until it is given");
            self.note(node, &VARIABLE_WITHOUT_DEFAULT, message);
        }
        Variable { default: default.unwrap_or_default(), choices }
    }
}

fn v2_servers(root: Node<'_>) -> Vec<Server> {
    let base = root.document.base();
    let path = root.text("basePath").unwrap_or("/");
    let host = root.text("host").map(str::to_owned).or_else(|| match base.scheme() {
        "http" | "https" => Some(base[url::Position::BeforeHost..url::Position::AfterPort].to_owned()),
        _ => None,
    });
    let Some(host) = host else { return vec![plain(absolute(path, root.document))] };
    let mut schemes: Vec<&str> = root
        .get("schemes")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|scheme| scheme.value.as_str())
        .collect();
    schemes.retain(|scheme| matches!(*scheme, "http" | "https"));
    if schemes.is_empty() {
        schemes.push(if base.scheme() == "http" { "http" } else { "https" });
    }
    schemes.sort_by_key(|scheme| *scheme == "http");
    let slash = if path.starts_with('/') { "" } else { "/" };
    schemes.into_iter().map(|scheme| plain(format!("{scheme}://{host}{slash}{path}"))).collect()
}

fn plain(url: String) -> Server {
    Server { url, description: None, variables: IndexMap::new() }
}

/// The URL made absolute where the document itself came from the web (OpenAPI 3.2, 4.5: relative to the document).
fn absolute(url: &str, document: &Document) -> String {
    let base = document.base();
    if !matches!(base.scheme(), "http" | "https") || url.contains("://") {
        return match url.strip_prefix("//") {
            Some(rest) => format!("https://{rest}"),
            None => url.to_owned(),
        };
    }
    if url.contains('{') {
        // Joining would percent-encode the template; only a path can be relative and have one.
        let origin = &base[..url::Position::AfterPort];
        return if url.starts_with('/') { format!("{origin}{url}") } else { url.to_owned() };
    }
    base.join(url).map_or_else(|_| url.to_owned(), Url::into)
}

fn scalar(node: Node<'_>) -> Option<String> {
    match node.value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(node.value.to_string()),
        _ => None,
    }
}
