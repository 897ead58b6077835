//! Servers (OpenAPI 3.2, 4.5): of 3.x as written, of 2.0 from `schemes`, `host` and `basePath` (Swagger Object).

use indexmap::IndexMap;
use url::Url;

use super::{Reader, Rule};
use crate::store::{Document, Node};
use crate::{Dialect, Server, Severity, Variable};

const VARIABLE_WITHOUT_DEFAULT: Rule = Rule {
    severity: Severity::Warning,
    name: "server-variable-without-default",
    fix: "give the variable a `default`",
};
const VARIABLE_UNDEFINED: Rule = Rule {
    severity: Severity::Warning,
    name: "server-variable-undefined",
    fix: "describe the variable under `variables`",
};
const SERVER_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "server-invalid",
    fix: "give the server a `url` such as `https://api.example.com/v1`",
};
const HOST_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "host-invalid",
    fix: "put the scheme under `schemes`, the path under `basePath`, and the host alone under `host`",
};

impl<'d> Reader<'d> {
    /// The servers of the whole API.
    pub(super) fn root_servers(&mut self, root: Node<'d>) -> Vec<Server> {
        if self.dialect == Dialect::V2_0 && root.get("servers").is_none() {
            return self.v2_servers(root, root);
        }
        self.servers(root).unwrap_or_else(|| vec![plain(absolute("/", root.document))])
    }

    /// The servers of a description, path item or operation, if it has any of its own.
    pub(super) fn servers(&mut self, node: Node<'d>) -> Option<Vec<Server>> {
        let list = self.member(node, "servers")?;
        // One server alone is sometimes not put into a list.
        let alone = list.is_object().then_some(list);
        let servers: Vec<Server> =
            alone.into_iter().chain(list.items()).filter_map(|server| self.server(server)).collect();
        (!servers.is_empty()).then_some(servers)
    }

    fn server(&mut self, written: Node<'d>) -> Option<Server> {
        let node = self.deref(written).unwrap_or(written);
        let Some(url) = node.text("url").or_else(|| node.as_text()).map(str::trim) else {
            self.note(written, &SERVER_INVALID, "the server has no `url`; it is left out");
            return None;
        };
        let mut variables = IndexMap::new();
        for (name, variable) in self.member(node, "variables").into_iter().flat_map(Node::members) {
            variables.insert(name.to_owned(), self.variable(name, variable));
        }
        for name in templates(url).filter(|name| !variables.contains_key(*name)).collect::<Vec<_>>() {
            let message =
                format!("server variable `{name}` is not described; it stays empty until it is given");
            self.note(node, &VARIABLE_UNDEFINED, message);
            variables.insert(name.to_owned(), Variable { default: String::new(), choices: Vec::new() });
        }
        let url = self.server_url(node, url);
        Some(Server { url, description: node.text("description").map(str::to_owned), variables })
    }

    /// The URL, with the scheme that many leave out, and without the query and fragment that it must not have.
    fn server_url(&mut self, node: Node<'d>, url: &str) -> String {
        let bare = url.split(['?', '#']).next().unwrap_or_default();
        if bare != url {
            self.note(
                node,
                &SERVER_INVALID,
                "a server's URL has neither query nor fragment; they are left out",
            );
        }
        if lacks_scheme(bare) {
            self.note(node, &SERVER_INVALID, format!("`{bare}` has no scheme; https is taken"));
            return format!("https://{bare}");
        }
        absolute(if bare.is_empty() { "/" } else { bare }, node.document)
    }

    fn variable(&mut self, name: &str, node: Node<'d>) -> Variable {
        let choices: Vec<String> = node.items_of("enum").filter_map(Node::as_scalar).collect();
        // Some write the value alone.
        let default = node.get("default").or(Some(node)).and_then(Node::as_scalar);
        let default = default.or_else(|| choices.first().cloned());
        match (node.get("default").is_some(), &default) {
            (false, Some(first)) => {
                let message = format!("server variable `{name}` has no default; `{first}` is taken");
                self.note(node, &VARIABLE_WITHOUT_DEFAULT, message);
            }
            (_, None) => {
                let message =
                    format!("server variable `{name}` has no default; it stays empty until it is given");
                self.note(node, &VARIABLE_WITHOUT_DEFAULT, message);
            }
            (true, Some(_)) => {}
        }
        Variable { default: default.unwrap_or_default(), choices }
    }

