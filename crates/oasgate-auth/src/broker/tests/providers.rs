//! Signing in at the other end, and what is checked of what it answers.

use std::collections::HashMap;

use axum::http::header::AUTHORIZATION;
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::authority::{Authority, Quirks};
use super::browser::{SignIn, pair};
use super::world::{Api, NOW, Pairs, REDIRECT, STATE, World, paste, query, rules};
use crate::random;
use crate::settings::{Leg, OAuthLeg, Outbound, PortalLeg};

#[tokio::test]
async fn a_user_signs_in_elsewhere_and_calls() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let told = query(&sign_in.arrive(&world, &authority).await);
    assert_eq!((told["state"].as_str(), told["iss"].as_str()), (STATE, super::world::ISSUER));
    let answer = sign_in.redeem(&world, &told["code"], &[]).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"], &body["scope"]),
        (&json!("Bearer"), &json!(3600), &json!("read write"))
    );
    assert_eq!(
        world.call(body["access_token"].as_str().unwrap()).await,
        (200, "upstream-access-1".to_owned())
    );
    // The same user is the same principal, whoever acts for them.
    let (one, two) = (principals(&world, &authority).await, principals(&world, &authority).await);
    assert_eq!(one, two);
}

async fn principals(world: &World, authority: &Authority) -> String {
    let (access, _) = SignIn::begin(world).await.tokens(world, authority).await;
    let request = axum::extract::Request::post("/mcp").header(AUTHORIZATION, format!("Bearer {access}"));
    world.send(request.body(axum::body::Body::empty()).unwrap()).await.json()["principal"].to_string()
}

#[tokio::test]
async fn the_request_to_the_provider_is_as_configured() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let away = sign_in.browser.allow(&world, &page).await.location();
    assert_eq!(away.origin().ascii_serialization(), authority.origin);
    let asked = query(&away);
    let rows = [
        ("response_type", "code"),
        ("client_id", "us"),
        ("redirect_uri", "https://mcp.example.com/oauth/callback"),
        ("scope", "all"),
        ("audience", "api"),
        ("code_challenge_method", "S256"),
    ];
    for (name, expected) in rows {
        assert_eq!(asked[name], expected, "{name}");
    }
    assert!(!asked.contains_key("nonce") && !asked.contains_key("resource"));
    // Nothing of the client's is told to the provider.
    assert!(
        !away.as_str().contains(&random::challenge(&sign_in.verifier)) && !asked["state"].contains("client")
    );
}

#[tokio::test]
async fn who_the_user_is_is_asked_for_where_the_id_token_is_to_say_it() {
    for (scopes, expected) in
        [(vec!["all"], "openid all"), (vec!["all", "openid"], "all openid"), (vec![], "openid")]
    {
        let authority = Authority::start().await;
        let scopes = scopes.into_iter().map(str::to_owned).collect();
        let leg = OAuthLeg { openid: true, userinfo: None, scopes, ..authority.leg() };
        let world = World::with(rules(Leg::OAuth(leg)), Outbound::Grant);
        let mut sign_in = SignIn::begin(&world).await;
        let page = sign_in.page(&world).await;
        let away = sign_in.browser.allow(&world, &page).await.location();
        assert_eq!(query(&away)["scope"], expected);
    }
}

/// What the client is told when its user comes back with `answer`.
async fn told(quirks: Quirks, openid: bool, answer: Option<Pairs<'_>>) -> String {
    let authority = Authority::start().await;
    let leg = OAuthLeg { openid, userinfo: None, ..authority.leg() };
    let world = World::with(rules(Leg::OAuth(leg)), Outbound::Grant);
    world.api.good.lock().unwrap().insert("upstream-access-1".to_owned(), "alice".to_owned());
    authority.quirks(quirks);
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let away = sign_in.browser.allow(&world, &page).await.location();
    let good = authority.sign_in(&away).await;
    // A code that is good, wherever a row says so: what is wrong is the rest.
    let code = &query(&good)["code"];
    let fill = |answer: Pairs<'_>| {
        let filled: Vec<_> = answer
            .iter()
            .map(|&(name, value)| match value {
                "CODE" => (name, code.as_str()),
                "ISSUER" => (name, authority.origin.as_str()),
                other => (name, other),
            })
            .collect();
        authority.back(&away, &filled)
    };
    let back = answer.map_or_else(|| good.clone(), fill);
    let address = format!("{}?{}", back.path(), back.query().unwrap());
    let location = sign_in.browser.get(&world, &address).await.location();
    assert!(location.as_str().starts_with(REDIRECT));
    let told = query(&location);
    assert_eq!((told["state"].as_str(), told["iss"].as_str()), (STATE, super::world::ISSUER));
    if told.contains_key("code") { "code".to_owned() } else { told["error"].clone() }
}

