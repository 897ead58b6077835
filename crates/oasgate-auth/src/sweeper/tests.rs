use std::time::Duration;

use super::{pause, sweep};
use crate::clock::Clock;
use crate::store::{Commit, Expect, Memory, Store, Write};

#[test]
fn a_pause_is_about_a_minute_and_never_the_same_for_all() {
    for (chance, milliseconds) in [(0, 45_000), (127, 59_941), (255, 75_000)] {
        assert_eq!(pause(chance), Duration::from_millis(milliseconds));
    }
}

#[tokio::test]
async fn what_is_past_its_time_is_removed() {
    let (clock, hand) = Clock::standing(0);
    let store = Memory::new(clock);
    let put = |key: &str, expires| Write::Put {
        key: key.to_owned(),
        group: None,
        value: Vec::new(),
        expires,
        expect: Expect::Anything,
    };
    assert_eq!(store.commit(vec![put("a", 10), put("b", 20)]).await.unwrap(), Commit::Made);
    hand.advance(10);
    sweep(&store).await;
    assert_eq!(store.sweep().await.unwrap(), 0, "nothing was left to do");
    assert!(store.get("b").await.unwrap().is_some());
}
