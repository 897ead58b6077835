//! Making an answer fit: whole elements of JSON, or the beginning of a text, and a note of what is missing.
//!
//! Owns how the room is shared. In an array the first elements stay. In an object of a few large members the small
//! ones stay whole, so that a cursor or a total beside a long list is not lost, and the large ones share what is
//! left; an object of very many members is cut like an array. A long string keeps its beginning. What comes out is
//! always valid JSON.

mod walk;

use std::fmt::Write as _;

use self::walk::{Items, Members, unit_length};

/// What one container or string lost.
#[derive(Debug, PartialEq, Eq)]
struct Loss {
    pointer: String,
    shown: usize,
    of: usize,
    unit: &'static str,
}

/// Containers below this depth are left out whole, which bounds the work: each level is read once.
const MAX_DEPTH: usize = 16;
/// The least room for which a large member of an object is worth showing in part.
const MIN_SHARE: usize = 256;
/// So many losses are told one by one.
const MAX_LOSSES: usize = 10;

/// A text within `max` characters, and a note if it was longer.
pub(super) fn text(text: &str, max: usize) -> (String, Option<String>) {
    let Some((end, _)) = text.char_indices().nth(max) else { return (text.to_owned(), None) };
    let (shown, _) = text.split_at(end);
    let total = text.chars().count();
    let note = format!("[Cut: the first {max} of {total} characters are shown. {ADVICE}]");
    (shown.to_owned(), Some(note))
}

/// A compact JSON document within `max` characters, and a note if it was longer. The error is the
/// document, where it cannot be cut.
pub(super) fn json(document: String, max: usize) -> Result<(String, Option<String>), String> {
    if width(&document) <= max {
        return Ok((document, None));
    }
    let mut cutter = Cutter::default();
    match cutter.cut(&document, max, 0) {
        Some(shown) => Ok((shown, Some(cutter.note(max)))),
        None => Err(document),
    }
}

const ADVICE: &str = "For the rest, ask for less at a time: page, filter or select fields, if the tool has arguments \
                      for it.";

#[derive(Default)]
struct Cutter {
    pointer: String,
    losses: Vec<Loss>,
}

impl Cutter {
    /// As much of a value as there is room for.
    fn cut(&mut self, value: &str, room: usize, depth: usize) -> Option<String> {
        if width(value) <= room {
            return Some(value.to_owned());
        }
        if depth > MAX_DEPTH || room < 2 {
            return None;
        }
        match value.as_bytes().first() {
            Some(b'[') => Some(self.array(value, room, depth)),
            Some(b'{') => Some(self.object(value, room, depth)),
            Some(b'"') => self.string(value, room),
            _ => None,
        }
    }

    /// The first elements.
    fn array(&mut self, value: &str, room: usize, depth: usize) -> String {
        let items = Items::of(value).enumerate().map(|(index, item)| (index.to_string(), "", item));
        self.list(items, ('[', ']'), "elements", room, depth)
    }

    fn object(&mut self, value: &str, room: usize, depth: usize) -> String {
        let members: Vec<(&str, &str)> = Members::of(value).collect();
        if let Some(shares) = shares(&members, room - 2) {
            return self.record(&members, &shares, depth);
        }
        let items = members.iter().map(|(key, value)| (token(key), *key, *value));
        self.list(items, ('{', '}'), "members", room, depth)
    }

