//! Who is let in and who is not. Tests are named after the threat that they keep out.

mod keys;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::response::IntoResponse as _;
use futures_util::future::BoxFuture;
use http::{HeaderName, Request, StatusCode, request};
use regex::Regex;
use serde_json::Value;

use super::{AccessTokens, Challenge, Denied, Inbound};
use crate::settings::{self, ApiKeys, Issuer, KeyPlace, Outbound, ResourceServer, Settings, Verification};
use crate::testing::{Api, Elsewhere, parts, settings};
use crate::token::{Token, TokenKind};
use crate::{Hand, Identity, Keyring, Parts, Presented, Secret, Verified};

/// Header fields.
type Fields<'f> = &'f [(&'f str, &'f str)];

const NOW: i64 = 1_800_000_000;
const RESOURCE: &str = "https://mcp.example.com/mcp";
const METADATA: &str =
    "resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\"";

/// Takes all access tokens, so that what gets this far is seen.
#[derive(Debug)]
struct Ours;

impl AccessTokens for Ours {
    fn recall(&self, _: &Token) -> Option<Identity> {
        None
    }

    fn identify<'a>(&'a self, token: &'a Token) -> BoxFuture<'a, Result<Identity, Denied>> {
        let (grant, token) = ("g".into(), Secret::new(token.expose()));
        let identity = Identity::new("user of ours", Presented::Grant { grant, token });
        Box::pin(std::future::ready(Ok(identity)))
    }
}

/// A gate, the API behind it, and its clock.
struct Gate {
    inbound: Inbound,
    api: Arc<Api>,
    parts: Parts,
    hand: Hand,
}

impl Gate {
    fn new(ways: settings::Inbound, with_broker: bool) -> Self {
        Self::by(&settings(ways, Outbound::Static), with_broker)
    }

    fn by(settings: &Settings, with_broker: bool) -> Self {
        let api = Arc::new(Api::default());
        let (parts, hand) = parts(NOW, &api);
        let broker = with_broker.then(|| Arc::new(Ours) as Arc<dyn AccessTokens>);
        let inbound = Inbound::new(settings, &parts, broker).unwrap();
        Self { inbound, api, parts, hand }
    }

    fn knows(&self, key: &str, verdict: Verified) {
        self.api.keys.lock().unwrap().insert(key.to_owned(), verdict);
    }

    fn tried(&self) -> usize {
        self.api.tried.lock().unwrap().len()
    }

    async fn identify(&self, head: &request::Parts) -> Result<Identity, Challenge> {
        self.inbound.identify(self.inbound.shown(head)?, head.uri.path()).await
    }

    /// Whose a request is, or `STATUS error`.
    async fn asks(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let mut request = Request::get(path);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        match self.identify(&head).await {
            Ok(identity) => identity.principal.to_string(),
            Err(challenge) => format!("{} {}", challenge.status.as_u16(), challenge.error),
        }
    }

    async fn bearer(&self, token: &str) -> String {
        self.asks("/mcp", &[("authorization", &format!("Bearer {token}"))]).await
    }

    async fn answer(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, Option<String>, Value) {
        let mut request = Request::get(path);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let answer = self.identify(&head).await.unwrap_err().into_response();
        let way_in = answer.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["access-control-expose-headers"], "WWW-Authenticate, Retry-After");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 16).await.unwrap();
        (status, way_in, serde_json::from_slice(&body).unwrap())
    }
}

fn keys() -> ApiKeys {
    ApiKeys {
        places: vec![
            KeyPlace::Authorization("bearer".to_owned()),
            KeyPlace::Header(HeaderName::from_static("x-api-key")),
        ],
        // On purpose as wide as can be, and not anchored.
        pattern: Regex::new(r"[A-Za-z0-9._-]+").unwrap(),
        verification: Some(Verification {
            ttl: Duration::from_secs(60),
            negative_ttl: Duration::from_secs(5),
        }),
        path: Some("/mcp/key".to_owned()),
    }
}

fn only_keys() -> settings::Inbound {
    settings::Inbound { api_key: Some(keys()), ..settings::Inbound::default() }
}

fn trusting(elsewhere: &Elsewhere) -> ResourceServer {
    let issuer = Issuer {
        issuer: elsewhere.origin.clone(),
        audience: None,
        jwks_uri: None,
        algorithms: ["ES256", "RS256", "EdDSA"].map(str::to_owned).to_vec(),
        subject_claim: None,
    };
    ResourceServer { issuers: vec![issuer], introspection: None }
}

