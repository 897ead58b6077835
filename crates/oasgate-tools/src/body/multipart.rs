//! `multipart/*` (RFC 2046, 5.1; RFC 7578; OpenAPI 3.2, 4.15 Encoding Object).
//!
//! Owns parts, their header fields and the boundary. A property is a part of its name, an array a part for each
//! item. Fields with a style are written as pairs, without any percent-encoding (4.15.1.2). A body that is an array
//! (`multipart/mixed`) has parts without names. A null is left out.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::{HeaderName, HeaderValue};
use memchr::memmem;
use serde_json::Value;

use super::{Content, binary, xml};
use crate::media::{MediaType, sniff};
use crate::plan::{Field, FieldEncoding, XmlNode};
use crate::refusal::Refusal;
use crate::style::{Escape, pairs, text};

/// One part: its header fields, each a line, and its bytes.
struct Part {
    header: String,
    data: Vec<u8>,
}

/// What a part carries, before its header is written.
struct Payload {
    content_type: Option<String>,
    file_name: Option<String>,
    data: Vec<u8>,
}

/// The `Content-Type` with its boundary, and the body.
pub(super) fn encode(
    declared: &MediaType,
    fields: &[Field],
    content: &Content<'_>,
) -> Result<(String, Vec<u8>), Refusal> {
    let parts = parts(fields, content)?;
    let boundary = boundary(&parts);
    let mut body = Vec::new();
    for part in &parts {
        body.extend_from_slice(format!("--{boundary}\r\n{}\r\n", part.header).as_bytes());
        body.extend_from_slice(&part.data);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let essence = if declared.is_range() { "multipart/form-data" } else { &declared.essence };
    let mut content_type = essence.to_owned();
    for (name, value) in declared.parameters.iter().filter(|(name, _)| name != "boundary") {
        content_type.push_str(&format!("; {name}={}", quoted(value)));
    }
    Ok((format!("{content_type}; boundary={boundary}"), body))
}

fn parts(fields: &[Field], content: &Content<'_>) -> Result<Vec<Part>, Refusal> {
    if let Content::Whole(_, Value::Array(items)) = content {
        let item = |(index, item): (usize, &Value)| {
            let payload = payload(None, "part", item);
            payload
                .map(|payload| Part::new(None, payload, &[]))
                .map_err(|e| content.refuse(Some(&index.to_string()), e))
        };
        return items.iter().enumerate().map(item).collect();
    }
    let mut out = Vec::new();
    for (name, value) in content.members()? {
        let field = fields.iter().find(|field| field.name == name);
        out.extend(field_parts(field, name, value).map_err(|message| content.refuse(Some(name), message))?);
    }
    Ok(out)
}

/// The parts of one field.
fn field_parts(field: Option<&Field>, name: &str, value: &Value) -> Result<Vec<Part>, String> {
    let headers = field.map_or([].as_slice(), |field| &field.headers);
    if let Some(FieldEncoding::Style { style, explode, .. }) = field.map(|field| &field.encoding) {
        let pairs = pairs(*style, *explode, name, value, Escape::Raw).into_iter();
        return Ok(pairs.map(|(name, text)| Part::new(Some(&name), Payload::text(text), headers)).collect());
    }
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items
            .iter()
            .map(|item| payload(field, name, item).map(|payload| Part::new(Some(name), payload, headers)))
            .collect(),
        value => Ok(vec![Part::new(Some(name), payload(field, name, value)?, headers)]),
    }
}

/// Whether the values of a field are sent as bytes.
pub(super) fn is_file(field: &Field) -> bool {
    match &field.encoding {
        FieldEncoding::Style { .. } => false,
        FieldEncoding::Content(list) => {
            let mut declared = list.iter().flat_map(|list| list.split(',')).map(MediaType::parse);
            field.binary || declared.any(|media_type| is_binary(&media_type))
        }
    }
}

/// What one value carries, by the content type given or the default for its type (OpenAPI 3.2, 4.15.1.1).
fn payload(field: Option<&Field>, name: &str, value: &Value) -> Result<Payload, String> {
    let declared = match field.map(|field| &field.encoding) {
        Some(FieldEncoding::Content(Some(list))) => list.split(',').map(MediaType::parse).collect(),
        _ => Vec::new(),
    };
    let first = declared.iter().find(|media_type| !media_type.is_range());
    let raw_type = match field.map(|field| &field.encoding) {
        Some(FieldEncoding::Content(Some(list))) => {
            list.split(',').map(str::trim).find(|one| !one.contains('*'))
        }
        _ => None,
    };
    let content_type = raw_type.map(str::to_owned);
    let binary = field.is_some_and(is_file);
    Ok(match value {
        Value::String(text) if binary => file(name, text, &declared, content_type)?,
        Value::Object(_) | Value::Array(_) if first.is_some_and(MediaType::is_xml) => {
            let node = XmlNode { name: name.to_owned(), ..XmlNode::default() };
            Payload { content_type, file_name: None, data: xml::element_document(&node, value)?.into_bytes() }
        }
        Value::Object(_) | Value::Array(_) => Payload {
            content_type: content_type.or_else(|| Some("application/json".to_owned())),
            file_name: None,
            data: value.to_string().into_bytes(),
        },
        scalar => {
            let json = first.is_some_and(MediaType::is_json);
            Payload {
                content_type,
                file_name: None,
                data: scalar_text(scalar, json).into_owned().into_bytes(),
            }
        }
    })
}