    /// The servers of a Swagger 2.0 description, by the schemes that it or one operation has (Operation Object,
    /// `schemes`).
    pub(super) fn v2_servers(&mut self, root: Node<'d>, owner: Node<'d>) -> Vec<Server> {
        let from = root.document.retrieved();
        let base_path = root.text("basePath").unwrap_or("/").trim();
        let host = root.text("host").map(str::trim).filter(|host| !host.is_empty());
        let whole = [host, Some(base_path)].into_iter().flatten().find(|text| text.contains("://"));
        if let Some(whole) = whole {
            return self.v2_whole(root, whole, base_path);
        }
        let own_host = || matches!(from.scheme(), "http" | "https").then(|| authority(from));
        let Some(host) = host.map(str::to_owned).or_else(own_host) else {
            return vec![plain(absolute(base_path, root.document))];
        };
        if host.contains('/') {
            self.note(root, &HOST_INVALID, "`host` has a path; it is put before `basePath`");
        }
        let path = base_path.trim_start_matches('/');
        let host = host.trim_end_matches('/');
        let schemes = schemes(owner, from);
        schemes.into_iter().map(|scheme| plain(format!("{scheme}://{host}/{path}"))).collect()
    }

    /// A 2.0 server whose host or base path is a whole URL.
    fn v2_whole(&mut self, root: Node<'d>, whole: &str, base_path: &str) -> Vec<Server> {
        self.note(root, &HOST_INVALID, format!("`{whole}` is a whole URL; it is taken as the server"));
        if whole == base_path {
            return vec![plain(whole.to_owned())];
        }
        let path = base_path.trim_start_matches('/');
        vec![plain(format!("{}/{path}", whole.trim_end_matches('/')))]
    }
}

/// The schemes of a 2.0 description or operation that are HTTP, secure ones first; where there is none, that of the description.
fn schemes(owner: Node<'_>, from: &Url) -> Vec<&'static str> {
    let named = |name: &str| {
        let alone = owner.text("schemes").is_some_and(|scheme| scheme.eq_ignore_ascii_case(name));
        alone
            || owner
                .items_of("schemes")
                .filter_map(Node::as_text)
                .any(|scheme| scheme.eq_ignore_ascii_case(name))
    };
    let schemes: Vec<&str> = ["https", "http"].into_iter().filter(|name| named(name)).collect();
    match schemes.is_empty() {
        true if from.scheme() == "http" => vec!["http"],
        true => vec!["https"],
        false => schemes,
    }
}

fn authority(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

fn plain(url: String) -> Server {
    Server { url, description: None, variables: IndexMap::new() }
}

/// The URL made absolute where the document came from the web: relative to where it came from, which `$self` does not
/// change (OpenAPI 3.2, 4.5.2).
fn absolute(url: &str, document: &Document) -> String {
    let from = document.retrieved();
    let is_web = matches!(from.scheme(), "http" | "https");
    if let Some(rest) = url.strip_prefix("//") {
        let scheme = if from.scheme() == "http" { "http" } else { "https" };
        return format!("{scheme}://{rest}");
    }
    if !is_web || url.contains("://") {
        return url.to_owned();
    }
    // The URL parser would percent-encode the braces of templates: they are letters while it looks.
    let (open, close) = ("oasgateopens", "oasgatecloses");
    let letters = url.replace('{', open).replace('}', close);
    let joined = from.join(&letters).map_or(letters, Url::into);
    joined.replace(open, "{").replace(close, "}")
}

/// Whether it begins with a host: `api.example.com/v1`, `localhost:8080`.
fn lacks_scheme(url: &str) -> bool {
    let host = url.split('/').next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let is_domain = name.rsplit_once('.').is_some_and(|(rest, last)| {
        !rest.is_empty()
            && !rest.starts_with('.')
            && last.len() > 1
            && last.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    is_port && (is_domain || name == "localhost")
}

/// The names of the templates in a URL.
fn templates(url: &str) -> impl Iterator<Item = &str> {
    url.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
