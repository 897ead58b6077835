//! The request body: whether it is flattened, and how each of its media types is written.

use std::collections::HashSet;

use oasgate_spec::{Body, MediaType as Content, Schema};
use serde_json::{Map, Value};

use super::{Compiler, xml};
use crate::media::MediaType;
use crate::prose;
use crate::schema::{PROSE, Settled, View, settle, view};
use crate::{BodyFormat, BodyRecipe, BodySource, Field, FieldEncoding};

/// How many properties may stand side by side; more of them are listed with less as one argument.
const FLAT: usize = 200;

/// What a body contributes to the arguments.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) source: BodySource,
    /// Arguments and their schemas.
    pub(super) properties: Map<String, Value>,
    /// Which of them a body must have.
    pub(super) required: Vec<String>,
    pub(super) body_required: bool,
    pub(super) recipes: Vec<BodyRecipe>,
    pub(super) chooser: Option<String>,
}

impl Shape {
    /// The names that parameters yield to, in lower case.
    pub(super) fn names(&self) -> HashSet<String> {
        self.properties.keys().chain(&self.chooser).map(|name| name.to_ascii_lowercase()).collect()
    }

    /// The arguments whose text is read as a file.
    pub(super) fn files(&self) -> HashSet<String> {
        match (self.recipes.first().map(|recipe| &recipe.format), &self.source) {
            (Some(BodyFormat::Binary | BodyFormat::Multipart(_)), BodySource::Argument(name)) => {
                std::iter::once(name.clone()).collect()
            }
            (Some(BodyFormat::Multipart(fields)), BodySource::Properties(_)) => {
                fields.iter().filter(|field| field.binary).map(|field| field.name.clone()).collect()
            }
            _ => HashSet::new(),
        }
    }
}

/// Decides how a body is given. `taken` are the names of the parameters, in lower case.
pub(super) fn shape(compiler: &Compiler<'_>, body: &Body, taken: &HashSet<String>) -> Shape {
    let mut content: Vec<&Content> = body.content.iter().collect();
    content.sort_by_key(|content| rank(&MediaType::parse(&content.name)));
    let first = content.first();
    let any = Schema::any();
    let schema = first.map_or(&any, |content| match (&content.item_schema, &content.schema.0) {
        (Some(items), Value::Bool(true)) => items,
        _ => &content.schema,
    });
    let is_sequence =
        first.is_some_and(|content| content.item_schema.is_some() && content.schema.0 == Value::Bool(true));
    let schema = view(&schema.0, &compiler.api.definitions, View::Request);
    let schema = if is_sequence { serde_json::json!({"type": "array", "items": schema}) } else { schema };
    let settled = settle(&compiler.pool, &schema);
    let chooser = chooser(compiler, &content, taken, &settled);
    // Without a choice, nothing but the preferred one is ever written.
    let offered = if chooser.is_some() { content.len() } else { 1 };
    let recipes: Vec<BodyRecipe> =
        content.iter().take(offered).map(|content| recipe(compiler, content)).collect();
    let is_form = recipes.first().is_some_and(|recipe| {
        matches!(recipe.format, BodyFormat::Form(_) | BodyFormat::Multipart(_) | BodyFormat::Json)
    });
    if is_form && is_flat(&settled) {
        let required = settled.required().map(str::to_owned).collect();
        let properties =
            settled.properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.as_ref().clone()));
        let properties: Map<String, Value> = properties.collect();
        let source = BodySource::Properties(properties.keys().cloned().collect());
        return Shape { source, properties, required, body_required: body.required, recipes, chooser };
    }
    let mut name = "body".to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    let described = with_description(schema, body.description.as_deref());
    let required = if body.required { vec![name.clone()] } else { Vec::new() };
    Shape {
        source: BodySource::Argument(name.clone()),
        properties: std::iter::once((name, described)).collect(),
        required,
        body_required: body.required,
        recipes,
        chooser,
    }
}

/// Whether an object loses nothing by being flattened: it has properties, nothing is said about it as a whole, and it
/// cannot be null or hold anything else.
fn is_flat(settled: &Settled<'_>) -> bool {
    const HARMLESS: [&str; 9] = [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
    ];
    let is_object = settled.get("type").is_none_or(|kind| kind == "object");
    let is_open = settled.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false));
    let all_known = settled.required().all(|name| settled.properties.contains_key(name));
    is_object
        && (1..=FLAT).contains(&settled.properties.len())
        && !is_open
        && all_known
        && !settled.never
        && settled.keys().all(|key| HARMLESS.contains(&key))
}

/// An argument that chooses the media type, where the description offers several JSON formats of which none is plain.
fn chooser(
    compiler: &Compiler<'_>,
    content: &[&Content],
    taken: &HashSet<String>,
    settled: &Settled<'_>,
) -> Option<String> {
    let json: Vec<String> = content.iter().filter_map(|content| json_type(compiler, content)).collect();
    let is_plain = |name: &String| MediaType::parse(name).essence == "application/json";
    let matters = json.len() > 1 && !json.iter().any(is_plain);
    let mut name = "content_type".to_owned();
    while taken.contains(&name) || settled.properties.contains_key(name.as_str()) {
        name.push('_');
    }
    matters.then_some(name)
}

