use std::time::Duration;

use futures_util::future::join_all;

use super::{Gate, keys, only_keys};
use crate::settings::{self, Verification};
use crate::{Presented, Secret, Verified};

#[tokio::test]
async fn a_verdict_holds_for_a_while_and_one_asks_for_all() {
    let gate = Gate::new(only_keys(), false);
    gate.knows("sk_1", Verified::Good { subject: None });
    let all = join_all((0..20).map(|_| gate.bearer("sk_1"))).await;
    assert_eq!(gate.tried(), 1);
    assert!(all.iter().all(|principal| principal == &all[0] && principal.starts_with("key ")));
    assert!(!all[0].contains("sk_1"), "the principal tells nothing secret");
    gate.knows("sk_1", Verified::Bad);
    gate.hand.advance(59);
    assert_eq!(gate.bearer("sk_1").await, all[0]);
    gate.hand.advance(1);
    assert_eq!(gate.bearer("sk_1").await, "401 invalid_token");
    gate.knows("sk_1", Verified::Good { subject: None });
    gate.hand.advance(4);
    assert_eq!(gate.bearer("sk_1").await, "401 invalid_token");
    assert_eq!(gate.tried(), 2);
    gate.hand.advance(1);
    assert_eq!(gate.bearer("sk_1").await, all[0]);
}

#[tokio::test]
async fn a_key_that_the_api_refuses_later_is_tried_again() {
    let gate = Gate::new(only_keys(), false);
    gate.knows("sk_1", Verified::Good { subject: None });
    gate.bearer("sk_1").await;
    gate.knows("sk_1", Verified::Bad);
    gate.inbound.keys().unwrap().forget(&Secret::new("sk_1"));
    assert_eq!(gate.bearer("sk_1").await, "401 invalid_token");
}

#[tokio::test]
async fn an_api_that_does_not_say_is_not_the_callers_fault() {
    let gate = Gate::new(only_keys(), false);
    gate.knows("sk_1", Verified::Unknown("it is down".to_owned()));
    assert_eq!(gate.bearer("sk_1").await, "503 temporarily_unavailable");
    gate.knows("sk_1", Verified::Good { subject: Some("ann".to_owned()) });
    assert_eq!(gate.bearer("sk_1").await, "key-of ann", "nothing of it is kept");
}

#[tokio::test]
async fn keys_that_are_not_tried_beforehand_are_told_apart_all_the_same() {
    let keys = settings::ApiKeys { verification: None, ..keys() };
    let gate = Gate::new(settings::Inbound { api_key: Some(keys), ..settings::Inbound::default() }, false);
    let (one, other) = (gate.bearer("sk_1").await, gate.bearer("sk_2").await);
    assert_ne!(one, other);
    assert_eq!((one, gate.tried()), (gate.asks("/mcp/key", &[("x-api-key", "sk_1")]).await, 0));
}

#[tokio::test]
async fn a_verdict_that_holds_for_no_time_is_asked_for_each_time() {
    let verification = Some(Verification { ttl: Duration::ZERO, negative_ttl: Duration::ZERO });
    let keys = settings::ApiKeys { verification, ..keys() };
    let gate = Gate::new(settings::Inbound { api_key: Some(keys), ..settings::Inbound::default() }, false);
    gate.knows("sk_1", Verified::Good { subject: Some("ann".to_owned()) });
    assert_eq!((gate.bearer("sk_1").await.as_str(), gate.tried()), ("key-of ann", 1));
    gate.knows("sk_1", Verified::Bad);
    for tried in [2, 3] {
        assert_eq!((gate.bearer("sk_1").await.as_str(), gate.tried()), ("401 invalid_token", tried));
    }
}

#[tokio::test]
async fn the_path_for_keys_takes_nothing_else() {
    let gate = Gate::new(only_keys(), true);
    gate.knows("sk_1", Verified::Good { subject: Some("ann".to_owned()) });
    let ours = crate::token::Token::mint(crate::token::TokenKind::Access, &gate.parts.keyring);
    let bearer = format!("Bearer {}", ours.expose());
    assert_eq!(gate.asks("/mcp", &[("authorization", &bearer)]).await, "user of ours");
    assert_eq!(gate.asks("/mcp/key", &[("authorization", &bearer)]).await, "401 invalid_token");
    assert_eq!(gate.asks("/mcp/key", &[("authorization", "Bearer sk_1")]).await, "key-of ann");
    assert_eq!(
        gate.asks("/mcp", &[("x-api-key", ours.expose())]).await,
        "401 invalid_token",
        "a token is no key"
    );
}

#[test]
fn what_was_shown_is_not_to_be_seen() {
    let shown = Presented::ApiKey(Secret::new("sesame"));
    assert_eq!(format!("{shown:?} {:?}", Secret::new("sesame")), "ApiKey ****");
}
