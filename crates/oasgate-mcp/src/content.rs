//! What a tool call returns, and how each revision writes it. Knows nothing of where the content came from.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::json;
use crate::revision::{Era, Revision};

/// The result of a tool call (2026-07-28, schema, `CallToolResult`).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ToolResult {
    /// What the model reads.
    pub content: Vec<Content>,
    /// The same as JSON, spliced into the reply as it is. Any value; legacy clients get it only if it is an object,
    /// because their revisions allow nothing else.
    pub structured: Option<Box<RawValue>>,
    /// Whether the tool failed.
    pub is_error: bool,
}

impl ToolResult {
    /// A result of these parts.
    #[must_use]
    pub fn new(content: Vec<Content>) -> Self {
        Self { content, ..Self::default() }
    }

    /// A result of one text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(vec![Content::Text(text.into())])
    }

    /// A failure, told to the model, which may try again.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::text(text) }
    }

    /// Adds structured content. The content should say the same in text.
    #[must_use]
    pub fn with_structured(mut self, structured: Box<RawValue>) -> Self {
        self.structured = Some(structured);
        self
    }

    /// Appends the members of the result object, without the braces and what every result has.
    pub(crate) fn write(&self, revision: Revision, out: &mut Vec<u8>) {
        out.extend_from_slice(br#""content":["#);
        for (index, content) in self.content.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            content.write(revision, out);
        }
        out.push(b']');
        let any_value = revision.era() == Era::Modern;
        if let Some(structured) = self.structured.as_deref().filter(|raw| any_value || json::is_object(raw)) {
            out.extend_from_slice(br#","structuredContent":"#);
            out.extend_from_slice(structured.get().as_bytes());
        }
        if self.is_error {
            out.extend_from_slice(br#","isError":true"#);
        }
    }

    /// A little more than most results take, so that the buffer grows once.
    pub(crate) fn size_hint(&self) -> usize {
        let structured = self.structured.as_deref().map_or(0, |raw| raw.get().len() + 32);
        self.content.iter().map(Content::size_hint).sum::<usize>() + structured + 64
    }
}

/// One part of a result (2026-07-28, server/tools.mdx, "Tool Result").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(String),
    /// A picture.
    Image {
        /// The bytes; they are sent in base64.
        data: Bytes,
        /// The media type.
        mime: String,
    },
    /// A sound. In 2024-11-05, which has no audio, it is sent as an embedded resource.
    Audio {
        /// The bytes; they are sent in base64.
        data: Bytes,
        /// The media type.
        mime: String,
    },
    /// A resource, inlined.
    Resource {
        /// What identifies it.
        uri: String,
        /// The media type, if known.
        mime: Option<String>,
        /// What it holds.
        body: ResourceBody,
    },
    /// A resource to be read by another request. Sent as text before 2025-06-18, which introduced links.
    ResourceLink {
        /// What identifies it.
        uri: String,
        /// The programmatic name.
        name: String,
        /// What it is, for the model.
        description: Option<String>,
        /// The media type, if known.
        mime: Option<String>,
    },
}

/// What an embedded resource holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceBody {
    /// Text.
    Text(String),
    /// Bytes; they are sent in base64.
    Blob(Bytes),
}

impl ResourceBody {
    pub(crate) fn size_hint(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + text.len() / 16,
            Self::Blob(blob) => blob.len() * 4 / 3,
        }
    }
}

impl Content {
    pub(crate) fn write(&self, revision: Revision, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write_text(text, out),
            Self::Image { data, mime } => write_media("image", data, mime, out),
            Self::Audio { data, mime } if revision.has_audio() => write_media("audio", data, mime, out),
            // The scheme `data:` would repeat the sound; an opaque name is enough for a part nobody can fetch.
            Self::Audio { data, mime } => {
                let body = ResourceBody::Blob(data.clone());
                write_resource("urn:audio", Some(mime), &body, out);
            }
            Self::Resource { uri, mime, body } => write_resource(uri, mime.as_deref(), body, out),
            Self::ResourceLink { uri, name, description, mime } if revision.has_resource_links() => {
                json::push(out, &Link { kind: "resource_link", uri, name, description, mime_type: mime });
            }
            Self::ResourceLink { uri, name, .. } => write_text(&format!("{name}: {uri}"), out),
        }
    }

    fn size_hint(&self) -> usize {
        64 + match self {
            Self::Text(text) => text.len() + text.len() / 16,
            Self::Image { data, mime } | Self::Audio { data, mime } => data.len() * 4 / 3 + mime.len(),
            Self::Resource { uri, body, .. } => uri.len() + body.size_hint(),
            Self::ResourceLink { uri, name, .. } => uri.len() + name.len(),
        }
    }
}

/// Schema, `ResourceLink`.
#[derive(Serialize)]
struct Link<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    uri: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: &'a Option<String>,
    #[serde(rename = "mimeType", skip_serializing_if = "Option::is_none")]
    mime_type: &'a Option<String>,
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"text","text":"#);
    json::push(out, text);
    out.push(b'}');
}

/// Schema, `ImageContent` and `AudioContent`.
fn write_media(kind: &str, data: &[u8], mime: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"#);
    json::push(out, kind);
    out.extend_from_slice(br#","data":"#);
    json::push_base64(out, data);
    out.extend_from_slice(br#","mimeType":"#);
    json::push(out, mime);
    out.push(b'}');
}

/// Schema, `EmbeddedResource`.
fn write_resource(uri: &str, mime: Option<&str>, body: &ResourceBody, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"resource","resource":"#);
    write_contents(uri, mime, body, out);
    out.push(b'}');
}

/// Schema, `TextResourceContents` and `BlobResourceContents`.
pub(crate) fn write_contents(uri: &str, mime: Option<&str>, body: &ResourceBody, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"uri":"#);
    json::push(out, uri);
    if let Some(mime) = mime {
        out.extend_from_slice(br#","mimeType":"#);
        json::push(out, mime);
    }
    match body {
        ResourceBody::Text(text) => {
            out.extend_from_slice(br#","text":"#);
            json::push(out, text.as_str());
        }
        ResourceBody::Blob(blob) => {
            out.extend_from_slice(br#","blob":"#);
            json::push_base64(out, blob);
        }
    }
    out.push(b'}');
}
