//! Whatever is written can be read back, by a decoder that shares nothing with the encoder.

mod decoder;

use proptest::prelude::*;
use serde_json::{Map, Value};

use self::decoder::{Kind, Read};
use super::*;

/// Texts of all sorts, with a bias to what delimits and escapes.
fn any_text() -> BoxedStrategy<String> {
    prop_oneof![".{0,12}", "[,;=&|+%. \t/?#\\[\\]{}a2F~-]{0,8}", "(%2C|%20|%7C|%252F|%){0,4}"].boxed()
}

/// Texts without percent signs, which reserved expansion could take for triplets.
fn no_triplets() -> BoxedStrategy<String> {
    prop_oneof!["[^%]{0,12}", "[,;=&|+. \t/?#\\[\\]{}a2F~-]{0,8}"].boxed()
}

/// A primitive, array or object of such texts.
fn value_of(text: BoxedStrategy<String>) -> impl Strategy<Value = Value> {
    prop_oneof![
        text.clone().prop_map(Value::from),
        prop::collection::vec(text.clone(), 1..6).prop_map(Value::from),
        record_of(text.clone(), text).prop_map(Value::Object),
    ]
}

fn record_of(
    key: BoxedStrategy<String>,
    text: BoxedStrategy<String>,
) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((key, text), 1..6)
        .prop_map(|members| members.into_iter().map(|(key, value)| (key, value.into())).collect())
}

/// What the decoder must read back for this value.
fn expected(value: &Value) -> Read {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    match value {
        Value::Array(items) => Read::List(items.iter().map(text).collect()),
        Value::Object(members) => {
            Read::Record(members.iter().map(|(key, value)| (key.clone(), text(value))).collect())
        }
        scalar => Read::Scalar(text(scalar)),
    }
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Record,
        _ => Kind::Scalar,
    }
}

/// Whether an unreserved `.`, which is never encoded, would be read as the delimiter of an exploded label.
fn has_dot(value: &Value) -> bool {
    value.to_string().contains('.')
}

proptest! {
    #[test]
    fn path_styles_read_back(value in value_of(any_text()), explode: bool) {
        for style in [Style::Simple, Style::Label, Style::Matrix] {
            if style == Style::Label && explode && has_dot(&value) {
                continue;
            }
            let text = expand(style, explode, "name;=,", &value, Escape::Unreserved);
            prop_assert!(!text.contains(['/', '?', '#', ' ']) && text.is_ascii(), "{}", text);
            prop_assert_eq!(decoder::path(style, explode, "name;=,", &text, kind(&value)), expected(&value), "{:?} {}", style, text);
        }
    }

    #[test]
    fn query_styles_read_back(value in value_of(any_text()), explode: bool) {
        for style in [Style::Form, Style::SpaceDelimited, Style::PipeDelimited, Style::TabDelimited] {
            // Appendix E: a delimiter inside an item has no escape in these styles.
            let delimiter = Escape::Raw.delimiter(style);
            if delimiter != "," && value.to_string().replace("\\t", "\t").contains(delimiter) {
                continue;
            }
            let query = joined(&pairs(style, explode, "n[&=", &value, Escape::Unreserved));
            prop_assert!(!query.contains(['#', ' ', '+', '|']) && query.is_ascii(), "{}", query);
            prop_assert_eq!(decoder::query(style, explode, "n[&=", &query, kind(&value)), expected(&value), "{:?} {}", style, query);
        }
    }

    #[test]
    fn deep_objects_read_back(record in record_of("[^\\[\\]]{1,8}".boxed(), any_text())) {
        let value = Value::Object(record);
        let query = joined(&pairs(Style::DeepObject, true, "n", &value, Escape::Unreserved));
        prop_assert_eq!(decoder::deep_object("n", &query), expected(&value));
    }

    #[test]
    fn form_bodies_read_back(value in value_of(any_text()), explode: bool) {
        let form = joined(&pairs(Style::Form, explode, "n", &value, Escape::Form { reserved: false }));
        prop_assert_eq!(decoder::query(Style::Form, explode, "n", &form.replace('+', "%20"), kind(&value)), expected(&value));
    }

    #[test]
    fn reserved_expansion_reads_back_what_has_no_triplets(value in value_of(no_triplets()), explode: bool) {
        let query = joined(&pairs(Style::Form, explode, "n", &value, Escape::Reserved(Target::Query)));
        prop_assert!(!query.contains(['#', ' ', '+', '[', ']']) && query.is_ascii());
        prop_assert_eq!(decoder::query(Style::Form, explode, "n", &query, kind(&value)), expected(&value), "{}", query);
        let text = expand(Style::Simple, explode, "n", &value, Escape::Reserved(Target::Segment));
        prop_assert!(!text.contains(['/', '?', '#', ' ']));
        prop_assert_eq!(decoder::path(Style::Simple, explode, "n", &text, kind(&value)), expected(&value), "{}", text);
    }

    #[test]
    fn what_is_encoded_already_stays_so(text in any_text()) {
        let once = Escape::Reserved(Target::Path).value(&text).into_owned();
        prop_assert_eq!(Escape::Reserved(Target::Path).value(&once).into_owned(), once);
    }

    #[test]
    fn headers_read_back_what_has_no_delimiters(value in value_of("[^,=]{1,12}".boxed()), explode: bool) {
        let header = list(&Shape::of(&value), explode, Escape::Raw, ",");
        // Nothing is encoded, so that the decoder must find nothing to decode.
        let escaped = header.replace('%', "%25");
        prop_assert_eq!(decoder::path(Style::Simple, explode, "", &escaped, kind(&value)), expected(&value));
    }

    #[test]
    fn cookies_read_back(value in value_of(any_text()), explode: bool) {
        let pairs = pairs(Style::Form, explode, "n", &value, Escape::Unreserved);
        let cookie = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        prop_assert!(!cookie.contains(['"', '\\']) && cookie.is_ascii());
        let query = cookie.replace("; ", "&");
        prop_assert_eq!(decoder::query(Style::Form, explode, "n", &query, kind(&value)), expected(&value));
    }
}

fn joined(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The escape of a place, a text, and what it becomes.
#[test]
fn each_place_escapes_in_its_own_way() {
    let all = " !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~é";
    for (escape, expected) in [
        (
            Escape::Unreserved,
            "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F09%3A%3B%3C%3D%3E%3F%40AZ%5B%5C%5D%5E_%60az%7B%7C%7D~%C3%A9",
        ),
        (
            Escape::Reserved(Target::Query),
            "%20!%22%23$%25%26'()*%2B,-./09:;%3C%3D%3E?@AZ%5B%5C%5D%5E_%60az%7B%7C%7D~%C3%A9",
        ),
        (
            Escape::Reserved(Target::Segment),
            "%20!%22%23$%25&'()*+,-.%2F09:;%3C=%3E%3F@AZ%5B%5C%5D%5E_%60az%7B%7C%7D~%C3%A9",
        ),
        (
            Escape::Reserved(Target::Path),
            "%20!%22%23$%25&'()*+,-./09:;%3C=%3E%3F@AZ%5B%5C%5D%5E_%60az%7B%7C%7D~%C3%A9",
        ),
        (
            Escape::Form { reserved: false },
            "+%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F09%3A%3B%3C%3D%3E%3F%40AZ%5B%5C%5D%5E_%60az%7B%7C%7D%7E%C3%A9",
        ),
        (Escape::Raw, all),
    ] {
        assert_eq!(escape.value(all), expected, "{escape:?}");
    }
}
