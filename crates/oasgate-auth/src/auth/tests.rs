//! What is told to whom, before and after anybody has signed in.

mod guessing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::routing::any;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use regex::Regex;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::Auth;
use crate::settings::{
    ApiKeys, Broker, Cimd, Consent, Inbound, Issuer, KeyPlace, Leg, Limits, Others, Outbound, PasteLeg,
    Registration, ResourceServer, Settings, Verification,
};
use crate::testing::Wire;
use crate::{
    Clock, Hand, Identity, Keyring, Memory, Operations, Parts, PublicUrl, Secret, Verdict, Verified,
};

const KEY: &str = "sk_0123456789abcdef";

/// Header fields.
type Pairs<'p> = &'p [(&'p str, &'p str)];

/// An API at which every key is good.
#[derive(Debug)]
struct Open;

impl Operations for Open {
    fn verify<'a>(&'a self, _: &'a Secret) -> BoxFuture<'a, Verified> {
        Box::pin(std::future::ready(Verified::Good { subject: None }))
    }

    fn revoke<'a>(&'a self, _: &'a str, _: &'a Secret) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn keys() -> ApiKeys {
    ApiKeys {
        places: vec![
            KeyPlace::Authorization("Bearer".to_owned()),
            KeyPlace::Header(HeaderName::from_static("x-api-key")),
        ],
        pattern: Regex::new("sk_[a-z0-9]+").unwrap(),
        verification: Some(Verification {
            ttl: Duration::from_secs(60),
            negative_ttl: Duration::from_secs(5),
        }),
        path: None,
    }
}

fn broker(issuer: Option<&str>) -> Broker {
    Broker {
        leg: Leg::Paste(PasteLeg { help_url: None, label: "API key".to_owned() }),
        scopes: vec!["api".to_owned()],
        access_ttl: Duration::from_secs(3600),
        refresh_ttl: Duration::from_secs(86_400),
        registration: Registration::Open,
        cimd: Cimd::Off,
        redirect_hosts: Vec::new(),
        redirect_schemes: Vec::new(),
        consent: Consent::Always,
        clients: BTreeMap::new(),
        issuer: issuer.map(str::to_owned),
        trusted_idps: Vec::new(),
    }
}

fn trusting() -> ResourceServer {
    let issuer = Issuer {
        issuer: "https://as.example".to_owned(),
        audience: None,
        jwks_uri: None,
        algorithms: vec!["ES256".to_owned()],
        subject_claim: None,
    };
    ResourceServer { issuers: vec![issuer], introspection: None }
}

fn settings(public_url: &str, inbound: Inbound) -> Settings {
    Settings {
        public_url: PublicUrl::parse(public_url).unwrap(),
        name: "An API".to_owned(),
        links: [("resource_documentation".to_owned(), "https://docs.example".to_owned())].into(),
        inbound,
        outbound: Outbound::Static,
        others: Others::default(),
        scopes: Vec::new(),
        operations: 12,
        limits: Limits::default(),
        trusted_proxies: Vec::new(),
        environment: None,
    }
}

fn start(settings: Settings) -> (Arc<Auth>, Hand) {
    start_at(settings, Arc::new(Open))
}

fn start_at(settings: Settings, operations: Arc<dyn Operations>) -> (Arc<Auth>, Hand) {
    let (clock, hand) = Clock::standing(1_800_000_000);
    let parts = Parts {
        store: Arc::new(Memory::new(clock.clone())),
        keyring: Keyring::ephemeral(),
        clock,
        strangers: Wire::shared(),
        operator: Wire::shared(),
        operations,
    };
    (Auth::new(settings, parts).unwrap(), hand)
}

async fn ask(router: Router, method: Method, path: &str, fields: &[(&str, &str)]) -> (u16, HeaderMap, Value) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, 1 << 16).await.unwrap();
    (head.status.as_u16(), head.headers, serde_json::from_slice(&body).unwrap_or_default())
}

