//! The trace that a call is part of, passed on to the upstream (W3C Trace Context).
//!
//! What is not in the form of the recommendation is not passed on: it comes from outside.

use http::{HeaderMap, HeaderName, HeaderValue};

#[cfg(test)]
mod tests;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Members that a `tracestate` may have, and characters that all together may have (sections 3.3.1.1 and 3.3.1.5).
const MEMBERS: usize = 32;
const CHARACTERS: usize = 512;

/// A trace, as the client gives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trace<'t> {
    /// The span above this call (section 3.2).
    pub parent: Option<&'t str>,
    /// What tracing systems keep beside it (section 3.3).
    pub state: Option<&'t str>,
}

impl Trace<'_> {
    /// Adds the fields, unless the call has fields of these names as arguments.
    pub(super) fn pass_on(self, headers: &mut HeaderMap) {
        let Some(parent) = self.parent.filter(|parent| is_parent(parent)) else { return };
        if headers.contains_key(TRACEPARENT) || headers.contains_key(TRACESTATE) {
            return;
        }
        let value = |text: &str| HeaderValue::from_str(text).ok();
        headers.extend(value(parent).map(|parent| (TRACEPARENT, parent)));
        let state = self.state.filter(|state| is_state(state)).and_then(value);
        headers.extend(state.map(|state| (TRACESTATE, state)));
    }
}

/// Section 3.2: `version-trace-parent-flags`, to which versions other than `00` may add.
fn is_parent(text: &str) -> bool {
    let mut parts = text.splitn(5, '-');
    let mut part = |length: usize| {
        let part = parts.next().filter(|part| part.len() == length);
        part.filter(|part| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
    };
    let is_zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let (Some(version), Some(trace), Some(span), Some(_)) = (part(2), part(32), part(16), part(2)) else {
        return false;
    };
    let has_more = parts.next().is_some();
    version != "ff" && !is_zero(trace) && !is_zero(span) && (version != "00" || !has_more)
}

/// Section 3.3.1: members `key=value`, separated by commas. A member may be empty.
fn is_state(text: &str) -> bool {
    text.len() <= CHARACTERS
        && text.split(',').count() <= MEMBERS
        && text.split(',').map(|member| member.trim_matches([' ', '\t'])).all(is_member)
}

fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return member.is_empty() };
    let (tenant, system) = key.split_once('@').map_or((None, key), |(tenant, system)| (Some(tenant), system));
    let sizes = match tenant {
        Some(tenant) => (1..=241).contains(&tenant.len()) && (1..=14).contains(&system.len()),
        None => (1..=256).contains(&system.len()),
    };
    let in_key = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/');
    sizes
        && system.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && tenant.unwrap_or_default().bytes().chain(system.bytes()).all(in_key)
        && (1..=256).contains(&value.len())
        && value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'=')
}
