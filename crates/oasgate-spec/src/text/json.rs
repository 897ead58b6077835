//! JSON (RFC 8259), with the comments and trailing commas that people put into it.
//!
//! A reader of our own, because every other one stops at a depth of its own, counts bytes for columns, or makes maps
//! of maps: this one is a loop that feeds the tree. Strings are left where they are unless they have escapes.

use super::TextError;
use super::lines;
use crate::tree::{Builder, Scalar, Words};

/// Reads a text that is one JSON value.
pub(super) fn read<'t>(text: &'t str, builder: &mut Builder<'t>) -> Result<(), TextError> {
    let mut scanner = Scanner { text, at: 0, builder };
    scanner
        .document()
        .map_err(|message| TextError { position: Some(lines::position(text, scanner.at)), message })
}

struct Scanner<'t, 'b> {
    text: &'t str,
    at: usize,
    builder: &'b mut Builder<'t>,
}

type Outcome = Result<(), String>;

impl Scanner<'_, '_> {
    fn document(&mut self) -> Outcome {
        self.value()?;
        while let Some(in_object) = self.builder.in_object() {
            self.space()?;
            match (self.peek(), in_object) {
                (Some(b'}'), true) | (Some(b']'), false) => {
                    self.at += 1;
                    self.builder.end(self.at)?;
                    self.separator()?;
                }
                (Some(b'"'), true) => self.member()?,
                (Some(_), true) => return not_json("a key in double quotes is expected"),
                (Some(_), false) => self.element()?,
                (None, true) => return not_json("the text ends within an object"),
                (None, false) => return not_json("the text ends within an array"),
            }
        }
        self.space()?;
        if self.peek().is_some() { not_json("there is more after the end") } else { Ok(()) }
    }

    /// A key, a colon, a value.
    fn member(&mut self) -> Outcome {
        let at = self.at;
        let mut decoded = String::new();
        let name = self.string(&mut decoded)?;
        self.builder.key(at, name, false)?;
        self.space()?;
        if self.peek() != Some(b':') {
            return not_json("a colon is expected");
        }
        self.at += 1;
        self.space()?;
        self.element()
    }

    /// A value, and what separates it from the next.
    fn element(&mut self) -> Outcome {
        let opens = matches!(self.peek(), Some(b'{' | b'['));
        self.value()?;
        if opens { Ok(()) } else { self.separator() }
    }

    /// A comma, unless the collection ends.
    fn separator(&mut self) -> Outcome {
        self.space()?;
        match self.peek() {
            _ if self.builder.is_closed() => Ok(()),
            Some(b',') => {
                self.at += 1;
                Ok(())
            }
            Some(b'}' | b']') => Ok(()),
            Some(_) => not_json("a comma is expected"),
            None => not_json("the text ends within a collection"),
        }
    }

    /// A scalar, or the beginning of a collection.
    fn value(&mut self) -> Outcome {
        self.space()?;
        let at = self.at;
        match self.peek() {
            Some(b'{') => self.open(true),
            Some(b'[') => self.open(false),
            Some(b'"') => {
                let mut decoded = String::new();
                let words = self.string(&mut decoded)?;
                self.builder.scalar(at, Scalar::Text(words), 0)
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => not_json("a value is expected, and the text ends"),
        }
    }

    fn open(&mut self, is_object: bool) -> Outcome {
        self.builder.begin(is_object, self.at, 0)?;
        self.at += 1;
        Ok(())
    }

    fn word(&mut self) -> Outcome {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let scalar = match rest.get(..end) {
            Some("null") => Scalar::Null,
            Some("true") => Scalar::Bool(true),
            Some("false") => Scalar::Bool(false),
            _ => return not_json("a value is expected"),
        };
        self.builder.scalar(self.at, scalar, 0)?;
        self.at += end;
        Ok(())
    }

    fn number(&mut self) -> Outcome {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().take_while(belongs).count();
        if !is_number(rest.get(..length).unwrap_or_default()) {
            return not_json("this is not a number");
        }
        let words = Words::Source(self.at, self.at + length);
        self.builder.scalar(self.at, Scalar::Number(words), 0)?;
        self.at += length;
        Ok(())
    }

    /// The string that begins here; one with escapes goes through `decoded`.
    fn string<'d>(&mut self, decoded: &'d mut String) -> Result<Words<'d>, String> {
        let start = self.at + 1;
        let mut escaped = false;
        let mut end = start;
        loop {
            let rest = self.text.as_bytes().get(end..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
                self.at = self.text.len();
                return not_json("the text ends within a string");
            };
            end += length;
            if rest.get(length) == Some(&b'"') {
                break;
            }
            escaped = true;
            end += 2;
        }
        if escaped {
            let raw = self.text.get(start..end).unwrap_or_default();
            if let Err(offset) = unescape(raw, decoded) {
                self.at = start + offset;
                return not_json("this is not an escape sequence");
            }
        }
        self.at = end + 1;
        Ok(if escaped { Words::Decoded(decoded) } else { Words::Source(start, end) })
    }

    /// Passes over white space and comments.
    fn space(&mut self) -> Outcome {
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let is_space = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            self.at += rest.iter().take_while(is_space).count();
            match self.peek() {
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Outcome {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let length = match rest.as_bytes().first() {
            Some(b'/') => rest.find('\n').unwrap_or(rest.len()),
            Some(b'*') => match rest.get(1..).and_then(|rest| rest.find("*/")) {
                Some(end) => end + 3,
                None => return not_json("a comment does not end"),
            },
            _ => return not_json("a value is expected"),
        };
        self.at += 1 + length;
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

fn not_json<T>(message: &str) -> Result<T, String> {
    Err(format!("not JSON: {message}"))
}

/// Whether a text is a number by JSON's grammar (RFC 8259, 6).
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// Writes out what a string with escapes means (RFC 8259, 7); half a surrogate pair is a replacement character. On
/// failure tells where.
fn unescape(raw: &str, out: &mut String) -> Result<(), usize> {
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let offset = raw.len() - rest.len() + at;
        out.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.as_bytes().get(at + 1).copied().ok_or(offset)?;
        let mut length = 2;
        out.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (c, taken) = unicode(rest.get(at..).unwrap_or_default()).ok_or(offset)?;
                length = taken;
                c
            }
            _ => return Err(offset),
        });
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(())
}

/// The character of `\uXXXX` or of a pair of them, and how many bytes it took.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| -> Option<u16> {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = unit(text)?;
    let second = text.get(6..).and_then(unit).filter(|_| (0xD800..0xDC00).contains(&first));
    let units = std::iter::once(first).chain(second);
    match char::decode_utf16(units).next()? {
        Ok(c) => Some((c, 6 * c.len_utf16())),
        Err(_) => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}
