use std::time::Duration;

use super::words;

#[test]
fn the_host_is_named_and_how_long_it_takes() {
    let rows = [
        (Some("https://api.example.com"), 3_900, "waiting for api.example.com, 3 s"),
        (Some("http://127.0.0.1:8099"), 1_000, "waiting for 127.0.0.1:8099, 1 s"),
        (Some("http://[::1]:8099"), 1_000, "waiting for [::1]:8099, 1 s"),
        (None, 61_000, "waiting for the API, 61 s"),
    ];
    for (origin, millis, expected) in rows {
        assert_eq!(words(origin, Duration::from_millis(millis)), expected);
    }
}
