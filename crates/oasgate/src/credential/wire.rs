//! How a credential looks on the wire, by the kind of its security scheme (OpenAPI 3.2, 4.27 Security Scheme Object).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderName;
use http::header::AUTHORIZATION;
use oasgate_spec::{ApiKeyPlace, SchemeKind};

use super::Secret;

/// A credential and the place it goes to.
#[derive(Debug)]
pub(super) enum Wire {
    /// A header field.
    Header {
        /// The field name.
        name: HeaderName,
        /// The authentication scheme in front of the value (RFC 9110, 11.4), if it is an `Authorization` field.
        scheme: Option<String>,
        /// The value, or what follows the scheme.
        secret: Secret,
    },
    /// A query parameter.
    Query {
        /// Its name.
        name: String,
        /// Its value, not yet percent-encoded.
        secret: Secret,
    },
    /// A cookie.
    Cookie {
        /// Its name.
        name: String,
        /// Its value.
        secret: Secret,
    },
}

/// What a scheme makes of a secret. A scheme that cannot be served never becomes one.
#[derive(Debug)]
pub(super) enum Kind {
    Bearer,
    Basic,
    Other(String),
    Header(HeaderName),
    Query(String),
    Cookie(String),
}

impl Wire {
    /// The name of the field, parameter or cookie.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Header { name, .. } => name.as_str(),
            Self::Query { name, .. } | Self::Cookie { name, .. } => name,
        }
    }

    pub(super) fn secret(&self) -> &Secret {
        match self {
            Self::Header { secret, .. } | Self::Query { secret, .. } | Self::Cookie { secret, .. } => secret,
        }
    }
}

impl Kind {
    /// What a scheme is, or why it cannot be served.
    pub(super) fn of(kind: &SchemeKind) -> Result<Self, String> {
        Ok(match kind {
            SchemeKind::Bearer | SchemeKind::OAuth2(_) | SchemeKind::OpenIdConnect(_) => Self::Bearer,
            SchemeKind::Basic => Self::Basic,
            SchemeKind::Http(scheme) if is_token(scheme) => Self::Other(scheme.clone()),
            SchemeKind::Http(scheme) => return Err(format!("`{scheme}` is no HTTP authentication scheme")),
            SchemeKind::ApiKey { place: ApiKeyPlace::Header, name } => Self::Header(
                name.parse().map_err(|_| format!("`{name}` cannot be the name of a header field"))?,
            ),
            SchemeKind::ApiKey { place: ApiKeyPlace::Query, name } => Self::Query(name.clone()),
            SchemeKind::ApiKey { place: ApiKeyPlace::Cookie, name } if is_token(name) => {
                Self::Cookie(name.clone())
            }
            SchemeKind::ApiKey { name, .. } => {
                return Err(format!("`{name}` cannot be the name of a cookie"));
            }
            SchemeKind::MutualTls => return Err("client certificates are not supported yet".to_owned()),
            SchemeKind::Unknown(kind) => return Err(format!("schemes of type `{kind}` are not supported")),
        })
    }

    /// The credential for the wire, or why the secret does not fit.
    pub(super) fn wire(&self, secret: Secret) -> Result<Wire, &'static str> {
        let authorization = |scheme: &str, secret| Wire::Header {
            name: AUTHORIZATION,
            scheme: Some(scheme.to_owned()),
            secret,
        };
        Ok(match self {
            Self::Bearer => authorization("Bearer", bearer(secret)),
            Self::Basic => authorization("Basic", basic(&secret)?),
            Self::Other(scheme) => authorization(scheme, secret),
            Self::Header(name) => Wire::Header { name: name.clone(), scheme: None, secret },
            Self::Query(name) => Wire::Query { name: name.clone(), secret },
            Self::Cookie(_) if !secret.expose().bytes().all(is_cookie_octet) => {
                return Err("a cookie cannot hold spaces, quotes, commas, semicolons or backslashes");
            }
            Self::Cookie(name) => Wire::Cookie { name: name.clone(), secret },
        })
    }
}

/// A token has no spaces (RFC 6750, 2.1), so a leading `Bearer ` was copied along with it.
fn bearer(secret: Secret) -> Secret {
    match secret.expose().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Secret::new(token.trim().to_owned())
        }
        _ => secret,
    }
}

/// RFC 7617, 2.
fn basic(secret: &Secret) -> Result<Secret, &'static str> {
    if secret.expose().contains(':') {
        Ok(Secret::new(BASE64_STANDARD.encode(secret.expose())))
    } else {
        Err("for basic authentication it must be `user:password`")
    }
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let special = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || special(byte))
}

/// RFC 6265, 4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}
