use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio::sync::Notify;

use super::Flights;

#[tokio::test]
async fn all_who_ask_meanwhile_share_one_flight() {
    let (flights, begun) = (Flights::<usize>::default(), AtomicUsize::new(0));
    let land = Arc::new(Notify::new());
    let begin = || {
        let number = begun.fetch_add(1, Ordering::SeqCst);
        let land = Arc::clone(&land);
        async move {
            land.notified().await;
            number
        }
        .boxed()
    };
    let all = join_all((0..20).map(|_| flights.join("k", begin)));
    let (all, ()) = tokio::join!(all, async { land.notify_one() });
    assert_eq!((all, begun.load(Ordering::SeqCst)), (vec![0; 20], 1));
    land.notify_one();
    assert_eq!(flights.join("k", begin).await, 1, "one that has landed is not joined");
    land.notify_one();
    assert_eq!(flights.join("other", begin).await, 2);
}

#[tokio::test]
async fn a_flight_goes_on_without_who_began_it_and_ends_with_the_last() {
    let (flights, land) = (Flights::<usize>::default(), Arc::new(Notify::new()));
    let waiting = |value| {
        let land = Arc::clone(&land);
        move || {
            async move {
                land.notified().await;
                value
            }
            .boxed()
        }
    };
    let mut first = Box::pin(flights.join("k", waiting(1)));
    assert!((&mut first).now_or_never().is_none());
    let mut second = Box::pin(flights.join("k", waiting(2)));
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    land.notify_one();
    assert_eq!(second.await, 1);
    let mut given_up = Box::pin(flights.join("k", waiting(3)));
    assert!((&mut given_up).now_or_never().is_none());
    drop(given_up);
    land.notify_one();
    assert_eq!(flights.join("k", waiting(4)).await, 4);
}
