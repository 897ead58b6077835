//! Path keys, taken apart: segments and templates (OpenAPI 3.2, 4.8.2), and what OpenAPI does not have but keys do, a
//! query, a fragment, the operators of RFC 6570.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::{Parameter, Part, Place, Template};

/// A path key as it is written, before its names are reconciled with the parameters.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) template: Template,
    /// Templates in the query.
    pub(super) query: Vec<QueryTemplate>,
    /// Whether there is a query, a fragment, an operator, a brace without its other.
    pub(super) oddities: Oddities,
}

/// A template in the query of a path key.
#[derive(Debug)]
pub(super) struct QueryTemplate {
    /// The name of the pair.
    pub(super) name: String,
    /// The name in the template.
    pub(super) template: String,
    /// Whether the pair can be missing: `{?name}`.
    pub(super) optional: bool,
}

/// What a path key has that OpenAPI does not.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    pub(super) query: bool,
    pub(super) fragment: bool,
    pub(super) operator: bool,
    pub(super) brace: bool,
    pub(super) no_slash: bool,
}

/// Takes a path key apart. Where a whole template is the name of a parameter, it means that parameter.
pub(super) fn parse(key: &str, parameters: &[Parameter]) -> Written {
    let mut written = Written::default();
    let (key, fragment) = split_outside(key, '#');
    let (path, query) = split_outside(key, '?');
    written.oddities.fragment = fragment.is_some();
    written.oddities.query = query.is_some();
    written.oddities.no_slash = !path.starts_with('/');
    let in_path = parameters.iter().filter(|parameter| parameter.place == Place::Path);
    let declared = in_path.map(|parameter| parameter.name.as_str()).collect();
    let mut segments = Segments { written, parts: Vec::new(), declared };
    segments.read(path.strip_prefix('/').unwrap_or(path));
    let mut written = segments.written;
    let mut fixed = Vec::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // `a={b}` has a template for a value; `{a}=1` means the parameter `a`, with an example.
        let (name, template) = match (whole_template(name), whole_template(value)) {
            (Some(name), _) => (name, name),
            (None, Some(template)) => (name, template),
            (None, None) => {
                fixed.push(pair);
                continue;
            }
        };
        let (name, template) = (name.to_owned(), template.to_owned());
        written.query.push(QueryTemplate { name, template, optional: false });
    }
    if !fixed.is_empty() {
        written.template.query = Some(fixed.join("&"));
    }
    written
}

/// The name in a text that is one template and nothing else.
fn whole_template(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then(|| name.trim().trim_end_matches('*'))
}

/// Splits at the first of a character that stands outside a template.
fn split_outside(key: &str, separator: char) -> (&str, Option<&str>) {
    let mut depth = 0_usize;
    for (index, c) in key.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if c == separator && depth == 0 => {
                return (key.get(..index).unwrap_or_default(), key.get(index + 1..));
            }
            _ => {}
        }
    }
    (key, None)
}

/// The segments of a path in the making.
struct Segments<'p> {
    written: Written,
    /// The parts of the segment being read.
    parts: Vec<Part>,
    /// The names of the path parameters.
    declared: HashSet<&'p str>,
}

impl Segments<'_> {
    /// Reads a path; a slash inside a template does not count.
    fn read(&mut self, path: &str) {
        let mut rest = path;
        while let Some(at) = rest.find(['{', '/', '}']) {
            self.literal(rest.get(..at).unwrap_or_default());
            let found = rest.as_bytes().get(at).copied();
            rest = rest.get(at + 1..).unwrap_or_default();
            match (found, rest.split_once('}')) {
                (Some(b'/'), _) => self.next(),
                (Some(b'{'), Some((expression, after))) if !expression.trim().is_empty() => {
                    self.expression(expression.trim());
                    rest = after;
                }
                (brace, _) => {
                    self.written.oddities.brace = true;
                    self.literal(if brace == Some(b'{') { "{" } else { "}" });
                }
            }
        }
        self.literal(rest);
        self.next();
    }

    /// `{name}`, or an expression of RFC 6570; `{name+}` is what AWS writes for `{+name}`.
    fn expression(&mut self, expression: &str) {
        if self.declared.contains(expression) {
            return self.parts.push(Part::Parameter(expression.to_owned()));
        }
        let operator = expression.chars().next().filter(|c| "+#./;?&".contains(*c));
        let names = operator.map_or(expression, |_| expression.get(1..).unwrap_or_default());
        let is_plain = operator.is_none() && !names.contains(['*', ':', ',', '+']);
        self.written.oddities.operator |= !is_plain;
        let names = names.split(',').map(modified).filter(|(name, _)| !name.is_empty());
        for (nth, (name, is_reserved)) in names.enumerate() {
            let parameter = if is_reserved || operator == Some('+') {
                Part::Reserved(name.clone())
            } else {
                Part::Parameter(name.clone())
            };
            match operator {
                // A fragment is never sent.
                Some('#') => continue,
                Some('?' | '&') => {
                    let template = name.clone();
                    self.written.query.push(QueryTemplate { name, template, optional: true });
                    continue;
                }
                Some('/') => self.next(),
                Some('.') => self.literal("."),
                Some(';') => self.literal(&format!(";{name}=")),
                _ if nth > 0 => self.literal(","),
                _ => {}
            }
            self.parts.push(parameter);
        }
    }

    /// The segment ends.
    fn next(&mut self) {
        self.written.template.segments.push(std::mem::take(&mut self.parts));
    }

    fn literal(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(before)) => before.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }
}

/// A name without the modifiers of RFC 6570, 2.4, and whether it keeps its slashes.
fn modified(name: &str) -> (String, bool) {
    let name = name.trim();
    let (name, is_reserved) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
    let name = name.trim_end_matches('*');
    let cut = name.rsplit_once(':').filter(|(_, length)| length.bytes().all(|byte| byte.is_ascii_digit()));
    (cut.map_or(name, |(name, _)| name).to_owned(), is_reserved)
}

impl Written {
    /// Every name in the templates of the path.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.template.segments.iter().flatten().filter_map(|part| match part {
            Part::Parameter(name) | Part::Reserved(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Gives templates other names.
    pub(super) fn rename(&mut self, names: &IndexMap<String, String>) {
        for part in self.template.segments.iter_mut().flatten() {
            if let Part::Parameter(name) | Part::Reserved(name) = part
                && let Some(other) = names.get(name)
            {
                name.clone_from(other);
            }
        }
    }
}
