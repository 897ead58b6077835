//! Puts credentials onto a request: the last step before it is sent, and only if it goes where the plan says.

use bytes::Bytes;
use http::header::COOKIE;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderValue, Request};
use oasgate_tools::Base;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::wire::Wire;
use super::{Choice, Credentials};

/// Whether credentials are written as they are, or covered, for a request that is shown and not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// As they are.
    Plain,
    /// As `****`.
    Covered,
}

/// The request does not go where the plan says, or a credential does not fit onto it: nothing may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request was not sent: it does not go to the server of its operation")]
pub struct WrongOrigin;

const COVER: &str = "****";

/// All but the unreserved characters (RFC 3986, 2.3).
pub(super) const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Credentials {
    /// Attaches what was chosen, and then the operator's own header fields, which replace fields of the same name.
    ///
    /// # Errors
    /// [`WrongOrigin`], if the request is for another origin than `server`'s (RFC 6454, 4).
    pub fn attach(
        &self,
        choice: &Choice<'_>,
        server: &Base,
        mut request: Request<Bytes>,
        show: Show,
    ) -> Result<Request<Bytes>, WrongOrigin> {
        if !is_for(request.uri(), server) {
            return Err(WrongOrigin);
        }
        let chosen = choice.chosen.iter().map(|(_, held)| held.wire());
        let chosen = chosen
            .chain(choice.universal.map(|universal| &universal.wire))
            .chain(choice.own.iter().map(|(wire, _)| wire));
        for wire in chosen.chain(self.headers.iter().map(|(wire, _)| wire)) {
            wire.attach(&mut request, show).ok_or(WrongOrigin)?;
        }
        Ok(request)
    }
}

impl Wire {
    fn attach(&self, request: &mut Request<Bytes>, show: Show) -> Option<()> {
        let value = match show {
            Show::Plain => self.secret().expose(),
            Show::Covered => COVER,
        };
        match self {
            Self::Header { name, scheme, .. } => {
                let text = match scheme {
                    Some(scheme) => format!("{scheme} {value}"),
                    None => value.to_owned(),
                };
                request.headers_mut().insert(name, sensitive(&text)?);
            }
            Self::Cookie { name, .. } => {
                let cookie = format!("{name}={value}");
                let cookies = match request.headers().get(COOKIE) {
                    Some(others) => format!("{}; {cookie}", others.to_str().ok()?),
                    None => cookie,
                };
                request.headers_mut().insert(COOKIE, sensitive(&cookies)?);
            }
            Self::Query { name, .. } => {
                let value = match show {
                    Show::Plain => utf8_percent_encode(value, QUERY).to_string(),
                    Show::Covered => value.to_owned(),
                };
                let pair = format!("{}={value}", utf8_percent_encode(name, QUERY));
                *request.uri_mut() = with_pair(request.uri(), &pair)?;
            }
        }
        Some(())
    }
}

/// A value that neither `Debug` nor HTTP/2's header compression shows or keeps (RFC 7541, 7.1.3).
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn is_for(uri: &Uri, server: &Base) -> bool {
    let (own, to) = (server.origin.split_once("://"), uri.scheme_str().zip(uri.authority()));
    own.zip(to).is_some_and(|((own_scheme, own_authority), (scheme, authority))| {
        scheme.eq_ignore_ascii_case(own_scheme) && authority.as_str().eq_ignore_ascii_case(own_authority)
    })
}

fn with_pair(uri: &Uri, pair: &str) -> Option<Uri> {
    let separator = match uri.query() {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{target}{separator}{pair}").parse().ok()?);
    Uri::from_parts(parts).ok()
}