    /// Elements or members from the first on, while there is room.
    fn list<'v>(
        &mut self,
        items: impl Iterator<Item = (String, &'v str, &'v str)>,
        (open, close): (char, char),
        unit: &'static str,
        room: usize,
        depth: usize,
    ) -> String {
        let mut out = String::from(open);
        let (mut left, mut shown, mut of, mut full) = (room - 2, 0, 0, false);
        for (token, key, value) in items {
            of += 1;
            if full {
                continue;
            }
            let key = if key.is_empty() { String::new() } else { format!("{key}:") };
            let lead = width(&key) + usize::from(shown > 0);
            let inside = left.saturating_sub(lead);
            let whole = lead <= left && width(value) <= inside;
            // The first element is cut itself rather than nothing shown at all.
            let part = match (whole, shown) {
                (true, _) => Some(value.to_owned()),
                (false, 0) if lead <= left => self.below(&token, value, inside, depth),
                _ => None,
            };
            full = !whole;
            if let Some(part) = part {
                if shown > 0 {
                    out.push(',');
                }
                left = left.saturating_sub(lead + width(&part));
                out.push_str(&key);
                out.push_str(&part);
                shown += 1;
            }
        }
        if shown < of {
            self.lost(shown, of, unit);
        }
        out.push(close);
        out
    }

    /// Every member within its share.
    fn record(&mut self, members: &[(&str, &str)], shares: &[usize], depth: usize) -> String {
        let mut out = String::from("{");
        let mut shown = 0;
        for ((key, value), share) in members.iter().zip(shares) {
            let room = share.saturating_sub(width(key) + 2);
            let Some(part) = self.below(&token(key), value, room, depth) else { continue };
            if shown > 0 {
                out.push(',');
            }
            let _ = write!(out, "{key}:{part}");
            shown += 1;
        }
        if shown < members.len() {
            self.lost(shown, members.len(), "members");
        }
        out.push('}');
        out
    }

    /// As much of the value under this token as there is room for.
    fn below(&mut self, token: &str, value: &str, room: usize, depth: usize) -> Option<String> {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(token);
        let part = self.cut(value, room, depth + 1);
        self.pointer.truncate(length);
        part
    }

    /// The beginning of a string and an ellipsis.
    fn string(&mut self, value: &str, room: usize) -> Option<String> {
        let inner = value.strip_prefix('"')?.strip_suffix('"')?;
        let mut rest = inner;
        let mut left = room.checked_sub(3)?;
        let mut out = String::from("\"");
        loop {
            let (unit, behind) = rest.split_at_checked(unit_length(rest))?;
            let wide = width(unit);
            if wide > left || unit.is_empty() {
                break;
            }
            out.push_str(unit);
            left -= wide;
            rest = behind;
        }
        out.push_str("…\"");
        self.lost(width(inner) - width(rest), width(inner), "characters");
        Some(out)
    }

    fn lost(&mut self, shown: usize, of: usize, unit: &'static str) {
        self.losses.push(Loss { pointer: self.pointer.clone(), shown, of, unit });
    }

    fn note(&self, max: usize) -> String {
        let mut note = format!("[Cut to {max} characters: ");
        for (index, Loss { pointer, shown, of, unit }) in self.losses.iter().take(MAX_LOSSES).enumerate() {
            let pointer = if pointer.is_empty() { "the answer" } else { pointer };
            let _ =
                write!(note, "{}{pointer} shows {shown} of {of} {unit}", if index > 0 { "; " } else { "" });
        }
        if self.losses.len() > MAX_LOSSES {
            let _ = write!(note, "; and {} more", self.losses.len() - MAX_LOSSES);
        }
        let _ = write!(note, ". {ADVICE}]");
        note
    }
}

/// The room of each member, its key and comma included: small members get what they need, the others an equal share
/// of the rest. `None` if that share is too small to be of use.
fn shares(members: &[(&str, &str)], room: usize) -> Option<Vec<usize>> {
    let needs: Vec<usize> = members.iter().map(|(key, value)| width(key) + width(value) + 2).collect();
    let mut ascending = needs.clone();
    ascending.sort_unstable();
    let (mut left, mut members_left) = (room + 1, needs.len());
    for need in ascending {
        let fair = left / members_left;
        if need > fair {
            return (fair >= MIN_SHARE).then(|| needs.iter().map(|need| (*need).min(fair)).collect());
        }
        left -= need;
        members_left -= 1;
    }
    Some(needs)
}

/// How many characters a text has.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// A key as a JSON pointer token (RFC 6901, 3), its quotes removed.
fn token(key: &str) -> String {
    key.trim_matches('"').replace('~', "~0").replace('/', "~1")
}
