//! The `Cookie` field from cookie parameters: pairs joined with `; ` (RFC 6265, 4.2.1).
//!
//! Owns what a cookie pair may hold. `style: form` percent-encodes (OpenAPI 3.2, 4.12.3), so it can carry any text;
//! its exploded values are pairs of their own, joined as cookies are and not with `&` (Appendix D). `style: cookie`
//! and `text/plain` content pass values on as they are, and what would end the pair is refused.

use http::HeaderValue;
use oasgate_spec::{Place, Serialization, Style};
use serde_json::{Map, Value};

use super::faults::Faults;
use super::given;
use super::header::field_value;
use crate::body;
use crate::media::MediaType;
use crate::plan::{Plan, Slot};
use crate::refusal::Refusal;
use crate::style::{Escape, pairs};

/// The value of the `Cookie` field; `None` if no cookie is sent.
pub(super) fn cookies(
    plan: &Plan,
    arguments: &Map<String, Value>,
    faults: &mut Faults,
) -> Option<HeaderValue> {
    let mut out: Option<String> = None;
    for (slot, value) in given(plan, Place::Cookie, arguments) {
        for (name, value) in cookie(slot, value) {
            if faults.note(check(slot, &name, &value)).is_none() {
                continue;
            }
            match &mut out {
                Some(field) => field.push_str(&format!("; {name}={value}")),
                None => out = Some(format!("{name}={value}")),
            }
        }
    }
    let culprit = plan.slots_in(Place::Cookie).map(|slot| slot.argument.as_str()).next().unwrap_or("");
    faults.note(field_value(culprit, &out?))
}

/// The pairs of one parameter.
fn cookie(slot: &Slot, value: &Value) -> Vec<(String, String)> {
    match &slot.serialization {
        Serialization::Content(_) if value.is_null() => Vec::new(),
        Serialization::Content(media_type) => {
            let text = body::content_text(media_type, value);
            let escape =
                if MediaType::parse(media_type).kind() == "text" { Escape::Raw } else { Escape::Unreserved };
            vec![(escape.name(&slot.name).into_owned(), escape.value(&text).into_owned())]
        }
        Serialization::Style { style, explode, .. } => {
            let escape = if *style == Style::Cookie { Escape::Raw } else { Escape::Unreserved };
            pairs(*style, *explode, &slot.name, value, escape)
        }
    }
}

/// A raw name or value must not end its pair, nor break the field, nor lose white space at its ends.
fn check(slot: &Slot, name: &str, value: &str) -> Result<(), Refusal> {
    let breaks = |character: char| character == ';' || character.is_control();
    if name.is_empty() || name.contains(|c| breaks(c) || c == '=' || c == ' ') {
        let message = format!("{name:?} cannot be the name of a cookie; leave it out.");
        return Err(Refusal::argument(&slot.argument, message));
    }
    if value.contains(breaks) || value.trim() != value {
        let message = "a cookie cannot hold `;`, line breaks or other control characters, nor white space at its \
                       ends; send the value escaped as the API expects it.";
        return Err(Refusal::argument(&slot.argument, message));
    }
    Ok(())
}
