//! Path keys: taken apart, and reconciled with the parameters that are declared for them.

use crate::{Part, Template};

/// A path key as it is written, before its names are reconciled.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) template: Template,
    /// Pairs of the query whose value is a template: the query parameter's name, and the name in the template.
    pub(super) query: Vec<(String, String)>,
}

/// Takes a path key apart: segments, fixed query, templates in the query; the fragment is dropped.
pub(super) fn parse(key: &str) -> Written {
    let key = key.split('#').next().unwrap_or_default();
    let (path, query) = match split_query(key) {
        Some((path, query)) => (path, Some(query)),
        None => (key, None),
    };
    let mut written = Written::default();
    let path = path.strip_prefix('/').unwrap_or(path);
    written.template.segments = segments(path);
    let mut fixed = Vec::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // `a={b}` has a template for a value; `{a}=1` means the parameter `a`, with an example.
        match (whole_template(name), whole_template(value)) {
            (Some(name), _) => written.query.push((name.to_owned(), name.to_owned())),
            (None, Some(template)) => written.query.push((name.to_owned(), template.to_owned())),
            (None, None) => fixed.push(pair),
        }
    }
    if !fixed.is_empty() {
        written.template.query = Some(fixed.join("&"));
    }
    written
}

/// The name in a text that is one template and nothing else.
fn whole_template(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}')
}

/// Splits at the first `?` outside a template.
fn split_query(key: &str) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (index, c) in key.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '?' if depth == 0 => return Some((key.get(..index)?, key.get(index + 1..)?)),
            _ => {}
        }
    }
    None
}

/// The segments of a path; a slash inside a template does not count.
fn segments(path: &str) -> Vec<Vec<Part>> {
    let mut segments = Vec::new();
    let mut parts = Vec::new();
    let mut rest = path;
    loop {
        match rest.find(['{', '/']) {
            None => {
                literal(&mut parts, rest);
                segments.push(parts);
                return segments;
            }
            Some(at) if rest.as_bytes().get(at) == Some(&b'/') => {
                literal(&mut parts, rest.get(..at).unwrap_or_default());
                segments.push(std::mem::take(&mut parts));
                rest = rest.get(at + 1..).unwrap_or_default();
            }
            Some(at) => {
                literal(&mut parts, rest.get(..at).unwrap_or_default());
                rest = rest.get(at + 1..).unwrap_or_default();
                if let Some((name, after)) = rest.split_once('}') {
                    parts.push(template(name));
                    rest = after;
                } else {
                    parts.push(Part::Literal(format!("{{{rest}")));
                    rest = "";
                }
            }
        }
    }
}

fn literal(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Literal(text.to_owned()));
    }
}

/// `{name}`, or `{+name}` as Google writes it and `{name+}` as AWS does.
fn template(name: &str) -> Part {
    let bare = name.trim();
    match bare.strip_prefix('+').or_else(|| bare.strip_suffix('+')) {
        Some(bare) => Part::Reserved(bare.to_owned()),
        None => Part::Parameter(bare.strip_suffix('*').unwrap_or(bare).to_owned()),
    }
}

impl Written {
    /// Every name in the templates of the path.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.template.segments.iter().flatten().filter_map(|part| match part {
            Part::Parameter(name) | Part::Reserved(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Gives a template another name.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        for part in self.template.segments.iter_mut().flatten() {
            if let Part::Parameter(name) | Part::Reserved(name) = part
                && name == from
            {
                to.clone_into(name);
            }
        }
    }
}

/// Whether two names are the same but for case, underscores, hyphens and dots.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}
