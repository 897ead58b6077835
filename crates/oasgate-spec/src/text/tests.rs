//! Texts and what is read from them, row by row; what holds for every text is in `property`.

mod places;
mod property;
mod scalars;

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{TextError, parse};
use crate::Limits;

/// What a text means.
fn value(text: &str) -> Value {
    read(text.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

/// Where and why a text cannot be read: `line:column message`.
fn refusal(text: &str) -> String {
    refusal_within(text, &Limits::default())
}

fn refusal_within(text: &str, limits: &Limits) -> String {
    let TextError { position, message } = read(text.as_bytes(), limits).expect_err(text);
    position.map_or(message.clone(), |at| format!("{}:{} {message}", at.line, at.column))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Value, TextError> {
    let tree = parse(bytes.to_vec(), limits)?;
    Ok(tree.root().map_or(Value::Null, |root| root.value()))
}

#[test]
fn quotes_and_tags_decide() {
    let rows = [
        ("a: '12'", json!({"a": "12"})),
        ("a: \"true\"", json!({"a": "true"})),
        ("a: 'it''s'", json!({"a": "it's"})),
        (r#"a: "\x41\u00e9\U0001F600\t""#, json!({"a": "Aé😀\t"})),
        ("a: !!str 12", json!({"a": "12"})),
        ("a: !!int '12'", json!({"a": 12})),
        ("a: !!float '1.50'", json!({"a": scalars::number("1.50")})),
        ("a: !!bool 'true'", json!({"a": true})),
        ("a: !!null ''", json!({"a": null})),
        ("a: !custom 12", json!({"a": "12"})),
        ("a: !binary aGk=", json!({"a": "aGk="})),
        ("a: ! 12", json!({"a": "12"})),
    ];
    for (text, expected) in rows {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn block_scalars_keep_what_they_hold() {
    let rows = [
        ("a: |\n  b\n  c\n", "b\nc\n"),
        ("a: |-\n  b\n  c\n", "b\nc"),
        ("a: |+\n  b\n\n", "b\n\n"),
        ("a: >\n  b\n  c\n\n  d\n", "b c\nd\n"),
        ("a: >-\n  b\n  c\n", "b c"),
        ("a: |2\n   b\n", " b\n"),
        ("a: |\n  b\n  \tc\n", "b\n\tc\n"),
        ("a: |\n  b\tc\n", "b\tc\n"),
        ("a: 'b\n  c'\n", "b c"),
        ("a: b\n  c\n", "b c"),
        ("a: |\n  # no comment\n", "# no comment\n"),
    ];
    for (text, expected) in rows {
        assert_eq!(value(text), json!({ "a": expected }), "{text:?}");
    }
}

#[test]
fn keys_are_taken_as_they_are_written() {
    let rows = [
        ("200: a", json!({"200": "a"})),
        ("0x10: a", json!({"0x10": "a"})),
        ("1.50: a", json!({"1.50": "a"})),
        ("true: a", json!({"true": "a"})),
        ("null: a", json!({"null": "a"})),
        ("2026-11-20: a", json!({"2026-11-20": "a"})),
        ("? a\n: b", json!({"a": "b"})),
        ("[a, b]: c", json!({"[a, b]": "c"})),
        ("{a: b}: c", json!({"{a: b}": "c"})),
        ("? - a\n  - b\n: c", json!({"- a\n  - b": "c"})),
        ("'<<': {b: 1}\na: 2", json!({"<<": {"b": 1}, "a": 2})),
        ("{\"<<\": {\"b\": 1}}", json!({"<<": {"b": 1}})),
        ("a: &x k\n*x : b", json!({"a": "k", "k": "b"})),
        ("a: &x 5\n*x : b", json!({"a": 5, "5": "b"})),
        ("a: &x [k]\n*x : b", json!({"a": ["k"], "*x": "b"})),
        ("a:", json!({"a": null})),
        ("{a, b: 1}", json!({"a": null, "b": 1})),
    ];
    for (text, expected) in rows {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn of_repeated_keys_the_last_counts() {
    let many = |last: &str| -> String {
        let mut text = String::new();
        for nth in 0..40 {
            writeln!(text, "k{nth}: {nth}").unwrap();
        }
        text + last
    };
    let rows = [
        ("a: 1\na: 2".to_owned(), "a", json!(2)),
        ("{\"a\": {\"b\": 1}, \"a\": 2}".to_owned(), "a", json!(2)),
        ("a: {b: 1}\nc: 3\na: {d: 2}".to_owned(), "a", json!({"d": 2})),
        (many("k7: x"), "k7", json!("x")),
        (many("k39: x"), "k39", json!("x")),
    ];
    for (text, key, expected) in rows {
        assert_eq!(value(&text)[key], expected, "{text}");
        let tree = parse(text.clone().into_bytes(), &Limits::default()).unwrap();
        let repeated: Vec<&str> = tree.repeated().map(|(_, name)| name).collect();
        assert_eq!(repeated, [key], "{text}");
        assert_eq!(tree.root().unwrap().get(key).unwrap().value(), expected, "{text}");
    }
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let rows = [
        ("a: &x [1, 2]\nb: *x", json!({"a": [1, 2], "b": [1, 2]})),
        ("a: &x 1\nb: &x 2\nc: *x", json!({"a": 1, "b": 2, "c": 2})),
        (
            "a: &x {k: 1}\nb: {c: &y [*x], d: *y}",
            json!({"a": {"k": 1}, "b": {"c": [{"k": 1}], "d": [{"k": 1}]}}),
        ),
        ("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}", json!({"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}})),
        ("a: &x {k: 1, l: 2}\nb: {k: 3, <<: *x}", json!({"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}})),
        (
            "a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc: {<<: [*x, *y]}",
            json!({"a": {"k": 1}, "b": {"k": 2, "m": 3}, "c": {"k": 1, "m": 3}}),
        ),
        ("b: {<<: {k: 1}, l: 2}", json!({"b": {"k": 1, "l": 2}})),
        ("b: {<<: 1, l: 2}", json!({"b": {"<<": 1, "l": 2}})),
        ("b: {<<: [1], l: 2}", json!({"b": {"<<": [1], "l": 2}})),
        (
            "a: &x {k: 1}\nb: &y {<<: *x, l: 2}\nc: {<<: *y}",
            json!({"a": {"k": 1}, "b": {"k": 1, "l": 2}, "c": {"k": 1, "l": 2}}),
        ),
        ("a: &x {k: {z: 1}}\nb: {<<: *x}\n", json!({"a": {"k": {"z": 1}}, "b": {"k": {"z": 1}}})),
    ];
    for (text, expected) in rows {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn json_may_have_comments_and_commas_too_many() {
    let rows = [
        ("{\"a\": 1, // one\n \"b\": 2}", json!({"a": 1, "b": 2})),
        ("// first\n{\"a\": 1}", json!({"a": 1})),
        ("/* first */ {\"a\": /* one */ 1} // end", json!({"a": 1})),
        ("{\"a\": [1, 2,], \"b\": {\"c\": 3,},}", json!({"a": [1, 2], "b": {"c": 3}})),
        ("{\"a\": \"// none /* here */\"}", json!({"a": "// none /* here */"})),
        ("{\"a\": \"http://b\"}", json!({"a": "http://b"})),
        ("{\"a\": \"b\tc\nd\"}", json!({"a": "b\tc\nd"})),
        (r#"{"a": "\u00e9\n\"\\\/\ud83d\ude00\ud83d"}"#, json!({"a": "é\n\"\\/😀\u{FFFD}"})),
        ("[]", json!([])),
        ("  {}  ", json!({})),
        // YAML in the style of JSON.
        ("{a: 1, 'b': [c, d]}", json!({"a": 1, "b": ["c", "d"]})),
        ("{\"a\": 1} # a comment of YAML", json!({"a": 1})),
    ];
    for (text, expected) in rows {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn bytes_become_text_by_their_marks() {
    let utf16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let marked = "\u{FEFF}{\"a\": \"é😀\"}";
    let rows = [
        (marked.as_bytes().to_vec(), json!({"a": "é😀"})),
        (utf16(marked, u16::to_le_bytes), json!({"a": "é😀"})),
        (utf16(marked, u16::to_be_bytes), json!({"a": "é😀"})),
        ("\u{FEFF}a: é".as_bytes().to_vec(), json!({"a": "é"})),
        (utf16("\u{FEFF}a: é", u16::to_le_bytes), json!({"a": "é"})),
        (b"a: \xE9t\xE9".to_vec(), json!({"a": "\u{FFFD}t\u{FFFD}"})),
        (b"{\"a\": \"\xE9\"}".to_vec(), json!({"a": "\u{FFFD}"})),
        ("a: \"b\u{90}c\u{7F}d\"".as_bytes().to_vec(), json!({"a": "b c d"})),
        ("a: \"b\u{85}c\u{2028}d\"".as_bytes().to_vec(), json!({"a": "b\u{85}c\u{2028}d"})),
        ("{\"a\": \"b\u{90}c\"}".as_bytes().to_vec(), json!({"a": "b\u{90}c"})),
        (b"".to_vec(), Value::Null),
        ("\u{FEFF}".as_bytes().to_vec(), Value::Null),
        (b"# nothing".to_vec(), Value::Null),
        (b"a: 1\n---\nb: 2".to_vec(), json!({"a": 1})),
        (b"a: 1\r\nb: 2\r\n".to_vec(), json!({"a": 1, "b": 2})),
    ];
    for (bytes, expected) in rows {
        assert_eq!(read(&bytes, &Limits::default()).unwrap(), expected, "{bytes:?}");
    }
}

#[test]
fn what_is_replaced_is_told() {
    let rows = [
        (b"a: 1\nb: \"x\xC2\x90y\"".to_vec(), Some(("/b", "U+0090, which YAML forbids,"))),
        (b"a: \xE9".to_vec(), Some(("/a", "a byte that is not UTF-8"))),
        (b"\xEF\xBB\xBF{\"a\": [1, \"\xE9\"]}".to_vec(), Some(("/a/1", "a byte that is not UTF-8"))),
        ("{\"a\": \"\u{90}\"}".as_bytes().to_vec(), None),
    ];
    for (bytes, expected) in rows {
        let tree = parse(bytes.clone(), &Limits::default()).unwrap();
        let told = tree.replaced().map(|(cursor, what)| (cursor.pointer(), what.to_owned()));
        let expected = expected.map(|(pointer, what)| (pointer.to_owned(), what.to_owned()));
        assert_eq!(told, expected, "{bytes:?}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let rows = [
        ("{\"a\": 1,\n \"b\": \"c", "2:9 not JSON: the text ends within a string"),
        ("{\"a\": [1,\n 2", "2:3 not JSON: the text ends within a collection"),
        ("{\"a\": ", "1:7 not JSON: a value is expected, and the text ends"),
        ("{\"a\"", "1:5 not JSON: a colon is expected"),
        ("{", "1:2 not JSON: the text ends within an object"),
        ("[1,", "1:4 not JSON: the text ends within an array"),
        ("{\"é\": 1 \"b\": 2}", "1:9 not JSON: a comma is expected"),
        ("{\"a\": \"\\q\"}", "1:8 not JSON: this is not an escape sequence"),
        ("{\"a\": \"\\u12g4\"}", "1:8 not JSON: this is not an escape sequence"),
        ("{\"a\": 1}\n{", "2:1 not JSON: there is more after the end"),
        ("[1, 2}", "1:6 not JSON: a value is expected"),
        ("{\"a\": [1, /* }", "1:11 not JSON: a comment does not end"),
        ("a:\n\tb: 2", "2:2 not YAML: "),
        ("a: [1\nb: 2", "2:2 not YAML: "),
        ("a: 'b", "1:4 not YAML: "),
        ("a: *b", "1:4 alias *b has no anchor before it"),
        ("a: &x [*x]", "1:8 an alias stands inside its own anchor"),
        ("a: b: c", "1:5 not YAML: "),
    ];
    for (text, expected) in rows {
        // Why a text is not YAML is said in the parser's words.
        assert!(refusal(text).starts_with(expected), "{text:?}: {}", refusal(text));
    }
}

#[test]
fn what_is_given_by_mistake_is_called_what_it_is() {
    let rows: [(&[u8], Option<&str>); 8] = [
        (b"\x1F\x8B\x08\0", Some("gzip")),
        (b"PK\x03\x04rest", Some("ZIP")),
        (b"%PDF-1.7", Some("PDF")),
        (b"\n<!DOCTYPE html>\n<p>a: b: c", Some("web page")),
        (b"<html lang='en'>", Some("web page")),
        (b"<?xml version='1.0'?>", Some("XML")),
        (b"<<: {a: 1}", None),
        (b"PK: 1", None),
    ];
    for (bytes, expected) in rows {
        let said = parse(bytes.to_vec(), &Limits::default()).err().map(|error| error.message);
        assert_eq!(said.is_some(), expected.is_some(), "{bytes:?}: {said:?}");
        assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()), "{bytes:?}");
    }
}

#[test]
fn limits_are_kept_and_named() {
    let limits = Limits { bytes: 10, depth: 3, ..Limits::default() };
    let rows = [
        ("{\"a\": 12345}", "the document has 12 bytes, the limit is 10"),
        ("[[[[]]]]", "1:4 the document nests deeper than 3 levels"),
        ("- - - - a", "1:7 the document nests deeper than 3 levels"),
    ];
    for (text, expected) in rows {
        assert_eq!(refusal_within(text, &limits), expected, "{text}");
    }
    assert_eq!(read(b"[[[1]]]", &limits).unwrap(), json!([[[1]]]));
}

#[test]
fn bombs_are_refused_before_they_grow() {
    let mut doubling = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut nesting = format!("a0: &a0 {}{}\n", "[".repeat(200), "]".repeat(200));
    for nth in 1..20 {
        let before = nth - 1;
        let items = vec![format!("*a{before}"); 9].join(", ");
        writeln!(doubling, "a{nth}: &a{nth} [{items}]").unwrap();
        writeln!(nesting, "a{nth}: &a{nth} {}*a{before}{}", "[".repeat(200), "]".repeat(200)).unwrap();
    }
    let merging = {
        let keys: Vec<String> = (0..100).map(|nth| format!("k{nth}: 1")).collect();
        let merges = "- {<<: [*x, *x, *x, *x, *x, *x, *x, *x]}\n".repeat(1_000);
        format!("a: &x {{{}}}\nb:\n{merges}", keys.join(", "))
    };
    let rows = [
        (doubling, "the document expands to more nodes than its size allows (an alias bomb?)"),
        (nesting, "the document nests deeper than 250 levels"),
        (merging, "the document expands to more nodes than its size allows (an alias bomb?)"),
    ];
    for (text, expected) in rows {
        let refusal = refusal(&text);
        assert!(refusal.ends_with(expected), "{refusal}");
    }
}

#[test]
fn no_nesting_overflows_the_stack() {
    let deep = 100_000;
    let rows = [
        (format!("{}{}", "[".repeat(deep), "]".repeat(deep)), "/0".repeat(deep - 1)),
        (format!("{}1{}", "{\"a\":".repeat(deep), "}".repeat(deep)), "/a".repeat(deep)),
    ];
    for (text, pointer) in rows {
        assert!(refusal(&text).contains("nests deeper than 250 levels"));
        // As deep as the caller likes: the tree is flat, and so is all that walks it.
        let limits = Limits { depth: usize::MAX, ..Limits::default() };
        let tree = parse(text.clone().into_bytes(), &limits).unwrap();
        let deepest = tree.root().unwrap().point(&pointer).unwrap();
        assert_eq!(deepest.size(), 1);
        assert!(super::locate(text.into_bytes(), &[&pointer])[0].is_some());
    }
    let flow = format!("a: {}{}", "[".repeat(deep), "]".repeat(deep));
    let block: String = (0..2_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    for text in [flow, block] {
        assert!(refusal(&text).contains("nests deeper than 250 levels"), "{}", refusal(&text));
    }
}
