//! What an operator can set about the endpoint. Everything is safe as it is by default: only this machine gets in.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use http::Uri;
use http::uri::Authority;

use crate::seal::Seal;

/// How the endpoint behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Where it is: `/mcp` unless told.
    pub path: EndpointPath,
    /// Other paths where it is, too; none unless told. Layers may tell them apart.
    pub other_paths: Vec<EndpointPath>,
    /// By which names it may be addressed; others get 403.
    pub hosts: Hosts,
    /// From which web pages it may be called; others get 403. Requests without an `Origin` don't come from pages.
    pub origins: Origins,
    /// How many bytes a message may have; 4 MiB unless told. Longer ones get 413.
    pub body_limit: usize,
    /// How long a message may take to arrive; ten seconds unless told. Slower ones get 408.
    pub body_timeout: Duration,
    /// How many bytes all messages together may have that arrive or are worked on; 256 MiB unless told. More get 503.
    pub body_room: usize,
    /// How many requests are worked on at the same time; 512 unless told. More get 503. Those that are still arriving
    /// don't count, so that slow clients take nobody's place.
    pub in_flight: usize,
    /// How many messages a batch may have; a hundred unless told. They are worked on one after the other.
    pub batch: usize,
    /// How many clients may listen for changes at the same time; 10,000 unless told. More get 503.
    pub streams: usize,
    /// How long a client may listen before it has to ask again; an hour unless told.
    pub stream_lifetime: Duration,
    /// How often something is sent on a stream on which nothing happens, so that nobody takes it for dead; every 25
    /// seconds unless told.
    pub keep_alive: Duration,
    /// How state that travels through clients is sealed.
    pub seal: Seal,
    /// How many legacy clients are remembered between their requests, in memory; none unless told. A client that is
    /// not remembered can't be asked anything while its request runs, nor set a level for logs or subscribe to
    /// resources, for all of that needs its handshake. Where there are replicas, all requests of a session, which
    /// clients name in the header `Mcp-Session-Id`, must reach the same one.
    pub sessions: usize,
    /// How long a legacy client that is asked something may take to answer; five minutes unless told.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: EndpointPath("/mcp".to_owned()),
            other_paths: Vec::new(),
            hosts: Hosts::default(),
            origins: Origins::default(),
            body_limit: 4 * 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            body_room: 256 * 1024 * 1024,
            in_flight: 512,
            batch: 100,
            streams: 10_000,
            stream_lifetime: Duration::from_secs(3600),
            keep_alive: Duration::from_secs(25),
            seal: Seal::default(),
            sessions: 0,
            patience: Duration::from_secs(300),
        }
    }
}

impl Options {
    /// Where the endpoint is: each path once.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &EndpointPath> {
        let others = self.other_paths.iter().enumerate();
        let new = others.filter(|(at, path)| {
            **path != self.path && !self.other_paths.iter().take(*at).any(|other| other == *path)
        });
        std::iter::once(&self.path).chain(new.map(|(_, path)| path))
    }
}

/// A path that is served literally: `/`-separated segments of unreserved characters (RFC 3986, section 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointPath(String);

impl EndpointPath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EndpointPath {
    type Err = InvalidPath;

    fn from_str(path: &str) -> Result<Self, InvalidPath> {
        let literal =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~');
        (path.starts_with('/') && path.bytes().all(literal))
            .then(|| Self(path.to_owned()))
            .ok_or_else(|| InvalidPath(path.to_owned()))
    }
}

/// A text that is no [`EndpointPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a path for the endpoint: write one that begins with `/` and has only letters, digits, `-`, `.`, `_`, `~` and `/`"
)]
pub struct InvalidPath(String);

/// The names a server may be addressed by: what the `Host` header must be. A page that has rebound its own name to
/// this machine's address is recognised by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Hosts {
    /// `localhost`, names below it, and addresses of this machine.
    #[default]
    Loopback,
    /// These names and those of [`Hosts::Loopback`]. One without a port stands for every port.
    Listed(Vec<String>),
    /// Every name: for a server behind a proxy that checks it.
    Any,
}

impl Hosts {
    pub(crate) fn allow(&self, host: &Authority) -> bool {
        match self {
            Self::Any => true,
            Self::Loopback => is_loopback(host.host()),
            Self::Listed(names) => is_loopback(host.host()) || names.iter().any(|name| same_host(name, host)),
        }
    }
}

/// The web origins that may call: what the `Origin` header must be (RFC 6454, section 7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Origins {
    /// Pages served by this machine.
    #[default]
    Loopback,
    /// These, as `scheme://host[:port]`, and no other.
    Listed(Vec<String>),
    /// Every page on the web: safe only if every request must prove who it is by a header.
    Any,
}

impl Origins {
    pub(crate) fn allow(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(origins) => {
                origins.iter().any(|listed| listed.trim_end_matches('/').eq_ignore_ascii_case(origin))
            }
            Self::Loopback => origin.parse::<Uri>().is_ok_and(|origin| {
                matches!(origin.scheme_str(), Some("http" | "https"))
                    && origin.host().is_some_and(is_loopback)
            }),
        }
    }
}

/// RFC 6761, section 6.3, and the loopback addresses.
fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = address.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    let ends_with = |end: &str| {
        let tail = host.len().checked_sub(end.len()).and_then(|at| host.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    host.eq_ignore_ascii_case("localhost") || ends_with(".localhost")
}

fn same_host(name: &str, host: &Authority) -> bool {
    name.eq_ignore_ascii_case(host.host()) || name.eq_ignore_ascii_case(host.as_str())
}
