use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};

use super::{Terms, is_conditional};

/// 1970-01-01 00:01:40.
const NOW: Duration = Duration::from_secs(100);

fn answer(status: u16, fields: &str) -> Response<Bytes> {
    let fields = fields.split('|').filter_map(|field| field.split_once(": "));
    let builder = fields.fold(Response::builder().status(status), |b, (name, value)| b.header(name, value));
    builder.body(Bytes::new()).unwrap()
}

/// How many seconds an answer is fresh, if it is kept for one principal, or for everybody.
fn fresh(status: u16, fields: &str, is_private: bool) -> Option<u64> {
    let terms = Terms::of(&answer(status, fields), is_private, SystemTime::UNIX_EPOCH + NOW);
    terms.map(|terms| terms.fresh.as_secs())
}

#[test]
fn header_fields_say_how_long() {
    let rows = [
        ("", None),
        ("etag: \"x\"", Some(0)),
        ("last-modified: Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        ("cache-control: max-age=60", Some(60)),
        ("cache-control: Public,  MAX-AGE=60", Some(60)),
        ("cache-control: max-age=\"60\"", Some(60)),
        ("cache-control: x=\"a, no-store\", max-age=60", Some(60)),
        ("cache-control: max-age=60, max-age=30", Some(30)),
        ("cache-control: max-age=60|cache-control: max-age=30", Some(30)),
        ("cache-control: max-age=60, s-maxage=30", Some(30)),
        ("cache-control: max-age=60, s-maxage=90", Some(60)),
        ("cache-control: max-age=99999999", Some(24 * 60 * 60)),
        ("cache-control: max-age=18446744073709551615", Some(24 * 60 * 60)),
        ("cache-control: max-age=99999999999999999999", None),
        ("cache-control: max-age=-1", None),
        ("cache-control: max-age=0", None),
        ("cache-control: max-age=0|etag: \"x\"", Some(0)),
        ("cache-control: max-age=60|age: 20", Some(40)),
        ("cache-control: max-age=60|age: 70", None),
        ("cache-control: max-age=60|date: Thu, 01 Jan 1970 00:01:10 GMT", Some(30)),
        ("cache-control: max-age=60|date: Thu, 01 Jan 1970 00:01:10 GMT|age: 40", Some(20)),
        ("cache-control: max-age=60|date: Thu, 01 Jan 1970 00:02:40 GMT", Some(60)),
        ("expires: Thu, 01 Jan 1970 00:02:40 GMT", Some(60)),
        ("expires: Thu, 01 Jan 1970 00:02:40 GMT|date: Thu, 01 Jan 1970 00:01:30 GMT", Some(60)),
        ("expires: Thu, 01 Jan 1970 00:01:30 GMT", None),
        ("expires: 0", None),
        ("expires: Thu, 01 Jan 1970 00:02:40 GMT|cache-control: max-age=10", Some(10)),
        ("cache-control: no-cache, max-age=60", None),
        ("cache-control: no-cache=\"set-cookie\", max-age=60|etag: \"x\"", Some(0)),
        ("cache-control: no-store, max-age=60", None),
        ("cache-control: max-age=60|etag: \"x\"|vary: *", None),
        ("cache-control: max-age=60|vary: accept, *", None),
        ("cache-control: max-age=60|vary: accept, x-key", Some(60)),
    ];
    for (fields, expected) in rows {
        assert_eq!(fresh(200, fields, false), expected, "{fields}");
        assert_eq!(fresh(200, fields, true), expected, "{fields}");
        for status in [201, 203, 206, 304, 404, 500] {
            assert_eq!(fresh(status, fields, true), None, "{status} {fields}");
        }
    }
}

#[test]
fn what_is_for_one_is_kept_for_one() {
    for field in ["cache-control: private", "cache-control: private=\"x\"", "set-cookie: a=b"] {
        let fields = format!("{field}|cache-control: max-age=60");
        assert_eq!((fresh(200, &fields, false), fresh(200, &fields, true)), (None, Some(60)), "{field}");
    }
}

#[test]
fn a_request_asks_with_what_the_answer_was_marked_with() {
    let rows = [
        ("etag: W/\"x\"", &[("if-none-match", "W/\"x\"")][..]),
        ("last-modified: then", &[("if-modified-since", "then")]),
        ("etag: \"x\"|last-modified: then", &[("if-none-match", "\"x\""), ("if-modified-since", "then")]),
    ];
    for (fields, expected) in rows {
        let terms = Terms::of(&answer(200, fields), false, SystemTime::UNIX_EPOCH + NOW).unwrap();
        let asked = terms.ask(Request::new(Bytes::new()));
        let fields: Vec<_> =
            asked.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(fields, expected);
        assert!(is_conditional(asked.headers()));
    }
    assert!(!is_conditional(&answer(200, "accept: */*").headers().clone()));
}
