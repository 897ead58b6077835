//! What a strict reader of OpenAPI 3.0 refuses: the crate `openapiv3`, whose types are the standard to the letter.
//!
//! It gives up at the first thing it cannot read, and cannot say where that stands. So what it refuses as a whole is
//! given to it again in parts, down to the smallest part that it refuses.

use oasgate_spec::{Dialect, Documents as _, Location, Problem, Severity, overlay};
use openapiv3::{
    Header, Info, MediaType, OpenAPI, Operation, Parameter, PathItem, ReferenceOr, RequestBody, Response,
    Schema, SecurityScheme, Server,
};
use serde::Deserialize;
use serde_json::{Number, Value};

use crate::description::Reading;

/// The objections, if the entry is an OpenAPI 3.0 document.
pub(super) fn objections(reading: &Reading) -> Vec<Problem> {
    if reading.api.dialect != Dialect::V3_0 {
        return Vec::new();
    }
    let uri = reading.texts.entry();
    let Some(mut document) = reading.texts.read(&uri).ok().and_then(overlay::data) else { return Vec::new() };
    settle(&mut document);
    let mut found = Vec::new();
    descend(Kind::Root, &document, String::new(), &mut found);
    let location =
        |pointer| Location { document: reading.texts.name(&uri).into(), uri: uri.as_str().into(), pointer };
    found
        .into_iter()
        .map(|(pointer, error)| Problem {
            severity: Severity::Warning,
            rule: "openapiv3-refuses",
            location: location(pointer),
            position: None,
            operation: None,
            message: format!("a strict reader of OpenAPI 3.0 refuses this: {}", cut(&error)),
            fix: "write it as OpenAPI 3.0 has it".to_owned(),
        })
        .collect()
}

/// Numbers as the reader takes them: it asks for doubles, and knows no others.
fn settle(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_i64().is_none() && number.as_u64().is_none() => {
            if let Some(double) = number.as_f64().and_then(Number::from_f64) {
                *number = double;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::Object(members) => members.values_mut().for_each(settle),
        _ => {}
    }
}

/// What a part of a description is (OpenAPI 3.0, 4.7).
#[derive(Debug, Clone, Copy)]
enum Kind {
    Root,
    Info,
    Server,
    PathItem,
    Operation,
    Parameter,
    Header,
    Body,
    MediaType,
    Response,
    Schema,
    SecurityScheme,
    Tag,
    Components,
}

/// How parts stand in a member.
#[derive(Debug, Clone, Copy)]
enum Many {
    One,
    List,
    Map,
}

/// The members of each kind of part that are parts themselves.
const fn parts(kind: Kind) -> &'static [(&'static str, Many, Kind)] {
    use Many::{List, Map, One};
    match kind {
        Kind::Root => &[
            ("info", One, Kind::Info),
            ("servers", List, Kind::Server),
            ("paths", Map, Kind::PathItem),
            ("components", One, Kind::Components),
            ("tags", List, Kind::Tag),
        ],
        Kind::PathItem => &[
            ("get", One, Kind::Operation),
            ("put", One, Kind::Operation),
            ("post", One, Kind::Operation),
            ("delete", One, Kind::Operation),
            ("options", One, Kind::Operation),
            ("head", One, Kind::Operation),
            ("patch", One, Kind::Operation),
            ("trace", One, Kind::Operation),
            ("servers", List, Kind::Server),
            ("parameters", List, Kind::Parameter),
        ],
        Kind::Operation => &[
            ("parameters", List, Kind::Parameter),
            ("requestBody", One, Kind::Body),
            ("responses", Map, Kind::Response),
            ("servers", List, Kind::Server),
        ],
        Kind::Parameter | Kind::Header => &[("schema", One, Kind::Schema), ("content", Map, Kind::MediaType)],
        Kind::Body => &[("content", Map, Kind::MediaType)],
        Kind::MediaType => &[("schema", One, Kind::Schema)],
        Kind::Response => &[("headers", Map, Kind::Header), ("content", Map, Kind::MediaType)],
        Kind::Schema => &[
            ("properties", Map, Kind::Schema),
            ("items", One, Kind::Schema),
            ("additionalProperties", One, Kind::Schema),
            ("allOf", List, Kind::Schema),
            ("anyOf", List, Kind::Schema),
            ("oneOf", List, Kind::Schema),
            ("not", One, Kind::Schema),
        ],
        Kind::Components => &[
            ("schemas", Map, Kind::Schema),
            ("responses", Map, Kind::Response),
            ("parameters", Map, Kind::Parameter),
            ("requestBodies", Map, Kind::Body),
            ("headers", Map, Kind::Header),
            ("securitySchemes", Map, Kind::SecurityScheme),
        ],
        Kind::Info | Kind::Server | Kind::SecurityScheme | Kind::Tag => &[],
    }
}

/// Finds the smallest parts that are refused.
fn descend(kind: Kind, part: &Value, pointer: String, found: &mut Vec<(String, String)>) {
    let Err(error) = accept(kind, part) else { return };
    let before = found.len();
    for (name, many, kind) in parts(kind) {
        let Some(member) = part.get(name) else { continue };
        let pointer = format!("{pointer}/{name}");
        match (many, member) {
            (Many::List, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    descend(*kind, item, format!("{pointer}/{index}"), found);
                }
            }
            (Many::Map, Value::Object(members)) => {
                for (key, member) in members.iter().filter(|(key, _)| !key.starts_with("x-")) {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    descend(*kind, member, format!("{pointer}/{key}"), found);
                }
            }
            // `additionalProperties` may be a truth value.
            (Many::One, Value::Object(_)) => descend(*kind, member, pointer, found),
            _ => {}
        }
    }
    if found.len() == before {
        found.push((pointer, error));
    }
}

/// What the strict reader says of a part.
fn accept(kind: Kind, part: &Value) -> Result<(), String> {
    match kind {
        Kind::Root => read::<OpenAPI>(part),
        Kind::Info => read::<Info>(part),
        Kind::Server => read::<Server>(part),
        Kind::PathItem => read::<ReferenceOr<PathItem>>(part),
        Kind::Operation => read::<Operation>(part),
        Kind::Parameter => read::<ReferenceOr<Parameter>>(part),
        Kind::Header => read::<ReferenceOr<Header>>(part),
        Kind::Body => read::<ReferenceOr<RequestBody>>(part),
        Kind::MediaType => read::<MediaType>(part),
        Kind::Response => read::<ReferenceOr<Response>>(part),
        Kind::Schema => read::<ReferenceOr<Schema>>(part),
        Kind::SecurityScheme => read::<ReferenceOr<SecurityScheme>>(part),
        Kind::Tag => read::<openapiv3::Tag>(part),
        Kind::Components => read::<openapiv3::Components>(part),
    }
}

fn read<'v, T: Deserialize<'v>>(part: &'v Value) -> Result<(), String> {
    T::deserialize(part).map(drop).map_err(|error| error.to_string())
}

/// As much of an error as is worth repeating: it may hold the part as a whole.
fn cut(error: &str) -> &str {
    error.char_indices().nth(300).and_then(|(end, _)| error.get(..end)).unwrap_or(error)
}
