//! Security schemes and requirements, of 2.0 and 3.x alike.

use indexmap::IndexMap;

use super::{Reader, Rule};
use crate::store::Node;
use crate::{ApiKeyPlace, Dialect, Requirement, Scheme, SchemeKind, Severity};

const SCHEME_UNREADABLE: Rule = Rule {
    severity: Severity::Warning,
    name: "security-scheme-unreadable",
    fix: "give the scheme a `type` of the standard and the fields of that type",
};

impl<'d> Reader<'d> {
    pub(super) fn security_schemes(&mut self, root: Node<'d>) -> IndexMap<String, Scheme> {
        let schemes = match self.dialect {
            Dialect::V2_0 => root.get("securityDefinitions"),
            _ => root.get("components").and_then(|components| components.get("securitySchemes")),
        };
        let mut read = IndexMap::new();
        for (name, node) in schemes.into_iter().flat_map(Node::members) {
            match self.deref(node) {
                Ok(target) => {
                    let kind = self.scheme(target);
                    let description = target.text("description").map(str::to_owned);
                    read.insert(name.to_owned(), Scheme { description, kind });
                }
                Err(message) => self.note(node, &SCHEME_UNREADABLE, message),
            }
        }
        read
    }

    fn scheme(&mut self, node: Node<'d>) -> SchemeKind {
        let kind = node.text("type").unwrap_or_default();
        match kind {
            "basic" => SchemeKind::Basic,
            "apiKey" => match (node.text("in"), node.text("name")) {
                (Some("header"), Some(name)) => api_key(ApiKeyPlace::Header, name),
                (Some("query"), Some(name)) => api_key(ApiKeyPlace::Query, name),
                (Some("cookie"), Some(name)) => api_key(ApiKeyPlace::Cookie, name),
                _ => {
                    self.note(node, &SCHEME_UNREADABLE, "an apiKey scheme needs `name` and `in`");
                    SchemeKind::Unknown(kind.to_owned())
                }
            },
            "http" => match node.text("scheme").unwrap_or_default().to_ascii_lowercase().as_str() {
                "basic" => SchemeKind::Basic,
                "bearer" | "" => SchemeKind::Bearer,
                other => SchemeKind::Http(node.text("scheme").unwrap_or(other).to_owned()),
            },
            "oauth2" => {
                // Swagger 2.0 has one flow in the scheme itself.
                let flows = node.get("flows").unwrap_or(node);
                SchemeKind::OAuth2(flows.value.clone())
            }
            "openIdConnect" => {
                SchemeKind::OpenIdConnect(node.text("openIdConnectUrl").unwrap_or_default().to_owned())
            }
            "mutualTLS" => SchemeKind::MutualTls,
            other => {
                self.note(node, &SCHEME_UNREADABLE, format!("security scheme type `{other}` is not known"));
                SchemeKind::Unknown(other.to_owned())
            }
        }
    }
}

fn api_key(place: ApiKeyPlace, name: &str) -> SchemeKind {
    SchemeKind::ApiKey { place, name: name.to_owned() }
}

/// The requirements of the operation, or else of the whole API.
pub(super) fn requirements(operation: Node<'_>, root: Node<'_>) -> Vec<Requirement> {
    let own = operation.get("security").filter(|security| security.value.is_array());
    let alternatives = own.or_else(|| root.get("security")).into_iter().flat_map(Node::items);
    alternatives.filter(|alternative| alternative.value.is_object()).map(requirement).collect()
}

fn requirement(node: Node<'_>) -> Requirement {
    let scopes = |scopes: Node<'_>| {
        scopes.items().filter_map(|scope| scope.value.as_str()).map(str::to_owned).collect()
    };
    Requirement(node.members().map(|(name, list)| (name.to_owned(), scopes(list))).collect())
}