async fn get(auth: &Arc<Auth>, path: &str) -> (u16, HeaderMap, Value) {
    ask(auth.router(), Method::GET, path, &[]).await
}

/// Every place at which clients look for a way in.
const PROBES: [&str; 10] = [
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/mcp",
    "/mcp/.well-known/oauth-authorization-server",
    "/mcp/.well-known/openid-configuration",
    "/mcp/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp/key",
];

/// Which of the probes are answered with a document.
async fn found(inbound: Inbound) -> Vec<&'static str> {
    let (auth, _) = start(settings("https://mcp.example.com/mcp", inbound));
    let mut found = Vec::new();
    for path in PROBES {
        match get(&auth, path).await {
            (200, headers, _) => {
                assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=300");
                assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
                found.push(path);
            }
            (status, headers, body) => {
                assert_eq!((status, &body["error"]), (404, &json!("not_found")), "{path}");
                assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
            }
        }
    }
    found
}

#[tokio::test]
async fn documents_are_where_there_is_a_way_in_and_nowhere_else() {
    let rows = [
        (Inbound::default(), &[] as &[&str]),
        (Inbound { api_key: Some(keys()), ..Inbound::default() }, &[]),
        (Inbound { resource_server: Some(trusting()), ..Inbound::default() }, &PROBES[..2]),
        (Inbound { broker: Some(broker(None)), ..Inbound::default() }, &PROBES[..3]),
        (Inbound { broker: Some(broker(None)), api_key: Some(keys()), ..Inbound::default() }, &PROBES[..3]),
    ];
    for (inbound, expected) in rows {
        assert_eq!(found(inbound).await, expected);
    }
}

#[tokio::test]
async fn the_documents_are_as_the_standards_have_them() {
    let (auth, _) = start(settings(
        "https://mcp.example.com/mcp",
        Inbound { broker: Some(broker(None)), ..Inbound::default() },
    ));
    let expected = json!({
        "resource": "https://mcp.example.com/mcp",
        "authorization_servers": ["https://mcp.example.com"],
        "scopes_supported": ["api"],
        "bearer_methods_supported": ["header"],
        "resource_name": "An API",
        "resource_documentation": "https://docs.example",
    });
    assert_eq!(get(&auth, PROBES[0]).await.2, expected);
    assert_eq!(get(&auth, PROBES[1]).await.2, expected);
    let expected = json!({
        "issuer": "https://mcp.example.com",
        "authorization_endpoint": "https://mcp.example.com/authorize",
        "token_endpoint": "https://mcp.example.com/token",
        "registration_endpoint": "https://mcp.example.com/register",
        "revocation_endpoint": "https://mcp.example.com/revoke",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "EdDSA", "PS256"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "RS256", "EdDSA", "PS256"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": false,
        "scopes_supported": ["api", "offline_access"],
    });
    assert_eq!(get(&auth, PROBES[2]).await.2, expected);
}

#[tokio::test]
async fn a_shared_host_has_the_server_below_a_path() {
    let inbound =
        Inbound { broker: Some(broker(Some("https://api.example.com/auth"))), ..Inbound::default() };
    let (auth, _) = start(settings("https://api.example.com/v1/mcp", inbound));
    let document = get(&auth, "/.well-known/oauth-authorization-server/auth").await.2;
    assert_eq!(document["issuer"], "https://api.example.com/auth");
    assert_eq!(document["token_endpoint"], "https://api.example.com/auth/token");
    let resource = get(&auth, "/.well-known/oauth-protected-resource/v1/mcp").await.2;
    assert_eq!(resource["authorization_servers"], json!(["https://api.example.com/auth"]));
    // RFC 8414, 3.3: no document of an issuer where another is asked for.
    assert_eq!(get(&auth, "/.well-known/oauth-authorization-server").await.0, 404);
    assert_eq!(ask(auth.router(), Method::POST, "/auth/register", &[]).await.0, 400);
    assert_eq!(ask(auth.router(), Method::POST, "/register", &[]).await.0, 404);
    for elsewhere in ["https://other.example.com/auth", "https://api.example.com/auth/", "auth"] {
        let inbound = Inbound { broker: Some(broker(Some(elsewhere))), ..Inbound::default() };
        let settings = settings("https://api.example.com/v1/mcp", inbound);
        assert!(Auth::new(settings, parts_of()).is_err(), "{elsewhere}");
    }
}

