//! What a call brings back, in words that the protocol layer can render: parts for the reader, JSON for the machine.

use bytes::Bytes;

/// The result of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the caller reads, in order; never empty.
    pub parts: Vec<Part>,
    /// The answer as compact JSON text, where it is JSON.
    pub structured: Option<Bytes>,
    /// Whether the call failed: refused arguments, an upstream error, or no answer.
    pub is_error: bool,
}

/// One part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// An image of this media type.
    Image {
        /// The media type.
        media_type: String,
        /// The bytes.
        data: Bytes,
    },
    /// Sound of this media type.
    Audio {
        /// The media type.
        media_type: String,
        /// The bytes.
        data: Bytes,
    },
    /// Anything else: a file.
    File {
        /// The media type.
        media_type: String,
        /// The file name that the upstream gave (RFC 6266), if it did.
        name: Option<String>,
        /// The bytes.
        data: Bytes,
    },
}

impl Outcome {
    /// A failure that is told in words.
    #[must_use]
    pub fn failure(text: String) -> Self {
        Self { parts: vec![Part::Text(text)], structured: None, is_error: true }
    }
}
