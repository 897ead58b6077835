use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use super::{Budget, jitter, retry_after};

#[test]
fn retry_after_is_seconds_or_a_date() {
    let rows = [
        ("0", "", Some(0)),
        ("120", "", Some(120)),
        (" 7 ", "", Some(7)),
        ("Thu, 01 Jan 1970 00:01:40 GMT", "", Some(60)),
        ("Thu, 01 Jan 1970 00:00:10 GMT", "", Some(0)),
        ("Thu, 01 Jan 1970 00:01:40 GMT", "Thu, 01 Jan 1970 00:01:35 GMT", Some(5)),
        ("Thu, 01 Jan 1970 00:01:40 GMT", "yesterday", Some(60)),
        ("Thursday, 01-Jan-70 00:01:40 GMT", "", Some(60)),
        ("-1", "", None),
        ("1.5", "", None),
        ("99999999999999999999", "", None),
        ("soon", "", None),
        ("", "", None),
    ];
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(40);
    for (after, date, expected) in rows {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, after.parse().unwrap());
        if !date.is_empty() {
            headers.insert(DATE, date.parse().unwrap());
        }
        assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{after} {date}");
    }
    assert_eq!(retry_after(&HeaderMap::new(), now), None);
}

#[test]
fn the_budget_is_ten_and_a_tenth_of_the_requests() {
    let budget = Budget::default();
    let withdrawn = |budget: &Budget| (0..1_000).take_while(|_| budget.withdraw()).count();
    assert_eq!(withdrawn(&budget), 10);
    for (requests, expected) in [(9, 0), (1, 1), (45, 4), (5, 1), (100_000, 10)] {
        (0..requests).for_each(|_| budget.deposit());
        assert_eq!(withdrawn(&budget), expected, "{requests}");
    }
}

#[test]
fn jitter_is_anywhere_below() {
    let most = Duration::from_millis(100);
    let all: Vec<_> = (0..1_000).map(|_| jitter(most)).collect();
    assert!(all.iter().all(|one| *one <= most));
    assert!(all.iter().any(|one| *one < most / 4) && all.iter().any(|one| *one > most * 3 / 4));
}
