use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};

use super::Form;

async fn read(content_type: &'static str, body: &str) -> Result<Form, u16> {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
    Form::body(&headers, Body::from(body.to_owned())).await.map_err(|error| error.status.as_u16())
}

#[test]
fn a_parameter_is_there_once_or_not_at_all() {
    let rows = [
        ("a=1", Ok(Some("1"))),
        ("a=x+y%20z%26", Ok(Some("x y z&"))),
        ("", Ok(None)),
        ("a", Ok(None)),
        ("a=", Ok(None)),
        ("a=&a=2", Ok(Some("2"))),
        ("b=1&A=1", Ok(None)),
        ("a=1&a=1", Err(())),
        ("a=1&a=2", Err(())),
    ];
    for (query, expected) in rows {
        assert_eq!(Form::query(Some(query)).get("a").map_err(|_| ()), expected, "{query}");
    }
}

#[tokio::test]
async fn a_body_must_say_that_it_is_a_form() {
    let form = "application/x-www-form-urlencoded";
    let rows = [
        (form, None),
        ("Application/X-WWW-Form-Urlencoded; charset=utf-8", None),
        ("application/json", Some(400)),
        ("text/plain", Some(400)),
        ("", Some(400)),
    ];
    for (content_type, refused) in rows {
        assert_eq!(read(content_type, "a=1").await.err(), refused, "{content_type}");
    }
    assert_eq!(read(form, &format!("a={}", "x".repeat(1 << 20))).await.err(), Some(413));
}
