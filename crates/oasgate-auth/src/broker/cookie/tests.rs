use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use super::{Binding, Cookies};
use crate::random;

fn sent(line: &str) -> HeaderMap {
    HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(line).unwrap())])
}

#[test]
fn a_cookie_is_marked_as_its_origin_allows() {
    let rows = [
        (true, "__Host-oasgate-89abcdef01234567=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"),
        (false, "oasgate-89abcdef01234567=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"),
    ];
    for (is_https, expected) in rows {
        let mut headers = HeaderMap::new();
        Cookies { is_https }.set(&mut headers, Binding::Agreed("kid:89abcdef01234567"), "v", Some(600));
        assert_eq!(headers[SET_COOKIE], expected);
    }
}

#[test]
fn a_cookie_that_others_could_have_written_is_not_read() {
    let value = random::secret();
    let rows = [
        (true, format!("a=b; __Host-oasgate={value}; c=d"), true),
        (true, format!("oasgate={value}"), false),
        (true, format!("__Host-oasgate={value}; __Host-oasgate={value}"), false),
        (true, format!("__Host-oasgate={value}x"), false),
        (true, "__Host-oasgate=".to_owned(), false),
        (true, format!("__Host-oasgate-1={value}"), false),
        (false, format!("oasgate={value}"), true),
    ];
    for (is_https, line, expected) in rows {
        let read = Cookies { is_https }.read(&sent(&line), Binding::Browser);
        assert_eq!(read, expected.then(|| value.clone()), "{line}");
    }
}
