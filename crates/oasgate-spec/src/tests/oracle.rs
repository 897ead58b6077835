//! Every OpenAPI 3.0 description of this repository is also read by `openapiv3`, which knows that version alone and
//! refuses what is not to its letter. Where it reads a description, both readings agree.

use std::path::{Path, PathBuf};

use openapiv3::{
    CookieStyle, HeaderStyle, OpenAPI, Operation, Parameter, ParameterData, ParameterSchemaOrContent,
    PathItem, PathStyle, QueryStyle, ReferenceOr,
};

use super::Shelf;
use crate::text::parse;
use crate::{Api, Limits, Options, Place, Serialization, Style, load};

#[test]
fn both_read_the_same_operations() {
    let mut compared = Vec::new();
    for path in descriptions() {
        let bytes = std::fs::read(&path).unwrap();
        let Some(theirs) = reading(bytes.clone()) else { continue };
        // A text in another encoding is not what is compared.
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let (ours, _) = load(&Shelf::file(&text), &Options::default());
        let theirs = their_operations(&theirs);
        assert_eq!(our_operations(&ours, &theirs), theirs, "{}", path.display());
        compared.push((path.file_stem().unwrap().to_str().unwrap().to_owned(), theirs.len()));
    }
    assert!(
        compared.iter().any(|(name, operations)| name == "fleet-3.0" && *operations == 21),
        "{compared:?}"
    );
    assert!(compared.len() > 15, "{compared:?}");
}

/// Method and path, operationId, parameters, security.
type Row = (String, Option<String>, Vec<String>, String);

fn descriptions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let mut found: Vec<PathBuf> = [folder.clone(), folder.join("odd")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "yaml" || kind == "json"))
        .collect();
    found.sort();
    found
}

/// The other reading, of a 3.0 description that it accepts.
fn reading(bytes: Vec<u8>) -> Option<OpenAPI> {
    let tree = parse(bytes, &Limits::default()).ok()?;
    let value = tree.root()?.value();
    value.get("openapi")?.as_str()?.starts_with("3.0").then(|| serde_json::from_value(value).ok())?
}

fn our_operations(api: &Api, theirs: &[Row]) -> Vec<Row> {
    let row = |operation: &crate::Operation| {
        let security: Vec<String> = operation.security.iter().map(|one| alternative(&one.0)).collect();
        let mut parameters: Vec<String> = operation.parameters.iter().map(our_parameter).collect();
        parameters.sort();
        (
            format!("{} {}", operation.method, operation.path),
            operation.id.clone(),
            parameters,
            security.join(" | "),
        )
    };
    // The order of methods is not kept by the other; an operation that refers to nothing is kept by it.
    let mut rows: Vec<Row> = api.operations.iter().map(row).collect();
    rows.sort();
    rows.retain(|row| theirs.iter().any(|their| their.0 == row.0));
    rows
}

fn our_parameter(parameter: &crate::Parameter) -> String {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query | Place::QueryString => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    };
    let how = match &parameter.serialization {
        Serialization::Content(media_type) => media_type.clone(),
        Serialization::Style { style, explode, allow_reserved, .. } => {
            let style = match style {
                Style::Matrix => "matrix",
                Style::Label => "label",
                Style::Simple => "simple",
                Style::Form => "form",
                Style::SpaceDelimited => "spaceDelimited",
                Style::PipeDelimited => "pipeDelimited",
                Style::DeepObject => "deepObject",
                Style::TabDelimited | Style::Cookie => "none of 3.0",
            };
            format!("{style} {explode} {allow_reserved}")
        }
    };
    format!("{place}:{} {} {how}", parameter.name, parameter.required)
}

