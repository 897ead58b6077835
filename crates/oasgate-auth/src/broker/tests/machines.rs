//! Tokens without a grant.

use std::time::Duration;

use serde_json::{Value, json};

use super::authority::Authority;
use super::world::{ISSUER, NOW, Pairs, RESOURCE, World, machine, paste, rules};
use crate::jwt::tests::Signer;
use crate::settings::{Broker, Issuer, Outbound, TrustedIdp};
use crate::testing::Elsewhere;

#[tokio::test]
async fn a_machine_acts_for_itself_within_its_scopes() {
    let clients = [("robot".to_owned(), machine("sesame"))].into();
    let world = World::with(Broker { clients, ..rules(paste()) }, Outbound::Static);
    let public = world.client().await;
    let rows: [(Pairs<'_>, &str); 6] = [
        (&[("client_id", "robot"), ("client_secret", "wrong")], "401 invalid_client"),
        (&[("client_id", "robot")], "401 invalid_client"),
        (&[("client_id", &public)], "400 unauthorized_client"),
        (&[("client_id", "robot"), ("client_secret", "sesame"), ("scope", "write")], "400 invalid_scope"),
        (
            &[("client_id", "robot"), ("client_secret", "sesame"), ("resource", "https://x.example")],
            "400 invalid_target",
        ),
        (
            &[("client_id", "robot"), ("client_secret", "sesame"), ("scope", "read"), ("scope", "read")],
            "400 invalid_request",
        ),
    ];
    for (more, expected) in rows {
        let mut pairs = vec![("grant_type", "client_credentials")];
        pairs.extend(more);
        assert_eq!(world.post("/token", &pairs).await.refusal(), expected, "{more:?}");
    }
    let pairs = [("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", "sesame")];
    let answer = world.post("/token", &pairs).await.json();
    assert!(answer.get("refresh_token").is_none());
    assert_eq!(answer["scope"], "read");
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(&*world.identity(token).await.principal, "client:robot");
    world.hand.advance(3600);
    assert_eq!(world.call(token).await.0, 401);
}

#[tokio::test]
async fn a_machine_has_nothing_of_a_users_to_send_upstream() {
    let authority = Authority::start().await;
    let clients = [("robot".to_owned(), machine("sesame"))].into();
    let leg = crate::settings::Leg::OAuth(authority.leg());
    let world = World::with(Broker { clients, ..rules(leg) }, Outbound::Grant);
    let pairs = [("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", "sesame")];
    let token = world.post("/token", &pairs).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.call(&token).await.0, 502);
}

#[tokio::test]
async fn an_identity_assertion_is_for_us_this_client_and_once() {
    let (idp, signer) = (Elsewhere::start().await, Signer::new("ES256", "k"));
    idp.is_issuer(&signer.set());
    let issuer = Issuer {
        issuer: idp.origin.clone(),
        audience: None,
        jwks_uri: None,
        algorithms: vec!["ES256".to_owned()],
        subject_claim: None,
    };
    let rules = Broker {
        clients: [("robot".to_owned(), machine("sesame"))].into(),
        trusted_idps: vec![TrustedIdp { issuer }],
        access_ttl: Duration::from_secs(300),
        ..rules(paste())
    };
    let world = World::with(rules, Outbound::Static);
    let typ = json!({ "typ": "oauth-id-jag+jwt" });
    let sign = |header: &Value, changes: Value| {
        let mut claims = json!({ "iss": idp.origin, "sub": "alice", "aud": ISSUER, "client_id": "robot", "jti": "1",
            "exp": NOW + 300, "resource": RESOURCE, "scope": "read other" });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        signer.sign_with(header, &claims)
    };
    let good = sign(&typ, json!({}));
    let rows = [
        (sign(&json!({ "typ": "JWT" }), json!({})), "400 invalid_grant"),
        (sign(&typ, json!({ "aud": [ISSUER, "https://x.example"] })), "400 invalid_grant"),
        (sign(&typ, json!({ "aud": RESOURCE })), "400 invalid_grant"),
        (sign(&typ, json!({ "client_id": "another" })), "400 invalid_grant"),
        (sign(&typ, json!({ "resource": "https://mcp.example.com/mcp2" })), "400 invalid_grant"),
        (sign(&typ, json!({ "resource": null })), "400 invalid_grant"),
        (sign(&typ, json!({ "resource": [RESOURCE] })), "400 invalid_grant"),
        (sign(&typ, json!({ "cnf": { "jkt": "x" } })), "400 invalid_grant"),
        (sign(&typ, json!({ "authorization_details": [] })), "400 invalid_grant"),
        (sign(&typ, json!({ "iss": "https://evil.example" })), "400 invalid_grant"),
        (sign(&typ, json!({ "exp": NOW - 61 })), "400 invalid_grant"),
        (sign(&typ, json!({ "jti": null })), "400 invalid_grant"),
        (good.clone(), "200 "),
        (good, "400 invalid_grant"),
    ];
    for (assertion, expected) in rows {
        let pairs = [
            ("grant_type", super::super::JWT_BEARER),
            ("client_id", "robot"),
            ("client_secret", "sesame"),
            ("assertion", assertion.as_str()),
        ];
        let answer = world.post("/token", &pairs).await;
        assert_eq!(answer.refusal(), expected, "{answer:?}");
        if answer.status == 200 {
            let body = answer.json();
            assert_eq!((&body["scope"], body.get("refresh_token")), (&json!("read"), None));
            let principal = world.identity(body["access_token"].as_str().unwrap()).await.principal.clone();
            assert!(principal.starts_with("user:"));
        }
    }
}
