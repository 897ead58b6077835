//! Many at once for the same records: as the broker redeems codes, rotates refresh tokens and revokes grants.
//!
//! What each player has got is a record of the same commit, so that the store itself tells who has won what.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;

use super::*;

/// How often each player rotates each grant.
pub(super) const ROTATIONS: usize = 3;

/// Puts what players play for: a code and a grant for each round.
pub(super) async fn set_up(store: &dyn Store, rounds: usize) {
    for round in 0..rounds {
        let grant = grouped(&group(round), put(&format!("grant:{round}"), "0"));
        let made = store.commit(vec![put(&format!("code:{round}"), ""), grant]).await.unwrap();
        assert_eq!(made, Commit::Made);
    }
}

/// Plays all rounds. What has been made is said as soon as it is known.
pub(super) async fn play(store: &dyn Store, name: &str, rounds: usize, mut say: impl FnMut(&str)) {
    for round in 0..rounds {
        redeem(store, name, round, &mut say).await;
        for _ in 0..ROTATIONS {
            rotate(store, name, round, &mut say).await;
        }
        if is_revoked(round) {
            let trace = format!("revoked:{round}:{name}");
            let made = store.commit(vec![delete_group(&group(round)), put(&trace, "")]).await.unwrap();
            assert_eq!(made, Commit::Made);
            say(&trace);
        }
    }
}

/// Looks whether all has gone right: with `players` who have finished, or with one who was stopped somewhere.
pub(super) async fn judge(store: &dyn Store, rounds: usize, players: Option<usize>, said: &[String]) {
    let records: BTreeMap<String, Entry> =
        store.list("", "", usize::MAX).await.unwrap().into_iter().collect();
    let count = |prefix: String| records.keys().filter(|key| key.starts_with(&prefix)).count();
    for trace in said {
        assert!(records.contains_key(trace), "{trace} was committed, and is lost");
    }
    for round in 0..rounds {
        assert_eq!(count(format!("redeemed:{round}:")), 1, "code {round} was redeemed by that many");
        assert_eq!(count(format!("code:{round}x")), 0);
        if is_revoked(round) {
            for kind in ["grant", "rt", "at"] {
                assert_eq!(
                    records.keys().filter(|key| is_of(key, kind, round)).count(),
                    0,
                    "{kind} {round} outlived"
                );
            }
            continue;
        }
        let generation: usize =
            std::str::from_utf8(&records[&format!("grant:{round}")].value).unwrap().parse().unwrap();
        let mut rotated: Vec<usize> =
            (records.keys().filter_map(|key| key.strip_prefix(&format!("rotated:{round}:"))))
                .map(|rest| rest.split(':').next().unwrap().parse().unwrap())
                .collect();
        rotated.sort_unstable();
        assert_eq!(
            rotated,
            (1..=generation).collect::<Vec<_>>(),
            "each generation of grant {round} has one maker"
        );
        assert_eq!(
            records.keys().filter(|key| is_of(key, "rt", round)).count(),
            1,
            "one refresh token is good"
        );
        if let Some(players) = players {
            assert_eq!(generation, players * ROTATIONS, "no rotation of grant {round} was lost");
        }
    }
}

fn group(round: usize) -> String {
    format!("group of {round}")
}

fn is_revoked(round: usize) -> bool {
    round % 2 == 1
}

fn is_of(key: &str, kind: &str, round: usize) -> bool {
    let mut parts = key.split(':');
    parts.next() == Some(kind) && parts.next() == Some(&round.to_string())
}

async fn redeem(store: &dyn Store, name: &str, round: usize, say: &mut impl FnMut(&str)) {
    let code = format!("code:{round}");
    let Some(entry) = store.get(&code).await.unwrap() else { return };
    let trace = format!("redeemed:{round}:{name}");
    let writes = vec![delete(&code, Expect::Version(entry.version)), put(&trace, "")];
    if store.commit(writes).await.unwrap() == Commit::Made {
        say(&trace);
    }
}

/// Rotates until it is done, or the grant is gone.
async fn rotate(store: &dyn Store, name: &str, round: usize, say: &mut impl FnMut(&str)) {
    let grant = format!("grant:{round}");
    for _ in 0..1000 {
        let Some(entry) = store.get(&grant).await.unwrap() else { return };
        let old: usize = String::from_utf8(entry.value).unwrap().parse().unwrap();
        let new = old + 1;
        let trace = format!("rotated:{round}:{new}:{name}");
        let within = |write| grouped(&group(round), write);
        let writes = vec![
            within(put_if(&grant, &new.to_string(), Expect::Version(entry.version))),
            delete(&format!("rt:{round}:{old}"), Expect::Anything),
            within(put_if(&format!("rt:{round}:{new}"), "", Expect::Absent)),
            within(put(&format!("at:{round}:{new}"), "")),
            put(&trace, ""),
        ];
        if store.commit(writes).await.unwrap() == Commit::Made {
            say(&trace);
            return;
        }
    }
    panic!("{grant} cannot be rotated any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_play_for_the_same_records() {
    const PLAYERS: usize = 6;
    const ROUNDS: usize = 10;
    on_each(async |subject| {
        set_up(&*subject.store, ROUNDS).await;
        let tasks: Vec<_> = (0..PLAYERS)
            .map(|player| {
                let store = Arc::clone(&subject.store);
                tokio::spawn(async move {
                    let mut said = Vec::new();
                    play(&*store, &format!("p{player}"), ROUNDS, |trace| said.push(trace.to_owned())).await;
                    said
                })
            })
            .collect();
        let mut said = Vec::new();
        for task in tasks {
            said.extend(task.await.unwrap());
        }
        judge(&*subject.store, ROUNDS, Some(PLAYERS), &said).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_cancelled_leaves_nothing_half_done_and_nothing_locked() {
    on_each(async |subject| {
        for round in 0..40 {
            let writes = vec![put(&format!("a:{round}"), ""), put(&format!("b:{round}"), "")];
            let mut commit = subject.store.commit(writes);
            // Dropped wherever it is after as many turns.
            for _ in 0..round % 8 {
                if (&mut commit).now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(commit);
            assert!(subject.commit(&[put(&format!("c:{round}"), "")]).await, "{}", subject.name);
        }
        // Those that were under way are made or not, but not in half; a thread may still be at the last one.
        let (a, b) = (subject.keys("a:", "", 99).await, subject.keys("b:", "", 99).await);
        for (a, b) in [(&a, &b), (&b, &a)] {
            let more: Vec<_> = a.iter().filter(|key| !b.iter().any(|other| other[2..] == key[2..])).collect();
            assert!(more.is_empty(), "{}: {more:?} alone", subject.name);
        }
    })
    .await;
}
