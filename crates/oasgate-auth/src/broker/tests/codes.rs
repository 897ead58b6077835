//! Codes, and what they are taken for.

use futures_util::future::join_all;

use super::authority::Authority;
use super::browser::{SignIn, pair};
use super::world::{Answer, Pairs, REDIRECT, World};
use crate::random;

const NOTHING: Pairs<'_> = &[];

#[tokio::test]
async fn a_code_is_taken_only_for_what_it_was_given() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let code = sign_in.code(&world, &authority).await;
    let other = world.client().await;
    let rows: [(Pairs<'_>, &str); 11] = [
        (&[("client_id", &other)], "400 invalid_grant"),
        (&[("client_id", "unknown")], "401 invalid_client"),
        (&[("redirect_uri", "http://127.0.0.1:4712/callback")], "400 invalid_grant"),
        (&[("redirect_uri", "")], "400 invalid_grant"),
        (&[("resource", "https://mcp.example.com/mcp2")], "400 invalid_target"),
        (&[("code_verifier", "")], "400 invalid_request"),
        (&[("code", "")], "400 invalid_request"),
        (&[("code", "ogc_forged")], "400 invalid_grant"),
        (&[("grant_type", "")], "400 invalid_request"),
        (&[("grant_type", "password")], "400 unsupported_grant_type"),
        (&[("client_secret", "a guess")], "401 invalid_client"),
    ];
    for (changes, expected) in rows {
        assert_eq!(sign_in.redeem(&world, &code, changes).await.refusal(), expected, "{changes:?}");
    }
    // None of these has used it up.
    pair(&sign_in.redeem(&world, &code, NOTHING).await);
}

#[tokio::test]
async fn pkce_a_wrong_verifier_burns_the_code() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let code = sign_in.code(&world, &authority).await;
    let guess = random::secret();
    assert_eq!(
        sign_in.redeem(&world, &code, &[("code_verifier", &guess)]).await.refusal(),
        "400 invalid_grant"
    );
    assert_eq!(sign_in.redeem(&world, &code, NOTHING).await.refusal(), "400 invalid_grant");
}

#[tokio::test]
async fn code_replay_revokes_what_the_code_was_taken_for() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let code = sign_in.code(&world, &authority).await;
    let (access, refresh) = pair(&sign_in.redeem(&world, &code, NOTHING).await);
    assert_eq!(world.call(&access).await.0, 200);
    assert_eq!(sign_in.redeem(&world, &code, NOTHING).await.refusal(), "400 invalid_grant");
    assert_eq!(world.call(&access).await.0, 401);
    assert_eq!(world.refresh(&sign_in.client, &refresh).await.refusal(), "400 invalid_grant");
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    for (seconds, expected) in [(59, 200), (60, 400)] {
        let mut sign_in = SignIn::begin(&world).await;
        let code = sign_in.code(&world, &authority).await;
        world.hand.advance(seconds);
        assert_eq!(sign_in.redeem(&world, &code, NOTHING).await.status, expected, "{seconds}");
    }
}

#[tokio::test]
async fn code_replay_of_many_at_once_at_two_replicas_one_wins_at_most() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let replica = world.replica();
    let mut sign_in = SignIn::begin(&world).await;
    let code = sign_in.code(&world, &authority).await;
    let attempts =
        (0..16).map(|i| sign_in.redeem(if i % 2 == 0 { &world } else { &replica }, &code, NOTHING));
    let answers: Vec<Answer> = join_all(attempts).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.refusal() == "400 invalid_grant"));
}

#[tokio::test]
async fn loopback_ports_may_change_between_registration_and_sign_in() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let elsewhere = REDIRECT.replace("4711", "5000");
    let address = sign_in.address(&[("redirect_uri", &elsewhere)]);
    let page = sign_in.browser.get(&world, &address).await;
    let away = sign_in.browser.allow(&world, &page).await.location();
    let back = authority.sign_in(&away).await;
    let address = format!("{}?{}", back.path(), back.query().unwrap());
    let told = sign_in.browser.get(&world, &address).await.location();
    assert_eq!(told.port(), Some(5000));
    let code = &super::world::query(&told)["code"];
    pair(&sign_in.redeem(&world, code, &[("redirect_uri", &elsewhere)]).await);
}
