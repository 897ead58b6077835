//! Clients: how they come to be known, and how they prove who they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, header};
use serde_json::{Value, json};

use super::browser::SignIn;
use super::world::{NOW, Pairs, REDIRECT, World, form, machine, paste, rules};
use crate::Secret;
use crate::jwt::tests::Signer;
use crate::settings::{Broker, Outbound, Registration};

#[tokio::test]
async fn what_real_clients_send_registers_them() {
    let world = World::pasting();
    let bodies = [
        json!({ "client_name": "Claude Code", "redirect_uris": ["http://localhost:33418/callback"],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none" }),
        json!({ "client_name": "Gemini CLI", "redirect_uris": ["http://localhost:7777/oauth/callback"],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none", "application_type": "web", "scope": "read unknown", "contacts": ["x"] }),
    ];
    for (sent, scope) in bodies.into_iter().zip(["read write", "read"]) {
        let answer = world.enrol(&sent).await;
        assert_eq!((answer.status, &answer.headers["cache-control"]), (201, &"no-store".parse().unwrap()));
        let told = answer.json();
        for name in
            ["client_name", "redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method"]
        {
            assert_eq!(told[name], sent[name], "{name}");
        }
        assert_eq!((&told["client_id_issued_at"], &told["scope"]), (&json!(NOW), &json!(scope)));
        assert_eq!(told.get("application_type"), sent.get("application_type"));
        assert!(told.get("client_secret").is_none() && told.get("registration_client_uri").is_none());
    }
}

#[tokio::test]
async fn dcr_abuse_what_is_wrong_or_too_much_is_not_kept() {
    let world = World::pasting();
    let many = vec![REDIRECT; 17];
    let rows = [
        (json!({}), "400 invalid_redirect_uri"),
        (json!({ "redirect_uris": many }), "400 invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://evil.example/"] }), "400 invalid_redirect_uri"),
        (json!({ "redirect_uris": [REDIRECT, "javascript:alert(1)"] }), "400 invalid_redirect_uri"),
        (json!({ "redirect_uris": [1] }), "400 invalid_client_metadata"),
        (json!([]), "400 invalid_client_metadata"),
        (
            json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "magic" }),
            "400 invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "private_key_jwt" }),
            "400 invalid_client_metadata",
        ),
        (json!({ "redirect_uris": [REDIRECT], "response_types": ["token"] }), "400 invalid_client_metadata"),
        (
            json!({ "redirect_uris": [REDIRECT], "grant_types": ["client_credentials"] }),
            "400 invalid_client_metadata",
        ),
        (json!({ "redirect_uris": [REDIRECT], "client_name": "x".repeat(5_000_000) }), "413 invalid_request"),
    ];
    for (metadata, expected) in rows {
        assert_eq!(world.enrol(&metadata).await.refusal(), expected);
    }
    assert_eq!(world.dump().await, "");
}

#[tokio::test]
async fn dcr_abuse_registrations_that_nobody_signs_in_by_are_forgotten_the_next_day() {
    let world = World::pasting();
    let mut sign_in = SignIn::begin(&world).await;
    // Looking at the page, and asking for tokens in vain, is nothing that not anybody can do.
    for _ in 0..2 {
        sign_in.page(&world).await;
        assert_eq!(world.refresh(&sign_in.client, "ogr_x").await.refusal(), "400 invalid_grant");
        world.hand.advance(86_400 / 2);
    }
    let address = sign_in.address(&[]);
    assert_eq!(sign_in.browser.get(&world, &address).await.status, 400);
}

#[tokio::test]
async fn dcr_abuse_registrations_that_are_not_used_for_long_are_forgotten() {
    let world = World::pasting();
    world.api.good.lock().unwrap().insert("sk_alice".to_owned(), "alice".to_owned());
    let mut sign_in = SignIn::begin(&world).await;
    sign_in.paste(&world, "sk_alice").await;
    for days in [89, 89] {
        world.hand.advance(days * 86_400);
        sign_in.page(&world).await;
    }
    world.hand.advance(91 * 86_400);
    let address = sign_in.address(&[]);
    assert_eq!(sign_in.browser.get(&world, &address).await.status, 400);
}

