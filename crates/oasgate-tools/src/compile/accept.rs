//! The `Accept` field: what the description says successful answers carry, JSON first.

use oasgate_spec::{Operation, Place};

use crate::media::MediaType;

/// The field's value. A header parameter `Accept` of the description that fixes or defaults its value wins: some APIs
/// choose their version by it, although OpenAPI 3.2, 4.12.2.1 ignores such a parameter.
pub(super) fn accept(operation: &Operation) -> String {
    if let Some(fixed) = fixed(operation) {
        return fixed;
    }
    let mut types: Vec<&str> = Vec::new();
    let successes = operation.responses.iter().filter(|response| response.status.is_success());
    for media in successes.flat_map(|response| &response.content) {
        let is_token = media.name.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        if is_token && media.name.contains('/') && !types.contains(&media.name.as_str()) {
            types.push(&media.name);
        }
    }
    types.sort_by_key(|name| !MediaType::parse(name).is_json());
    match types.as_slice() {
        [] => "application/json, */*;q=0.8".to_owned(),
        [one] => format!("{one}, */*;q=0.1"),
        [first, rest @ ..] => {
            let rest: Vec<String> = rest.iter().take(8).map(|name| format!("{name};q=0.5")).collect();
            format!("{first}, {}, */*;q=0.1", rest.join(", "))
        }
    }
}

fn fixed(operation: &Operation) -> Option<String> {
    let header = operation.parameters.iter().find(|parameter| {
        parameter.place == Place::Header && parameter.name.eq_ignore_ascii_case("accept")
    })?;
    let schema = &header.schema.0;
    let only = schema.get("enum").and_then(|values| values.as_array()).filter(|values| values.len() == 1);
    let value = schema.get("const").or_else(|| schema.get("default")).or_else(|| only?.first())?.as_str()?;
    let legal = value.contains('/') && value.bytes().all(|byte| (0x20..0x7F).contains(&byte));
    legal.then(|| value.to_owned())
}
