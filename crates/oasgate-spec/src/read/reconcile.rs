//! Makes the templates of a path and the parameters declared for it agree, so that each has the other.

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
        for template in std::mem::take(&mut written.query) {
            query_parameter(template, parameters);
        }
        self.rename(at, written, parameters);
        let declared = |parameters: &[Parameter], name: &str| {
            parameters.iter().any(|parameter| parameter.place == Place::Path && parameter.name == name)
        };
        for name in written.names() {
            if !declared(parameters, name) {
                let message = format!("`{{{name}}}` in the path is not declared; it is taken to be text");
                self.note(at, &PATH_PARAMETER_UNDECLARED, message);
                parameters.push(undeclared(name, Place::Path));
            }
        }
        parameters.retain(|parameter| {
            let keep = parameter.place != Place::Path || written.names().any(|name| name == parameter.name);
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
        let unused = |written: &Written| -> Vec<String> {
            let in_path = parameters.iter().filter(|parameter| parameter.place == Place::Path);
            let names = in_path.map(|parameter| parameter.name.clone());
            names.filter(|name| !written.names().any(|used| used == name)).collect()
        };
        let undeclared = |written: &Written| -> Vec<String> {
            let is_declared = |name: &&str| {
                parameters.iter().any(|parameter| parameter.place == Place::Path && parameter.name == **name)
            };
            let mut names: Vec<String> =
                written.names().filter(|name| !is_declared(name)).map(str::to_owned).collect();
            names.dedup();
            names
        };
        let mut pairs = Vec::new();
        let mut left = unused(written);
        for name in undeclared(written) {
            if let Some(index) = left.iter().position(|other| alike(other, &name)) {
                pairs.push((name, left.swap_remove(index)));
            }
        }
        for (from, to) in pairs {
            self.renamed(at, written, &from, &to);
        }
        if let ([from], [to]) = (undeclared(written).as_slice(), unused(written).as_slice()) {
            self.renamed(at, written, from, to);
        }
    }

    fn renamed(&mut self, at: Node<'d>, written: &mut Written, from: &str, to: &str) {
        written.rename(from, to);
        let message = format!("`{{{from}}}` in the path is taken to be the parameter `{to}`");
        self.note(at, &PATH_PARAMETER_RENAMED, message);
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

/// Makes a template in the query a query parameter.
fn query_parameter(template: QueryTemplate, parameters: &mut Vec<Parameter>) {
    let meant = |parameter: &&mut Parameter| {
        parameter.name == template.template && matches!(parameter.place, Place::Path | Place::Query)
    };
    if let Some(parameter) = parameters.iter_mut().find(meant) {
        if parameter.place == Place::Path {
            parameter.place = Place::Query;
            parameter.required = !template.optional;
            parameter.serialization = form();
        }
        parameter.name = template.name;
    } else {
        parameters
            .push(Parameter { required: !template.optional, ..undeclared(&template.name, Place::Query) });
    }
}

const fn form() -> Serialization {
    Serialization::Style { style: Style::Form, explode: true, allow_reserved: false, allow_empty: false }
}

const fn simple() -> Serialization {
    Serialization::Style { style: Style::Simple, explode: false, allow_reserved: false, allow_empty: false }
}

/// A parameter that the path names and nobody declares: text, and required.
fn undeclared(name: &str, place: Place) -> Parameter {
    Parameter {
        name: name.to_owned(),
        place,
        required: true,
        deprecated: false,
        description: None,
        serialization: if place == Place::Path { simple() } else { form() },
        schema: Schema(serde_json::json!({"type": "string"})),
        example: None,
    }
}

/// Whether two names are the same but for case, underscores, hyphens, dots and spaces.
fn alike(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}
