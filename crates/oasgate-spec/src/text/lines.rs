//! Lines and columns. A line ends with a line feed, a carriage return, or both, as JSON and YAML have it.

use crate::Position;

/// Lines and columns of places asked for in the order of the text.
pub(crate) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    line_start: usize,
    /// How far into the line columns have been counted, and how many: a text of megabytes may be one line.
    counted: (usize, usize),
}

impl<'t> Lines<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, line_start: 0, counted: (0, 0) }
    }

    /// Line and column of this byte, which does not stand before one asked for earlier.
    pub(crate) fn position(&mut self, offset: usize) -> Position {
        let bytes = self.text.as_bytes();
        let passed = bytes.get(self.at..offset.min(bytes.len())).unwrap_or_default();
        for (place, byte) in (self.at..).zip(passed) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(place + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                self.line += 1;
                self.line_start = place + 1;
            }
        }
        self.at = self.at.max(offset);
        let (from, columns) =
            if self.counted.0 < self.line_start { (self.line_start, 0) } else { self.counted };
        let more = self.text.get(from..self.at).map_or(0, |text| text.chars().count());
        self.counted = (self.at, columns + more);
        Position { line: self.line, column: columns + more + 1 }
    }
}

/// Line and column of one byte.
pub(super) fn position(text: &str, offset: usize) -> Position {
    Lines::new(text).position(offset)
}
