//! Names that every model API accepts as a property: `[a-zA-Z0-9_.-]{1,64}`.

use std::collections::HashSet;

const LIMIT: usize = 64;

/// Whether a name needs no change.
pub(super) fn is_legal(name: &str) -> bool {
    (1..=LIMIT).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Legal names for these, each different, those that are legal unchanged.
pub(super) fn legal_names<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Vec<String> {
    let mut taken: HashSet<String> = names.clone().filter(|name| is_legal(name)).map(str::to_owned).collect();
    names
        .map(|name| {
            if is_legal(name) {
                return name.to_owned();
            }
            let plain = plain(name);
            let mut legal = plain.clone();
            let mut attempt = 1;
            while !taken.insert(legal.clone()) {
                attempt += 1;
                let suffix = format!("_{attempt}");
                legal = format!("{}{suffix}", plain.get(..LIMIT - suffix.len()).unwrap_or(&plain));
            }
            legal
        })
        .collect()
}

/// Illegal characters as single underscores, none at the ends, cut to the limit.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') {
            out.push(c);
        } else if matches!(c, '<' | '>') {
            // Filters such as `created<`.
            out.push_str(if c == '<' { "_lt" } else { "_gt" });
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_matches('_');
    let out = out.get(..LIMIT).unwrap_or(out);
    if out.is_empty() { "value".to_owned() } else { out.to_owned() }
}
