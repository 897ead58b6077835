//! Bodies in and out: reading a bounded one, and writing a reply frame by frame without joining the frames.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::reply::Frames;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLong,
    Broken,
    /// All bodies together are more than the server has room for.
    NoRoom,
}

/// A body in memory, and the room it takes there.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) bytes: Bytes,
    /// Given back when the message is done with.
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

/// Reads a body of at most `limit` bytes. One that came in one piece is not copied. Each byte takes a permit of `room`
/// when it is here, and not before: a client that says much and sends little takes little.
pub(crate) async fn read(mut body: Body, limit: usize, room: &Arc<Semaphore>) -> Result<Read, Unread> {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|least| least > limit) {
        return Err(Unread::TooLong);
    }
    let mut first = Bytes::new();
    let mut taken: Option<OwnedSemaphorePermit> = None;
    let mut joined = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        if first.len() + joined.len() + data.len() > limit {
            return Err(Unread::TooLong);
        }
        let permits = u32::try_from(data.len()).map_err(|_| Unread::TooLong)?;
        let more = Arc::clone(room).try_acquire_many_owned(permits).map_err(|_| Unread::NoRoom)?;
        match &mut taken {
            Some(taken) => taken.merge(more),
            None => taken = Some(more),
        }
        if first.is_empty() && joined.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            joined.extend_from_slice(&std::mem::take(&mut first));
        }
        joined.extend_from_slice(&data);
    }
    let bytes = if joined.is_empty() { first } else { joined.freeze() };
    Ok(Read { bytes, room: taken })
}

impl HttpBody for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.len()).unwrap_or(u64::MAX))
    }
}
