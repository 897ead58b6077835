//! Walking over compact, valid JSON text by element, member and character, without building values.

/// The elements of a compact array.
pub(super) struct Items<'v>(&'v str);

impl<'v> Items<'v> {
    pub(super) fn of(array: &'v str) -> Self {
        Self(array.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(""))
    }
}

impl<'v> Iterator for Items<'v> {
    type Item = &'v str;

    fn next(&mut self) -> Option<&'v str> {
        if self.0.is_empty() {
            return None;
        }
        let (item, rest) = self.0.split_at(value_length(self.0));
        self.0 = rest.strip_prefix(',').unwrap_or("");
        Some(item)
    }
}

/// The members of a compact object: the key in its quotes, and the value.
pub(super) struct Members<'v>(&'v str);

impl<'v> Members<'v> {
    pub(super) fn of(object: &'v str) -> Self {
        Self(object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(""))
    }
}

impl<'v> Iterator for Members<'v> {
    type Item = (&'v str, &'v str);

    fn next(&mut self) -> Option<(&'v str, &'v str)> {
        let (key, rest) = self.0.split_at(value_length(self.0));
        let rest = rest.strip_prefix(':')?;
        let (value, rest) = rest.split_at(value_length(rest));
        self.0 = rest.strip_prefix(',').unwrap_or("");
        Some((key, value))
    }
}

/// The length of the character or escape at the start of a JSON string's inside; 0 at its end.
pub(super) fn unit_length(text: &str) -> usize {
    let escape = text.as_bytes().first_chunk::<2>();
    let surrogate = |text: &str| text.get(2..3).is_some_and(|c| c.eq_ignore_ascii_case("d"));
    match escape {
        // A pair of surrogates is one character (RFC 8259, 7).
        Some(b"\\u") if surrogate(text) && text.get(6..8) == Some("\\u") && is_high(text) => 12,
        Some(b"\\u") => 6,
        Some([b'\\', _]) => 2,
        _ => text.chars().next().map_or(0, char::len_utf8),
    }
}

/// Whether the escape at the start is the first half of a surrogate pair.
fn is_high(text: &str) -> bool {
    let unit = text.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    matches!(unit, Some(0xd800..=0xdbff))
}

/// The length in bytes of the value that a compact text begins with.
fn value_length(text: &str) -> usize {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => {
                inside = !inside;
                if !inside && depth == 0 {
                    return at + 1;
                }
            }
            _ if inside => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}
