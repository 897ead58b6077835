use std::time::Duration;

use tokio::time::Instant;

use super::{Breaker, FAILURES, REST};

/// A request that passes and ends like this.
fn send(breaker: &Breaker, is_well: bool, now: Instant) {
    breaker.pass(now).unwrap().end(is_well, now);
}

fn open(now: Instant) -> Breaker {
    let breaker = Breaker::default();
    (0..FAILURES).for_each(|_| send(&breaker, false, now));
    breaker
}

#[test]
fn failures_in_a_row_open_it() {
    let now = Instant::now();
    let breaker = Breaker::default();
    (1..FAILURES).for_each(|_| send(&breaker, false, now));
    send(&breaker, true, now);
    (1..FAILURES).for_each(|_| send(&breaker, false, now));
    send(&breaker, false, now);
    assert_eq!(breaker.pass(now + Duration::from_secs(1)).unwrap_err(), REST - Duration::from_secs(1));
}

#[test]
fn a_probe_that_does_not_end_is_followed_by_another() {
    let now = Instant::now();
    let breaker = open(now);
    let slow = breaker.pass(now + REST).unwrap();
    assert_eq!(breaker.pass(now + REST + Duration::from_secs(2)).unwrap_err(), REST - Duration::from_secs(2));
    let next = breaker.pass(now + 2 * REST).unwrap();
    next.end(true, now + 2 * REST);
    send(&breaker, true, now + 2 * REST);
    drop(slow);
}

#[test]
fn one_probe_decides() {
    let now = Instant::now();
    for is_well in [true, false] {
        let breaker = open(now);
        let probe = breaker.pass(now + REST).unwrap();
        breaker.pass(now + REST).unwrap_err();
        probe.end(is_well, now + REST);
        assert_eq!(breaker.pass(now + REST).is_ok(), is_well);
    }
}

#[test]
fn a_probe_that_is_given_up_decides_nothing() {
    let now = Instant::now();
    let breaker = open(now);
    drop(breaker.pass(now + REST).unwrap());
    let again = breaker.pass(now + REST).unwrap();
    breaker.pass(now + REST).unwrap_err();
    again.end(true, now + REST);
    send(&breaker, true, now + REST);
}

#[test]
fn what_was_sent_before_is_no_news() {
    let now = Instant::now();
    let breaker = Breaker::default();
    let early: Vec<_> = (0..2).map(|_| breaker.pass(now).unwrap()).collect();
    (0..FAILURES).for_each(|_| send(&breaker, false, now));
    for (early, is_well) in early.into_iter().zip([true, false]) {
        early.end(is_well, now);
        breaker.pass(now).unwrap_err();
    }
    breaker.pass(now + REST).unwrap().end(true, now + REST);
}
