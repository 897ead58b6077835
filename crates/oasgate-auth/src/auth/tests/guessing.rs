//! Whoever guesses is stopped by where they are, before anybody is asked about the next guess.

use futures_util::future::join_all;

use super::*;
use crate::testing::Api;

/// An address may fail five times at once.
fn limited(inbound: Inbound) -> Settings {
    let limits = Limits { principal: (60, 4), address: (60, 5), registration: (60, 2), ..Limits::default() };
    Settings { limits, ..settings("https://mcp.example.com/mcp", inbound) }
}

/// A server at an API that knows one key.
fn guarding(keys: ApiKeys) -> (Arc<Auth>, Hand, Arc<Api>) {
    let api = Arc::new(Api::default());
    api.keys.lock().unwrap().insert(KEY.to_owned(), Verified::Good { subject: None });
    let inbound = Inbound { api_key: Some(keys), ..Inbound::default() };
    let settings = Settings { outbound: Outbound::Forward, ..limited(inbound) };
    let (auth, hand) = start_at(settings, Arc::clone(&api) as Arc<dyn Operations>);
    (auth, hand, api)
}

async fn shows(auth: &Arc<Auth>, key: &str) -> u16 {
    ask(behind(auth), Method::POST, "/mcp", &[("x-api-key", key)]).await.0
}

#[tokio::test]
async fn dcr_abuse_and_guessing_are_slowed_down_by_address_and_calls_by_who_calls() {
    let inbound = Inbound { api_key: Some(keys()), broker: Some(broker(None)), ..Inbound::default() };
    let (auth, hand) = start(limited(inbound));
    assert_eq!(shows(&auth, KEY).await, 200);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(auth.router(), Method::POST, "/register", &[]).await.0);
    }
    assert_eq!(statuses, [400, 400, 429]);
    for expected in [401, 401, 429] {
        let (status, headers, _) = ask(behind(&auth), Method::POST, "/mcp", &[]).await;
        assert_eq!((status, headers.contains_key(header::RETRY_AFTER)), (expected, expected == 429));
    }
    // What is told to everybody is told however many ask; who is known to have a key is counted on their own.
    assert_eq!(get(&auth, PROBES[1]).await.0, 200);
    for expected in [200, 200, 200, 429] {
        assert_eq!(shows(&auth, KEY).await, expected);
    }
    hand.advance(1);
    assert_eq!(shows(&auth, KEY).await, 200);
}

#[tokio::test]
async fn an_address_that_has_guessed_too_often_gets_no_further_guess() {
    let (auth, hand, api) = guarding(keys());
    let tried = || api.tried.lock().unwrap().len();
    for guess in 0..5 {
        assert_eq!(shows(&auth, &format!("sk_{guess}")).await, 401);
    }
    assert_eq!(tried(), 5);
    for guess in 5..50 {
        assert_eq!(shows(&auth, &format!("sk_{guess}")).await, 429);
    }
    assert_eq!(shows(&auth, KEY).await, 429, "nor does a right one get in");
    assert_eq!(tried(), 5, "the API is asked about none of them");
    hand.advance(1);
    assert_eq!(shows(&auth, KEY).await, 200);
}

#[tokio::test]
async fn guesses_in_flight_are_counted_too() {
    let (auth, _, api) = guarding(keys());
    let guesses: Vec<String> = (0..50).map(|guess| format!("sk_{guess}")).collect();
    let statuses = join_all(guesses.iter().map(|guess| shows(&auth, guess))).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5);
    assert_eq!(api.tried.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn who_has_a_good_key_is_not_held_back_by_neighbours_and_holds_nobody_back() {
    let (auth, hand, api) = guarding(keys());
    for name in 0..20 {
        let key = format!("sk_{name}");
        api.keys.lock().unwrap().insert(key.clone(), Verified::Good { subject: None });
        assert_eq!(shows(&auth, &key).await, 200, "to have a key costs an address nothing");
    }
    for _ in 0..6 {
        shows(&auth, "sk_made_up").await;
    }
    // What was found out about it has run out, and it is asked about anew.
    hand.advance(61);
    for _ in 0..6 {
        shows(&auth, "sk_wrong").await;
    }
    assert_eq!(shows(&auth, "sk_0").await, 200);
    // Withdrawn, it is a guess like any other.
    api.keys.lock().unwrap().clear();
    assert_eq!(shows(&auth, "sk_0").await, 200, "for a minute nobody asks");
    hand.advance(61);
    for expected in [401, 401, 401, 401, 401, 429] {
        assert_eq!(shows(&auth, "sk_1").await, expected);
    }
}

#[tokio::test]
async fn keys_that_nobody_tries_are_counted_by_address_when_they_are_new() {
    let (auth, hand, api) = guarding(ApiKeys { verification: None, ..keys() });
    for made_up in 0..5 {
        assert_eq!(shows(&auth, &format!("sk_{made_up}")).await, 200);
    }
    assert_eq!(shows(&auth, "sk_5").await, 429);
    assert_eq!(shows(&auth, "sk_0").await, 200, "it is not new");
    // The API has refused it: it is as good as new.
    let presented = crate::Presented::ApiKey(Secret::new("sk_0"));
    let identity = Identity::new("whoever", presented);
    let refused = Secret::new("sk_0");
    assert!(auth.renewed(&identity, &refused).await.unwrap().is_none());
    assert_eq!(shows(&auth, "sk_0").await, 429);
    hand.advance(1);
    assert_eq!(shows(&auth, "sk_0").await, 200);
    assert!(api.tried.lock().unwrap().is_empty());
}
