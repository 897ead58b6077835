//! The URL of the MCP endpoint as clients have it: the one source of every URL that is told to anybody.
//!
//! Nothing is taken from `Host`, `Forwarded` or `X-Forwarded-*`, which anybody can write. The strings are kept as they
//! are written: resources and issuers are compared byte for byte (RFC 9728, 3.3; RFC 8414, 3.3).

use url::{Host, Url};

/// Where the server is for its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    resource: String,
    origin: String,
    path: String,
}

/// Why a URL cannot be the public one. The operator's to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// It is no http(s) URL with a host.
    #[error("the public URL must be an https URL, as in https://mcp.example.com/mcp")]
    Form,
    /// Tokens would travel in the open.
    #[error(
        "the public URL must be https: tokens would cross the network unencrypted; http is for localhost only"
    )]
    Http,
    /// It has user information, a query or a fragment, or ends with `/`.
    #[error("the public URL must be a plain one: no user name, no query, no fragment, no `/` at its end")]
    Extra,
}

impl PublicUrl {
    /// Reads it.
    ///
    /// # Errors
    /// [`PublicUrlError`]
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|_| PublicUrlError::Form)?;
        let host = url.host().ok_or(PublicUrlError::Form)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(PublicUrlError::Http),
            _ => return Err(PublicUrlError::Form),
        }
        let origin = url.origin().ascii_serialization();
        // What `Url` would write otherwise (a default port, capitals, dot segments) would not be what clients compare.
        let path = text.strip_prefix(&origin).ok_or(PublicUrlError::Extra)?;
        let is_plain = path == url.path() || (path.is_empty() && url.path() == "/");
        if !is_plain || path.ends_with('/') || text.contains(['?', '#']) {
            return Err(PublicUrlError::Extra);
        }
        Ok(Self { resource: text.to_owned(), path: path.to_owned(), origin })
    }

    /// The resource identifier (RFC 8707, 2; RFC 9728, 1.2): the URL as it was written.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Whether a text is this resource, byte for byte; without a path also with the `/` that some write then, as one URL
    /// is the other (RFC 3986, 6.2.3).
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        text == self.resource || (self.path.is_empty() && text.strip_suffix('/') == Some(&self.resource))
    }

    /// Scheme, host and port, without a `/` at the end (RFC 6454, 6.2).
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path of the MCP endpoint: empty for none, else with a `/` at its beginning and none at its end.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.resource).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
    }
}

/// A host that means this machine to everybody (RFC 6761, 6.3; RFC 8252, 7.3).
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn a_resource_without_a_path_is_the_same_with_a_slash() {
        for (url, text, expected) in [
            ("https://mcp.example.com", "https://mcp.example.com", true),
            ("https://mcp.example.com", "https://mcp.example.com/", true),
            ("https://mcp.example.com", "https://mcp.example.com//", false),
            ("https://mcp.example.com", "https://mcp.example.com.evil/", false),
            ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp", true),
            ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp/", false),
            ("https://mcp.example.com/mcp", "https://mcp.example.com/", false),
        ] {
            assert_eq!(PublicUrl::parse(url).unwrap().is(text), expected, "{url} {text}");
        }
    }
}