#[tokio::test]
async fn the_order_of_questions_is_constant_and_has_no_second_try() {
    let elsewhere = Elsewhere::start().await;
    let ways = settings::Inbound { resource_server: Some(trusting(&elsewhere)), ..only_keys() };
    let gate = Gate::new(ways, true);
    gate.knows("sk_1", Verified::Good { subject: Some("ann".to_owned()) });
    let keyring = Keyring::ephemeral();
    let ours = |kind| Token::mint(kind, &keyring).expose().to_owned();
    let access = ours(TokenKind::Access);
    assert_eq!(gate.bearer(&access).await, "user of ours");
    assert_eq!(gate.bearer("sk_1").await, "key-of ann");
    assert_eq!(gate.tried(), 1);
    let refused = [
        // Ours, of another kind or damaged: neither a key nor anything else, though the pattern matches.
        ours(TokenKind::Refresh),
        ours(TokenKind::Code),
        ours(TokenKind::ClientSecret),
        ours(TokenKind::State),
        format!("{access}x"),
        "oga_".to_owned(),
        // JWTs of nobody: never a key.
        "eyJhbGciOiJub25lIn0.e30.".to_owned(),
        "eyJhbGciOiJub25lIn0=.e30.x".to_owned(),
        "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d".to_owned(),
        // What the pattern matches only in part.
        "sk_1!".to_owned(),
        "sk/1".to_owned(),
    ];
    for token in refused {
        assert_eq!(gate.bearer(&token).await, "401 invalid_token", "{token}");
    }
    assert_eq!(gate.tried(), 1, "none of them reached the API");
    assert!(elsewhere.got("/jwks").is_empty(), "nor an issuer");
}

#[tokio::test]
async fn two_credentials_or_one_in_the_query_are_refused() {
    let gate = Gate::new(only_keys(), true);
    gate.knows("sk_1", Verified::Good { subject: None });
    let rows: [(&str, Fields<'_>, &str); 14] = [
        (
            "/mcp",
            &[("authorization", "Bearer sk_1"), ("authorization", "Bearer sk_1")],
            "400 invalid_request",
        ),
        ("/mcp", &[("authorization", "Bearer sk_1"), ("x-api-key", "sk_1")], "400 invalid_request"),
        ("/mcp", &[("authorization", "Basic dTpw"), ("x-api-key", "sk_1")], "400 invalid_request"),
        ("/mcp", &[("x-api-key", "sk_1"), ("x-api-key", "sk_2")], "400 invalid_request"),
        ("/mcp", &[("authorization", "Bearer sk_1, Bearer sk_2")], "400 invalid_request"),
        ("/mcp", &[("authorization", "Bearer a b")], "400 invalid_request"),
        ("/mcp", &[("authorization", "Bearer")], "400 invalid_request"),
        ("/mcp", &[("authorization", "Bearer ")], "400 invalid_request"),
        ("/mcp", &[("x-api-key", " ")], "400 invalid_request"),
        ("/mcp?access_token=sk_1", &[], "401 invalid_token"),
        ("/mcp?a=b&access%5Ftoken=sk_1", &[("authorization", "Bearer sk_1")], "401 invalid_token"),
        ("/mcp", &[("authorization", "Basic dTpw")], "401 unauthorized"),
        ("/mcp", &[("authorization", "sk_1")], "401 unauthorized"),
        ("/mcp", &[], "401 unauthorized"),
    ];
    for (path, fields, expected) in rows {
        assert_eq!(gate.asks(path, fields).await, expected, "{path} {fields:?}");
    }
    assert_eq!(gate.tried(), 0);
}

#[tokio::test]
async fn the_way_in_is_told_as_it_is() {
    let elsewhere = Elsewhere::start().await;
    let resource_server = Some(trusting(&elsewhere));
    let signing = Gate::new(settings::Inbound { resource_server, ..only_keys() }, false);
    let way = |way: &str| Some(way.to_owned());
    // Nothing shown: no error (RFC 6750, 3.1).
    let (status, told, body) = signing.answer("/mcp", &[]).await;
    assert_eq!((status.as_u16(), told), (401, way(&format!("Bearer {METADATA}"))));
    assert_eq!(body["error"], "unauthorized");
    let (_, told, _) = signing.answer("/mcp", &[("authorization", "Bearer a b")]).await;
    assert!(told.unwrap().starts_with("Bearer error=\"invalid_request\", error_description=\""));
    let (_, told, body) = signing.answer("/mcp", &[("authorization", "Bearer eyJhIjoxfQ.e30.AA")]).await;
    let expected =
        format!("Bearer error=\"invalid_token\", error_description=\"its alg is not accepted\", {METADATA}");
    assert_eq!((told, &body["error"]), (Some(expected), &Value::from("invalid_token")));
    // The second path tells of no sign-in, and takes no token.
    let (status, told, body) = signing.answer("/mcp/key", &[]).await;
    assert_eq!((status.as_u16(), told), (401, way(&format!("Bearer realm=\"{RESOURCE}\""))));
    assert_eq!(
        body["error_description"],
        "send your API key as `Authorization: bearer KEY` or `x-api-key: KEY`"
    );
    // With keys only, neither does the first.
    let (_, told, _) = Gate::new(only_keys(), false).answer("/mcp", &[]).await;
    assert_eq!(told, way(&format!("Bearer realm=\"{RESOURCE}\"")));
}

#[test]
fn what_is_missing_is_asked_for_at_once() {
    let gate = Gate::new(only_keys(), false);
    let needed = ["a", "b:c", "with space", "quote\""].map(str::to_owned).to_vec();
    let challenge = gate.inbound.challenge("/mcp", Denied::NeedsScopes(needed));
    assert_eq!(challenge.status, StatusCode::FORBIDDEN);
    let way_in = challenge.way_in.unwrap();
    assert!(way_in.starts_with("Bearer error=\"insufficient_scope\""), "{way_in}");
    assert!(way_in.ends_with(", scope=\"a b:c\""), "{way_in}");
}
