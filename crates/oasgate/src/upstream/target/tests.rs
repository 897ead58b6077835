//! Rows: a URI, and whether it is sent.

use proptest::prelude::*;
use url::{Position, Url};

use super::{Fault, check, name};

#[test]
fn only_what_everybody_reads_alike_is_sent() {
    let rows = [
        ("http://h/", true),
        ("http://h", true),
        ("https://h:1/a/b?c=../d", true),
        ("http://h/...", true),
        ("http://h/.a/..b/%2ec", true),
        ("http://h/a//b", true),
        ("http://h/a/..", false),
        ("http://h/./a", false),
        ("http://h/a/%2E%2e/b", false),
        ("http://h/a/.%2E", false),
        ("http://h/%2e", false),
        ("http://h/a\\b", false),
        ("http://h/{a}", false),
        ("http://h/a\"b", false),
        ("/a", false),
        ("ftp://h/a", false),
        ("h:80", false),
    ];
    for (uri, is_sent) in rows {
        let checked = check(&uri.parse().unwrap());
        assert_eq!(checked, if is_sent { Ok(()) } else { Err(Fault::Unsendable) }, "{uri}");
    }
}

#[test]
fn a_name_has_neither_path_nor_user() {
    let rows = [
        ("http://h/path?key=s3cret", "http://h"),
        ("https://user:s3cret@h:81/", "https://h:81"),
        ("http://[::1]:8/", "http://[::1]:8"),
    ];
    for (uri, expected) in rows {
        assert_eq!(name(&uri.parse().unwrap()), expected);
    }
}

proptest! {
    /// Whatever passes is a path that a parser of the Web leaves as it is.
    #[test]
    fn what_passes_is_read_alike(path in "(/(\\.|%2e|%2E|[a-z]|\\\\|%5c|[{}|^\"]|\\[)*){1,4}") {
        let text = format!("http://h{path}");
        let Ok(uri) = text.parse() else { return Ok(()) };
        if check(&uri).is_ok() {
            let url = Url::parse(&text).unwrap();
            prop_assert_eq!(&url[Position::BeforePath..Position::AfterPath], uri.path());
        }
    }
}