#[tokio::test]
async fn mix_up_an_answer_that_is_not_the_providers_gives_no_code() {
    let rows: [(Pairs<'_>, &str); 8] = [
        (&[("code", "CODE"), ("iss", "https://evil.example")], "server_error"),
        (&[("code", "CODE")], "server_error"),
        (&[("error", "access_denied"), ("iss", "ISSUER")], "access_denied"),
        (&[("error", "temporarily_unavailable"), ("iss", "ISSUER")], "access_denied"),
        (&[("error", "<script>"), ("iss", "ISSUER")], "access_denied"),
        (&[("error", "access_denied"), ("iss", "x")], "server_error"),
        (&[("error", "access_denied")], "server_error"),
        (&[("iss", "x")], "server_error"),
    ];
    for (answer, expected) in rows {
        assert_eq!(told(Quirks::default(), false, Some(answer)).await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn an_id_token_says_who_the_user_is_or_nobody_does() {
    assert_eq!(told(Quirks::default(), true, None).await, "code");
    let rows = [
        ("iss", json!("https://evil.example")),
        ("aud", json!("somebody else")),
        ("aud", json!(["us", "somebody else"])),
        ("nonce", json!("another")),
        ("nonce", json!(null)),
        ("exp", json!(NOW - 600)),
        ("exp", json!(null)),
        ("sub", json!("")),
    ];
    for (name, value) in rows {
        let quirks = Quirks { claims: vec![(name, value.clone())], ..Quirks::default() };
        assert_eq!(told(quirks, true, None).await, "server_error", "{name} {value}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_told_from_one_that_refuses() {
    let rows = [
        (503, json!({}), "temporarily_unavailable"),
        (429, json!({}), "temporarily_unavailable"),
        (400, json!({ "error": "invalid_grant" }), "server_error"),
        (200, json!({ "token_type": "Bearer" }), "server_error"),
        (200, json!({ "access_token": "a b", "token_type": "Bearer" }), "server_error"),
        (200, json!({ "access_token": "unknown to the API", "token_type": "mac" }), "server_error"),
        (200, json!({ "access_token": "unknown-to-the-API", "token_type": "Bearer" }), "access_denied"),
    ];
    for (status, body, expected) in rows {
        let quirks = Quirks { token: Some((status, body.clone())), ..Quirks::default() };
        assert_eq!(told(quirks, false, None).await, expected, "{status} {body}");
    }
}

/// A portal that mints keys, and answers its exchange with `answer` on top.
async fn portal(answer: Value) -> (World, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let exchange = move |Json(sent): Json<HashMap<String, String>>| {
        let mut body = json!({ "credential": "minted-key-1", "key_id": "k1", "subject": "alice" });
        for (name, value) in answer.as_object().unwrap() {
            body[name] = value.clone();
        }
        // The code holds the challenge: a portal that knows PKCE.
        let is_ours = random::challenge(&sent["code_verifier"]) == sent["code"] && sent["client_id"] == "us";
        let status = if is_ours { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        std::future::ready((status, Json(body)))
    };
    let router = Router::new().route("/exchange", post(exchange));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let leg = PortalLeg {
        url: format!("{origin}/authorize?mode=oauth"),
        exchange_url: format!("{origin}/exchange"),
        client_id: Some("us".to_owned()),
        client_secret: None,
        sign_in_origins: vec!["https://sso.example".to_owned()],
    };
    (World::with(rules(Leg::Portal(leg)), Outbound::MintedKey), origin)
}

/// What the client is told by a server whose portal answers this.
pub(super) async fn from_portal(answer: Value) -> (World, SignIn, HashMap<String, String>) {
    let (world, origin) = portal(answer).await;
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let away = sign_in.browser.allow(&world, &page).await.location();
    assert!(away.as_str().starts_with(&format!("{origin}/authorize?mode=oauth&state=ogx_")));
    let asked = query(&away);
    let back = super::world::form(&[("state", &asked["state"]), ("code", &asked["code_challenge"])]);
    let location = sign_in.browser.get(&world, &format!("/oauth/callback?{back}")).await.location();
    (world, sign_in, query(&location))
}

#[tokio::test]
async fn a_portal_mints_a_key_that_the_client_never_sees() {
    let (world, sign_in, told) =
        from_portal(json!({ "environment": "prod", "expires_at": NOW + 7200 })).await;
    let answer = sign_in.redeem(&world, &told["code"], &[]).await;
    assert!(!answer.body.contains("minted"));
    let (access, refresh) = pair(&answer);
    assert_eq!(world.call(&access).await, (200, "minted-key-1".to_owned()));
    let pairs = [("token", refresh.as_str()), ("client_id", &sign_in.client)];
    assert_eq!(world.post("/revoke", &pairs).await.status, 200);
    while world.api.deleted.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(*world.api.deleted.lock().unwrap(), [("k1".to_owned(), "minted-key-1".to_owned())]);
    assert_eq!(world.call(&access).await.0, 401);
}

#[tokio::test]
async fn a_key_of_another_environment_is_refused_at_sign_in() {
    let rows = [
        (json!({ "environment": "test" }), "access_denied"),
        (json!({ "credential": "" }), "server_error"),
        (json!({ "credential": "a\nb" }), "server_error"),
        (json!({ "expires_at": "tomorrow" }), "server_error"),
    ];
    for (answer, expected) in rows {
        assert_eq!(from_portal(answer.clone()).await.2["error"], expected, "{answer}");
    }
}

#[tokio::test]
async fn a_minted_key_that_has_run_out_is_a_sign_in_that_has() {
    let (world, sign_in, told) = from_portal(json!({ "expires_at": NOW + 600 })).await;
    let (access, refresh) = pair(&sign_in.redeem(&world, &told["code"], &[]).await);
    world.hand.advance(601);
    assert_eq!(world.refresh(&sign_in.client, &refresh).await.refusal(), "400 invalid_grant");
    assert_eq!(world.call(&access).await.0, 401);
}

#[tokio::test]
async fn a_pasted_key_is_tried_and_sealed() {
    let world = World::with(rules(paste()), Outbound::MintedKey);
    let api: &Api = &world.api;
    api.good.lock().unwrap().insert("sk_alice".to_owned(), "alice".to_owned());
    let (access, _) = SignIn::begin(&world).await.paste(&world, " sk_alice\n").await;
    assert_eq!(world.call(&access).await, (200, "sk_alice".to_owned()));
}

#[tokio::test]
async fn a_pasted_key_that_is_wrong_may_be_mended_a_few_times() {
    let world = World::pasting();
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let mut asked = sign_in.browser.allow(&world, &page).await;
    for _ in 0..5 {
        let transaction = asked.transaction();
        let pairs = [("transaction", transaction.as_str()), ("key", "wrong"), ("decision", "allow")];
        let again = sign_in.browser.post(&world, "/authorize/key", &pairs).await;
        assert_eq!(again.status, 422);
        assert!(!again.body.contains("wrong\""));
        // One page tries one key.
        assert_eq!(sign_in.browser.post(&world, "/authorize/key", &pairs).await.status, 400);
        asked = again;
    }
    let transaction = asked.transaction();
    let pairs = [("transaction", transaction.as_str()), ("key", "wrong"), ("decision", "allow")];
    let told = sign_in.browser.post(&world, "/authorize/key", &pairs).await.location();
    assert_eq!(query(&told)["error"], "access_denied");
}
