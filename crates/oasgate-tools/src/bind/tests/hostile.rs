//! Values that try to be more than a value: each is either refused, or arrives as itself and nothing else.

use oasgate_spec::Place::{Cookie, Header, Path, Query};
use percent_encoding::percent_decode_str;

use super::*;

/// Path values that could be read as `.`, `..` or nothing.
const CLIMBING: &[&str] = &[
    "",
    ".",
    "..",
    "..\\",
    "\\..",
    "x\\..\\y",
    "%2e",
    "%2E",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "%25252e%25252e",
    "%%32%65",
    "%2e%2e%2f",
    "..%2f",
    "..%5c",
    "%2e%2e%5cx",
    "..%252fetc",
    "x%2f..",
    "x%2f%2e%2e%2fy",
    "..;",
    "..;/x",
    "..;a=b",
    "..%3b",
    ".;x",
    "..%00",
    "..\u{0}",
    " ..",
    ".. ",
    "..\t",
    ".\n.",
    "%20..",
    "..%20",
    "..%0d%0a",
    "..?x",
    "..#x",
    "..%3f",
    "..%23",
    "\u{7f}..",
];

/// Values that look odd and are legal, and must arrive unchanged in every place.
const ODD: &[&str] = &[
    "a/%2e%2e%3bx/b",
    "../",
    "/..",
    "../..",
    "../x",
    "x/..",
    "x/../y",
    "./",
    "/./",
    "a/b",
    "a?b#c",
    "100%",
    "%2F",
    "%252F",
    "%00",
    "a&b=c+d",
    "//evil.example/x",
    "https://evil.example/",
    "@evil.example",
    ":80@x",
    "\\\\evil\\share",
    "a;b,c:d@e",
    "\"<>\\^`{|}",
    "-._~",
    "...",
    "v1..v2",
    "a..",
    "..a",
    "x.",
    ".x",
    ".hidden",
    "~root",
    "null",
    "undefined",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "'; DROP TABLE x; --",
    "<script>",
    "naïve☃🦀",
    "\u{202e}abc",
    "\u{feff}",
    "\u{ff0e}\u{ff0e}",
    "ＡＢ",
    "e\u{301}",
    "%u002e%u002e",
    "%c0%ae%c0%ae",
    "\u{200b}",
    "{id}",
    "[0]",
    "|",
    "*",
    "$&",
    "a%2",
    "%zz",
    "=",
    "?",
    "#",
    "&",
    "+",
    "!",
    "(",
    ")",
];

/// Values with controls, which no header field and no raw cookie can carry.
const CONTROLS: &[&str] = &[
    "a\r\nX-Evil: 1",
    "a\nb",
    "a\rb",
    "a\u{0}b",
    "\u{1b}[31m",
    "a\u{7f}",
    "\u{b}",
    "a\r\n\r\nGET / HTTP/1.1",
];

