//! Tokens in the long run: rotation, revocation, and what is renewed upstream.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::json;

use super::authority::{Authority, Quirks};
use super::browser::{SignIn, pair};
use super::world::{Pairs, World};
use crate::{NoCredential, Secret};

/// A world with a client that has signed in: client, access token, refresh token.
async fn signed_in(authority: &Authority) -> (World, String, String, String) {
    let world = World::new(authority);
    let mut sign_in = SignIn::begin(&world).await;
    let (access, refresh) = sign_in.tokens(&world, authority).await;
    (world, sign_in.client, access, refresh)
}

#[tokio::test]
async fn refresh_theft_a_token_that_was_followed_by_one_in_use_ends_the_family() {
    let authority = Authority::start().await;
    let (world, client, first, stolen) = signed_in(&authority).await;
    let (access, refresh) = pair(&world.refresh(&client, &stolen).await);
    assert_ne!((&first, &stolen), (&access, &refresh));
    // The new pair has arrived and is used: from now on whoever has the old token is a thief.
    assert_eq!(world.call(&access).await.0, 200);
    assert_eq!(world.refresh(&client, &stolen).await.refusal(), "400 invalid_grant");
    for token in [&first, &access] {
        assert_eq!(world.call(token).await.0, 401);
    }
    assert_eq!(world.refresh(&client, &refresh).await.refusal(), "400 invalid_grant");
}

#[tokio::test]
async fn refresh_theft_the_use_of_the_next_refresh_token_counts_as_well() {
    let authority = Authority::start().await;
    let (world, client, _, stolen) = signed_in(&authority).await;
    let (_, second) = pair(&world.refresh(&client, &stolen).await);
    let (access, _) = pair(&world.refresh(&client, &second).await);
    assert_eq!(world.refresh(&client, &stolen).await.refusal(), "400 invalid_grant");
    assert_eq!(world.call(&access).await.0, 401);
}

