//! Bodies in and out: reading a bounded one, and writing a reply frame by frame without joining the frames.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use hyper::body::{Frame, SizeHint};

use crate::reply::Frames;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLong,
    Broken,
}

/// Reads a body of at most `limit` bytes. One that came in one piece is not copied.
pub(crate) async fn read(mut body: Body, limit: usize) -> Result<Bytes, Unread> {
    if usize::try_from(body.size_hint().lower()).is_ok_and(|least| least > limit) {
        return Err(Unread::TooLong);
    }
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        if first.len() + joined.len() + data.len() > limit {
            return Err(Unread::TooLong);
        }
        if first.is_empty() && joined.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            joined.reserve(body_size(&body, first.len() + data.len(), limit));
            joined.extend_from_slice(&std::mem::take(&mut first));
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

/// What to reserve for a body of which `seen` bytes are here: all of it, if its length is known.
fn body_size(body: &Body, seen: usize, limit: usize) -> usize {
    let left = usize::try_from(body.size_hint().lower()).unwrap_or(limit);
    seen.saturating_add(left).min(limit)
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
