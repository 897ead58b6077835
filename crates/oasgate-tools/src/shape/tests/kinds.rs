//! Bodies by their media type.

use super::*;

/// Media type, body, and the JSON that comes of it, as text and as structure alike.
const JSON: &[(&str, &str, &str)] = &[
    ("application/json", "{}", "{}"),
    ("application/json; charset=utf-8", " { \"a\" : [ 1 , 2 ] } \r\n", r#"{"a":[1,2]}"#),
    ("application/vnd.api+json", "[ ]", "[]"),
    ("APPLICATION/JSON", "1.50", "1.50"),
    ("text/json", "\t\"a \\\" b\"", r#""a \" b""#),
    ("application/problem+json", "{\"a b\": \"c  d\"}", r#"{"a b":"c  d"}"#),
    ("application/json", "9007199254740993", "9007199254740993"),
    ("application/json", "[1e400, -0.0, 1E+2]", "[1e400,-0.0,1E+2]"),
    ("application/json", "{\"b\":1,\"a\":2,\"b\":3}", r#"{"b":1,"a":2,"b":3}"#),
    ("application/json", "null", "null"),
    ("application/json", "\u{feff}{\"a\": 1}", r#"{"a":1}"#),
    ("application/json", r#""\\" "#, r#""\\""#),
    (
        "application/json",
        r#"["\u00e9\ud83d\ude00\ud800x\udc00","\uD83D"]"#,
        r#"["\u00e9\ud83d\ude00\ufffdx\ufffd","\ufffd"]"#,
    ),
    ("application/json", r#"["\ud800\ud800\udc00"]"#, r#"["\ufffd\ud800\udc00"]"#),
    // Sequences.
    ("application/x-ndjson", "{\"a\": 1}\r\n\n[2]\n", r#"[{"a":1},[2]]"#),
    ("application/jsonl", "1", "[1]"),
    ("application/json-seq", "\u{1e}{\"a\": 1}\n\u{1e}2\n", r#"[{"a":1},2]"#),
    ("text/event-stream", "data: {\"a\": 1}\n\ndata: [DONE]\n\n", r#"[{"a":1},"[DONE]"]"#),
    (
        "text/event-stream",
        ": hello\nretry: 5\n\ndata: a\ndata: b\r\n\r\ndata:{\"x\":\ndata:1}",
        r#"["a\nb",{"x":1}]"#,
    ),
    (
        "text/event-stream; charset=utf-8",
        "event: add\nid: 7\ndata: 1\n\nevent: \"q\"\ndata: 2\n\n",
        r#"[{"event":"add","id":"7","data":1},{"event":"\"q\"","data":2}]"#,
    ),
    // Nothing is said of the type.
    ("", " {\"a\": 1}", r#"{"a":1}"#),
    ("", "[1 ,2]", "[1,2]"),
    ("nonsense", "[1 ,2]", "[1,2]"),
    ("application/x-whatever", "{ }", "{}"),
];

#[test]
fn json_is_compacted_and_nothing_else() {
    for (media_type, body, expected) in JSON {
        let outcome = ok(media_type, body.as_bytes());
        assert_eq!(only_text(&outcome), *expected, "{media_type}");
        assert_eq!(outcome.structured.as_deref(), Some(expected.as_bytes()));
        assert!(!outcome.is_error);
    }
}

/// Media type, body, and the text that comes of it, with no structure.
const TEXT: &[(&str, &[u8], &str)] = &[
    ("application/json", b"{\"a\": 1,}", "{\"a\": 1,}"),
    ("application/json", b"not json", "not json"),
    ("application/json", b"{} {}", "{} {}"),
    ("application/json", b"{\"a\":\"\xff\"}", "{\"a\":\"ÿ\"}"),
    ("application/x-ndjson", b"{}\nnope\n", "{}\nnope\n"),
    ("text/event-stream", b"hello there\n", "hello there\n"),
    ("text/event-stream", b": only a comment\n\n", ": only a comment\n\n"),
    ("text/plain", b"{\"a\": 1}", "{\"a\": 1}"),
    ("text/plain; charset=utf-8", "naïve ☃".as_bytes(), "naïve ☃"),
    ("text/plain; charset=iso-8859-1", b"na\xefve", "naïve"),
    ("text/plain; charset=\"windows-1252\"", b"\x80 5", "€ 5"),
    ("text/plain; charset=utf-16le", b"h\0i\0", "hi"),
    ("text/plain", b"\xff\xfeh\0i\0", "hi"),
    ("text/plain; charset=utf-16", b"\xfe\xff\0h\0i", "hi"),
    ("text/plain; charset=klingon", b"hi", "hi"),
    ("text/html", b"na\xefve", "naïve"),
    ("text/csv", b"a,b\n1,2\n", "a,b\n1,2\n"),
    ("application/xml", b"<a/>", "<a/>"),
    ("image/svg+xml", b"<svg/>", "<svg/>"),
    ("application/yaml", b"a: 1", "a: 1"),
    ("application/vnd.github.diff", b"--- a\n+++ b\n", "--- a\n+++ b\n"),
    ("", b"OK", "OK"),
    ("", b"{not json", "{not json"),
];

#[test]
fn text_is_shown_as_it_is() {
    for (media_type, body, expected) in TEXT {
        let outcome = ok(media_type, body);
        assert_eq!(only_text(&outcome), *expected, "{media_type}");
        assert_eq!(outcome.structured, None, "{media_type}");
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\x01\xff";

#[test]
fn images_sound_and_files_keep_their_bytes() {
    let image = |media_type: &str, data: &'static [u8]| Part::Image {
        media_type: media_type.into(),
        data: data.into(),
    };
    let audio = |media_type: &str, data: &'static [u8]| Part::Audio {
        media_type: media_type.into(),
        data: data.into(),
    };
    let file = |media_type: &str, data: &'static [u8]| Part::File {
        media_type: media_type.into(),
        name: None,
        data: data.into(),
    };
    let rows = [
        ("image/png", PNG, image("image/png", PNG)),
        ("Image/JPEG; q=1", b"x".as_slice(), image("image/jpeg", b"x")),
        ("audio/mpeg", b"x", audio("audio/mpeg", b"x")),
        ("application/octet-stream", b"text", file("application/octet-stream", b"text")),
        ("application/pdf", b"%PDF-\0", file("application/pdf", b"%PDF-\0")),
        ("video/mp4", b"x", file("video/mp4", b"x")),
        ("", PNG, image("image/png", PNG)),
        ("", b"%PDF-1\0", file("application/pdf", b"%PDF-1\0")),
        ("", b"ID3\0", audio("audio/mpeg", b"ID3\0")),
        ("", b"\0\x01", file("application/octet-stream", b"\0\x01")),
        ("multipart/mixed", b"\0", file("multipart/mixed", b"\0")),
    ];
    for (media_type, body, expected) in rows {
        let outcome = ok(media_type, body);
        assert_eq!(outcome.parts, [expected], "{media_type}");
        assert_eq!(outcome.structured, None);
    }
}

/// `Content-Disposition`, and the file name.
const NAMES: &[(&str, Option<&str>)] = &[
    ("attachment; filename=report.pdf", Some("report.pdf")),
    ("attachment; filename=\"a \\\"b\\\"; c.txt\"; size=3", Some("a \"b\"; c.txt")),
    ("attachment; filename=x.txt; filename*=UTF-8''na%C3%AFve%20%E2%98%83.txt", Some("naïve ☃.txt")),
    ("inline", None),
    ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
    ("attachment; filename=\"C:\\\\dir\\\\a.txt\"", Some("a.txt")),
    ("attachment; filename=\"..\"", None),
    ("attachment; filename*=UTF-8''%2e%2e%2f", None),
    ("attachment; filename*=UTF-8''a%0d%0ab", Some("ab")),
];

#[test]
fn a_file_has_the_name_it_was_given() {
    for (field, expected) in NAMES {
        let fields = [("content-type", "application/zip"), ("content-disposition", field)];
        match answer(200, &fields, b"\0", 10).parts.as_slice() {
            [Part::File { name, .. }] => assert_eq!(name.as_deref(), *expected, "{field}"),
            parts => panic!("{parts:?}"),
        }
    }
}

#[test]
fn multipart_answers_are_taken_apart() {
    let body = b"preamble\r\n--b\r\nContent-Type: application/json\r\n\r\n{ \"a\": 1 }\r\n--b \r\ncontent-type:image/png\r\n\r\n\
        \x89PNG\r\n--b\r\n\r\nplain\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\nepilogue";
    let outcome = ok("multipart/mixed; boundary=\"b\"", body);
    let expected = [
        Part::Text("{\"a\":1}".into()),
        Part::Image { media_type: "image/png".into(), data: Bytes::from_static(b"\x89PNG") },
        Part::Text("plain".into()),
        Part::File { media_type: "multipart/mixed".into(), name: None, data: Bytes::from_static(b"--c--") },
    ];
    assert_eq!(outcome.parts, expected);
    assert_eq!(outcome.structured, None);
    for broken in ["--b\r\nno end", "no boundary", "--b", "--b\r\n\r\nx\r\n--c--"] {
        assert_eq!(only_text(&ok("multipart/mixed; boundary=b", broken.as_bytes())), broken);
    }
}

#[test]
fn a_document_too_deep_for_common_parsers_is_text_only() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (depth, fit) in [(100, true), (101, false), (200_000, false)] {
        let outcome =
            answer(200, &[("content-type", "application/json")], nested(depth).as_bytes(), 1_000_000);
        assert_eq!(only_text(&outcome), nested(depth));
        assert_eq!(outcome.structured.is_some(), fit);
    }
}
