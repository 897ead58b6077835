//! Media types as they stand in a `Content-Type` field (RFC 9110, 8.3.1).
//!
//! Owns their grammar; knows nothing of what is done with each.

/// A media type taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// `type/subtype` in lower case.
    pub(crate) essence: String,
    /// Its parameters, names in lower case, values without quotes.
    pub(crate) parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a field value; what is not a media type has an essence that fits nothing.
    pub(crate) fn parse(field: &str) -> Self {
        let (essence, parameters) = parameters(field);
        Self { essence: essence.to_ascii_lowercase(), parameters }
    }

    /// The value of the parameter of this lower-case name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// `type`.
    pub(crate) fn kind(&self) -> &str {
        self.essence.split_once('/').map_or("", |(kind, _)| kind)
    }

    /// `subtype`.
    pub(crate) fn subtype(&self) -> &str {
        self.essence.split_once('/').map_or("", |(_, subtype)| subtype)
    }

    /// Whether it is JSON (RFC 8259) or has the structured syntax suffix `+json` (RFC 6839, 3.1).
    pub(crate) fn is_json(&self) -> bool {
        self.subtype() == "json" || self.subtype().ends_with("+json")
    }

    /// Whether it is XML or has the structured syntax suffix `+xml`.
    pub(crate) fn is_xml(&self) -> bool {
        self.subtype() == "xml" || self.subtype().ends_with("+xml")
    }

    /// Whether it is a media range (RFC 9110, 12.5.1) and no type of its own.
    pub(crate) fn is_range(&self) -> bool {
        self.essence.contains('*')
    }

    /// Whether it is this range, or one of the types the range stands for.
    pub(crate) fn fits(&self, range: &Self) -> bool {
        let (kind, subtype) = (range.kind(), range.subtype());
        let suffix = subtype.strip_prefix('*').is_some_and(|suffix| self.subtype().ends_with(suffix));
        (kind == "*" || kind == self.kind()) && (suffix || subtype == self.subtype())
    }
}

/// A field value of the form `value; name=token; name="quoted \" string"` (RFC 9110, 5.6.6): the value as written and
/// its parameters. `Content-Disposition` has the same form.
pub(crate) fn parameters(field: &str) -> (&str, Vec<(String, String)>) {
    let (value, mut rest) = field.split_once(';').unwrap_or((field, ""));
    let mut parameters = Vec::new();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else { break };
        let name = name.trim_matches(|c: char| c == ';' || c.is_ascii_whitespace()).to_ascii_lowercase();
        let (value, after) = parameter_value(after.trim_start());
        parameters.push((name, value));
        rest = after;
    }
    (value.trim(), parameters)
}

/// The value at the start of this text, and the text after its semicolon.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => value.extend(characters.next()),
            other => value.push(other),
        }
    }
    let rest = characters.as_str();
    (value, rest.split_once(';').map_or("", |(_, rest)| rest))
}

/// The media type that well-known first bytes tell, where nobody else does (WHATWG MIME Sniffing, 6).
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 10] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"OggS\x00", "audio/ogg"),
        (b"ID3", "audio/mpeg"),
        (b"fLaC", "audio/flac"),
    ];
    if bytes.starts_with(b"RIFF") {
        return match bytes.get(8..12) {
            Some(b"WEBP") => Some("image/webp"),
            Some(b"WAVE") => Some("audio/wav"),
            _ => None,
        };
    }
    SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)).map(|(_, media_type)| *media_type)
}
