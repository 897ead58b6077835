//! Content codings (RFC 9110, 8.4): which are asked for, and how they are undone.
//!
//! They are undone here and not by the client below, because that one tells nobody how many bytes came over the wire,
//! and so how much a few of them have become.

use std::io;
use std::pin::Pin;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _, TryStreamExt as _};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead};
use tokio_util::io::{ReaderStream, StreamReader};

use super::Fault;

/// What requests say they accept.
pub(super) const ACCEPTED: &str = "gzip, br, zstd";

/// Bytes that are decompressed at once.
const STEP: usize = 16 << 10;
/// What a decoder may keep: 8 MiB, as much as any sender of zstd may ask for (RFC 9659, 3).
const WINDOW_LOG: u32 = 23;

/// A coding that can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

/// Chunks of an answer.
pub(super) type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send>>;

impl Coding {
    /// The coding of an answer, whose header then tells of none any more. None if there is none, or one that nobody
    /// has asked for: that answer stays as it is.
    pub(super) fn take(headers: &mut HeaderMap) -> Option<Self> {
        let coding = match headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => Self::Gzip,
            name if name.eq_ignore_ascii_case("br") => Self::Brotli,
            name if name.eq_ignore_ascii_case("zstd") => Self::Zstd,
            _ => return None,
        };
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Some(coding)
    }

    /// The chunks as they were before the coding.
    pub(super) async fn undo(self, coded: Chunks, origin: String) -> Result<Chunks, Fault> {
        let mut coded = StreamReader::new(coded.map_err(io::Error::other));
        // To `HEAD`, and in 204 and 304, a coding tells of bytes that are not sent: no decoder would take their absence.
        let is_empty = coded.fill_buf().await.map_err(|error| fault(error, &origin))?.is_empty();
        if is_empty {
            return Ok(futures_util::stream::empty().boxed());
        }
        let decoded = ReaderStream::with_capacity(self.decoder(coded), STEP);
        Ok(decoded.map_err(move |error| fault(error, &origin)).boxed())
    }

    fn decoder(self, coded: impl AsyncBufRead + Send + 'static) -> Pin<Box<dyn AsyncRead + Send>> {
        match self {
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(coded);
                // A gzip file may be several in a row (RFC 1952, 2.2).
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Self::Brotli => Box::pin(BrotliDecoder::new(coded)),
            Self::Zstd => {
                let window = DParameter::window_log_max(WINDOW_LOG);
                Box::pin(ZstdDecoder::with_params(coded, &[window]))
            }
        }
    }
}

/// The fault of the wire that came through the decoder, or the decoder's own.
fn fault(error: io::Error, origin: &str) -> Fault {
    error.downcast::<Fault>().unwrap_or_else(|error| Fault::Cut {
        origin: origin.to_owned(),
        cause: format!("it cannot be decompressed ({error})"),
    })
}
