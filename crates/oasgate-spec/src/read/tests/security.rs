//! Security schemes and requirements.

use serde_json::{Value, json};

use super::{Written, names};
use crate::{ApiKeyPlace, SchemeKind};

/// The scheme `s` of a description.
fn scheme(version: &str, written: &str) -> (String, Vec<&'static str>) {
    let head = match version {
        "swagger: '2.0'" => format!("securityDefinitions: {{s: {written}}}"),
        _ => format!("components: {{securitySchemes: {{s: {written}}}}}"),
    };
    let (api, problems) = Written { version, head: &head, ..Written::default() }.api();
    let kind = api.security_schemes.get("s").map_or_else(String::new, |scheme| kind(&scheme.kind));
    (kind, names(&problems))
}

fn kind(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey { place, name } => match place {
            ApiKeyPlace::Header => format!("header {name}"),
            ApiKeyPlace::Query => format!("query {name}"),
            ApiKeyPlace::Cookie => format!("cookie {name}"),
        },
        SchemeKind::Basic => "basic".to_owned(),
        SchemeKind::Bearer => "bearer".to_owned(),
        SchemeKind::Http(scheme) => format!("http {scheme}"),
        SchemeKind::OAuth2(flows) => format!("oauth2 {flows}"),
        SchemeKind::OpenIdConnect(url) => format!("openid {url}"),
        SchemeKind::MutualTls => "mtls".to_owned(),
        SchemeKind::Unknown(name) => format!("unknown {name}"),
    }
}

#[test]
fn schemes_of_openapi_3() {
    let rows: [(&str, &str, &[&str]); 20] = [
        ("{type: apiKey, in: header, name: X}", "header X", &[]),
        ("{type: apiKey, in: query, name: x}", "query x", &[]),
        ("{type: apiKey, in: cookie, name: x}", "cookie x", &[]),
        ("{type: apikey, in: Header, name: X}", "header X", &[]),
        ("{type: apiKey, name: X}", "unknown apiKey", &["security-scheme-unreadable"]),
        ("{type: apiKey, in: header}", "unknown apiKey", &["security-scheme-unreadable"]),
        ("{type: http, scheme: basic}", "basic", &[]),
        ("{type: http, scheme: Bearer, bearerFormat: JWT}", "bearer", &[]),
        ("{type: http, scheme: Digest}", "http Digest", &[]),
        ("{type: http}", "bearer", &["security-scheme-unreadable"]),
        (
            "{type: oauth2, flows: {implicit: {authorizationUrl: u, scopes: {}}}}",
            r#"oauth2 {"implicit":{"authorizationUrl":"u","scopes":{}}}"#,
            &[],
        ),
        ("{type: oauth2}", "oauth2 {}", &[]),
        ("{type: openIdConnect, openIdConnectUrl: u}", "openid u", &[]),
        ("{type: mutualTLS}", "mtls", &[]),
        ("{type: basic}", "basic", &[]),
        ("{type: bearer}", "bearer", &[]),
        ("{type: moon}", "unknown moon", &["security-scheme-unreadable"]),
        ("{}", "unknown ", &["security-scheme-unreadable"]),
        ("{$ref: '#/x-s'}", "", &["security-scheme-unreadable"]),
        ("{$ref: '#/paths/~1a/post/x-scheme'}", "", &["security-scheme-unreadable"]),
    ];
    for (written, expected, problems) in rows {
        let read = scheme("openapi: 3.1.0", written);
        assert_eq!((read.0.as_str(), read.1.as_slice()), (expected, problems), "{written}");
    }
}

