//! A body by its media type: JSON, text, streams of either, multipart, images, sound, files.
//!
//! Owns telling them apart. The `Content-Type` is believed as far as the bytes bear it out; where there is none, the
//! bytes are looked at. Knows nothing of statuses.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use percent_encoding::percent_decode_str;

use super::{cut, json, multipart, stream, text};
use crate::media::{MediaType, parameters, sniff};
use crate::outcome::Part;

/// A body as parts, and as JSON where it is JSON.
#[derive(Debug, Default)]
pub(super) struct Shaped {
    /// The parts; none if the body is empty.
    pub(super) parts: Vec<Part>,
    /// Compact JSON.
    pub(super) structured: Option<Bytes>,
}

/// What a media type says a body is.
enum Kind {
    Json,
    Lines,
    Sequence,
    Events,
    Multipart,
    Text,
    Image,
    Audio,
    File,
    /// It does not say.
    Unknown,
}

impl Shaped {
    /// Shapes a body with at most this many characters of text.
    pub(super) fn of(headers: &HeaderMap, body: Bytes, max: usize) -> Self {
        if body.is_empty() {
            return Self::default();
        }
        let media_type = media_type(headers);
        let told = media_type.as_ref();
        let collected = match told.map_or(Kind::Unknown, kind) {
            Kind::Json => json::compact(&body),
            Kind::Lines => stream::lines(&body),
            Kind::Sequence => stream::sequence(&body),
            Kind::Events => stream::events(&body),
            Kind::Multipart => return Self::multipart(told, headers, &body, max),
            Kind::Text => None,
            Kind::Image => return Self::one(Part::Image { media_type: essence(told), data: body }),
            Kind::Audio => return Self::one(Part::Audio { media_type: essence(told), data: body }),
            Kind::File => return Self::file(told, headers, body),
            Kind::Unknown if looks_like_json(&body) => json::compact(&body),
            Kind::Unknown if text::is_text(&body) => None,
            Kind::Unknown => return Self::unknown(told, headers, body),
        };
        match collected {
            Some(document) => Self::json(document, max),
            None => Self::text(&text::decode(&body, told.and_then(|told| told.parameter("charset"))), max),
        }
    }

    fn one(part: Part) -> Self {
        Self { parts: vec![part], structured: None }
    }

    fn text(text: &str, max: usize) -> Self {
        let (shown, note) = cut::text(text, max);
        Self { parts: [Some(shown), note].into_iter().flatten().map(Part::Text).collect(), structured: None }
    }

    fn json(document: json::Document, max: usize) -> Self {
        match cut::json(document.text, max) {
            Ok((shown, note)) => {
                let structured = document.fit.then(|| Bytes::from(shown.clone()));
                Self {
                    parts: [Some(shown), note].into_iter().flatten().map(Part::Text).collect(),
                    structured,
                }
            }
            Err(text) => Self::text(&text, max),
        }
    }

    fn file(told: Option<&MediaType>, headers: &HeaderMap, data: Bytes) -> Self {
        let media_type = essence(told);
        Self::one(Part::File { media_type, name: file_name(headers), data })
    }

    /// Bytes that nobody names.
    fn unknown(told: Option<&MediaType>, headers: &HeaderMap, body: Bytes) -> Self {
        match (told, sniff(&body).map(MediaType::parse)) {
            (None, Some(sniffed)) if sniffed.kind() == "image" => {
                Self::one(Part::Image { media_type: sniffed.essence, data: body })
            }
            (None, Some(sniffed)) if sniffed.kind() == "audio" => {
                Self::one(Part::Audio { media_type: sniffed.essence, data: body })
            }
            (None, Some(sniffed)) => Self::file(Some(&sniffed), headers, body),
            (told, _) => Self::file(told, headers, body),
        }
    }

