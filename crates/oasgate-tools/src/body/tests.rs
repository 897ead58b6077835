//! Bodies as they go on the wire.

mod files;
mod forms;
mod parts;
mod xml;

use oasgate_spec::Style;

use super::*;
use crate::plan::{Field, FieldEncoding, XmlNode};

fn recipe(content_type: &str, format: BodyFormat) -> BodyRecipe {
    BodyRecipe { content_type: content_type.into(), format }
}

/// An optional body that is the one argument `body`.
fn whole(content_type: &str, format: BodyFormat) -> BodyPlan {
    BodyPlan {
        source: BodySource::Argument("body".into()),
        required: false,
        recipes: vec![recipe(content_type, format)],
        chooser: None,
    }
}

fn field(name: &str, encoding: FieldEncoding) -> Field {
    Field { name: name.into(), encoding, binary: false, headers: Vec::new() }
}

fn style(style: Style, explode: bool) -> FieldEncoding {
    FieldEncoding::Style { style, explode, allow_reserved: false }
}

fn content(media_types: &str) -> FieldEncoding {
    FieldEncoding::Content(Some(media_types.into()))
}

/// Writes with the arguments given as JSON.
fn attempt(plan: &BodyPlan, arguments: &str) -> Result<Option<Written>, Refusal> {
    let arguments: Map<String, Value> = serde_json::from_str(arguments).expect("the row is JSON");
    write(Some(plan), &arguments)
}

