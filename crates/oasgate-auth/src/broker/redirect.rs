//! Where a browser may be sent: which URIs a client may register, and which of them a request may name.
//!
//! Pure. A URI that is taken here is one that cannot run script, reach a file, or hide its host from who reads it.

use url::{Host, Url};

#[cfg(test)]
mod tests;

/// The characters of a redirect URI.
const LONGEST: usize = 2048;

/// Schemes of applications that are known to receive redirects, besides those with a dot in them (RFC 8252, 7.1).
const APPLICATIONS: [&str; 5] = ["cursor", "vscode", "vscode-insiders", "windsurf", "zed"];

/// Schemes that no client may be called by: what they name runs, or is not elsewhere.
const NEVER: [&str; 8] =
    ["javascript", "data", "file", "vbscript", "blob", "about", "filesystem", "view-source"];

/// What the operator lets clients be redirected to.
#[derive(Debug, Clone, Default)]
pub(crate) struct RedirectRules {
    /// The hosts of https redirects; all if empty.
    pub(crate) hosts: Vec<String>,
    /// Schemes besides those known.
    pub(crate) schemes: Vec<String>,
}

impl RedirectRules {
    /// Whether a client may have this redirect URI.
    ///
    /// # Errors
    /// What is wrong with it, for its developer.
    pub(crate) fn admit(&self, uri: &str) -> Result<(), &'static str> {
        let url = parse(uri)?;
        match url.scheme() {
            "https" => self.admit_host(&url),
            // RFC 8252, 7.3: loopback redirects are http. Clients of any `application_type` have them.
            "http" if is_loopback(&url) => Ok(()),
            "http" => Err("http redirects may go to 127.0.0.1, [::1] or localhost only"),
            scheme if NEVER.contains(&scheme) => Err("redirects may not have this scheme"),
            // RFC 8252, 7.1: a private scheme is a domain name in reverse, so that it belongs to somebody.
            scheme if scheme.contains('.') || self.is_application(scheme) => Ok(()),
            _ => Err(
                "this server does not know the scheme; use https, a loopback address, or a reversed domain name",
            ),
        }
    }

    fn admit_host(&self, url: &Url) -> Result<(), &'static str> {
        let host = url.host_str().unwrap_or_default();
        if self.hosts.is_empty() || is_loopback(url) || self.hosts.iter().any(|own| own == host) {
            Ok(())
        } else {
            Err("this server does not redirect to that host")
        }
    }

    fn is_application(&self, scheme: &str) -> bool {
        APPLICATIONS.contains(&scheme) || self.schemes.iter().any(|own| own == scheme)
    }
}

/// Whether a request may name `requested` if `registered` has been registered: the same text, but for the port of a
/// loopback address, which the system chooses when the client starts (RFC 8252, 7.3; RFC 9700, 4.1.3).
pub(crate) fn is_same(registered: &str, requested: &str) -> bool {
    if registered == requested {
        return true;
    }
    let (Ok(registered), Ok(mut requested)) = (parse(registered), parse(requested)) else { return false };
    let is_other_port = registered.scheme() == "http"
        && is_loopback(&registered)
        && requested.set_port(registered.port()).is_ok();
    is_other_port && registered == requested
}

/// Whether only programs on the user's own machine can receive it, any of them.
pub(crate) fn is_loopback_uri(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| is_loopback(&url))
}

/// Whether only whoever has a host, elsewhere, can receive it.
pub(crate) fn is_of_a_host(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && !is_loopback(&url))
}

/// What a page may say about where the browser will go: the host, or the scheme of an application.
pub(crate) fn destination(uri: &str) -> String {
    match Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => url.host_str().unwrap_or_default().to_owned(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

/// What a page must allow its forms to lead to (Content Security Policy Level 3, 2.3.1): an origin, or a scheme.
pub(crate) fn source_expression(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    // No source expression has an IPv6 address, or what else a host may have by the URL standard: browsers ignore one, and
    // with it the redirect; or take it for the end of the directive.
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_plain = url.host_str().is_some_and(|host| host.bytes().all(is_host));
    Some(match url.origin() {
        origin @ url::Origin::Tuple(..) if is_plain => origin.ascii_serialization(),
        _ => format!("{}:", url.scheme()),
    })
}

/// The source expression of an origin that an operator has named: https, or this machine, and nothing but the origin.
pub(crate) fn origin_source(origin: &str) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    source_expression(origin).filter(|_| is_plain && is_safe)
}

/// A redirect URI with an answer added to its query, which it keeps (RFC 6749, 3.1.2). None if it is no URI.
pub(crate) fn answer<'p>(
    uri: &str,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url.into())
}

fn parse(uri: &str) -> Result<Url, &'static str> {
    if uri.len() > LONGEST {
        return Err("a redirect URI is at most 2048 characters long");
    }
    // What a parser would mend silently (RFC 3986, 2): two readers could see two places.
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) || uri.contains(['\\', '*', '"', '<', '>', '`']) {
        return Err(
            "a redirect URI has no spaces, control characters, wildcards or other special characters",
        );
    }
    let url = Url::parse(uri).map_err(|_| "a redirect URI is an absolute URI")?;
    if url.fragment().is_some() {
        return Err("a redirect URI has no fragment (RFC 6749, 3.1.2)");
    }
    if !url.username().is_empty() || url.password().is_some() || uri.contains('@') && has_authority_at(uri) {
        return Err("a redirect URI has no user information");
    }
    // The host stands in it as it is understood: not mended, not written in another way.
    let shown = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if matches!(url.scheme(), "http" | "https") && !uri.starts_with(&shown) {
        return Err("a redirect URI has a host, in small letters, and in its usual form");
    }
    Ok(url)
}

/// Whether an `@` stands before the path: also an empty user name hides the host from who reads it.
fn has_authority_at(uri: &str) -> bool {
    let authority = uri.split_once("://").map_or("", |(_, rest)| rest);
    authority.split(['/', '?']).next().is_some_and(|authority| authority.contains('@'))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // Only the address that everybody means, and the name that means nothing else (RFC 6761, 6.3).
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}
