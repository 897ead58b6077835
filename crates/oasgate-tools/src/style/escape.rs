//! Which characters of a value stand for themselves, by the place the text goes to.
//!
//! Owns the character sets of RFC 3986, RFC 6570 and the form media type, and the delimiters in the spelling of each
//! place; knows no styles beyond their delimiter.

use std::borrow::Cow;

use oasgate_spec::Style;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// How text is escaped for the place it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// All but unreserved characters are percent-encoded (RFC 6570, 3.2.1).
    Unreserved,
    /// Reserved characters and percent-encoded triplets stay (RFC 6570, 3.2.3), but for those with a meaning at the
    /// target, which the standard leaves to whoever calls (OpenAPI 3.2, 4.12.2.3 `allowReserved`).
    Reserved(Target),
    /// `application/x-www-form-urlencoded`: space is `+`.
    Form {
        /// Whether reserved characters and triplets stay.
        reserved: bool,
    },
    /// Nothing is escaped: header fields, and parts of a multipart body.
    Raw,
}

/// Where reserved characters are to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// One path segment: not `/ ? # [ ]`.
    Segment,
    /// Several path segments: not `? # [ ]`.
    Path,
    /// A query: not `# [ ]`, and not `& = +`, which forms give a meaning (Appendix C).
    Query,
}

/// RFC 3986, 2.3.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Like [`UNRESERVED`] but with `~` encoded: what RFC 1738 and WHATWG forms agree on (Appendix E).
const FORM: &AsciiSet = &UNRESERVED.add(b'~');
/// Reserved characters that may stay in a query.
const QUERY: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');
const SEGMENT: &AsciiSet = &QUERY.add(b'/').add(b'?').remove(b'&').remove(b'+').remove(b'=');
const PATH: &AsciiSet = &SEGMENT.remove(b'/');
/// The same among other values: what delimits them is encoded (Appendix C, Delimiters in Parameter Values).
const QUERY_ITEM: &AsciiSet = &QUERY.add(b',').add(b';');
const SEGMENT_ITEM: &AsciiSet = &SEGMENT.add(b',').add(b';').add(b'=');
const PATH_ITEM: &AsciiSet = &PATH.add(b',').add(b';').add(b'=');

impl Escape {
    /// A value that stands alone.
    pub(crate) fn value(self, text: &str) -> Cow<'_, str> {
        self.encode(text, false)
    }

    /// A value among others: what delimits it is escaped even where reserved characters stay.
    pub(crate) fn item(self, text: &str) -> Cow<'_, str> {
        self.encode(text, true)
    }

    /// A name; `allowReserved` concerns values only.
    pub(crate) fn name(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Reserved(_) => Self::Unreserved.value(text),
            Self::Form { .. } => Self::Form { reserved: false }.value(text),
            Self::Unreserved | Self::Raw => self.value(text),
        }
    }

    /// The delimiter of a style that is not exploded, as it is spelled here (Appendix E: space, tab and `|` are
    /// illegal in a URI and always encoded).
    pub(crate) const fn delimiter(self, style: Style) -> &'static str {
        match (style, self) {
            (Style::SpaceDelimited, Self::Raw) => " ",
            (Style::SpaceDelimited, _) => "%20",
            (Style::PipeDelimited, Self::Raw) => "|",
            (Style::PipeDelimited, _) => "%7C",
            (Style::TabDelimited, Self::Raw) => "\t",
            (Style::TabDelimited, _) => "%09",
            _ => ",",
        }
    }

    fn encode(self, text: &str, among_others: bool) -> Cow<'_, str> {
        match self {
            Self::Raw => Cow::Borrowed(text),
            Self::Unreserved => utf8_percent_encode(text, UNRESERVED).into(),
            Self::Form { reserved: false } => plus(utf8_percent_encode(text, FORM).into()),
            Self::Form { reserved: true } => plus(keeping_triplets(text, Target::Query.set(among_others))),
            Self::Reserved(target) => keeping_triplets(text, target.set(among_others)),
        }
    }
}

impl Target {
    const fn set(self, among_others: bool) -> &'static AsciiSet {
        match (self, among_others) {
            (Self::Segment, false) => SEGMENT,
            (Self::Segment, true) => SEGMENT_ITEM,
            (Self::Path, false) => PATH,
            (Self::Path, true) => PATH_ITEM,
            (Self::Query, false) => QUERY,
            (Self::Query, true) => QUERY_ITEM,
        }
    }
}

/// Percent-encodes by the set, and `%` only where it does not begin a triplet.
fn keeping_triplets<'t>(text: &'t str, set: &'static AsciiSet) -> Cow<'t, str> {
    let Some((first, rest)) = text.split_once('%') else {
        return utf8_percent_encode(text, set).into();
    };
    let mut out: String = utf8_percent_encode(first, set).collect();
    for piece in rest.split('%') {
        let triplet = piece.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        out.push_str(if triplet { "%" } else { "%25" });
        out.extend(utf8_percent_encode(piece, set));
    }
    Cow::Owned(out)
}

/// Space is `+` in a form (WHATWG URL, 5.2).
fn plus(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains("%20") { Cow::Owned(text.replace("%20", "+")) } else { text }
}