#[tokio::test]
async fn a_refresh_is_the_clients_own_and_asks_for_no_more() {
    let authority = Authority::start().await;
    let (world, client, access, refresh) = signed_in(&authority).await;
    let other = world.client().await;
    let rows: [(&str, Pairs<'_>, &str); 5] = [
        (&other, &[], "400 invalid_grant"),
        (&client, &[("resource", "https://mcp.example.com/mcp2")], "400 invalid_target"),
        (&client, &[("scope", "read admin")], "400 invalid_scope"),
        (&client, &[("refresh_token", &access)], "400 invalid_request"),
        ("unknown", &[], "401 invalid_client"),
    ];
    for (client, more, expected) in rows {
        let mut pairs =
            vec![("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", &refresh)];
        pairs.extend(more);
        assert_eq!(world.post("/token", &pairs).await.refusal(), expected, "{client} {more:?}");
    }
    let narrowed = [
        ("grant_type", "refresh_token"),
        ("client_id", &client),
        ("refresh_token", &refresh),
        ("scope", "read offline_access"),
    ];
    assert_eq!(world.post("/token", &narrowed).await.json()["scope"], "read");
}

#[tokio::test]
async fn tokens_and_grants_run_out() {
    let authority = Authority::start().await;
    let (world, client, access, refresh) = signed_in(&authority).await;
    world.hand.advance(3599);
    assert_eq!(world.call(&access).await.0, 200);
    world.hand.advance(1);
    assert_eq!(world.call(&access).await.0, 401);
    world.hand.advance(30 * 86_400);
    assert_eq!(world.refresh(&client, &refresh).await.refusal(), "400 invalid_grant");
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_the_grant_here_and_upstream() {
    let authority = Authority::start().await;
    let (world, client, access, refresh) = signed_in(&authority).await;
    let replica = world.replica();
    assert_eq!(replica.call(&access).await.0, 200);
    assert_eq!(world.post("/revoke", &[("token", &refresh), ("client_id", &client)]).await.status, 200);
    assert_eq!(world.call(&access).await.0, 401);
    assert_eq!(world.refresh(&client, &refresh).await.refusal(), "400 invalid_grant");
    while authority.revoked().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(authority.revoked(), ["upstream-refresh-1"]);
    // What another replica has just seen it believes for five seconds.
    world.hand.advance(5);
    assert_eq!(replica.call(&access).await.0, 401);
}

#[tokio::test]
async fn revoking_is_the_clients_own_and_tells_nothing() {
    let authority = Authority::start().await;
    let (world, client, access, refresh) = signed_in(&authority).await;
    let other = world.client().await;
    for (client, token) in [(&other, &refresh), (&other, &access), (&client, &"ogr_unknown".to_owned())] {
        let answer = world.post("/revoke", &[("token", token), ("client_id", client)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }
    assert_eq!(world.call(&access).await.0, 200);
    assert_eq!(world.post("/revoke", &[("token", &refresh), ("client_id", "unknown")]).await.status, 401);
    assert_eq!(world.post("/revoke", &[("client_id", &client)]).await.status, 400);
    // An access token is itself only.
    assert_eq!(world.post("/revoke", &[("token", &access), ("client_id", &client)]).await.status, 200);
    assert_eq!(world.call(&access).await.0, 401);
    pair(&world.refresh(&client, &refresh).await);
}

#[tokio::test]
async fn what_goes_upstream_is_renewed_by_one_of_all_who_call() {
    let authority = Authority::start().await;
    authority.quirks(Quirks { expires_in: Some(600), ..Quirks::default() });
    let (world, _, access, _) = signed_in(&authority).await;
    let replica = world.replica();
    world.hand.advance(571);
    let calls = (0..20).map(|i| if i % 2 == 0 { world.call(&access) } else { replica.call(&access) });
    for call in join_all(calls).await {
        assert_eq!(call, (200, "upstream-access-2".to_owned()));
    }
    assert_eq!(authority.refreshed(), 1);
}

#[tokio::test]
async fn a_grant_that_the_provider_has_ended_is_ended_and_one_it_cannot_speak_of_is_kept() {
    let authority = Authority::start().await;
    let (world, client, access, refresh) = signed_in(&authority).await;
    world.hand.advance(3590);
    // It does not answer: what is left of the token is used, and nothing is lost.
    authority.quirks(Quirks { token: Some((503, json!({}))), ..Quirks::default() });
    assert_eq!(world.call(&access).await.0, 200);
    world.hand.advance(10);
    let later = world.refresh(&client, &refresh).await;
    assert_eq!(
        (later.refusal().as_str(), later.headers.contains_key("retry-after")),
        ("503 temporarily_unavailable", true)
    );
    // Our own secret is wrong there: no user has lost anything.
    authority
        .quirks(Quirks { token: Some((401, json!({ "error": "invalid_client" }))), ..Quirks::default() });
    assert_eq!(world.refresh(&client, &refresh).await.status, 503);
    authority.quirks(Quirks::default());
    let (access, refresh) = pair(&world.refresh(&client, &refresh).await);
    assert_eq!(world.call(&access).await, (200, "upstream-access-2".to_owned()));
    authority.forget();
    world.hand.advance(3600);
    assert_eq!(world.refresh(&client, &refresh).await.refusal(), "400 invalid_grant");
    assert!(!world.dump().await.contains("grant:"));
}

#[tokio::test]
async fn what_the_api_refuses_is_renewed_once_and_then_the_grant_is_over() {
    let authority = Authority::start().await;
    let (world, _, access, _) = signed_in(&authority).await;
    let identity = world.identity(&access).await;
    let refused = world.auth.credential(&identity).await.unwrap().unwrap();
    let renewed = world.auth.renewed(&identity, &refused).await.unwrap().unwrap();
    assert_eq!(renewed.expose(), "upstream-access-2");
    // Whoever was slower gets the same, and nobody asks again.
    assert_eq!(world.auth.renewed(&identity, &refused).await.unwrap().unwrap().expose(), "upstream-access-2");
    assert_eq!(authority.refreshed(), 1);
    authority.forget();
    assert!(world.auth.renewed(&identity, &renewed).await.unwrap().is_none());
    assert_eq!(world.call(&access).await.0, 401);
}

#[tokio::test]
async fn a_key_that_the_api_refuses_ends_the_sign_in() {
    let world = World::pasting();
    world.api.good.lock().unwrap().insert("sk_alice".to_owned(), "alice".to_owned());
    let (access, _) = SignIn::begin(&world).await.paste(&world, "sk_alice").await;
    let identity = world.identity(&access).await;
    assert!(world.auth.renewed(&identity, &Secret::new("sk_alice")).await.unwrap().is_none());
    assert_eq!(world.call(&access).await.0, 401);
    assert_eq!(world.auth.credential(&identity).await.unwrap_err(), NoCredential::SignInAgain);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_no_refreshed_token_with_it() {
    let authority = Authority::start().await;
    let (world, _, access, _) = signed_in(&authority).await;
    world.hand.advance(3590);
    authority.hang().await;
    let before = authority.knocked();
    {
        let mut call = Box::pin(world.call(&access));
        while authority.knocked() == before {
            assert!((&mut call).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    authority.go_on();
    // The provider takes a refresh token once: had its answer been lost, nothing would be left.
    assert_eq!(world.call(&access).await, (200, "upstream-access-2".to_owned()));
    assert_eq!(authority.refreshed(), 1);
}

#[tokio::test]
async fn a_provider_that_hangs_keeps_nobody_from_the_way_in() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let away = sign_in.browser.allow(&world, &page).await.location();
    let back = authority.sign_in(&away).await;
    authority.hang().await;
    let address = format!("{}?{}", back.path(), back.query().unwrap());
    let mut hanging = Box::pin(sign_in.browser.get(&world, &address));
    while authority.knocked() == 0 {
        assert!((&mut hanging).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(world.call("oga_nonsense").await.0, 401);
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server"] {
        assert_eq!(world.get(path).await.status, 200);
    }
    assert!((&mut hanging).now_or_never().is_none());
}
