//! Where the authorization server is: its issuer, as it is compared, and the URLs below it.
//!
//! Without an issuer of its own the server is at the root of the public URL's origin: clients that have lost its metadata
//! still find `/token` there.

use url::Url;

use crate::PublicUrl;

/// The issuer and its endpoints.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    issuer: String,
    origin: String,
    /// The path of the issuer: empty at the root.
    base: String,
}

impl Endpoints {
    /// Those of the origin of `public`, or of an issuer below it. None if that issuer is elsewhere, where nothing of ours
    /// would answer.
    pub(crate) fn new(public: &PublicUrl, issuer: Option<&str>) -> Option<Self> {
        let issuer = match issuer {
            Some(issuer) => PublicUrl::parse(issuer).ok().filter(|own| own.origin() == public.origin())?,
            None => PublicUrl::parse(public.origin()).ok()?,
        };
        Some(Self {
            issuer: issuer.resource().to_owned(),
            origin: issuer.origin().to_owned(),
            base: issuer.path().to_owned(),
        })
    }

    /// The issuer identifier, byte for byte (RFC 8414, 2; RFC 9207, 2).
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The path of the issuer.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether cookies may be marked `Secure`: everywhere but on a loopback http origin.
    pub(crate) fn is_https(&self) -> bool {
        Url::parse(&self.origin).is_ok_and(|url| url.scheme() == "https")
    }

    /// The path of an endpoint, as routers take it.
    pub(crate) fn path(&self, endpoint: &str) -> String {
        format!("{}{endpoint}", self.base)
    }

    /// The URL of an endpoint.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        format!("{}{}{endpoint}", self.origin, self.base)
    }
}

/// The authorization endpoint (RFC 6749, 3.1).
pub(crate) const AUTHORIZE: &str = "/authorize";
/// Where the page of consent is answered.
pub(crate) const CONSENT: &str = "/authorize/consent";
/// Where the page for pasting a key is answered.
pub(crate) const KEY: &str = "/authorize/key";
/// Our redirect URI at other servers.
pub(crate) const CALLBACK: &str = "/oauth/callback";
/// The token endpoint (RFC 6749, 3.2).
pub(crate) const TOKEN: &str = "/token";
/// The registration endpoint (RFC 7591, 3).
pub(crate) const REGISTER: &str = "/register";
/// The revocation endpoint (RFC 7009, 2).
pub(crate) const REVOKE: &str = "/revoke";