/// A primitive as text. Under a JSON content type it is a JSON text, which a string may already be.
fn scalar_text(value: &Value, json: bool) -> Cow<'_, str> {
    match value {
        Value::String(string) if json && !is_json_document(string) => Cow::Owned(value.to_string()),
        value => text(value),
    }
}

/// Whether the text is a JSON object or array.
fn is_json_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok()
}

/// A file part: it always has a file name, for servers tell files from fields by it (RFC 7578, 4.2).
fn file(name: &str, text: &str, declared: &[MediaType], fallback: Option<String>) -> Result<Payload, String> {
    let file = binary::read(text)?;
    let told = file.media_type.as_deref().or_else(|| sniff(&file.bytes));
    let allowed = |told: &&str| {
        let told = MediaType::parse(told);
        declared.is_empty() || declared.iter().any(|range| told.fits(range))
    };
    let content_type = told
        .filter(allowed)
        .map(str::to_owned)
        .or(fallback)
        .unwrap_or_else(|| "application/octet-stream".to_owned());
    let file_name = file.name.unwrap_or_else(|| format!("{name}.{}", extension(&content_type)));
    Ok(Payload { content_type: Some(content_type), file_name: Some(file_name), data: file.bytes })
}

/// Whether a part of this type can only come from bytes.
fn is_binary(media_type: &MediaType) -> bool {
    matches!(media_type.kind(), "image" | "audio" | "video" | "font") && !media_type.is_xml()
        || matches!(
            media_type.essence.as_str(),
            "application/octet-stream" | "application/pdf" | "application/zip"
        )
}

/// The usual file name extension of a media type.
fn extension(content_type: &str) -> &'static str {
    match MediaType::parse(content_type).essence.as_str() {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "audio/mpeg" => "mp3",
        "audio/wav" => "wav",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/json" => "json",
        "text/plain" => "txt",
        "text/csv" => "csv",
        _ => "bin",
    }
}

impl Payload {
    const fn plain(data: Vec<u8>) -> Self {
        Self { content_type: None, file_name: None, data }
    }

    fn text(text: String) -> Self {
        Self::plain(text.into_bytes())
    }
}

impl Part {
    fn new(name: Option<&str>, payload: Payload, headers: &[(String, String)]) -> Self {
        let mut header = String::new();
        if let Some(name) = name {
            header.push_str(&format!("Content-Disposition: form-data; name=\"{}\"", escaped(name)));
            if let Some(file_name) = &payload.file_name {
                header.push_str(&format!("; filename=\"{}\"", escaped(file_name)));
            }
            header.push_str("\r\n");
        }
        if let Some(content_type) = &payload.content_type {
            header.push_str(&format!("Content-Type: {content_type}\r\n"));
        }
        for (name, value) in headers.iter().filter(|(name, value)| sendable(name, value)) {
            header.push_str(&format!("{name}: {value}\r\n"));
        }
        Self { header, data: payload.data }
    }
}

/// Whether the field is well-formed, and none of those that are written already.
fn sendable(name: &str, value: &str) -> bool {
    let own = ["content-disposition", "content-type", "content-transfer-encoding"];
    HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| !own.contains(&name.as_str()))
        && HeaderValue::from_str(value).is_ok()
}

/// A name or file name inside quotes (WHATWG HTML, 4.10.21.8; RFC 7578, 5.1).
fn escaped(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

/// A parameter value, in quotes if it is no token (RFC 9110, 5.6.2).
fn quoted(value: &str) -> String {
    if HeaderName::from_bytes(value.as_bytes()).is_ok() {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A boundary that the same parts always get.
fn boundary(parts: &[Part]) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.header.hash(&mut hasher);
        part.data.hash(&mut hasher);
    }
    let texts = parts.iter().flat_map(|part| [part.header.as_bytes(), &part.data]);
    free_boundary(hasher.finish(), &texts.collect::<Vec<_>>())
}

/// The first boundary from this number on that none of the texts contains (RFC 2046, 5.1.1).
pub(super) fn free_boundary(seed: u64, texts: &[&[u8]]) -> String {
    let mut number = seed;
    loop {
        let boundary = format!("oasgate-{number:016x}");
        if !texts.iter().any(|text| memmem::find(text, boundary.as_bytes()).is_some()) {
            return boundary;
        }
        number = number.wrapping_add(1);
    }
}
