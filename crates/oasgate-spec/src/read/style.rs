//! How values become text: `style` and `explode` with their defaults (OpenAPI 3.2, 4.12.2), and what Swagger 2.0 said by
//! `collectionFormat`.

use super::{Reader, Rule};
use crate::store::Node;
use crate::{Place, Severity, Style};

const STYLE_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "style-invalid",
    fix: "use a style that the standard has for this place",
};

impl<'d> Reader<'d> {
    /// Style and explode of a parameter.
    pub(super) fn style(&mut self, node: Node<'d>, place: Place) -> (Style, bool) {
        let default = match place {
            Place::Path | Place::Header => Style::Simple,
            Place::Query | Place::QueryString | Place::Cookie => Style::Form,
        };
        let written = node.get("style").filter(|style| !style.is_null());
        let fitting = written.and_then(Node::as_text).and_then(named).filter(|style| fits(*style, place));
        if let (Some(written), None) = (written, fitting) {
            let message = format!(
                "`style: {}` is not a style of this place; `{}` is taken",
                written.as_scalar().unwrap_or_default(),
                if default == Style::Simple { "simple" } else { "form" }
            );
            self.note(written, &STYLE_INVALID, message);
        }
        let style = fitting.unwrap_or(default);
        let explode = match node.get("explode").filter(|explode| !explode.is_null()) {
            Some(_) => self.flag(node, "explode"),
            None => matches!(style, Style::Form | Style::Cookie | Style::DeepObject),
        };
        (style, explode)
    }

    /// Style and explode of an encoding: those of a query parameter, where any of them is given (OpenAPI 3.2, 4.15.1).
    pub(super) fn encoding_style(&mut self, node: Node<'d>) -> Option<(Style, bool)> {
        let given = ["style", "explode", "allowReserved"].iter().any(|key| node.get(key).is_some());
        given.then(|| self.style(node, Place::Query))
    }
}

/// `collectionFormat` as style and explode.
pub(super) fn of_collection(node: Node<'_>, place: Place) -> (Style, bool) {
    let plain = match place {
        Place::Query | Place::QueryString | Place::Cookie => Style::Form,
        Place::Path | Place::Header => Style::Simple,
    };
    match (node.text("collectionFormat"), place) {
        (Some("multi"), Place::Query) => (Style::Form, true),
        (Some("ssv"), Place::Query) => (Style::SpaceDelimited, false),
        (Some("pipes"), Place::Query) => (Style::PipeDelimited, false),
        (Some("tsv"), Place::Query) => (Style::TabDelimited, false),
        _ => (plain, false),
    }
}

/// The style of this name.
fn named(name: &str) -> Option<Style> {
    Some(match name {
        "matrix" => Style::Matrix,
        "label" => Style::Label,
        "simple" => Style::Simple,
        "form" => Style::Form,
        "spaceDelimited" => Style::SpaceDelimited,
        "pipeDelimited" => Style::PipeDelimited,
        "deepObject" => Style::DeepObject,
        "cookie" => Style::Cookie,
        _ => return None,
    })
}

/// Whether the standard has this style at this place (OpenAPI 3.2, 4.12.3).
const fn fits(style: Style, place: Place) -> bool {
    match place {
        Place::Path => matches!(style, Style::Matrix | Style::Label | Style::Simple),
        Place::Query | Place::QueryString => {
            matches!(style, Style::Form | Style::SpaceDelimited | Style::PipeDelimited | Style::DeepObject)
        }
        Place::Header => matches!(style, Style::Simple),
        Place::Cookie => matches!(style, Style::Form | Style::Cookie),
    }
}
