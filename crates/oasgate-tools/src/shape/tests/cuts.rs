//! Answers that are too long.

use proptest::prelude::*;

use super::*;

fn json(body: &str, max: usize) -> Outcome {
    answer(200, &[("content-type", "application/json")], body.as_bytes(), max)
}

/// The first part and the note.
fn cut(outcome: &Outcome) -> (&str, &str) {
    match outcome.parts.as_slice() {
        [Part::Text(text), Part::Text(note)] => (text, note),
        parts => panic!("{parts:?}"),
    }
}

/// Body, limit, what is left of it, and what the note says was lost.
const CUTS: &[(&str, usize, &str, &str)] = &[
    ("[1,2,3,4,5]", 7, "[1,2,3]", "the answer shows 3 of 5 elements"),
    ("[1,2,3,4,5]", 8, "[1,2,3]", "the answer shows 3 of 5 elements"),
    ("[10,2]", 3, "[]", "the answer shows 0 of 2 elements"),
    ("[[1,2,3],4]", 6, "[[1]]", "/0 shows 1 of 3 elements; the answer shows 1 of 2 elements"),
    (r#"{"a":1,"b":2,"c":3}"#, 14, r#"{"a":1,"b":2}"#, "the answer shows 2 of 3 members"),
    (r#"{"a":[1,2,3,4]}"#, 11, r#"{"a":[1,2]}"#, "/a shows 2 of 4 elements"),
    (r#"{"a/b~c":[1,2,3,4]}"#, 15, r#"{"a/b~c":[1,2]}"#, "/a~1b~0c shows 2 of 4 elements"),
    (r#""abcdefghij""#, 8, r#""abcde…""#, "the answer shows 5 of 10 characters"),
    (r#""a\"\u00e9\ud83d\ude00bc""#, 12, r#""a\"\u00e9…""#, "the answer shows 9 of 23 characters"),
    (r#""☃☃☃☃☃""#, 6, r#""☃☃☃…""#, "the answer shows 3 of 5 characters"),
    (r#"["[1,2]","]",{"}":"{"}]"#, 15, r#"["[1,2]","]"]"#, "the answer shows 2 of 3 elements"),
];

#[test]
fn whole_elements_are_cut() {
    for (body, max, expected, lost) in CUTS {
        let outcome = json(body, *max);
        let (text, note) = cut(&outcome);
        assert_eq!(
            (text, outcome.structured.as_deref()),
            (*expected, Some(expected.as_bytes())),
            "{body} in {max}"
        );
        assert!(note.starts_with(&format!("[Cut to {max} characters: {lost}. ")), "{note}");
    }
}

#[test]
fn what_stands_beside_a_long_list_is_kept() {
    let items: Vec<String> =
        (0..500).map(|n| format!("{{\"id\":{n},\"name\":\"item number {n}\"}}")).collect();
    let body = format!(r#"{{"data":[{}],"has_more":true,"next_cursor":"abc"}}"#, items.join(","));
    let outcome = json(&body, 2_000);
    let value = structured(&outcome).expect("JSON");
    assert_eq!((&value["has_more"], &value["next_cursor"]), (&Value::from(true), &Value::from("abc")));
    let shown = value["data"].as_array().expect("a list").len();
    assert!(shown > 40, "{shown}");
    assert!(
        cut(&outcome).1.contains(&format!("/data shows {shown} of 500 elements")),
        "{:?}",
        cut(&outcome).1
    );
}

#[test]
fn large_members_share_the_room() {
    let long = |c: &str| c.repeat(5_000);
    let body = format!(r#"{{"a":"{}","n":1,"b":"{}"}}"#, long("a"), long("b"));
    let value = structured(&json(&body, 3_000)).expect("JSON");
    for key in ["a", "b"] {
        assert!(value[key].as_str().expect("text").len() > 1_400, "{key}");
    }
    assert_eq!(value["n"], 1);
}

#[test]
fn what_cannot_be_cut_is_text() {
    let digits = "1".repeat(50);
    let outcome = json(&digits, 10);
    let (text, note) = cut(&outcome);
    assert_eq!((text, outcome.structured.clone()), ("1111111111", None));
    assert!(note.starts_with("[Cut: the first 10 of 50 characters"), "{note}");
}

#[test]
fn text_is_cut_by_characters() {
    let outcome = answer(200, &[("content-type", "text/plain")], "☃".repeat(20).as_bytes(), 5);
    let (text, note) = cut(&outcome);
    assert_eq!(text, "☃☃☃☃☃");
    assert!(note.starts_with("[Cut: the first 5 of 20 characters"), "{note}");
    assert_eq!(only_text(&answer(200, &[("content-type", "text/plain")], b"12345", 5)), "12345");
}

#[test]
fn an_answer_of_megabytes_is_cut_too() {
    let body = format!("[{}]", vec![r#"{"id":1234567,"tags":["a","b"]}"#; 150_000].join(", "));
    let outcome = json(&body, 100_000);
    let shown = structured(&outcome).expect("JSON").as_array().expect("a list").len();
    assert!(shown > 3_000);
    let deep = format!("{}{}{}", "[".repeat(90), "1,".repeat(100_000) + "1", "]".repeat(90));
    assert!(structured(&json(&deep, 1_000)).is_some());
}

/// Any JSON value of moderate size.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_unchanged_or_cut_within_the_limit(value in value(), pretty: bool, max in 0_usize..400) {
        let body = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let outcome = json(&body.expect("JSON"), max);
        let Part::Text(text) = &outcome.parts[0] else { panic!("no text") };
        prop_assert!(text.chars().count() <= max);
        match (structured(&outcome), outcome.parts.len()) {
            (Some(whole), 1) => prop_assert_eq!(whole, value),
            (Some(cut), _) => prop_assert!(cut != value && outcome.structured.as_deref() == Some(text.as_bytes())),
            (None, parts) => prop_assert!(parts == 2 && text.chars().count() == max),
        }
    }

    #[test]
    fn any_bytes_of_any_type_are_shaped(
        body in prop::collection::vec(any::<u8>(), 0..200),
        media_type in prop::sample::select(vec![
            "", "application/json", "text/plain", "text/event-stream", "application/x-ndjson", "application/json-seq",
            "multipart/mixed; boundary=a", "multipart/mixed", "image/png", "application/octet-stream", ";;=\"", "a/b; c=\"",
            "text/plain; charset=utf-16", "text/plain; charset=\"",
        ]),
        status in 200_u16..600,
        max in 0_usize..100,
    ) {
        let outcome = answer(status, &[("content-type", media_type)], &body, max);
        prop_assert!(!outcome.parts.is_empty());
        prop_assert_eq!(outcome.is_error, status >= 300);
        structured(&outcome);
    }

    #[test]
    fn multipart_with_odd_bytes_is_shaped(body in "(--a|\r\n|\n|-|a|x: y|: |\\{\\}|Content-Type: application/json| ){0,30}", max in 0_usize..60) {
        let outcome = answer(200, &[("content-type", "multipart/mixed; boundary=a")], body.as_bytes(), max);
        prop_assert!(!outcome.parts.is_empty());
    }

    #[test]
    fn event_streams_carry_every_datum(data in prop::collection::vec("[ -~]{1,20}", 1..10)) {
        let body: String = data.iter().map(|datum| format!("data: {datum}\n\n")).collect();
        let values = structured(&ok("text/event-stream", body.as_bytes())).expect("an array");
        let expected: Vec<Value> = data
            .iter()
            .map(|datum| serde_json::from_str(datum).unwrap_or_else(|_| Value::from(datum.as_str())))
            .collect();
        prop_assert_eq!(values, Value::from(expected));
    }
}
