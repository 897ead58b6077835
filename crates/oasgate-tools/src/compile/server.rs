//! Which server a request goes to.

use oasgate_spec::Server;
use url::Url;

use crate::Base;

/// The base of an operation's requests: the operator's, or the first absolute HTTP server in force, secure ones
/// first. `None` if there is neither.
pub(super) fn base(servers: &[Server], root: &[Server], operator: Option<&Url>) -> Option<Base> {
    let absolute: Vec<Url> = servers.iter().filter_map(|server| parse(&filled(server))).collect();
    let secure = absolute.iter().find(|url| url.scheme() == "https");
    let own = secure.or_else(|| absolute.first());
    let Some(operator) = operator else { return own.map(|url| base_of(url, url.path())) };
    let root_path = root.first().map(|server| path_of(&filled(server))).unwrap_or_default();
    let own_path = own
        .map(|url| url.path().to_owned())
        .or_else(|| servers.first().map(|server| path_of(&filled(server))));
    Some(base_of(operator, &rebased(operator.path(), &own_path.unwrap_or_default(), &root_path)))
}

/// The path of an operation's server below the operator's: in the same place relative to the API's own server, or as
/// it is where it lies elsewhere.
fn rebased(operator: &str, own: &str, root: &str) -> String {
    let (operator, own, root) =
        (operator.trim_end_matches('/'), own.trim_end_matches('/'), root.trim_end_matches('/'));
    match own.strip_prefix(root) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{operator}{rest}"),
        _ => own.to_owned(),
    }
}

fn base_of(url: &Url, path: &str) -> Base {
    Base { origin: url.origin().ascii_serialization(), path: path.trim_end_matches('/').to_owned() }
}

/// The URL with every variable at its default.
fn filled(server: &Server) -> String {
    let mut out = String::with_capacity(server.url.len());
    let mut rest = server.url.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        out.push_str(server.variables.get(name).map_or("", |variable| variable.default.as_str()));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn parse(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The path of a URL or of a reference that is relative to an unknown host.
fn path_of(url: &str) -> String {
    let nowhere = Url::parse("http://host.invalid/").ok();
    let joined = parse(url).or_else(|| nowhere?.join(url).ok());
    joined.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
}