fn arguments(value: &str) -> String {
    format!(r#"{{"v":{}}}"#, Value::from(value))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned()
}

#[test]
fn paths_cannot_be_climbed() {
    for style in [Style::Simple, Style::Label, Style::Matrix] {
        let plan = plan_of(slot(Path, "v", styled(style, false)));
        for value in CLIMBING.iter().filter(|value| style != Style::Matrix || !value.is_empty()) {
            assert_eq!(refused(&plan, &arguments(value)), "/v", "{style:?} {value:?}");
        }
    }
}

#[test]
fn dots_cannot_be_put_together() {
    let mut plan = plan();
    plan.slots = ["a", "b"].map(|name| slot(Path, name, styled(Style::Simple, true))).to_vec();
    let rows: [(Vec<Piece>, &str); 6] = [
        (vec![Piece::Slot(0), Piece::Slot(1)], r#"{"a":".","b":"."}"#),
        (vec![Piece::Literal(".".into()), Piece::Slot(0)], r#"{"a":".","b":"x"}"#),
        (vec![Piece::Literal(".".into()), Piece::Slot(0)], r#"{"a":";x","b":"x"}"#),
        (vec![Piece::Literal("%2e".into()), Piece::Slot(0)], r#"{"a":"%2e","b":"x"}"#),
        (vec![Piece::Slot(0), Piece::Slot(1)], r#"{"a":"%","b":"2e"}"#),
        (vec![Piece::Slot(0)], r#"{"a":[""],"b":"x"}"#),
    ];
    for (pieces, arguments) in rows {
        plan.path = vec![Segment(pieces)];
        assert_eq!(refused(&plan, arguments), "/a", "{arguments}");
    }
    // An affix does not make up for a missing value.
    for empty in
        [r#"{"a":"","b":"x"}"#, r#"{"a":[""],"b":"x"}"#, r#"{"a":null,"b":"x"}"#, r#"{"a":[],"b":"x"}"#]
    {
        plan.path = vec![Segment(vec![Piece::Literal("v".into()), Piece::Slot(0), Piece::Slot(1)])];
        assert_eq!(refused(&plan, empty), "/a", "{empty}");
    }
    let label = plan_of(slot(Path, "a", styled(Style::Label, true)));
    for value in [r#"[""]"#, r#"["",""]"#, r#"["."]"#, r#""""#] {
        assert_eq!(refused(&label, &format!(r#"{{"a":{value}}}"#)), "/a", "{value}");
    }
}

#[test]
fn odd_values_stay_in_their_segment() {
    let plan = plan_of(slot(Path, "v", styled(Style::Simple, false)));
    for value in ODD {
        let segment = wire(&plan, &arguments(value));
        assert!(!segment.contains(['/', '?', '#', '\\', ' ']), "{segment}");
        assert_eq!(decoded(&segment), *value);
    }
}

#[test]
fn odd_values_stay_in_their_pair() {
    let plan = plan_of(slot(Query, "v", styled(Style::Form, true)));
    for value in ODD.iter().chain(CLIMBING).chain(CONTROLS) {
        let query = wire(&plan, &arguments(value));
        let (name, text) = query.split_once('=').expect("a pair");
        assert_eq!((name, decoded(text)), ("v", (*value).to_owned()));
        assert!(!text.contains(['&', '#', '=', '+', ' ']), "{text}");
    }
}

#[test]
fn odd_values_stay_in_their_field() {
    let plan = plan_of(slot(Header, "v", styled(Style::Simple, false)));
    for value in ODD {
        assert_eq!(wire(&plan, &arguments(value)), *value);
    }
    for value in CONTROLS.iter().copied().chain([" a", "a ", "\ta", "a\t"]) {
        assert_eq!(refused(&plan, &arguments(value)), "/v", "{value:?}");
    }
}

#[test]
fn odd_values_stay_in_their_cookie() {
    let form = plan_of(slot(Cookie, "v", styled(Style::Form, true)));
    let raw = plan_of(slot(Cookie, "v", styled(Style::Cookie, true)));
    for value in ODD.iter().chain(CONTROLS) {
        let field = wire(&form, &arguments(value));
        assert!(!field.contains([';', ' ']), "{field}");
        assert_eq!(decoded(field.strip_prefix("v=").expect("the name")), *value);
    }
    for value in ODD.iter().filter(|value| !value.contains(';')) {
        assert_eq!(wire(&raw, &arguments(value)), format!("v={value}"));
    }
    for value in CONTROLS.iter().copied().chain(["a;b", "a; evil=1", " a", "a "]) {
        assert_eq!(refused(&raw, &arguments(value)), "/v", "{value:?}");
    }
    for key in ["a;b", "a=b", "", "a b", "a\nb"] {
        let object = format!(r#"{{"v":{{{}:"x"}}}}"#, Value::from(key));
        assert_eq!(refused(&raw, &object), "/v", "{key:?}");
    }
}

#[test]
fn a_url_that_is_too_long_is_refused() {
    let plan = plan_of(slot(Query, "v", styled(Style::Form, true)));
    assert_eq!(refused(&plan, &arguments(&"x".repeat(70_000))), "");
}

#[test]
fn long_disguises_are_seen_through_at_once() {
    let plan = plan_of(slot(Path, "v", styled(Style::Simple, false)));
    let nested = format!("%{}2e%2e", "25".repeat(20_000));
    assert_eq!(refused(&plan, &arguments(&nested)), "/v");
}

#[test]
fn the_request_goes_nowhere_but_to_the_plans_origin() {
    for origin in
        ["https://api.example", "http://127.0.0.1:8080", "https://API.example:8443", "http://[::1]:9"]
    {
        let mut plan = plan_of(slot(Path, "v", styled(Style::Simple, false)));
        plan.server = Some(Base { origin: origin.into(), path: String::new() });
        for value in ODD {
            let request = call(&plan, &arguments(value)).expect("legal");
            let uri = request.uri();
            assert_eq!(format!("{}://{}", uri.scheme().expect("one"), uri.authority().expect("one")), origin);
            assert!(uri.path().starts_with("/x/"));
        }
    }
    for origin in ["https://api.example/evil", "api.example", "https://", "https://a b"] {
        let plan = Plan { server: Some(Base { origin: origin.into(), path: String::new() }), ..plan() };
        assert_eq!(refused(&plan, "{}"), "", "{origin}");
    }
}

#[test]
fn values_of_any_type_never_panic() {
    let values =
        ["null", "true", "-1e9", r#""""#, "[]", "{}", "[[]]", r#"{"":{"":[null]}}"#, r#"["",null,{}]"#];
    let kinds = [
        styled(Style::Simple, false),
        styled(Style::Label, true),
        styled(Style::Matrix, true),
        styled(Style::Form, true),
        styled(Style::DeepObject, true),
        styled(Style::PipeDelimited, false),
        styled(Style::Cookie, true),
        reserved(Style::Simple, true),
        Serialization::Content("application/json".into()),
        Serialization::Content("?".into()),
    ];
    for place in [Path, Query, Header, Cookie, Place::QueryString] {
        for kind in &kinds {
            for value in values {
                let plan = plan_of(slot(place, "v", kind.clone()));
                if let Err(refusal) = call(&plan, &format!(r#"{{"v":{value}}}"#)) {
                    assert!(refusal.faults[0].pointer.starts_with("/v"), "{refusal}");
                }
            }
        }
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let simple = || styled(Style::Simple, false);
    let mut plan = plan_of(slot(Path, "id", simple()));
    plan.slots.extend([
        slot(Path, "part", simple()),
        slot(Header, "X-Trace", simple()),
        slot(Header, "Host", simple()),
        slot(Cookie, "c", styled(Style::Cookie, true)),
        Slot { required: true, ..slot(Query, "q", styled(Style::Form, true)) },
    ]);
    plan.path.push(Segment(vec![Piece::Slot(1)]));
    let refusal = call(&plan, r#"{"id": "..", "X-Trace": "a\nb", "Host": "x", "c": "a;b"}"#).unwrap_err();
    let pointers: Vec<&str> = refusal.faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/part", "/q", "/id", "/X-Trace", "/Host", "/c"]);
}