#[tokio::test]
async fn registration_is_for_whom_the_operator_lets() {
    let body = json!({ "redirect_uris": [REDIRECT] });
    let token = Registration::Token(Secret::new("initial"));
    let rows = [
        (Registration::Open, None, 201),
        (Registration::Off, None, 403),
        (token.clone(), None, 401),
        (token.clone(), Some("Bearer wrong"), 401),
        (token, Some("Bearer initial"), 201),
    ];
    for (registration, shown, expected) in rows {
        let world = World::with(Broker { registration, ..rules(paste()) }, Outbound::MintedKey);
        let mut request = Request::post("/register");
        if let Some(shown) = shown {
            request = request.header(header::AUTHORIZATION, shown);
        }
        let answer = world.send(request.body(body.to_string().into()).unwrap()).await;
        assert_eq!(answer.status, expected, "{shown:?}");
        let challenge = answer.headers.get(header::WWW_AUTHENTICATE).map(|value| value.to_str().unwrap());
        assert_eq!(challenge, (expected == 401).then_some("Bearer error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_proven_in_one_way() {
    let world = World::pasting();
    let told = world.enrol(&json!({ "redirect_uris": [REDIRECT] })).await.json();
    let (id, secret) = (told["client_id"].as_str().unwrap(), told["client_secret"].as_str().unwrap());
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    assert!(!world.dump().await.contains(secret));
    let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let other = world.enrol(&json!({ "redirect_uris": [REDIRECT] })).await.json();
    let rows: [(Option<String>, Pairs<'_>, &str); 8] = [
        (Some(basic(id, secret)), &[], "400 invalid_grant"),
        (None, &[("client_id", id), ("client_secret", secret)], "400 invalid_grant"),
        (None, &[("client_id", id)], "401 invalid_client"),
        (Some(basic(id, "wrong")), &[], "401 invalid_client"),
        (Some(basic(id, other["client_secret"].as_str().unwrap())), &[], "401 invalid_client"),
        (Some("Bearer x".to_owned()), &[("client_id", id)], "401 invalid_client"),
        (Some(basic(id, secret)), &[("client_secret", secret)], "400 invalid_request"),
        (Some(basic(id, secret)), &[("client_id", "another")], "400 invalid_request"),
    ];
    for (shown, more, expected) in rows {
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", "ogr_x")];
        pairs.extend(more);
        let mut request =
            Request::post("/token").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(shown) = &shown {
            request = request.header(header::AUTHORIZATION, shown);
        }
        let answer = world.send(request.body(form(&pairs).into()).unwrap()).await;
        assert_eq!(answer.refusal(), expected, "{shown:?} {more:?}");
        // RFC 6749, 5.2: only for client authentication.
        let challenged = answer.headers.contains_key(header::WWW_AUTHENTICATE);
        assert_eq!(challenged, answer.status == 401);
    }
}

#[tokio::test]
async fn a_key_proves_a_client_once_for_each_assertion() {
    let (signer, stranger) = (Signer::new("ES256", "k"), Signer::new("ES256", "k"));
    let by_key =
        crate::settings::MachineClients { secret: None, jwks: Some(signer.set().to_string()), ..machine("") };
    let world = World::with(
        Broker { clients: [("robot".to_owned(), by_key)].into(), ..rules(paste()) },
        Outbound::Static,
    );
    let claims = |changes: Value| {
        let mut claims = json!({ "iss": "robot", "sub": "robot", "aud": super::world::ISSUER, "jti": "1", "exp": NOW + 60 });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let good = signer.sign(&claims(json!({})));
    let rows = [
        (signer.sign(&claims(json!({ "aud": "https://evil.example" }))), 401),
        (signer.sign(&claims(json!({ "aud": [super::world::ISSUER, "https://evil.example"] }))), 401),
        (signer.sign(&claims(json!({ "iss": "another" }))), 401),
        (signer.sign(&claims(json!({ "exp": NOW - 61 }))), 401),
        (signer.sign(&claims(json!({ "exp": NOW + 7200 }))), 401),
        (signer.sign(&claims(json!({ "jti": null }))), 401),
        (stranger.sign(&claims(json!({}))), 401),
        ("a.b.c".to_owned(), 401),
        (good.clone(), 200),
        // Again: somebody has seen it on its way.
        (good, 401),
        (signer.sign(&claims(json!({ "jti": "2", "aud": format!("{}/token", super::world::ISSUER) }))), 200),
    ];
    for (assertion, expected) in rows {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion.as_str()),
        ];
        assert_eq!(world.post("/token", &pairs).await.status, expected, "{assertion}");
    }
}
