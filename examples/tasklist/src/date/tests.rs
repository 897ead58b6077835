use proptest::prelude::*;

use super::Date;

#[test]
fn dates_that_exist_and_dates_that_do_not() {
    let rows = [
        ("2026-11-20", true),
        ("2024-02-29", true),
        ("2000-02-29", true),
        ("0000-02-29", true),
        ("9999-12-31", true),
        ("2023-02-29", false),
        ("1900-02-29", false),
        ("2026-04-31", false),
        ("2026-00-10", false),
        ("2026-13-10", false),
        ("2026-01-00", false),
        ("2026-1-1", false),
        ("2026-01-01T00:00:00Z", false),
        ("2026/01/01", false),
        ("+026-01-01", false),
        ("２０２６", false),
        ("", false),
    ];
    for (text, exists) in rows {
        assert_eq!(Date::parse(text).is_some(), exists, "{text}");
    }
}

proptest! {
    #[test]
    fn every_day_up_to_the_28th_exists_and_is_kept_as_written(y in 0_u32..10_000, m in 1_u32..13, d in 1_u32..29) {
        let text = format!("{y:04}-{m:02}-{d:02}");
        prop_assert_eq!(Date::parse(&text).map(|date| date.to_string()), Some(text));
    }

    #[test]
    fn no_text_panics(text in ".{0,12}") {
        if let Some(date) = Date::parse(&text) {
            prop_assert_eq!(date.as_str(), text);
        }
    }
}
