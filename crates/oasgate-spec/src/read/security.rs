//! Security schemes and requirements, of 2.0 and 3.x alike (OpenAPI 3.2, 4.27 to 4.30).

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Reader, Rule};
use crate::store::Node;
use crate::{ApiKeyPlace, Dialect, Requirement, Scheme, SchemeKind, Severity};

const SCHEME_UNREADABLE: Rule = Rule {
    severity: Severity::Warning,
    name: "security-scheme-unreadable",
    fix: "give the scheme a `type` of the standard and the fields of that type",
};
const SCHEME_UNKNOWN: Rule = Rule {
    severity: Severity::Warning,
    name: "security-scheme-undefined",
    fix: "describe it under the security schemes, or require another",
};
const SECURITY_INVALID: Rule = Rule {
    severity: Severity::Warning,
    name: "security-invalid",
    fix: "make `security` a list of objects, each with the schemes that are needed together",
};

impl<'d> Reader<'d> {
    pub(super) fn security_schemes(&mut self, root: Node<'d>) -> IndexMap<String, Scheme> {
        let schemes = match self.dialect {
            Dialect::V2_0 => self.member(root, "securityDefinitions"),
            _ => self
                .member(root, "components")
                .and_then(|components| self.member(components, "securitySchemes")),
        };
        let mut read = IndexMap::new();
        for (name, written) in schemes.into_iter().flat_map(Node::members) {
            match self.deref(written) {
                Ok(node) => {
                    read.insert(name.to_owned(), self.scheme(written, node));
                }
                Err(message) => self.note(written, &SCHEME_UNREADABLE, message),
            }
        }
        read
    }

    /// The requirements of the operation, or else of the whole API.
    pub(super) fn requirements(&mut self, operation: Node<'d>, root: Node<'d>) -> Vec<Requirement> {
        let own = operation.get("security").filter(|security| !security.is_null());
        let Some(security) = own.or_else(|| root.get("security")) else { return Vec::new() };
        if security.is_object() {
            self.note(
                security,
                &SECURITY_INVALID,
                "`security` is no list; it is taken to be its only alternative",
            );
            return vec![self.requirement(security, root)];
        }
        if !self.spend(security, security.size()) {
            return Vec::new();
        }
        let mut alternatives = Vec::new();
        for alternative in security.items() {
            if alternative.is_object() {
                alternatives.push(self.requirement(alternative, root));
            } else {
                self.note(alternative, &SECURITY_INVALID, "the alternative is not an object; it is left out");
            }
        }
        alternatives
    }

    fn requirement(&mut self, node: Node<'d>, root: Node<'d>) -> Requirement {
        let mut requirement = IndexMap::new();
        for (name, scopes) in node.members() {
            self.know_scheme(name, scopes, root);
            let scopes = scopes.items().filter_map(Node::as_text).map(str::to_owned).collect();
            requirement.insert(name.to_owned(), scopes);
        }
        Requirement(requirement)
    }

    /// Makes sure that a scheme is known: since OpenAPI 3.2 a name may be the URI of one (4.30).
    fn know_scheme(&mut self, name: &str, at: Node<'d>, root: Node<'d>) {
        if self.security_schemes.contains_key(name) || self.unknown_schemes.contains(name) {
            return;
        }
        if name.contains(['/', '#', '.'])
            && let Ok(node) = self.resolve(root, name)
            && node.get("type").is_some()
        {
            let scheme = self.scheme(node, node);
            self.security_schemes.insert(name.to_owned(), scheme);
            return;
        }
        self.unknown_schemes.insert(name.to_owned());
        let message = format!("security scheme `{name}` is required and not described");
        self.note(at, &SCHEME_UNKNOWN, message);
    }

    fn scheme(&mut self, written: Node<'d>, node: Node<'d>) -> Scheme {
        let kind = self.scheme_kind(node);
        Scheme { description: self.description(written, node), kind }
    }

    fn scheme_kind(&mut self, node: Node<'d>) -> SchemeKind {
        let kind = node.text("type").unwrap_or_default();
        match kind.to_ascii_lowercase().as_str() {
            "basic" => SchemeKind::Basic,
            "bearer" => SchemeKind::Bearer,
            "apikey" => self.api_key(node),
            "http" => self.http(node),
            "oauth2" => SchemeKind::OAuth2(self.flows(node)),
            "openidconnect" => {
                SchemeKind::OpenIdConnect(node.text("openIdConnectUrl").unwrap_or_default().to_owned())
            }
            "mutualtls" => SchemeKind::MutualTls,
            _ => {
                self.note(node, &SCHEME_UNREADABLE, format!("security scheme type `{kind}` is not known"));
                SchemeKind::Unknown(kind.to_owned())
            }
        }
    }

    fn api_key(&mut self, node: Node<'d>) -> SchemeKind {
        let place = node.text("in").unwrap_or_default().to_ascii_lowercase();
        let place = match place.as_str() {
            "header" => Some(ApiKeyPlace::Header),
            "query" => Some(ApiKeyPlace::Query),
            "cookie" => Some(ApiKeyPlace::Cookie),
            _ => None,
        };
        if let (Some(place), Some(name)) = (place, node.text("name").filter(|name| !name.is_empty())) {
            SchemeKind::ApiKey { place, name: name.to_owned() }
        } else {
            self.note(node, &SCHEME_UNREADABLE, "an apiKey scheme needs `name` and `in`");
            SchemeKind::Unknown("apiKey".to_owned())
        }
    }

    fn http(&mut self, node: Node<'d>) -> SchemeKind {
        let scheme = node.text("scheme").unwrap_or_default();
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => SchemeKind::Basic,
            "bearer" => SchemeKind::Bearer,
            "" => {
                self.note(
                    node,
                    &SCHEME_UNREADABLE,
                    "an http scheme needs `scheme`; it is taken to be bearer",
                );
                SchemeKind::Bearer
            }
            _ => SchemeKind::Http(scheme.to_owned()),
        }
    }

    /// The flows as OpenAPI 3 has them; Swagger 2.0 has one, in the scheme itself, by names that RFC 6749 has not.
    fn flows(&mut self, node: Node<'d>) -> Value {
        if let Some(flows) = self.member(node, "flows") {
            return self.copy(flows).unwrap_or_default();
        }
        let name = match node.text("flow").unwrap_or_default() {
            "application" => "clientCredentials",
            "accessCode" => "authorizationCode",
            flow @ ("implicit" | "password" | "clientCredentials" | "authorizationCode") => flow,
            _ => return Map::new().into(),
        };
        let fields = ["authorizationUrl", "tokenUrl", "refreshUrl", "scopes"];
        let flow = fields.iter().filter_map(|field| Some(((*field).to_owned(), node.get(field)?.value())));
        let flow: Map<String, Value> = flow.collect();
        Value::Object(Map::from_iter([(name.to_owned(), Value::Object(flow))]))
    }
}