#[test]
fn what_looks_like_a_pattern_of_the_router_is_no_path() {
    for url in
        ["https://mcp.example.com/:a/mcp", "https://mcp.example.com/*a", "https://mcp.example.com/v1/:a"]
    {
        let inbound = Inbound { broker: Some(broker(None)), ..Inbound::default() };
        assert!(Auth::new(settings(url, inbound), parts_of()).is_err(), "{url}");
        let inbound = Inbound { broker: Some(broker(Some(url))), ..Inbound::default() };
        assert!(Auth::new(settings("https://mcp.example.com/mcp", inbound), parts_of()).is_err(), "{url}");
    }
}

fn parts_of() -> Parts {
    let clock = Clock::system();
    Parts {
        store: Arc::new(Memory::new(clock.clone())),
        keyring: Keyring::ephemeral(),
        clock,
        strangers: Wire::shared(),
        operator: Wire::shared(),
        operations: Arc::new(Open),
    }
}

#[tokio::test]
async fn where_only_keys_are_taken_clients_that_want_to_sign_in_are_told_so() {
    let (auth, _) = start(settings(
        "https://mcp.example.com/mcp",
        Inbound { api_key: Some(keys()), ..Inbound::default() },
    ));
    for path in ["/register", "/authorize", "/token", "/revoke"] {
        let (status, _, body) = ask(auth.router(), Method::POST, path, &[]).await;
        assert_eq!(status, 404);
        let told = body["error_description"].as_str().unwrap();
        assert!(told.contains("`Authorization: Bearer KEY` or `x-api-key: KEY`"), "{told}");
    }
}

#[tokio::test]
async fn who_would_register_here_is_sent_to_the_issuer() {
    let inbound = Inbound { resource_server: Some(trusting()), ..Inbound::default() };
    let (auth, _) = start(settings("https://mcp.example.com/mcp", inbound));
    for path in ["/register", "/authorize", "/token", "/revoke"] {
        let (status, headers, body) = ask(auth.router(), Method::POST, path, &[]).await;
        assert_eq!((status, &headers[header::CACHE_CONTROL]), (404, &"no-store".parse().unwrap()));
        let told = body["error_description"].as_str().unwrap();
        assert!(told.contains("sign in at https://as.example"), "{told}");
    }
}

