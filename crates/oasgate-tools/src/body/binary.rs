//! Bytes in a JSON string: a data URI (RFC 2397), base64 (RFC 4648), or plain text.
//!
//! Owns telling them apart. Base64 must be padded and canonical, so that few words pass for it; a text that does is
//! sent as text when it is given as `data:,text`.

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE, URL_SAFE_PAD_INDIFFERENT,
};
use percent_encoding::percent_decode_str;

use crate::media::{MediaType, parameters};

/// A file as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// The media type that a data URI tells.
    pub(super) media_type: Option<String>,
    /// The file name that a data URI tells in its `name` or `filename` parameter.
    pub(super) name: Option<String>,
}

/// Reads a file out of a string. The error says what is wrong with a data URI.
pub(super) fn read(text: &str) -> Result<File, &'static str> {
    if let Some(uri) = text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and(text.get(5..))
        && let Some((head, data)) = uri.split_once(',')
    {
        return data_uri(head, data);
    }
    let bytes = base64(text).unwrap_or_else(|| text.as_bytes().to_vec());
    Ok(File { bytes, media_type: None, name: None })
}

fn data_uri(head: &str, data: &str) -> Result<File, &'static str> {
    let (head, encoded) = match head.rsplit_once(';') {
        Some((head, last)) if last.trim().eq_ignore_ascii_case("base64") => (head, true),
        _ => (head, false),
    };
    let decoded: Vec<u8> = percent_decode_str(data).collect();
    let bytes = if encoded {
        let symbols: Vec<u8> = decoded.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let standard = STANDARD_PAD_INDIFFERENT.decode(&symbols);
        standard
            .or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(&symbols))
            .map_err(|_| "is a data URI whose base64 cannot be decoded; encode the bytes again.")?
    } else {
        decoded
    };
    let (essence, parameters) = parameters(head);
    let name = parameters.iter().find(|(key, _)| key == "name" || key == "filename");
    let name = name.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned());
    let media_type = essence.contains('/').then(|| MediaType::parse(essence).essence);
    Ok(File { bytes, media_type, name })
}

/// The bytes of a padded base64 text, which may be wrapped into lines (RFC 2045, 6.8).
fn base64(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    if symbols.is_empty() {
        return None;
    }
    STANDARD.decode(&symbols).or_else(|_| URL_SAFE.decode(&symbols)).ok()
}
