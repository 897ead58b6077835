//! How the model is written in the rows of the tests.

use std::fmt::Write as _;

use crate::{Body, Encoding, MediaType, Parameter, Part, Place, Serialization, Server, Style, Template};

pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::QueryString => "querystring",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}

pub(super) fn style(style: Style) -> &'static str {
    match style {
        Style::Matrix => "matrix",
        Style::Label => "label",
        Style::Simple => "simple",
        Style::Form => "form",
        Style::SpaceDelimited => "space",
        Style::PipeDelimited => "pipe",
        Style::DeepObject => "deep",
        Style::TabDelimited => "tab",
        Style::Cookie => "cookie",
    }
}

/// `place:name[!] style[*][ reserved][ empty]` or `place:name[!] media/type`; `!` is required, `*` exploded.
pub(super) fn parameter(parameter: &Parameter) -> String {
    let mut row = format!("{}:{}", place(parameter.place), parameter.name);
    row.push_str(if parameter.required { "! " } else { " " });
    match &parameter.serialization {
        Serialization::Content(media_type) => row.push_str(media_type),
        Serialization::Style { style: how, explode, allow_reserved, allow_empty } => {
            row.push_str(style(*how));
            row.push_str(if *explode { "*" } else { "" });
            row.push_str(if *allow_reserved { " reserved" } else { "" });
            row.push_str(if *allow_empty { " empty" } else { "" });
        }
    }
    row
}

pub(super) fn parameters(parameters: &[Parameter]) -> Vec<String> {
    parameters.iter().map(parameter).collect()
}

/// `[!]type schema, type schema`.
pub(super) fn body(body: Option<&Body>) -> String {
    let Some(body) = body else { return String::new() };
    let media: Vec<String> = body.content.iter().map(media).collect();
    format!("{}{}", if body.required { "!" } else { "" }, media.join(", "))
}

fn media(media: &MediaType) -> String {
    let mut row = format!("{} {}", media.name, media.schema.0);
    if let Some(items) = &media.item_schema {
        write!(row, " items {}", items.0).unwrap();
    }
    for (field, encoding) in &media.encoding {
        write!(row, " {field}={}", self::encoding(encoding)).unwrap();
    }
    if let Some(example) = &media.example {
        write!(row, " example {example}").unwrap();
    }
    row
}

fn encoding(encoding: &Encoding) -> String {
    let mut row = encoding.content_type.clone().unwrap_or_default();
    if let Some(how) = encoding.style {
        row.push_str(style(how));
        row.push_str(if encoding.explode { "*" } else { "" });
    }
    row.push_str(if encoding.allow_reserved { " reserved" } else { "" });
    for (name, schema) in &encoding.headers {
        write!(row, " {name}:{}", schema.0).unwrap();
    }
    row
}

/// Segments between slashes, `{name}`, `{+name}`, and the fixed query.
pub(super) fn template(template: &Template) -> String {
    let mut row = String::new();
    for segment in &template.segments {
        row.push('/');
        for part in segment {
            match part {
                Part::Literal(text) => row.push_str(text),
                Part::Parameter(name) => write!(row, "{{{name}}}").unwrap(),
                Part::Reserved(name) => write!(row, "{{+{name}}}").unwrap(),
            }
        }
    }
    if let Some(query) = &template.query {
        write!(row, "?{query}").unwrap();
    }
    row
}

/// `url name=default(choice|choice)`.
pub(super) fn server(server: &Server) -> String {
    let mut row = server.url.clone();
    for (name, variable) in &server.variables {
        write!(row, " {name}={}", variable.default).unwrap();
        if !variable.choices.is_empty() {
            write!(row, "({})", variable.choices.join("|")).unwrap();
        }
    }
    row
}
