use std::time::Duration;

use bytes::Bytes;
use http::{Response, Uri};

use super::Pending;

const CALL: &str = "https://api.example/v1/jobs";

fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn begun(headers: &[(&str, &str)]) -> Option<Pending> {
    Pending::of(&answer(202, headers, ""), &Uri::from_static(CALL))
}

#[test]
fn the_monitor_is_on_the_origin_of_the_call() {
    type Headers = &'static [(&'static str, &'static str)];
    let rows: [(Headers, Option<&str>); 10] = [
        (&[], None),
        (&[("location", "/v1/jobs/7")], Some("https://api.example/v1/jobs/7")),
        (&[("location", "jobs/7?full=1")], Some("https://api.example/v1/jobs/7?full=1")),
        (&[("content-location", "/status")], Some("https://api.example/status")),
        (&[("location", "/result"), ("operation-location", "/status")], Some("https://api.example/status")),
        (&[("location", "https://api.example:443/x")], Some("https://api.example/x")),
        (&[("location", "https://evil.example/v1/jobs/7")], None),
        (&[("location", "http://api.example/v1/jobs/7")], None),
        (&[("location", "https://user@api.example/x")], None),
        // Another field may still lead there.
        (&[("operation-location", "//evil.example/"), ("location", "/x")], Some("https://api.example/x")),
    ];
    for (headers, expected) in rows {
        let monitor = begun(headers).map(|pending| pending.monitor.to_string());
        assert_eq!(monitor.as_deref(), expected, "{headers:?}");
    }
    let created = answer(201, &[("location", "/v1/jobs/7")], "");
    assert_eq!(Pending::of(&created, &Uri::from_static(CALL)), None);
}

#[test]
fn a_call_goes_on_until_its_monitor_says_otherwise() {
    let rows = [
        (202, "", true),
        (429, "", true),
        (503, "", true),
        (200, r#"{"status": "Running"}"#, true),
        (200, r#"{"id": 1, "status": "in_progress"}"#, true),
        (200, r#"{"state": "NOT STARTED"}"#, true),
        (200, r#"{"status": "Succeeded"}"#, false),
        (200, r#"{"status": "Failed"}"#, false),
        (200, r#"{"status": "shipped"}"#, false),
        (200, r#"{"status": 3}"#, false),
        (200, r#"["running"]"#, false),
        (200, "running", false),
        (200, "", false),
        (204, "", false),
        (303, "", false),
        (404, "", false),
        (500, "", false),
    ];
    let pending = begun(&[("location", "/v1/jobs/7")]).unwrap();
    for (status, body, goes_on) in rows {
        let after = pending.after(&answer(status, &[], body));
        assert_eq!(after.is_some(), goes_on, "{status} {body}");
        assert!(after.is_none_or(|after| after.monitor == pending.monitor), "{status} {body}");
    }
    let moved = pending.after(&answer(202, &[("location", "8")], "")).unwrap();
    assert_eq!(moved.monitor.path(), "/v1/jobs/8");
}

#[test]
fn the_api_says_when_to_ask_within_bounds() {
    let rows = [
        ("7", Duration::from_secs(7)),
        ("0", Duration::from_millis(100)),
        ("86400", Duration::from_secs(300)),
        ("soon", Duration::from_secs(1)),
    ];
    for (told, expected) in rows {
        let pending = begun(&[("location", "/x"), ("retry-after", told)]).unwrap();
        assert_eq!(pending.wait(), expected, "{told}");
    }
    let mut pending = begun(&[("location", "/x")]).unwrap();
    let mut waits = Vec::new();
    for _ in 0..7 {
        waits.push(pending.wait().as_secs());
        pending = pending.after(&answer(202, &[], "")).unwrap();
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
}
