//! Arguments in, one HTTP request out: straight code over the [`Plan`].
//!
//! Owns the request line and the header; [`crate::style`] writes values and [`crate::body`] the body. Knows neither
//! the description nor schemas nor credentials, and trusts no argument: what cannot be sent as it was meant is
//! refused, and never repaired in silence.

mod cookie;
mod faults;
mod header;
mod path;
mod query;
mod traversal;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::uri::Uri;
use http::{HeaderValue, Request};
use oasgate_spec::Place;
use serde_json::{Map, Value};

use self::faults::Faults;
use crate::body;
use crate::plan::{Base, Plan, Slot};
use crate::refusal::Refusal;

pub(crate) use header::is_settable;

/// Builds the request of one call. It is pure: the same arguments always make the same bytes.
///
/// # Errors
///
/// A [`Refusal`] that names each argument at fault, if the arguments cannot become a request: one that the path needs is
/// missing, a value would change the meaning of the request around it (a dot segment in a path, a line break in a
/// header field), or it has no form in the place or media type it belongs to. Also if no server is known.
pub fn bind(plan: &Plan, arguments: &Map<String, Value>) -> Result<Request<Bytes>, Refusal> {
    let server = plan.server.as_ref().ok_or_else(no_server)?;
    let mut faults = Faults::default();
    require(plan, arguments, &mut faults);
    let mut target = path::path(plan, server, arguments, &mut faults);
    let query = query::query(plan, arguments, &mut faults);
    if !query.is_empty() {
        target.push('?');
        target.push_str(&query);
    }
    let fields = header::fields(plan, arguments, &mut faults);
    let cookies = cookie::cookies(plan, arguments, &mut faults);
    let body = faults.note(body::write(plan.body.as_ref(), arguments)).flatten();
    faults.none()?;

    let mut request = Request::new(Bytes::new());
    *request.method_mut() = plan.method.clone();
    *request.uri_mut() = uri(server, &target)?;
    let headers = request.headers_mut();
    *headers = fields;
    if let Ok(accept) = HeaderValue::from_str(&plan.accept)
        && !accept.is_empty()
    {
        headers.insert(ACCEPT, accept);
    }
    if let Some(cookies) = cookies {
        headers.insert(COOKIE, cookies);
    }
    if let Some(body) = body {
        headers.insert(CONTENT_TYPE, body.content_type);
        *request.body_mut() = body.bytes;
    }
    Ok(request)
}

/// The slots of one place whose argument was given.
fn given<'p>(
    plan: &'p Plan,
    place: Place,
    arguments: &'p Map<String, Value>,
) -> impl Iterator<Item = (&'p Slot, &'p Value)> {
    plan.slots_in(place).filter_map(|slot| Some((slot, arguments.get(&slot.argument)?)))
}

/// Notes every required argument that is not there.
fn require(plan: &Plan, arguments: &Map<String, Value>, faults: &mut Faults) {
    for slot in plan.slots.iter().filter(|slot| slot.required && !arguments.contains_key(&slot.argument)) {
        let message = "is required and was not given; add it.";
        faults.note::<()>(Err(Refusal::argument(&slot.argument, message)));
    }
}

/// The whole URI, whose origin is the plan's own: nothing that an argument holds can lead elsewhere.
fn uri(server: &Base, target: &str) -> Result<Uri, Refusal> {
    let text = format!("{}{target}", server.origin);
    let uri = Uri::try_from(text).map_err(|error| {
        let message = format!("these arguments make a URL that is not valid ({error}); send shorter values.");
        Refusal::new("", message)
    })?;
    let origin =
        format!("{}://{}", uri.scheme_str().unwrap_or(""), uri.authority().map_or("", |a| a.as_str()));
    let whole = uri.path_and_query().map_or("", |target| target.as_str());
    if origin.eq_ignore_ascii_case(&server.origin) && whole == target {
        Ok(uri)
    } else {
        Err(Refusal::new("", "these arguments would change where the request goes; nothing was sent."))
    }
}

fn no_server() -> Refusal {
    let message = "no request can be made: the description names no absolute server URL. The operator of this server \
                   must give a base URL; no argument can mend this.";
    Refusal::new("", message)
}
