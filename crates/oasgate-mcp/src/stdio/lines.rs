//! Lines of bounded length from a stream of bytes. Knows no JSON.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

#[cfg(test)]
mod tests;

/// What a line turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// A line without its end, and not empty.
    Whole(&'a [u8]),
    /// One that was longer than the limit. It has been skipped, not stored.
    TooLong,
}

/// Reads lines, reusing one buffer.
pub(crate) struct Lines<R> {
    input: R,
    limit: usize,
    line: Vec<u8>,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    pub(crate) fn new(input: R, limit: usize) -> Self {
        Self { input, limit, line: Vec::new() }
    }

    /// The next line that isn't blank, or none at the end. A last line without an end counts.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            match self.fill().await? {
                Filled::End => return Ok(None),
                Filled::TooLong => return Ok(Some(Line::TooLong)),
                Filled::Line if self.line.trim_ascii().is_empty() => {}
                Filled::Line => return Ok(Some(Line::Whole(self.line.trim_ascii()))),
            }
        }
    }

    async fn fill(&mut self) -> io::Result<Filled> {
        self.line.clear();
        let mut length = 0_usize;
        loop {
            let chunk = self.input.fill_buf().await?;
            if chunk.is_empty() && length == 0 {
                return Ok(Filled::End);
            }
            let (part, ends) = match chunk.iter().position(|byte| *byte == b'\n') {
                Some(end) => (chunk.get(..end).unwrap_or_default(), true),
                None => (chunk, chunk.is_empty()),
            };
            length = length.saturating_add(part.len());
            if length <= self.limit {
                self.line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(ends && !chunk.is_empty());
            self.input.consume(used);
            if ends {
                return Ok(if length > self.limit { Filled::TooLong } else { Filled::Line });
            }
        }
    }
}

enum Filled {
    Line,
    TooLong,
    End,
}
