//! The chain of refresh tokens: there is one, whatever is asked, in whatever order, by however many at once.

use futures_util::future::join_all;
use proptest::prelude::*;
use serde_json::json;

use super::browser::{SignIn, pair};
use super::crowded::Crowded;
use super::world::{Answer, World};
use crate::Keyring;
use crate::broker::records::{RefreshRecord, Rotation};
use crate::records::{Record as _, RecordKind};

/// A world with a client that has signed in: client, access token, refresh token.
async fn signed_in(world: &World) -> (String, String, String) {
    world.api.good.lock().unwrap().insert("sk_alice".to_owned(), "alice".to_owned());
    let mut sign_in = SignIn::begin(world).await;
    let (access, refresh) = sign_in.paste(world, "sk_alice").await;
    (sign_in.client, access, refresh)
}

/// How many refresh tokens are the ones to use.
async fn current(world: &World) -> usize {
    let rows = world.store.list(RecordKind::Refresh.prefix(), "", 1000).await.unwrap();
    let records = rows.iter().filter_map(|(_, entry)| RefreshRecord::decode(&entry.value));
    records.filter(|record| record.state == Rotation::Current).count()
}

#[tokio::test]
async fn refresh_theft_a_replay_within_the_minute_begins_no_second_chain() {
    let world = World::pasting();
    let (client, _, stolen) = signed_in(&world).await;
    let honest = pair(&world.refresh(&client, &stolen).await);
    let thief = pair(&world.refresh(&client, &stolen).await);
    assert_eq!((&honest, current(&world).await), (&thief, 1));
    // Both have the same; as soon as one has gone on, the other gives itself away.
    let (_, refresh) = pair(&world.refresh(&client, &thief.1).await);
    let (access, _) = pair(&world.refresh(&client, &refresh).await);
    assert_eq!(world.call(&access).await.0, 200);
    assert_eq!(world.refresh(&client, &honest.1).await.refusal(), "400 invalid_grant");
    assert_eq!((world.call(&access).await.0, current(&world).await), (401, 0));
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_within_a_minute() {
    for (seconds, expected) in [(0, 200), (59, 200), (60, 400)] {
        let world = World::pasting();
        let (client, _, refresh) = signed_in(&world).await;
        let first = world.refresh(&client, &refresh).await.json();
        world.hand.advance(seconds);
        let again = world.refresh(&client, &refresh).await;
        assert_eq!(again.status, expected, "{seconds}");
        if expected == 200 {
            let mut same = first.clone();
            same["expires_in"] = json!(3600 - seconds);
            assert_eq!(again.json(), same);
            assert_eq!(world.call(&pair(&again).0).await.0, 200);
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_not_given_again_for_other_scopes() {
    let world = World::pasting();
    let (client, _, refresh) = signed_in(&world).await;
    let ask = async |scope: &str| {
        let pairs = [
            ("grant_type", "refresh_token"),
            ("client_id", &client),
            ("refresh_token", &refresh),
            ("scope", scope),
        ];
        world.post("/token", &pairs).await
    };
    let first = ask("read").await.json();
    assert_eq!((&first["scope"], &ask("read offline_access").await.json()), (&json!("read"), &first));
    assert_eq!(world.refresh(&client, &refresh).await.json(), first);
    for other in ["write", "read write", "admin"] {
        assert_eq!(ask(other).await.refusal(), "400 invalid_scope", "{other}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_given_again_while_master_keys_change() {
    let (older, newer) = (Keyring::generate_key(), Keyring::generate_key());
    let world = World::pasting();
    let before = world.replica_with(Keyring::new(&[older.clone(), newer.clone()]).unwrap());
    let after = world.replica_with(Keyring::new(&[newer, older.clone()]).unwrap());
    let behind = world.replica_with(Keyring::new(&[older]).unwrap());
    let (client, _, refresh) = signed_in(&before).await;
    let (access, next) = pair(&after.refresh(&client, &refresh).await);
    assert_eq!(pair(&before.refresh(&client, &refresh).await), (access, next));
    // One that does not know the key yet cannot tell, and takes nothing away.
    assert_eq!(behind.refresh(&client, &refresh).await.refusal(), "503 temporarily_unavailable");
}

#[tokio::test]
async fn refresh_theft_many_at_once_at_two_replicas_get_the_same_pair() {
    let memory = World::pasting();
    let world = Crowded::of(&memory);
    let replica = world.replica();
    let (client, _, mut refresh) = signed_in(&world).await;
    for _ in 0..3 {
        let both = (0..4).map(|i| if i % 2 == 0 { &world } else { &replica });
        let answers: Vec<Answer> = join_all(both.map(|own| own.refresh(&client, &refresh))).await;
        let pairs: Vec<_> = answers.iter().map(pair).collect();
        assert!(pairs.iter().all(|own| *own == pairs[0]), "{answers:?}");
        assert_eq!(current(&world).await, 1);
        assert_eq!(replica.call(&pairs[0].0).await.0, 200);
        refresh.clone_from(&pairs[0].1);
    }
}

#[tokio::test]
async fn refresh_theft_a_revocation_at_the_same_moment_wins() {
    let memory = World::pasting();
    let world = Crowded::of(&memory);
    let (client, _, refresh) = signed_in(&world).await;
    let revoke = [("token", refresh.as_str()), ("client_id", &client)];
    let (answer, _) = tokio::join!(world.refresh(&client, &refresh), world.post("/revoke", &revoke));
    if answer.status == 200 {
        assert_eq!(world.call(&pair(&answer).0).await.0, 401);
    }
    assert_eq!(current(&world).await, 0);
}

/// What somebody who has seen every token does.
#[derive(Debug, Clone)]
enum Deed {
    Refresh(prop::sample::Index),
    Call(prop::sample::Index),
    Wait(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => any::<prop::sample::Index>().prop_map(Deed::Refresh),
        2 => any::<prop::sample::Index>().prop_map(Deed::Call),
        1 => (1_i64..70).prop_map(Deed::Wait),
    ]
}

/// Does it all, and holds what comes of it to the rules: refresh tokens by their age, the first first.
async fn follow(deeds: &[Deed]) {
    let world = World::pasting();
    let (client, access, refresh) = signed_in(&world).await;
    let mut chain = vec![(access, refresh)];
    // Whether the newest pair has been used, and how long ago it was made.
    let (mut is_used, mut age, mut is_alive) = (true, 0, true);
    for deed in deeds {
        match deed {
            Deed::Wait(seconds) => {
                world.hand.advance(*seconds);
                age += seconds;
            }
            Deed::Call(at) => {
                let at = at.index(chain.len());
                let status = world.call(&chain[at].0).await.0;
                assert_eq!(status, if is_alive { 200 } else { 401 }, "{deeds:?}");
                is_used |= at + 1 == chain.len();
            }
            Deed::Refresh(at) => {
                let at = at.index(chain.len());
                let behind = chain.len() - 1 - at;
                let answer = world.refresh(&client, &chain[at].1).await;
                let is_good = is_alive && (behind == 0 || behind == 1 && !is_used && age < 60);
                assert_eq!(answer.status, if is_good { 200 } else { 400 }, "{deeds:?}");
                match (is_good, behind) {
                    (true, 0) => {
                        chain.push(pair(&answer));
                        (is_used, age) = (false, 0);
                    }
                    (true, _) => assert_eq!(&pair(&answer), &chain[at + 1]),
                    (false, _) => is_alive = false,
                }
            }
        }
        assert_eq!(current(&world).await, usize::from(is_alive), "{deeds:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn refresh_theft_whatever_is_replayed_there_is_one_chain_or_none(deeds in prop::collection::vec(deed(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(follow(&deeds));
    }
}
