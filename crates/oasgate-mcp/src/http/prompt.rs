//! A connection whose client must finish the head of a request that it has begun. Knows only where heads end, because it
//! is told so.
//!
//! hyper has one limit for the head and for the time before it, in which a client that keeps a connection open says
//! nothing: whichever is right for the one is wrong for the other.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How far a connection is. Shared by who reads it and who answers.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    heads: AtomicUsize,
    is_answering: AtomicBool,
}

/// An answer under way. What comes meanwhile is the body of its request.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Body,
    progress: Arc<Progress>,
}

impl Progress {
    /// A head has come to its end.
    pub(crate) fn begin(&self) {
        self.heads.fetch_add(1, Ordering::Relaxed);
        self.is_answering.store(true, Ordering::Relaxed);
    }

    /// The answer to it, which ends when this is dropped.
    pub(crate) fn answer(self: Arc<Self>, body: Body) -> Answer {
        Answer { body, progress: self }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.progress.is_answering.store(false, Ordering::Relaxed);
    }
}

/// Ends with an error when a head takes longer than `patience`: the first one from the beginning on, others from their
/// first byte on. Of a head that comes before the answer to the request before it has ended, nothing is measured here.
#[derive(Debug)]
pub(crate) struct Prompt<S> {
    stream: S,
    patience: Duration,
    progress: Arc<Progress>,
    /// The heads that had ended when this was looked at.
    heads: usize,
    /// When the head began that is being read.
    begun: Option<Instant>,
    /// Runs while more of it is waited for: one that comes in one piece costs no timer.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Prompt<S> {
    pub(crate) fn new(stream: S, patience: Duration, progress: Arc<Progress>) -> Self {
        Self { stream, patience, progress, heads: 0, begun: Some(Instant::now()), waiting: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let heads = self.progress.heads.load(Ordering::Relaxed);
        if heads != self.heads {
            self.heads = heads;
            self.begun = None;
            self.waiting = None;
        }
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            if buffer.filled().len() > before && !self.progress.is_answering.load(Ordering::Relaxed) {
                self.begun.get_or_insert_with(Instant::now);
            }
            return Poll::Ready(read);
        }
        let Some(begun) = self.begun else { return Poll::Pending };
        let end = begun + self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep_until(end)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of a request is late")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
