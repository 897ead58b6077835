use serde_json::json;

use super::instant;

#[test]
fn a_point_in_time_is_read_as_portals_write_it() {
    let rows = [
        (json!(1_800_000_000), Some(1_800_000_000)),
        (json!("1800000000"), Some(1_800_000_000)),
        (json!("2027-01-15T08:00:00Z"), Some(1_800_000_000)),
        (json!("2027-01-15T08:00:00.999Z"), Some(1_800_000_000)),
        (json!("2027-01-15T10:30:00+02:30"), Some(1_800_000_000)),
        (json!("2027-01-15t08:00:00z"), Some(1_800_000_000)),
        (json!("1969-12-31T23:59:59Z"), Some(-1)),
        (json!("2027-01-15T08:00:00"), None),
        (json!("2027-01-15"), None),
        (json!("2027-02-30T08:00:00Z"), None),
        (json!("2027-01-15T25:00:00Z"), None),
        (json!("tomorrow"), None),
        (json!(""), None),
        (json!(true), None),
        (json!({}), None),
    ];
    for (written, expected) in rows {
        assert_eq!(instant(&written), expected, "{written}");
    }
}
