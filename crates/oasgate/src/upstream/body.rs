//! Reads an answer to its end, and never more of it than it may have.

use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use http::{Method, Response};

use super::coding::Coding;
use super::wire::Wire;
use super::{Fault, Limits};

/// How many bytes a byte on the wire may become, once there are [`SUSPICIOUS`] of them. Text hardly reaches a fifth.
const RATIO: usize = 200;
const SUSPICIOUS: usize = 1 << 20;

/// The whole answer, decompressed, if it keeps within its limits.
pub(super) async fn whole(
    answer: reqwest::Response,
    method: &Method,
    limits: &Limits,
    origin: String,
) -> Result<Response<Bytes>, Fault> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = answer.status();
    *response.version_mut() = answer.version();
    response.headers_mut().clone_from(answer.headers());
    let wire = Wire::new(answer, method, limits, &origin)?;
    let read = wire.read();
    let mut chunks = wire.chunks().boxed();
    if let Some(coding) = Coding::take(response.headers_mut()) {
        chunks = coding.undo(chunks, origin.clone()).await?;
    }
    let mut body = Gathered::default();
    while let Some(chunk) = chunks.try_next().await? {
        let length = body.len() + chunk.len();
        if length > limits.body {
            return Err(Fault::TooLarge { origin, limit: limits.body });
        }
        if length > SUSPICIOUS && length / RATIO > read.load(Ordering::Relaxed) {
            return Err(Fault::Inflated { origin, ratio: RATIO });
        }
        body.add(chunk);
    }
    *response.body_mut() = body.into_bytes();
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