    /// Each part of a multipart body, all within the same limit. Parts of parts are files.
    fn multipart(told: Option<&MediaType>, headers: &HeaderMap, body: &Bytes, max: usize) -> Self {
        let boundary = told.and_then(|told| told.parameter("boundary"));
        let Some(parts) = boundary.and_then(|boundary| multipart::parts(body, boundary)) else {
            return match text::is_text(body) {
                true => Self::text(&text::decode(body, None), max),
                false => Self::file(told, headers, body.clone()),
            };
        };
        let mut shaped = Self::default();
        let mut left = max;
        for (headers, body) in parts {
            let nested = media_type(&headers).filter(|told| told.kind() == "multipart");
            let part = match nested {
                Some(nested) => Self::file(Some(&nested), &headers, body),
                None => Self::of(&headers, body, left),
            };
            for part in part.parts {
                if let Part::Text(text) = &part {
                    left = left.saturating_sub(text.chars().count());
                }
                shaped.parts.push(part);
            }
        }
        shaped
    }
}

/// The body as text exactly as it came, if it is text of any kind; cut if it is too long.
pub(super) fn verbatim(headers: &HeaderMap, body: &Bytes, max: usize) -> Option<String> {
    let media_type = media_type(headers);
    let textual = match media_type.as_ref().map_or(Kind::Unknown, kind) {
        Kind::Json | Kind::Lines | Kind::Sequence | Kind::Events | Kind::Text => true,
        Kind::Unknown => text::is_text(body),
        Kind::Multipart | Kind::Image | Kind::Audio | Kind::File => body.is_empty(),
    };
    if !textual {
        return None;
    }
    let charset = media_type.as_ref().and_then(|told| told.parameter("charset"));
    let (shown, note) = cut::text(&text::decode(body, charset), max);
    Some(match note {
        Some(note) => format!("{shown}\n{note}"),
        None => shown,
    })
}

fn media_type(headers: &HeaderMap) -> Option<MediaType> {
    let field = headers.get(CONTENT_TYPE)?;
    let media_type = MediaType::parse(&String::from_utf8_lossy(field.as_bytes()));
    media_type.essence.contains('/').then_some(media_type)
}

fn essence(told: Option<&MediaType>) -> String {
    told.map_or_else(|| "application/octet-stream".to_owned(), |told| told.essence.clone())
}

fn kind(told: &MediaType) -> Kind {
    match (told.kind(), told.subtype()) {
        ("text", "event-stream") => Kind::Events,
        (_, "x-ndjson" | "ndjson" | "jsonl" | "jsonlines" | "x-jsonlines" | "json-lines" | "stream+json") => {
            Kind::Lines
        }
        (_, "json-seq" | "geo+json-seq") => Kind::Sequence,
        _ if told.is_json() => Kind::Json,
        ("multipart", _) => Kind::Multipart,
        ("text", _) => Kind::Text,
        _ if told.is_xml() => Kind::Text,
        ("image", _) => Kind::Image,
        ("audio", _) => Kind::Audio,
        ("video" | "font" | "model", _) | ("application", "octet-stream") => Kind::File,
        _ => Kind::Unknown,
    }
}

/// Whether the first character is one that a JSON object, array or string begins with.
fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
}

/// The file name of `Content-Disposition` (RFC 6266, 4.3): without folders and control characters, for it is what
/// somebody else's server says.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let field = String::from_utf8_lossy(headers.get(CONTENT_DISPOSITION)?.as_bytes()).into_owned();
    let (_, parameters) = parameters(&field);
    let find =
        |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    // RFC 8187, 3.2.1: charset'language'percent-encoded.
    let extended = find("filename*").and_then(|value| value.splitn(3, '\'').nth(2));
    let decoded = extended.map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned());
    let name = decoded.or_else(|| find("filename").map(str::to_owned))?;
    let base = name.rsplit(['/', '\\']).next().unwrap_or("");
    let clean: String = base.chars().filter(|c| !c.is_control()).take(255).collect();
    (!clean.trim_matches(['.', ' ']).is_empty()).then_some(clean)
}