#[tokio::test]
async fn where_something_else_is_the_endpoint_cannot_be() {
    let both = Inbound { broker: Some(broker(None)), api_key: Some(keys()), ..Inbound::default() };
    let below = Inbound { broker: Some(broker(Some("https://mcp.example.com/auth"))), ..Inbound::default() };
    let only_keys = Inbound { api_key: Some(keys()), ..Inbound::default() };
    for (inbound, free, taken) in [
        (
            both,
            &["/mcp", "/mcp/key", "/", "/tokens", "/oauth"][..],
            &[
                "/token",
                "/authorize",
                "/authorize/consent",
                "/authorize/key",
                "/oauth/callback",
                "/register",
                "/revoke",
            ][..],
        ),
        (below, &["/mcp", "/token"], &["/auth/token", "/auth/authorize/key"]),
        (only_keys, &["/mcp", "/oauth/callback"], &["/token", "/register", "/authorize", "/revoke"]),
    ] {
        let (auth, _) = start(settings("https://mcp.example.com/mcp", inbound));
        let always = ["/.well-known/a", "/.well-known/oauth-authorization-server", "/mcp/.well-known/b"];
        assert!(free.iter().all(|path| !auth.has(path)));
        for path in taken.iter().chain(&always) {
            assert!(auth.has(path), "{path}");
        }
        for path in free {
            drop(auth.router().merge(Router::new().route(path, any(async || ()))));
        }
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_ask_clients_endpoints_and_read_no_page() {
    let (auth, _) = start(settings(
        "https://mcp.example.com/mcp",
        Inbound { broker: Some(broker(None)), ..Inbound::default() },
    ));
    let fields =
        [("origin", "https://app.example"), ("access-control-request-headers", "mcp-protocol-version")];
    for path in ["/token", "/register", "/revoke", PROBES[1], PROBES[2], PROBES[4]] {
        let (status, headers, _) = ask(auth.router(), Method::OPTIONS, path, &fields).await;
        assert_eq!(
            (status, &headers[header::ACCESS_CONTROL_ALLOW_ORIGIN]),
            (204, &"*".parse().unwrap()),
            "{path}"
        );
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "mcp-protocol-version");
    }
    for path in ["/authorize", "/oauth/callback"] {
        let (_, headers, _) = ask(auth.router(), Method::GET, path, &fields).await;
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{path}");
    }
}

/// The endpoint behind the guard: what it finds out comes from a header.
fn behind(auth: &Arc<Auth>) -> Router {
    auth.protect(Router::new().route(
        "/mcp",
        any(async |request: Request| {
            let Some(identity) = request.extensions().get::<Arc<Identity>>() else {
                return StatusCode::IM_A_TEAPOT;
            };
            match request.headers().get("x-verdict").map(|value| value.to_str().unwrap()) {
                Some("again") => identity.judge(Verdict::SignInAgain),
                Some(scopes) => {
                    identity.judge(Verdict::NeedsScopes(scopes.split(' ').map(str::to_owned).collect()))
                }
                None => {}
            }
            StatusCode::OK
        }),
    ))
}

#[tokio::test]
async fn a_request_gets_in_with_an_identity_or_is_told_the_way() {
    let inbound = Inbound { api_key: Some(keys()), broker: Some(broker(None)), ..Inbound::default() };
    let (auth, _) = start(settings("https://mcp.example.com/mcp", inbound));
    let bearer = format!("Bearer {KEY}");
    let metadata = "resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";
    let rows: [(Method, Pairs<'_>, u16, Option<&str>); 8] = [
        (Method::POST, &[], 401, Some(metadata)),
        (Method::GET, &[], 401, Some(metadata)),
        (Method::DELETE, &[], 401, Some(metadata)),
        (Method::POST, &[("authorization", "Bearer oga_nonsense")], 401, Some("error=\"invalid_token\"")),
        (Method::POST, &[("authorization", &bearer)], 200, None),
        (Method::POST, &[("x-api-key", KEY)], 200, None),
        (Method::POST, &[("x-api-key", KEY), ("x-verdict", "again")], 401, Some("error=\"invalid_token\"")),
        (Method::POST, &[("x-api-key", KEY), ("x-verdict", "read write")], 403, Some("scope=\"read write\"")),
    ];
    for (method, fields, status, told) in rows {
        let (got, headers, _) = ask(behind(&auth), method, "/mcp", fields).await;
        assert_eq!(got, status, "{fields:?}");
        let challenge = headers.get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap());
        assert_eq!(challenge.is_some(), told.is_some());
        assert!(challenge.unwrap_or_default().contains(told.unwrap_or_default()), "{challenge:?}");
    }
}

#[tokio::test]
async fn with_auth_off_everybody_gets_in_as_nobody() {
    let (auth, _) = start(settings("https://mcp.example.com/mcp", Inbound::default()));
    assert_eq!(ask(behind(&auth), Method::POST, "/mcp", &[]).await.0, 418);
}
