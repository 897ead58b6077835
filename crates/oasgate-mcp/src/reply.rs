//! Replies: an HTTP status and the frames of one JSON object. Most have one frame; a list has three, the middle one
//! shared with every other reply that sends the same page.

use bytes::Bytes;
use http::StatusCode;
use serde_json::value::RawValue;

use crate::about::About;
use crate::envelope::Unreadable;
use crate::fault::Fault;
use crate::json;
use crate::list::Page;
use crate::revision::{Era, Revision};

/// What a request is answered with. The status is for HTTP; stdio has no use for it.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) frames: Frames,
}

impl Reply {
    /// An error response to a message that could be read.
    pub(crate) fn fault(id: &RawValue, era: Era, fault: &Fault) -> Self {
        Self { status: fault.status(era), frames: Frames::one(fault.response(Some(id))) }
    }

    /// An error response to what could not be read.
    pub(crate) fn unreadable(unreadable: &Unreadable<'_>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            frames: Frames::one(unreadable.fault.response(unreadable.id)),
        }
    }

    /// An error response that a transport gives before it has looked at the message.
    pub(crate) fn refusal(status: StatusCode, fault: &Fault) -> Self {
        Self { status, frames: Frames::one(fault.response(None)) }
    }

    /// A result whose members `write` appends.
    pub(crate) fn result(
        id: &RawValue,
        revision: Revision,
        about: &About,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        Self::sized_result(id, revision, about, 256, write)
    }

    /// A modern result that is not the end of the matter.
    pub(crate) fn unfinished(
        id: &RawValue,
        about: &About,
        result_type: &str,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        let mut out = head(id, Some(result_type), about, 512);
        write(&mut out);
        Self::end(out)
    }

    /// A page of a list, spliced and not copied.
    pub(crate) fn page(id: &RawValue, era: Era, about: &About, page: &Page) -> Self {
        let frames = [head(id, complete(era), about, 0).into(), page.body(), page.end(era)];
        Self { status: StatusCode::OK, frames: Frames(frames) }
    }

    /// Takes a buffer with room for `size` bytes of members, so that it need not grow.
    pub(crate) fn sized_result(
        id: &RawValue,
        revision: Revision,
        about: &About,
        size: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Self {
        let mut out = head(id, complete(revision.era()), about, size);
        write(&mut out);
        Self::end(out)
    }

    fn end(mut out: Vec<u8>) -> Self {
        if out.last() == Some(&b',') {
            out.pop();
        }
        out.extend_from_slice(b"}}");
        Self { status: StatusCode::OK, frames: Frames::one(out) }
    }
}

/// Up to three pieces of bytes that make one JSON text.
#[derive(Debug, Default)]
pub(crate) struct Frames([Bytes; 3]);

impl Frames {
    pub(crate) fn one(bytes: impl Into<Bytes>) -> Self {
        Self([bytes.into(), Bytes::new(), Bytes::new()])
    }

    /// The pieces as one, with no line break in it: for transports that end a message by one.
    pub(crate) fn into_line(self) -> Bytes {
        let mut frames = self.peekable();
        let first = frames.next().unwrap_or_default();
        if frames.peek().is_none() && !first.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            return first;
        }
        let mut line = Vec::from(first);
        line.extend(frames.flatten());
        json::on_one_line(&mut line);
        line.into()
    }

    /// How many bytes are left.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }
}

impl Iterator for Frames {
    type Item = Bytes;

    /// The next piece that isn't empty.
    fn next(&mut self) -> Option<Bytes> {
        self.0.iter_mut().find(|frame| !frame.is_empty()).map(std::mem::take)
    }
}

/// The type of a result that is one; legacy results have none.
const fn complete(era: Era) -> Option<&'static str> {
    match era {
        Era::Modern => Some("complete"),
        Era::Legacy => None,
    }
}

/// The beginning of a response up to the members of its result. Modern results say what they are and who gives them
/// (2026-07-28, basic/index.mdx, "ResultType" and "Per-response protocol fields"); legacy ones say neither.
/// The buffer has room for `size` bytes more.
fn head(id: &RawValue, result_type: Option<&str>, about: &About, size: usize) -> Vec<u8> {
    let (id, about) = (id.get().as_bytes(), about.serialised());
    let mut out = Vec::with_capacity(id.len() + about.len() + 128 + size);
    out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    out.extend_from_slice(id);
    out.extend_from_slice(br#","result":{"#);
    if let Some(result_type) = result_type {
        out.extend_from_slice(br#""resultType":""#);
        out.extend_from_slice(result_type.as_bytes());
        out.extend_from_slice(br#"","_meta":{"io.modelcontextprotocol/serverInfo":"#);
        out.extend_from_slice(about);
        out.extend_from_slice(b"},");
    }
    out
}
