//! The path and the fixed query of a request, percent-encoded once and for all.

use oasgate_spec::{Part, Place, Template};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::{Piece, Segment, Slot};

/// What may not stand in a query as it is (RFC 3986, 3.4); `%` is looked at apart.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// What may not stand in a path segment as it is (RFC 3986, 3.3).
const SEGMENT: &AsciiSet = &QUERY.add(b'?').add(b'/');

/// The segments, each template bound to its slot.
pub(super) fn segments(template: &Template, slots: &[Slot]) -> Vec<Segment> {
    let slot = |name: &str| slots.iter().position(|slot| slot.place == Place::Path && slot.name == name);
    let piece = |part: &Part| match part {
        Part::Literal(text) => Some(Piece::Literal(encode(text, SEGMENT))),
        Part::Parameter(name) => slot(name).map(Piece::Slot),
        Part::Reserved(name) => slot(name).map(Piece::Reserved),
    };
    template.segments.iter().map(|parts| Segment(parts.iter().filter_map(piece).collect())).collect()
}

/// Pairs of a query as the path key has them.
pub(super) fn literal_query(query: &str) -> String {
    encode(query, QUERY)
}

/// Encodes what may not stand as it is; a triplet that is there already stays.
fn encode(text: &str, set: &'static AsciiSet) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, run) in text.split('%').enumerate() {
        if index > 0 {
            let is_triplet =
                run.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
            out.push_str(if is_triplet { "%" } else { "%25" });
        }
        out.extend(utf8_percent_encode(run, set));
    }
    out
}
