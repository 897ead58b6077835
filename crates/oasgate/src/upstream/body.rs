//! Reads an answer, and never more of it than it may have.

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::{Method, Response};

use super::Fault;

/// The whole answer, if it keeps within `limit` bytes. What counts are the bytes after decompression; a length that
/// the upstream announces is believed at once if it is too much, unless it announces what a `GET` would get (RFC 9110,
/// 8.6).
pub(super) async fn whole(
    mut answer: reqwest::Response,
    method: &Method,
    limit: usize,
    origin: &str,
) -> Result<Response<Bytes>, Fault> {
    let too_large = || Fault::TooLarge { origin: origin.to_owned(), limit };
    let announced =
        answer.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if method != Method::HEAD && announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = Gathered::default();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(too_large()),
            Ok(Some(chunk)) => body.add(chunk),
            Ok(None) => break,
            Err(error) => return Err(Fault::cut(&error, origin)),
        }
    }
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = answer.status();
    *response.version_mut() = answer.version();
    std::mem::swap(response.headers_mut(), answer.headers_mut());
    Ok(response)
}

/// Chunks become one; the first, which most answers consist of, is not copied.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    fn add(&mut self, chunk: Bytes) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = chunk;
        } else {
            if self.rest.is_empty() {
                self.rest.extend_from_slice(&std::mem::take(&mut self.first));
            }
            self.rest.extend_from_slice(&chunk);
        }
    }

    fn into_bytes(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}
