//! Which arguments are files.
//!
//! Owns that, and no more: the program may put the bytes of a file where its name was, since no file is read here.

use serde_json::{Map, Value};

use super::choose;
use super::multipart::is_file;
use crate::plan::{BodyFormat, BodySource, Field, Plan};
use crate::refusal::token;

/// The strings among the arguments that are files, each with a JSON pointer to it: what is sent as bytes, be it all of
/// the body or a part of it.
#[must_use]
pub fn files<'a>(plan: &Plan, arguments: &'a mut Map<String, Value>) -> Vec<(String, &'a mut Value)> {
    let Some(body) = &plan.body else { return Vec::new() };
    // Where no recipe can be chosen, `bind` says so.
    let Ok((recipe, _)) = choose(body, arguments) else { return Vec::new() };
    let mut found = Vec::new();
    match (&recipe.format, &body.source) {
        (BodyFormat::Binary, BodySource::Argument(name)) => {
            let whole = arguments.get_mut(name).map(|value| (token(name), value));
            found.extend(whole);
        }
        (BodyFormat::Multipart(fields), BodySource::Argument(name)) => {
            if let Some(Value::Object(members)) = arguments.get_mut(name) {
                add(&mut found, &token(name), fields, members.iter_mut());
            }
        }
        (BodyFormat::Multipart(fields), BodySource::Properties(names)) => {
            let members = arguments.iter_mut().filter(|(name, _)| names.contains(name));
            add(&mut found, "", fields, members);
        }
        _ => {}
    }
    found.retain(|(_, value)| value.is_string());
    found
}

/// Adds the members that are files, and the items of those that are several.
fn add<'a>(
    found: &mut Vec<(String, &'a mut Value)>,
    parent: &str,
    fields: &[Field],
    members: impl Iterator<Item = (&'a String, &'a mut Value)>,
) {
    for (name, value) in members {
        if !fields.iter().any(|field| &field.name == name && is_file(field)) {
            continue;
        }
        let pointer = format!("{parent}{}", token(name));
        match value {
            Value::Array(items) => {
                let items = items.iter_mut().enumerate();
                found.extend(items.map(|(index, item)| (format!("{pointer}/{index}"), item)));
            }
            value => found.push((pointer, value)),
        }
    }
}
