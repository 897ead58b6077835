use bytes::Bytes;
use http::Request;

use super::{SHOWN, shown};

fn request(body: &str) -> Request<Bytes> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Request::post("https://api.example/things?a=%20").header("content-type", "text/plain").body(body).unwrap()
}

#[test]
fn a_request_is_shown_whole_with_nothing_hidden_in_it() {
    let head = "POST https://api.example/things?a=%20\nContent-Type: text/plain\n";
    let rows = [
        ("", ""),
        ("two\nlines\t.", "\ntwo\nlines\t.\n"),
        ("a\rb\u{1b}[2Kc", "\na\u{fffd}b\u{fffd}[2Kc\n"),
        (
            "pay \u{202e}001\u{2069} to\u{200b} e\u{e0041}ve",
            "\npay \u{fffd}001\u{fffd} to\u{fffd} e\u{fffd}ve\n",
        ),
        ("日本 é 🎉", "\n日本 é 🎉\n"),
    ];
    for (body, expected) in rows {
        assert_eq!(shown(&request(body)), format!("{head}{expected}"));
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let text = shown(&request(&"é".repeat(SHOWN)));
    let left_out = "POST https://api.example/things?a=%20\nContent-Type: text/plain\n\n\n".len();
    assert!(text.ends_with(&format!("é\n… and {left_out} characters more\n")), "{text}");
}