fn their_operations(api: &OpenAPI) -> Vec<Row> {
    let mut rows = Vec::new();
    for (path, item) in &api.paths.paths {
        let ReferenceOr::Item(item) = item else { continue };
        for (method, operation) in item.iter() {
            // What refers to nothing is lost to us, and no rule of the other; so are templates nobody declares.
            let Some(parameters) = their_parameters(api, item, operation) else { continue };
            if !agrees(path, &parameters) {
                continue;
            }
            let security = operation.security.as_ref().or(api.security.as_ref());
            let security: Vec<String> = security.into_iter().flatten().map(alternative).collect();
            rows.push((
                format!("{} {path}", method.to_ascii_uppercase()),
                operation.operation_id.clone(),
                parameters,
                security.join(" | "),
            ));
        }
    }
    rows.sort();
    rows
}

/// Whether every template of a path is declared, every path parameter in the path, and both are of OpenAPI.
fn agrees(path: &str, parameters: &[String]) -> bool {
    let mut declared: Vec<&str> = parameters
        .iter()
        .filter_map(|row| row.strip_prefix("path:"))
        .filter_map(|row| row.split(' ').next())
        .collect();
    let mut templates: Vec<&str> =
        path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    declared.sort_unstable();
    templates.sort_unstable();
    declared == templates && !path.contains('?')
}

/// The parameters in force; `None` if one refers to nothing.
fn their_parameters(api: &OpenAPI, item: &PathItem, operation: &Operation) -> Option<Vec<String>> {
    let mut parameters: Vec<&Parameter> = Vec::new();
    for written in item.parameters.iter().chain(&operation.parameters) {
        let parameter = match written {
            ReferenceOr::Item(parameter) => parameter,
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/parameters/")?;
                api.components.as_ref()?.parameters.get(name)?.as_item()?
            }
        };
        let data = parameter.parameter_data_ref();
        let is_same = |other: &&mut &Parameter| {
            std::mem::discriminant(**other) == std::mem::discriminant(parameter)
                && other.parameter_data_ref().name == data.name
        };
        match parameters.iter_mut().find(is_same) {
            Some(other) => *other = parameter,
            None => parameters.push(parameter),
        }
    }
    let mut rows: Vec<String> = parameters.into_iter().map(their_parameter).collect();
    rows.sort();
    Some(rows)
}

fn their_parameter(parameter: &Parameter) -> String {
    let (place, style, explodes, reserved) = match parameter {
        Parameter::Query { style, allow_reserved, .. } => match style {
            QueryStyle::Form => ("query", "form", true, *allow_reserved),
            QueryStyle::SpaceDelimited => ("query", "spaceDelimited", false, *allow_reserved),
            QueryStyle::PipeDelimited => ("query", "pipeDelimited", false, *allow_reserved),
            QueryStyle::DeepObject => ("query", "deepObject", true, *allow_reserved),
        },
        Parameter::Header { style: HeaderStyle::Simple, .. } => ("header", "simple", false, false),
        Parameter::Path { style, .. } => match style {
            PathStyle::Matrix => ("path", "matrix", false, false),
            PathStyle::Label => ("path", "label", false, false),
            PathStyle::Simple => ("path", "simple", false, false),
        },
        Parameter::Cookie { style: CookieStyle::Form, .. } => ("cookie", "form", true, false),
    };
    let ParameterData { name, required, format, explode, .. } = parameter.parameter_data_ref();
    let how = match format {
        ParameterSchemaOrContent::Content(content) => content.keys().next().cloned().unwrap_or_default(),
        ParameterSchemaOrContent::Schema(_) => format!("{style} {} {reserved}", explode.unwrap_or(explodes)),
    };
    format!("{place}:{name} {} {how}", *required || place == "path")
}

/// The schemes of an alternative with their scopes, in any order.
fn alternative<'r>(schemes: impl IntoIterator<Item = (&'r String, &'r Vec<String>)>) -> String {
    let mut schemes: Vec<String> =
        schemes.into_iter().map(|(name, scopes)| format!("{name}({})", scopes.join(" "))).collect();
    schemes.sort();
    schemes.join("+")
}