/// Which media type is preferred: what says most about its form first.
fn rank(media: &MediaType) -> usize {
    match media.essence.as_str() {
        "application/json" => 0,
        "application/merge-patch+json" => 1,
        "application/x-www-form-urlencoded" => 3,
        _ if media.is_json() => 2,
        _ if media.kind() == "multipart" => 4,
        _ if is_lines(media) => 5,
        _ if media.is_xml() => 6,
        _ if media.is_range() => 7,
        _ if media.kind() == "text" => 8,
        _ => 9,
    }
}

/// Whether it is a sequence of JSON values (OpenAPI 3.2, 4.14.3).
fn is_lines(media: &MediaType) -> bool {
    matches!(media.subtype(), "jsonl" | "x-ndjson" | "ndjson" | "json-lines" | "x-jsonlines" | "json-seq")
}

fn recipe(compiler: &Compiler<'_>, content: &Content) -> BodyRecipe {
    if let Some(content_type) = json_type(compiler, content) {
        return BodyRecipe { content_type, format: BodyFormat::Json };
    }
    let media = MediaType::parse(&content.name);
    let definitions = &compiler.api.definitions;
    let format = match media.essence.as_str() {
        "application/x-www-form-urlencoded" => BodyFormat::Form(fields(compiler, content)),
        _ if media.kind() == "multipart" => BodyFormat::Multipart(fields(compiler, content)),
        _ if is_lines(&media) => BodyFormat::JsonLines,
        _ if media.is_xml() => BodyFormat::Xml(xml::node(definitions, &content.schema.0)),
        _ if media.kind() == "text" => BodyFormat::Text,
        _ => BodyFormat::Binary,
    };
    BodyRecipe { content_type: content.name.clone(), format }
}

/// The type to declare of what is written as JSON; `None` if it is written otherwise. A range leaves the choice:
/// structured values go as JSON, text as bytes.
fn json_type(compiler: &Compiler<'_>, content: &Content) -> Option<String> {
    let media = MediaType::parse(&content.name);
    if media.is_json() {
        return Some(content.name.clone());
    }
    let is_open = media.is_range() && !matches!(media.kind(), "text" | "multipart") && !media.is_xml();
    let is_text = || settle(&compiler.pool, &content.schema.0).text("type") == Some("string");
    (is_open && !is_text()).then(|| concrete(&media, "application/json"))
}

/// The type to send where the description gives a range; `image/*` stays, for the value to choose.
fn concrete(media: &MediaType, default: &str) -> String {
    match media.essence.as_str() {
        "*/*" | "application/*" => default.to_owned(),
        other => other.replace("*+json", "json"),
    }
}

/// How the fields of a form are written, where that is not the default.
fn fields(compiler: &Compiler<'_>, content: &Content) -> Vec<Field> {
    let settled = settle(&compiler.pool, &content.schema.0);
    let described = settled.properties.iter().map(|(name, schema)| (*name, Some(schema.as_ref())));
    let undescribed = content.encoding.keys().map(String::as_str);
    let undescribed = undescribed.filter(|name| !settled.properties.contains_key(*name));
    described
        .chain(undescribed.map(|name| (name, None)))
        .map(|(name, schema)| field(compiler, content, name, schema))
        .collect()
}

fn field(compiler: &Compiler<'_>, content: &Content, name: &str, schema: Option<&Value>) -> Field {
    let given = content.encoding.get(name);
    let encoding = match given {
        Some(given) => match given.style {
            Some(style) => {
                FieldEncoding::Style { style, explode: given.explode, allow_reserved: given.allow_reserved }
            }
            None => FieldEncoding::Content(given.content_type.clone()),
        },
        None => FieldEncoding::Content(None),
    };
    let headers =
        given.into_iter().flat_map(|given| &given.headers).filter_map(|(header, Schema(schema))| {
            let value = schema.get("const").or_else(|| schema.get("default"))?.as_str()?;
            Some((header.clone(), value.to_owned()))
        });
    let binary = schema.is_some_and(|schema| is_binary(compiler, schema));
    Field { name: name.to_owned(), encoding, binary, headers: headers.collect() }
}

/// Whether a schema stands for bytes (OpenAPI 3.0.4, 4.7.14.2; 3.2, 4.14.4), or for a list of them.
fn is_binary(compiler: &Compiler<'_>, schema: &Value) -> bool {
    let settled = settle(&compiler.pool, schema);
    let by_format = matches!(settled.text("format"), Some("binary" | "base64"));
    let is_document = |media: &str| MediaType::parse(media).is_json() || media.starts_with("text/");
    let by_media = settled.text("contentMediaType").is_some_and(|media| !is_document(media));
    by_format
        || by_media && !settled.has("contentEncoding")
        || settled.get("items").is_some_and(|items| items.is_object() && is_binary(compiler, items))
}

fn with_description(schema: Value, description: Option<&str>) -> Value {
    match (schema, description) {
        (Value::Object(mut members), Some(text)) => {
            members.entry("description").or_insert_with(|| prose::clean(text, PROSE).into());
            members.into()
        }
        (Value::Bool(true), Some(text)) => serde_json::json!({"description": prose::clean(text, PROSE)}),
        (schema, _) => schema,
    }
}
