use proptest::prelude::*;

use super::{LimitKind, Limiter, RetryAfter};
use crate::Limits;
use crate::clock::{Clock, Hand};

fn limiter(per_minute: u32, at_once: u32) -> (Limiter, Hand) {
    let (clock, hand) = Clock::standing(1_000_000);
    let limits = Limits { principal: (per_minute, at_once), ..Limits::default() };
    (Limiter::new(limits, clock), hand)
}

/// A bucket that fills steadily and is full in the beginning, in microseconds: the textbook's way to the same.
struct Bucket {
    cost: i64,
    room: i64,
    level: i64,
}

impl Bucket {
    fn new(per_minute: u32, at_once: u32) -> Self {
        let cost = 60_000_000 / i64::from(per_minute);
        let room = cost * i64::from(at_once);
        Self { cost, room, level: room }
    }

    fn pass(&mut self, seconds: i64) {
        self.level = self.room.min(self.level + seconds * 1_000_000);
    }

    fn take(&mut self) -> bool {
        let is_enough = self.level >= self.cost;
        self.level -= if is_enough { self.cost } else { 0 };
        is_enough
    }
}

proptest! {
    #[test]
    fn it_lets_through_what_a_bucket_would(
        per_minute in 1..2000_u32,
        at_once in 1..200_u32,
        steps in prop::collection::vec((0..90_i64, 1..60_usize), 1..40),
    ) {
        let (limiter, hand) = limiter(per_minute, at_once);
        let mut bucket = Bucket::new(per_minute, at_once);
        for (seconds, requests) in steps {
            hand.advance(seconds);
            bucket.pass(seconds);
            for _ in 0..requests {
                prop_assert_eq!(limiter.check(LimitKind::Principal, "a").is_ok(), bucket.take());
            }
        }
    }

    #[test]
    fn there_is_room_after_as_long_as_it_says_and_not_before(per_minute in 1..600_u32, at_once in 1..50_u32) {
        let (limiter, hand) = limiter(per_minute, at_once);
        for _ in 0..at_once {
            prop_assert!(limiter.check(LimitKind::Principal, "a").is_ok());
        }
        let RetryAfter(seconds) = limiter.check(LimitKind::Principal, "a").unwrap_err();
        prop_assert!(seconds >= 1);
        hand.advance(i64::try_from(seconds).unwrap() - 1);
        prop_assert!(limiter.check(LimitKind::Principal, "a").is_err());
        hand.advance(1);
        prop_assert!(limiter.check(LimitKind::Principal, "a").is_ok());
    }
}

proptest! {
    #[test]
    fn what_is_given_back_has_never_been_taken(at_once in 1..50_u32, taken in 0..50_u32, seconds in 0..5_i64) {
        let (limiter, hand) = limiter(60, at_once);
        let (untouched, other) = self::limiter(60, at_once);
        for limiter in [&limiter, &untouched] {
            for _ in 0..taken.min(at_once - 1) {
                prop_assert!(limiter.check(LimitKind::Principal, "a").is_ok());
            }
        }
        prop_assert!(limiter.check(LimitKind::Principal, "a").is_ok());
        limiter.give_back(LimitKind::Principal, "a");
        hand.advance(seconds);
        other.advance(seconds);
        let left = |limiter: &Limiter| (0..100).filter(|_| limiter.check(LimitKind::Principal, "a").is_ok()).count();
        prop_assert_eq!(left(&limiter), left(&untouched));
    }
}

#[test]
fn each_key_and_each_kind_is_counted_on_its_own() {
    let (clock, _) = Clock::standing(1_000_000);
    let one = (1, 1);
    let limiter =
        Limiter::new(Limits { principal: one, client: one, address: one, registration: one }, clock);
    let kinds = [LimitKind::Principal, LimitKind::Client, LimitKind::Address, LimitKind::Registration];
    for is_first in [true, false] {
        for kind in kinds {
            for key in ["a", "b", ""] {
                assert_eq!(limiter.check(kind, key).is_ok(), is_first, "{kind:?} {key}");
            }
        }
    }
}

#[test]
fn a_limit_of_zero_lets_nothing_through() {
    for (per_minute, at_once, first) in [(0, 5, false), (5, 0, false), (0, 0, false), (1, 1, true)] {
        let (limiter, _) = limiter(per_minute, at_once);
        assert_eq!(limiter.check(LimitKind::Principal, "a").is_ok(), first, "{per_minute} {at_once}");
    }
}

#[test]
fn the_largest_limits_are_no_overflow() {
    let (limiter, hand) = limiter(1, u32::MAX);
    for seconds in [0, 1, i64::from(u32::MAX)] {
        hand.advance(seconds);
        assert!(limiter.check(LimitKind::Principal, "a").is_ok());
    }
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out() {
    let (limiter, hand) = limiter(60, 2);
    for seconds in [0, -100_000, -100_000] {
        hand.advance(seconds);
        for is_ok in [true, true, false] {
            assert_eq!(limiter.check(LimitKind::Principal, "a").is_ok(), is_ok, "{seconds}");
        }
    }
}

#[test]
fn many_at_once_get_no_more_than_there_is() {
    let (limiter, _) = limiter(60, 50);
    let got: usize = std::thread::scope(|scope| {
        let ask = || (0..50).filter(|_| limiter.check(LimitKind::Principal, "a").is_ok()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(got, 50);
}

#[test]
fn memory_is_bounded_however_many_come() {
    let (limiter, _) = limiter(60, 1);
    for number in 0..150_000 {
        assert!(limiter.check(LimitKind::Principal, &number.to_string()).is_ok());
    }
    let kept: usize = limiter.parts.iter().map(|part| part.lock().unwrap().len()).sum();
    assert!(kept <= super::MOST_KEYS, "{kept}");
}