#[test]
fn schemes_of_swagger_2() {
    let flow = |name: &str, fields: Value| format!("oauth2 {}", json!({ name: fields }));
    let rows = [
        ("{type: basic}", "basic".to_owned()),
        ("{type: apiKey, in: query, name: x}", "query x".to_owned()),
        (
            "{type: oauth2, flow: implicit, authorizationUrl: a, scopes: {r: Read}}",
            flow("implicit", json!({"authorizationUrl": "a", "scopes": {"r": "Read"}})),
        ),
        (
            "{type: oauth2, flow: password, tokenUrl: t, scopes: {}}",
            flow("password", json!({"tokenUrl": "t", "scopes": {}})),
        ),
        (
            "{type: oauth2, flow: application, tokenUrl: t}",
            flow("clientCredentials", json!({"tokenUrl": "t"})),
        ),
        (
            "{type: oauth2, flow: accessCode, authorizationUrl: a, tokenUrl: t}",
            flow("authorizationCode", json!({"authorizationUrl": "a", "tokenUrl": "t"})),
        ),
        ("{type: oauth2, flow: moon}", "oauth2 {}".to_owned()),
    ];
    for (written, expected) in rows {
        assert_eq!(scheme("swagger: '2.0'", written), (expected, vec![]), "{written}");
    }
}

/// Alternatives as `a+b(scope)`, one after the other.
fn requirements(head: &str, operation: &str) -> (String, Vec<&'static str>) {
    let schemes = "components: {securitySchemes: {a: {type: mutualTLS}, b: {type: mutualTLS}}}\nx-far: {type: http, scheme: basic}";
    let head = format!("{schemes}\n{head}");
    let (operation, problems) = Written { head: &head, operation, ..Written::default() }.read();
    let alternative = |requirement: &crate::Requirement| {
        let schemes = requirement.0.iter().map(|(name, scopes)| match scopes.as_slice() {
            [] => name.clone(),
            scopes => format!("{name}({})", scopes.join(" ")),
        });
        schemes.collect::<Vec<_>>().join("+")
    };
    (operation.security.iter().map(alternative).collect::<Vec<_>>().join(" | "), problems)
}

#[test]
fn an_operation_requires_what_it_says_or_else_what_the_root_says() {
    let rows: [(&str, &str, &str, &[&str]); 16] = [
        ("", "", "", &[]),
        ("security: [{a: []}]", "", "a", &[]),
        ("security: [{a: []}]", "security: [{b: []}]", "b", &[]),
        ("security: [{a: []}]", "security: []", "", &[]),
        ("security: [{a: []}]", "security: null", "a", &[]),
        ("", "security: [{a: [], b: []}, {b: [r, w]}]", "a+b | b(r w)", &[]),
        ("", "security: [{a: []}, {}]", "a | ", &[]),
        ("", "security: {a: [], b: []}", "a+b", &["security-invalid"]),
        ("", "security: [a, {b: []}]", "b", &["security-invalid"]),
        ("", "security: [{a: null}]", "a", &[]),
        ("", "security: [{a: {}}]", "a", &[]),
        ("", "security: [{c: []}]", "c", &["security-scheme-undefined"]),
        ("", "security: [{c: []}, {c: [], a: []}]", "c | c+a", &["security-scheme-undefined"]),
        ("security: [{c: []}]", "", "c", &["security-scheme-undefined"]),
        ("", "security: [{'#/x-far': []}]", "#/x-far", &[]),
        ("", "security: [{'none.yaml#/x': []}]", "none.yaml#/x", &["security-scheme-undefined"]),
    ];
    for (head, operation, expected, problems) in rows {
        let read = requirements(head, operation);
        assert_eq!((read.0.as_str(), read.1.as_slice()), (expected, problems), "{head} {operation}");
    }
}

#[test]
fn a_scheme_named_by_its_uri_is_described_under_that_name() {
    let head = "x-far: {type: http, scheme: basic}";
    let written = Written { head, operation: "security: [{'#/x-far': []}]", ..Written::default() };
    let (api, _) = written.api();
    assert_eq!(
        api.security_schemes.get("#/x-far").map(|scheme| kind(&scheme.kind)).as_deref(),
        Some("basic")
    );
}