/// Content type and bytes for `{"body": value}`.
fn sent(plan: &BodyPlan, value: &str) -> (String, Vec<u8>) {
    let written =
        attempt(plan, &format!(r#"{{"body":{value}}}"#)).unwrap_or_else(|refusal| panic!("{refusal}"));
    let written = written.expect("a body");
    (written.content_type.to_str().expect("ASCII").into(), written.bytes.to_vec())
}

/// The same, where the bytes are text.
fn text_sent(plan: &BodyPlan, value: &str) -> (String, String) {
    let (content_type, bytes) = sent(plan, value);
    (content_type, String::from_utf8(bytes).expect("UTF-8"))
}

/// The pointer and message of the one fault.
fn refused(plan: &BodyPlan, arguments: &str) -> (String, String) {
    let refusal = attempt(plan, arguments).expect_err(arguments);
    assert_eq!(refusal.faults.len(), 1);
    (refusal.faults[0].pointer.clone(), refusal.faults[0].message.clone())
}

/// JSON values, and the bytes they become.
const JSON: &[(&str, &str)] = &[
    ("null", "null"),
    ("{}", "{}"),
    ("[]", "[]"),
    ("false", "false"),
    ("0", "0"),
    (r#""""#, r#""""#),
    ("1.50", "1.50"),
    ("9007199254740993", "9007199254740993"),
    (r#"{"b": 1, "a": [null, {"☃": "é\n"}]}"#, r#"{"b":1,"a":[null,{"☃":"é\n"}]}"#),
    (r#"{"a": null, "b": ""}"#, r#"{"a":null,"b":""}"#),
];

#[test]
fn json_is_the_value_itself() {
    for media_type in ["application/json", "application/merge-patch+json", "application/json; charset=utf-8"]
    {
        let plan = whole(media_type, BodyFormat::Json);
        for (value, expected) in JSON {
            assert_eq!(text_sent(&plan, value), (media_type.to_owned(), (*expected).to_owned()));
        }
    }
}

#[test]
fn json_lines_are_one_item_a_line() {
    let plan = whole("application/x-ndjson", BodyFormat::JsonLines);
    for (value, expected) in [
        (r#"[{"a": "x\ny"}, 2, null]"#, "{\"a\":\"x\\ny\"}\n2\nnull\n"),
        ("[]", ""),
        (r#"{"a": 1}"#, "{\"a\":1}\n"),
    ] {
        assert_eq!(text_sent(&plan, value).1, expected);
    }
    let sequence = whole("application/json-seq", BodyFormat::JsonLines);
    assert_eq!(text_sent(&sequence, "[1,{}]").1, "\u{1e}1\n\u{1e}{}\n");
}

#[test]
fn properties_become_an_object_in_the_order_of_the_plan() {
    let mut plan = whole("application/json", BodyFormat::Json);
    plan.source = BodySource::Properties(vec!["a".into(), "q\"k".into()]);
    let sent = |plan: &BodyPlan, arguments: &str| {
        attempt(plan, arguments)
            .expect("legal")
            .map(|written| String::from_utf8(written.bytes.to_vec()).expect("UTF-8"))
    };
    assert_eq!(sent(&plan, r#"{"q\"k":null,"a":1.0,"id":7}"#).as_deref(), Some(r#"{"a":1.0,"q\"k":null}"#));
    assert_eq!(sent(&plan, r#"{"id":7}"#), None);
    plan.required = true;
    assert_eq!(sent(&plan, r#"{"id":7}"#).as_deref(), Some("{}"));
}

#[test]
fn no_body_where_none_is_asked_for() {
    assert_eq!(write(None, &Map::new()).expect("nothing"), None);
    let plan = whole("application/json", BodyFormat::Json);
    assert_eq!(attempt(&plan, r#"{"other":1}"#).expect("nothing"), None);
    // Only JSON has a null.
    assert_eq!(attempt(&whole("text/plain", BodyFormat::Text), r#"{"body":null}"#).expect("nothing"), None);
    let required = BodyPlan { required: true, ..plan };
    assert_eq!(refused(&required, "{}").0, "/body");
}

#[test]
fn the_chooser_names_the_media_type() {
    let mut plan = whole("application/json", BodyFormat::Json);
    plan.recipes.push(recipe("text/plain; charset=utf-8", BodyFormat::Text));
    plan.recipes.push(recipe("image/*", BodyFormat::Binary));
    plan.chooser = Some("content_type".into());
    let chosen = |choice: &str| {
        let written = attempt(&plan, &format!(r#"{{"body":"x"{choice}}}"#)).expect("legal").expect("a body");
        written.content_type.to_str().expect("ASCII").to_owned()
    };
    for (choice, expected) in [
        ("", "application/json"),
        (r#","content_type":"text/plain; charset=utf-8""#, "text/plain; charset=utf-8"),
        (r#","content_type":"TEXT/plain""#, "text/plain; charset=utf-8"),
        (r#","content_type":"image/*""#, "application/octet-stream"),
        (r#","content_type":"image/png""#, "image/png"),
    ] {
        assert_eq!(chosen(choice), expected);
    }
    for wrong in [r#""application/xml""#, "7", r#""""#, r#""*/*""#, r#""image/png\r\nX-Evil: 1""#] {
        let (pointer, message) = refused(&plan, &format!(r#"{{"body":"x","content_type":{wrong}}}"#));
        assert_eq!(pointer, "/content_type");
        assert!(message.contains("text/plain; charset=utf-8"), "{message}");
    }
}

#[test]
fn ranges_become_types() {
    let png = r#""data:image/png;base64,AA==""#;
    // Media range, format, value, and the concrete type.
    let rows = [
        ("*/*", BodyFormat::Json, "{}", "application/json"),
        ("application/*", BodyFormat::Json, "{}", "application/json"),
        ("application/*+json", BodyFormat::Json, "{}", "application/json"),
        ("text/*", BodyFormat::Text, r#""x""#, "text/plain"),
        ("*/*", BodyFormat::Form(Vec::new()), "{}", "application/x-www-form-urlencoded"),
        ("application/*", BodyFormat::Xml(XmlNode::default()), "1", "application/xml"),
        ("*/*", BodyFormat::Binary, r#""plain""#, "application/octet-stream"),
        ("image/*", BodyFormat::Binary, png, "image/png"),
        ("*/*", BodyFormat::Binary, png, "image/png"),
        ("video/*", BodyFormat::Binary, png, "application/octet-stream"),
        ("image/*", BodyFormat::Binary, r#""iVBORw0KGgo=""#, "image/png"),
        ("image/gif", BodyFormat::Binary, png, "image/gif"),
    ];
    for (range, format, value, expected) in rows {
        assert_eq!(sent(&whole(range, format), value).0, expected, "{range} {value}");
    }
}

/// Strings, and the bytes they stand for.
const BINARY: &[(&str, &[u8])] = &[
    ("aGVsbG8=", b"hello"),
    ("aGVs\r\nbG8=\n", b"hello"),
    ("-_-_", b"\xfb\xff\xbf"),
    ("+/+/", b"\xfb\xff\xbf"),
    ("data:image/png;base64,aGVsbG8=", b"hello"),
    ("data:;base64,aGVsbG8", b"hello"),
    ("DATA:text/plain;charset=utf-8;BASE64,aGVs bG8", b"hello"),
    ("data:application/octet-stream;base64,-_8", b"\xfb\xff"),
    ("data:image/png;base64,aGVsbG8%3D", b"hello"),
    ("data:,a%20b%00", b"a b\0"),
    ("data:text/plain,aGVsbG8=", b"aGVsbG8="),
    ("data: no comma", b"data: no comma"),
    ("hello", b"hello"),
    ("hello, world", b"hello, world"),
    ("aGVsbG8", b"aGVsbG8"),
    ("aGVsbG9=", b"aGVsbG9="),
    ("naïve ☃", "naïve ☃".as_bytes()),
    ("", b""),
];

#[test]
fn files_are_base64_data_uris_or_text() {
    let plan = whole("application/octet-stream", BodyFormat::Binary);
    for (text, expected) in BINARY {
        let (content_type, bytes) = sent(&plan, &Value::from(*text).to_string());
        assert_eq!(
            (content_type.as_str(), bytes.as_slice()),
            ("application/octet-stream", *expected),
            "{text}"
        );
    }
    assert_eq!(sent(&plan, "1.50").1, b"1.50");
    for (value, pointer) in [(r#""data:image/png;base64,@@""#, "/body"), ("{}", "/body"), ("[1]", "/body")] {
        assert_eq!(refused(&plan, &format!(r#"{{"body":{value}}}"#)).0, pointer);
    }
}

#[test]
fn text_is_sent_as_it_is() {
    let plan = whole("text/plain", BodyFormat::Text);
    for (value, expected) in [
        (r#""plain ☃\ntext \"q\"""#, "plain ☃\ntext \"q\""),
        (r#""""#, ""),
        ("1.50", "1.50"),
        ("true", "true"),
        (r#"{"a": 1}"#, r#"{"a":1}"#),
    ] {
        assert_eq!(text_sent(&plan, value), ("text/plain".into(), expected.into()));
    }
}

#[test]
fn text_is_in_the_charset_of_its_type() {
    for (charset, expected) in [
        ("utf-8", "naïve".as_bytes()),
        ("ISO-8859-1", b"na\xefve"),
        ("\"windows-1252\"", b"na\xefve"),
        ("x-none", "naïve".as_bytes()),
    ] {
        let plan = whole(&format!("text/plain; charset={charset}"), BodyFormat::Text);
        assert_eq!(sent(&plan, r#""naïve""#).1, expected, "{charset}");
    }
    let plan = whole("text/plain; charset=iso-8859-1", BodyFormat::Text);
    assert_eq!(refused(&plan, r#"{"body":"☃"}"#).0, "/body");
}

#[test]
fn a_media_type_that_is_none_is_the_descriptions_fault() {
    let plan = whole("text/plain\r\nX-Evil: 1", BodyFormat::Text);
    assert_eq!(refused(&plan, r#"{"body":"x"}"#).0, "");
}
