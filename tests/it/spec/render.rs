//! A reading as text, a line for each thing that others build on.

use std::fmt::Write as _;

use oasgate_spec::{
    Api, ApiKeyPlace, Body, MediaType, Operation, Parameter, Part, Place, Problem, Response, SchemeKind,
    Serialization, Server, Status,
};

/// Everything but the schemas, of which the names are given.
pub(super) fn reading(api: &Api, problems: &[Problem]) -> String {
    let mut out = format!("{:?} {:?} {:?}\n", api.dialect, api.title, api.version);
    for server in &api.servers {
        writeln!(out, "server {}", self::server(server)).unwrap();
    }
    for (name, scheme) in &api.security_schemes {
        writeln!(out, "scheme {name}: {}", kind(&scheme.kind)).unwrap();
    }
    for (tag, said) in &api.tags {
        let parent = api.tag_parents.get(tag).map_or_else(String::new, |parent| format!(" below {parent}"));
        writeln!(out, "tag {tag}{parent}: {}", said.as_deref().unwrap_or("-")).unwrap();
    }
    for operation in &api.operations {
        self::operation(&mut out, api, operation);
    }
    let names: Vec<&str> = api.definitions.0.keys().map(String::as_str).collect();
    writeln!(out, "\ndefinitions: {}", names.join(", ")).unwrap();
    if !problems.is_empty() {
        out.push_str("\nproblems:\n");
    }
    for problem in problems {
        writeln!(out, "{problem}").unwrap();
    }
    out
}

fn operation(out: &mut String, api: &Api, operation: &Operation) {
    let id = operation.id.as_deref().unwrap_or("-");
    let deprecated = if operation.deprecated { " deprecated" } else { "" };
    writeln!(out, "\n{} {} {id}{deprecated}", operation.method, template(operation)).unwrap();
    writeln!(out, "  at {}#{}", operation.location.document, operation.location.pointer).unwrap();
    if operation.servers != api.servers {
        let servers: Vec<String> = operation.servers.iter().map(server).collect();
        writeln!(out, "  servers {}", servers.join(" | ")).unwrap();
    }
    for parameter in &operation.parameters {
        writeln!(out, "  {}", self::parameter(parameter)).unwrap();
    }
    if let Some(body) = &operation.body {
        writeln!(out, "  body{} {}", required(body), content(&body.content)).unwrap();
    }
    for response in &operation.responses {
        writeln!(out, "  {} {}", status(response), content(&response.content)).unwrap();
    }
    let alternatives: Vec<String> = operation
        .security
        .iter()
        .map(|requirement| {
            let schemes = requirement.0.iter().map(|(name, scopes)| match scopes.as_slice() {
                [] => name.clone(),
                scopes => format!("{name}({})", scopes.join(" ")),
            });
            schemes.collect::<Vec<_>>().join("+")
        })
        .collect();
    if !alternatives.is_empty() {
        writeln!(out, "  security {}", alternatives.join(" | ")).unwrap();
    }
}

fn template(operation: &Operation) -> String {
    let mut out = String::new();
    for segment in &operation.template.segments {
        out.push('/');
        for part in segment {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Parameter(name) => write!(out, "{{{name}}}").unwrap(),
                Part::Reserved(name) => write!(out, "{{+{name}}}").unwrap(),
            }
        }
    }
    let query = operation.template.query.iter().map(|query| format!("?{query}"));
    out + &query.collect::<String>()
}

fn parameter(parameter: &Parameter) -> String {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::QueryString => "querystring",
        Place::Header => "header",
        Place::Cookie => "cookie",
    };
    let how = match &parameter.serialization {
        Serialization::Content(media_type) => media_type.clone(),
        Serialization::Style { style, explode, allow_reserved, allow_empty } => {
            let explode = if *explode { " exploded" } else { "" };
            let reserved = if *allow_reserved { " reserved" } else { "" };
            let empty = if *allow_empty { " empty" } else { "" };
            format!("{style:?}{explode}{reserved}{empty}")
        }
    };
    let required = if parameter.required { " required" } else { "" };
    format!("{place} {:?}{required}: {how}, {}", parameter.name, parameter.schema.0)
}

const fn required(body: &Body) -> &'static str {
    if body.required { " required" } else { "" }
}

fn content(content: &[MediaType]) -> String {
    let media = content.iter().map(|media| {
        let items = if media.item_schema.is_some() { " in items" } else { "" };
        let encoded: Vec<&str> = media.encoding.keys().map(String::as_str).collect();
        let encoding =
            if encoded.is_empty() { String::new() } else { format!(" encoding {}", encoded.join(" ")) };
        format!("{}{items}{encoding}", media.name)
    });
    media.collect::<Vec<_>>().join(", ")
}

fn status(response: &Response) -> String {
    match response.status {
        Status::Code(code) => code.to_string(),
        Status::Class(class) => format!("{class}XX"),
        Status::Default => "default".to_owned(),
    }
}

fn server(server: &Server) -> String {
    let mut out = server.url.clone();
    for (name, variable) in &server.variables {
        write!(out, " {name}={:?}{:?}", variable.default, variable.choices).unwrap();
    }
    out
}

fn kind(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey { place, name } => {
            let place = match place {
                ApiKeyPlace::Header => "header",
                ApiKeyPlace::Query => "query",
                ApiKeyPlace::Cookie => "cookie",
            };
            format!("key in {place} {name}")
        }
        SchemeKind::OAuth2(flows) => format!("oauth2 {flows}"),
        other => format!("{other:?}"),
    }
}
