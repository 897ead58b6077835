//! YAML 1.2 by way of a parser's events, whose scalars still have the text they were written as.

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use super::TextError;
use super::scalar::{self, Plain};
use crate::Position;
use crate::tree::{Builder, Scalar, Words, too_deep};

/// Reads the first document of a YAML stream.
pub(super) fn read<'t>(text: &'t str, builder: &mut Builder<'t>) -> Result<(), TextError> {
    let depth = builder.depth();
    let mut reader = Reader { text, builder };
    for next in Parser::new_from_str_with_options(text, options(depth)) {
        let (event, span) = next.map_err(|error| scan_error(&error, depth))?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        let outcome = reader.event(event, &span);
        outcome.map_err(|message| TextError { position: Some(position(span.start)), message })?;
    }
    Ok(())
}

fn options(depth: usize) -> Options {
    granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
        simple_key_max_lookahead: 65_536,
    }
}

struct Reader<'t, 'b> {
    text: &'t str,
    builder: &'b mut Builder<'t>,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), String> {
        let at = span.start.byte_offset().unwrap_or_default();
        let upto = span.end.byte_offset().unwrap_or_default();
        match event {
            Event::Scalar(text, style, _, tag) if self.builder.wants_key() => {
                let is_merge = text == "<<" && tag.is_none() && style == ScalarStyle::Plain;
                self.builder.key(at, self.words(&text), is_merge)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let meant = plain(&text, style, tag.as_deref());
                self.scalar(at, &text, &meant, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.builder.begin(false, at, anchor),
            Event::MappingStart(_, anchor, _) => self.builder.begin(true, at, anchor),
            Event::SequenceEnd | Event::MappingEnd => self.builder.end(upto),
            Event::Alias(anchor) => self.builder.alias(at, upto, anchor),
            Event::UnresolvedAlias(name) => Err(format!("alias *{name} has no anchor before it")),
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, at: usize, text: &str, meant: &Plain<'_>, anchor: usize) -> Result<(), String> {
        let words = self.words(text);
        match meant {
            Plain::Null => self.builder.scalar(at, Scalar::Null, anchor),
            Plain::Text => self.builder.scalar(at, Scalar::Text(words), anchor),
            Plain::Number(number) if *number == text => {
                self.builder.scalar(at, Scalar::Number(words), anchor)
            }
            Plain::Number(number) => {
                self.builder.scalar(at, Scalar::Number(Words::Decoded(number)), anchor)?;
                self.builder.written(words)
            }
            Plain::Bool(flag) => {
                self.builder.scalar(at, Scalar::Bool(*flag), anchor)?;
                if matches!(text, "true" | "false") { Ok(()) } else { self.builder.written(words) }
            }
        }
    }

    /// A string the parser gives: most are pieces of the text, and their addresses tell which.
    fn words<'e>(&self, text: &'e str) -> Words<'e> {
        let start = text.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        let end = start.wrapping_add(text.len());
        if self.text.get(start..end) == Some(text) { Words::Source(start, end) } else { Words::Decoded(text) }
    }
}

/// What a scalar is by its style and tag (YAML 1.2.2, 6.9.1 and 10.3.2).
fn plain<'e>(text: &'e str, style: ScalarStyle, tag: Option<&Tag>) -> Plain<'e> {
    match tag.map(Tag::core_suffix) {
        None if style == ScalarStyle::Plain => scalar::plain(text),
        Some(Some("int" | "float" | "bool" | "null")) => scalar::plain(text),
        _ => Plain::Text,
    }
}

/// The parser counts columns from 0.
fn position(mark: granit_parser::Marker) -> Position {
    Position { line: mark.line(), column: mark.col() + 1 }
}

fn scan_error(error: &ScanError, depth: usize) -> TextError {
    let message = match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(depth),
        _ => format!("not YAML: {}", error.info()),
    };
    TextError { position: Some(position(*error.marker())), message }
}
