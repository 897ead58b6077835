//! The line of a document in which a problem stands, and where in it.

use std::collections::HashMap;

use oasgate_spec::Problem;

use crate::description::Texts;

/// Characters of a line that are shown.
const WIDTH: usize = 100;

/// Characters shown before the place, if the line is longer than what is shown.
const BEFORE: usize = 30;

/// A line, or the part of it around a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The text, without what moves a terminal's cursor.
    pub(super) text: String,
    /// Characters before the place.
    pub(super) before: usize,
}

/// The documents that excerpts are taken from, each read once.
pub(super) struct Excerpts<'t> {
    texts: &'t Texts,
    pages: HashMap<String, Option<Page>>,
}

/// A document in lines.
pub(super) struct Page {
    text: String,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    /// A line, and how many characters and bytes into it somebody counted last: a text of megabytes may be one line.
    counted: (usize, usize, usize),
}

impl<'t> Excerpts<'t> {
    pub(super) fn new(texts: &'t Texts) -> Self {
        Self { texts, pages: HashMap::new() }
    }

    /// The excerpt for a problem, if it has a place.
    pub(super) fn of(&mut self, problem: &Problem) -> Option<Excerpt> {
        let at = problem.position?;
        let uri = problem.location.uri.to_string();
        let texts = self.texts;
        let page = self.pages.entry(uri).or_insert_with_key(|uri| texts.written(uri).and_then(Page::new));
        page.as_mut()?.excerpt(at.line, at.column)
    }
}

impl Page {
    /// None for what is not UTF-8, whose columns would be others.
    pub(super) fn new(bytes: Vec<u8>) -> Option<Self> {
        let mut text = String::from_utf8(bytes).ok()?;
        if text.starts_with('\u{FEFF}') {
            text.drain(..'\u{FEFF}'.len_utf8());
        }
        let bytes = text.as_bytes();
        let ends = |(place, byte): (usize, &u8)| match byte {
            b'\n' => Some(place + 1),
            b'\r' if bytes.get(place + 1) != Some(&b'\n') => Some(place + 1),
            _ => None,
        };
        let lines = std::iter::once(0).chain(bytes.iter().enumerate().filter_map(ends)).collect();
        Some(Self { text, lines, counted: (0, 0, 0) })
    }

    /// Both from 1, the column in characters.
    pub(super) fn excerpt(&mut self, line: usize, column: usize) -> Option<Excerpt> {
        let line = line.checked_sub(1)?;
        let start = *self.lines.get(line)?;
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end)?.trim_end_matches(['\n', '\r']);
        let column = column.checked_sub(1)?;
        let is_short = text.len() <= WIDTH || text.chars().nth(WIDTH).is_none();
        let first = if is_short { 0 } else { column.saturating_sub(BEFORE) };
        let (known, characters, bytes) = self.counted;
        let (characters, bytes) =
            if known == line && characters <= first { (characters, bytes) } else { (0, 0) };
        let more = text.get(bytes..)?.char_indices().nth(first - characters);
        let bytes = bytes + more.map_or(text.len() - bytes, |(offset, _)| offset);
        self.counted = (line, first, bytes);
        let rest = text.get(bytes..)?;
        let shown: String = rest.chars().take(WIDTH).map(still).collect();
        let cut = if rest.chars().nth(WIDTH).is_some() { "…" } else { "" };
        let opening = if first > 0 { "…" } else { "" };
        let before = column - first + opening.chars().count();
        Some(Excerpt { text: format!("{opening}{shown}{cut}"), before })
    }
}

/// The character, or a space where it would move or turn what stands around it: a description is somebody else's text.
pub(super) fn still(c: char) -> char {
    let turns =
        matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { ' ' } else { c }
}
