//! Known moments, and the calendar as a whole against a plain count.

use std::time::{Duration, UNIX_EPOCH};

use super::{date, rfc3339};

#[test]
fn moments() {
    let rows = [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_785_196_800_123, "2026-07-28T00:00:00.123Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ];
    for (millis, written) in rows {
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_millis(millis)), written);
    }
}

#[test]
fn eight_centuries() {
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut day = 0;
    for year in 1970..2770 {
        let february = if is_leap(year) { 29 } else { 28 };
        for (month, days) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            for of_month in 1..=days {
                assert_eq!(date(day), (year, month, of_month));
                day += 1;
            }
        }
    }
}
