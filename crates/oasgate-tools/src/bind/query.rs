//! The query: pairs that the path key fixes, then the parameters in order, joined with `&`.
//!
//! Owns the choice of escape for a query (a space is `%20`, which form decoders and RFC 3986 both read); values and
//! styles are [`crate::style`]'s.

use oasgate_spec::{Place, Serialization};
use serde_json::{Map, Value};

use super::faults::Faults;
use super::given;
use crate::body;
use crate::media::MediaType;
use crate::plan::{Plan, Slot};
use crate::refusal::Refusal;
use crate::style::{Escape, Target, pairs};

/// The query without its `?`; empty if there is none.
pub(super) fn query(plan: &Plan, arguments: &Map<String, Value>, faults: &mut Faults) -> String {
    let mut parts: Vec<String> = plan.fixed_query.iter().filter(|query| !query.is_empty()).cloned().collect();
    for (slot, value) in given(plan, Place::Query, arguments) {
        parts.extend(parameter(slot, value).into_iter().map(|(name, value)| format!("{name}={value}")));
    }
    for (slot, value) in given(plan, Place::QueryString, arguments) {
        parts.extend(faults.note(whole(slot, value)));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("&")
}

/// The pairs of one parameter.
fn parameter(slot: &Slot, value: &Value) -> Vec<(String, String)> {
    let name = || Escape::Unreserved.name(&slot.name).into_owned();
    match &slot.serialization {
        Serialization::Content(_) if value.is_null() => Vec::new(),
        Serialization::Content(media_type) => {
            vec![(name(), Escape::Unreserved.value(&body::content_text(media_type, value)).into_owned())]
        }
        Serialization::Style { style, explode, allow_reserved, allow_empty } => {
            let escape = if *allow_reserved { Escape::Reserved(Target::Query) } else { Escape::Unreserved };
            let pairs = pairs(*style, *explode, &slot.name, value, escape);
            // allowEmptyValue: a zero-length value may stand for a parameter that would be left out.
            if pairs.is_empty() && *allow_empty { vec![(name(), String::new())] } else { pairs }
        }
    }
}

/// `in: querystring`: the value is the whole query (OpenAPI 3.2, 4.12.1).
fn whole(slot: &Slot, value: &Value) -> Result<String, Refusal> {
    let media_type = match &slot.serialization {
        Serialization::Content(media_type) => MediaType::parse(media_type),
        Serialization::Style { .. } => MediaType::parse(body::FORM),
    };
    match value {
        Value::Null => Ok(String::new()),
        Value::Object(_) if media_type.essence == body::FORM => {
            let encoded = body::default_form(value);
            // `+` and `%20` are one to a form decoder; only `%20` is a space to all others.
            Ok(encoded.replace('+', "%20"))
        }
        _ if media_type.essence == body::FORM => Err(Refusal::argument(
            &slot.argument,
            "is the whole query string; send an object whose members are the query parameters.",
        )),
        _ => Ok(Escape::Unreserved.value(&body::content_text(&media_type.essence, value)).into_owned()),
    }
}
