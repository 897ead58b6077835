//! Makes the templates of a path and the parameters declared for it agree, so that each has the other.

use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};

use super::path::{QueryTemplate, Written};
use super::{Reader, Rule};
use crate::store::Node;
use crate::{Parameter, Place, Schema, Serialization, Severity, Style};

const PATH_PARAMETER_UNDECLARED: Rule = Rule {
    severity: Severity::Warning,
    name: "path-parameter-undeclared",
    fix: "declare it under `parameters` with `in: path`",
};
const PATH_PARAMETER_RENAMED: Rule = Rule {
    severity: Severity::Note,
    name: "path-parameter-name-differs",
    fix: "use one spelling in the path and under `parameters`",
};
const PATH_PARAMETER_UNUSED: Rule = Rule {
    severity: Severity::Warning,
    name: "path-parameter-unused",
    fix: "put `{name}` into the path, or remove the parameter",
};
const PATH_KEY_ODD: Rule = Rule {
    severity: Severity::Note,
    name: "path-key-odd",
    fix: "write a path of literals and `{name}`, and describe its query by parameters",
};

impl<'d> Reader<'d> {
    pub(super) fn reconcile(
        &mut self,
        at: Node<'d>,
        key: &str,
        written: &mut Written,
        parameters: &mut Vec<Parameter>,
    ) {
        self.oddities(at, key, written);
        query_parameters(std::mem::take(&mut written.query), parameters);
        self.rename(at, written, parameters);
        let (undeclared, unused) = differences(written, parameters);
        for name in undeclared {
            let message = format!("`{{{name}}}` in the path is not declared; it is taken to be text");
            self.note(at, &PATH_PARAMETER_UNDECLARED, message);
            parameters.push(text_parameter(name, Place::Path));
        }
        let unused: HashSet<String> = unused.into_iter().collect();
        parameters.retain(|parameter| {
            let keep = parameter.place != Place::Path || !unused.contains(&parameter.name);
            if !keep {
                let message =
                    format!("path parameter `{}` is not in the path; it is left out", parameter.name);
                self.note(at, &PATH_PARAMETER_UNUSED, message);
            }
            keep
        });
    }

    /// Gives templates that nobody declares the name of the parameter that must be meant: one spelt alike, or the only
    /// one left for the only one left.
    fn rename(&mut self, at: Node<'d>, written: &mut Written, parameters: &[Parameter]) {
        let (undeclared, unused) = differences(written, parameters);
        let mut alike: HashMap<String, Vec<String>> = HashMap::new();
        for name in unused {
            alike.entry(plain(&name)).or_default().push(name);
        }
        let mut names: IndexMap<String, String> = IndexMap::new();
        for name in undeclared {
            if let Some(meant) = alike.get_mut(&plain(&name)).and_then(Vec::pop) {
                names.insert(name, meant);
            }
        }
        written.rename(&names);
        let (undeclared, unused) = differences(written, parameters);
        if let ([from], [to]) = (undeclared.as_slice(), unused.as_slice()) {
            let last = IndexMap::from([(from.clone(), to.clone())]);
            written.rename(&last);
            names.extend(last);
        }
        for (from, to) in names {
            let message = format!("`{{{from}}}` in the path is taken to be the parameter `{to}`");
            self.note(at, &PATH_PARAMETER_RENAMED, message);
        }
    }

    fn oddities(&mut self, at: Node<'d>, key: &str, written: &Written) {
        let odd = &written.oddities;
        for (is_so, message) in [
            (odd.no_slash, "does not begin with a slash; one is put before it"),
            (odd.query, "has a query; what is fixed in it is sent as it is, its templates become parameters"),
            (odd.fragment, "has a fragment, which is never sent"),
            (odd.operator, "has an operator of RFC 6570, which OpenAPI does not have"),
            (odd.brace, "has a brace without its other; it is sent percent-encoded"),
        ] {
            if is_so {
                self.note(at, &PATH_KEY_ODD, format!("the path `{key}` {message}"));
            }
        }
    }
}

/// Templates of the path that no parameter is declared for, and path parameters that are not in the path.
fn differences(written: &Written, parameters: &[Parameter]) -> (Vec<String>, Vec<String>) {
    let in_path = parameters.iter().filter(|parameter| parameter.place == Place::Path);
    let declared: IndexSet<&str> = in_path.map(|parameter| parameter.name.as_str()).collect();
    let used: IndexSet<&str> = written.names().collect();
    let owned =
        |names: indexmap::set::Difference<'_, &str, _>| names.map(|name| (*name).to_owned()).collect();
    (owned(used.difference(&declared)), owned(declared.difference(&used)))
}

/// Makes templates in the query query parameters.
fn query_parameters(templates: Vec<QueryTemplate>, parameters: &mut Vec<Parameter>) {
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, parameter) in parameters.iter().enumerate() {
        if matches!(parameter.place, Place::Path | Place::Query) {
            known.entry(parameter.name.clone()).or_insert(index);
        }
    }
    for template in templates {
        let meant = known.get(&template.template).and_then(|index| parameters.get_mut(*index));
        let Some(parameter) = meant else {
            let required = !template.optional;
            parameters.push(Parameter { required, ..text_parameter(template.name, Place::Query) });
            continue;
        };
        if parameter.place == Place::Path {
            parameter.place = Place::Query;
            parameter.required = !template.optional;
            parameter.serialization = form();
        }
        parameter.name = template.name;
    }
}

const fn form() -> Serialization {
    Serialization::Style { style: Style::Form, explode: true, allow_reserved: false, allow_empty: false }
}

const fn simple() -> Serialization {
    Serialization::Style { style: Style::Simple, explode: false, allow_reserved: false, allow_empty: false }
}

/// A parameter that the path names and nobody declares: text, and required.
fn text_parameter(name: String, place: Place) -> Parameter {
    Parameter {
        name,
        place,
        required: true,
        deprecated: false,
        description: None,
        serialization: if place == Place::Path { simple() } else { form() },
        schema: Schema(serde_json::json!({"type": "string"})),
        example: None,
    }
}

/// A name without case, underscores, hyphens, dots and spaces, which people spell now so, now so.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect()
}
