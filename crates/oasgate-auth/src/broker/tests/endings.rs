//! Grants that end, and what they held.

use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;
use serde_json::json;

use super::authority::Authority;
use super::browser::{SignIn, pair};
use super::crowded::Crowded;
use super::providers::from_portal;
use super::world::World;
use crate::random;

/// Waits for what happens by itself.
async fn until(happened: impl Fn() -> bool) {
    while !happened() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_key_behind() {
    let mut ends = 0;
    for patience in 0..24 {
        let (world, sign_in, told) = from_portal(json!({})).await;
        let (access, refresh) = pair(&sign_in.redeem(&world, &told["code"], &[]).await);
        let crowded = Crowded::of(&world);
        let pairs = [("token", refresh.as_str()), ("client_id", &sign_in.client)];
        {
            let mut request = Box::pin(crowded.post("/revoke", &pairs));
            for _ in 0..patience {
                if (&mut request).now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // What it has begun goes on without it.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let is_over = world.replica().call(&access).await.0 == 401;
        assert_eq!(world.api.deleted.lock().unwrap().len(), usize::from(is_over), "{patience}");
        ends += usize::from(is_over);
    }
    assert!((1..24).contains(&ends), "some were soon enough to end nothing, and some not: {ends}");
}

#[tokio::test]
async fn an_api_that_hangs_keeps_nobody_from_signing_out() {
    let (world, sign_in, told) = from_portal(json!({})).await;
    let (access, refresh) = pair(&sign_in.redeem(&world, &told["code"], &[]).await);
    world.api.hangs.store(true, Ordering::SeqCst);
    let pairs = [("token", refresh.as_str()), ("client_id", &sign_in.client)];
    assert_eq!(world.post("/revoke", &pairs).await.status, 200);
    assert_eq!(world.call(&access).await.0, 401);
}

#[tokio::test]
async fn code_replay_a_burned_code_gives_back_what_was_signed_in_for() {
    let guess = random::secret();
    for (seconds, verifier) in [(0, Some(&guess)), (60, None)] {
        let authority = Authority::start().await;
        let world = World::new(&authority);
        let mut sign_in = SignIn::begin(&world).await;
        let code = sign_in.code(&world, &authority).await;
        world.hand.advance(seconds);
        let changes: Vec<_> =
            verifier.map(|verifier| ("code_verifier", verifier.as_str())).into_iter().collect();
        assert_eq!(sign_in.redeem(&world, &code, &changes).await.refusal(), "400 invalid_grant");
        until(|| !authority.revoked().is_empty()).await;
        assert_eq!(authority.revoked(), ["upstream-refresh-1"]);
    }
}

#[tokio::test]
async fn refresh_theft_a_family_that_ends_late_gives_back_what_it_held() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let (_, refresh) = sign_in.tokens(&world, &authority).await;
    pair(&world.refresh(&sign_in.client, &refresh).await);
    world.hand.advance(60);
    assert_eq!(world.refresh(&sign_in.client, &refresh).await.refusal(), "400 invalid_grant");
    until(|| !authority.revoked().is_empty()).await;
}

#[tokio::test]
async fn refresh_theft_an_access_token_that_is_given_back_has_arrived() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let (_, stolen) = sign_in.tokens(&world, &authority).await;
    let (access, _) = pair(&world.refresh(&sign_in.client, &stolen).await);
    let pairs = [("token", access.as_str()), ("client_id", &sign_in.client)];
    assert_eq!(world.post("/revoke", &pairs).await.status, 200);
    assert_eq!(world.refresh(&sign_in.client, &stolen).await.refusal(), "400 invalid_grant");
}
