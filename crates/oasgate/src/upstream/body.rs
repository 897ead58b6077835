//! Reads an answer to its end, and never more of it than it may have.

use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use http::{Method, Response};
use hyper::body::Incoming;

use super::coding::Coding;
use super::room::{Room, Taken};
use super::wire::Wire;
use super::{Fault, Limits};

/// How many bytes a byte on the wire may become, once there are [`SUSPICIOUS`] of them. Text hardly reaches a fifth.
const RATIO: usize = 200;
const SUSPICIOUS: usize = 1 << 20;

/// The whole answer, decompressed, if it keeps within its limits and there is room for it.
pub(super) async fn whole(
    answer: Response<Incoming>,
    method: &Method,
    limits: &Limits,
    room: &Room,
    origin: &str,
) -> Result<Response<Bytes>, Fault> {
    let (mut head, body) = answer.into_parts();
    let wire = Wire::new(&head.headers, body, method, limits, origin)?;
    let gathered = Gathered { limits, room, origin, chunks: Chunks::default(), taken: Taken::default() };
    let body = match Coding::take(&mut head.headers) {
        None => gathered.plain(wire).await?,
        Some(coding) => gathered.decoded(wire, coding).await?,
    };
    Ok(Response::from_parts(head, body))
}

/// What there is of an answer.
struct Gathered<'g> {
    limits: &'g Limits,
    room: &'g Room,
    origin: &'g str,
    chunks: Chunks,
    taken: Taken,
}

impl Gathered<'_> {
    async fn plain(mut self, mut wire: Wire) -> Result<Bytes, Fault> {
        while let Some(chunk) = wire.next().await? {
            self.add(chunk)?;
        }
        Ok(self.end())
    }

    async fn decoded(mut self, wire: Wire, coding: Coding) -> Result<Bytes, Fault> {
        let read = wire.read();
        let mut chunks = coding.undo(wire.chunks().boxed(), self.origin.to_owned()).await?;
        while let Some(chunk) = chunks.try_next().await? {
            let length = self.chunks.len() + chunk.len();
            if length > SUSPICIOUS && length / RATIO > read.load(Ordering::Relaxed) {
                return Err(Fault::Inflated { origin: self.origin.to_owned(), ratio: RATIO });
            }
            self.add(chunk)?;
        }
        Ok(self.end())
    }

    fn add(&mut self, chunk: Bytes) -> Result<(), Fault> {
        if self.chunks.len() + chunk.len() > self.limits.body {
            return Err(Fault::TooLarge { origin: self.origin.to_owned(), limit: self.limits.body });
        }
        let no_room = || Fault::NoRoom { origin: self.origin.to_owned(), limit: self.limits.memory };
        self.room.take(chunk.len(), &mut self.taken).ok_or_else(no_room)?;
        self.chunks.add(chunk);
        Ok(())
    }

    fn end(self) -> Bytes {
        self.taken.keep_for(self.chunks.into_bytes())
    }
}

/// Chunks become one; the first, which most answers consist of, is not copied.
#[derive(Default)]
struct Chunks {
    first: Bytes,
    rest: BytesMut,
}

impl Chunks {
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
