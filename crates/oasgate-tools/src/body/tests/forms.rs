//! `application/x-www-form-urlencoded`.

use proptest::prelude::*;
use url::form_urlencoded;

use super::*;

/// Fields, value, and the form.
fn rows() -> Vec<(Vec<Field>, &'static str, &'static str)> {
    let one = |encoding| vec![field("a", encoding)];
    vec![
        // By content, which is the default (OpenAPI 3.2, 4.15.1.1).
        (vec![], r#"{"a":"x","n":5,"b":true,"e":""}"#, "a=x&n=5&b=true&e="),
        (vec![], r#"{"a":"a b&c=d+e%f☃/?"}"#, "a=a+b%26c%3Dd%2Be%25f%E2%98%83%2F%3F"),
        (vec![], r#"{"a":"*-._~"}"#, "a=%2A-._%7E"),
        (vec![], r#"{"a":["x","y z",null,{"k":1}]}"#, "a=x&a=y+z&a=null&a=%7B%22k%22%3A1%7D"),
        (vec![], r#"{"a":{"c":"A B","z":"9+1"}}"#, "a=%7B%22c%22%3A%22A+B%22%2C%22z%22%3A%229%2B1%22%7D"),
        (vec![], r#"{"a":null,"b":[],"c":{}}"#, "c=%7B%7D"),
        (vec![], r#"{"meta[k]":"v"}"#, "meta%5Bk%5D=v"),
        (vec![], r#"{"n":1.50}"#, "n=1.50"),
        (vec![], "{}", ""),
        (one(content("application/json")), r#"{"a":[1,2]}"#, "a=%5B1%2C2%5D"),
        (one(content("application/json, text/plain")), r#"{"a":"s"}"#, "a=%22s%22"),
        (one(content("text/plain")), r#"{"a":"s"}"#, "a=s"),
        // By style, as in a query (4.15.1.2).
        (one(style(Style::Form, false)), r#"{"a":["x","y, z"]}"#, "a=x,y%2C+z"),
        (one(style(Style::Form, true)), r#"{"a":["x","y"]}"#, "a=x&a=y"),
        (one(style(Style::Form, true)), r#"{"a":{"k":"1 2","l":null}}"#, "k=1+2"),
        (one(style(Style::Form, false)), r#"{"a":{"k":1,"l":2}}"#, "a=k,1,l,2"),
        (one(style(Style::SpaceDelimited, false)), r#"{"a":["x","y"]}"#, "a=x%20y"),
        (one(style(Style::PipeDelimited, false)), r#"{"a":["x","y"]}"#, "a=x%7Cy"),
        (one(style(Style::DeepObject, true)), r#"{"a":{"k":"v w","l":2}}"#, "a%5Bk%5D=v+w&a%5Bl%5D=2"),
        (
            one(style(Style::DeepObject, true)),
            r#"{"a":[{"p":"x","q":{"r":[1,2]}}]}"#,
            "a%5B0%5D%5Bp%5D=x&a%5B0%5D%5Bq%5D%5Br%5D%5B%5D=1&a%5B0%5D%5Bq%5D%5Br%5D%5B%5D=2",
        ),
        (one(style(Style::DeepObject, true)), r#"{"a":""}"#, "a="),
        (
            one(FieldEncoding::Style { style: Style::Form, explode: true, allow_reserved: true }),
            r#"{"a":"/x y&z=%2F+"}"#,
            "a=/x+y%26z%3D%2F%2B",
        ),
    ]
}

#[test]
fn fields_by_content_and_by_style() {
    for (fields, value, expected) in rows() {
        let plan = whole(FORM, BodyFormat::Form(fields));
        assert_eq!(text_sent(&plan, value), (FORM.into(), expected.into()), "{value}");
    }
}

#[test]
fn a_form_is_an_object() {
    let plan = whole(FORM, BodyFormat::Form(Vec::new()));
    for value in ["[]", "1", r#""a=b""#] {
        assert_eq!(refused(&plan, &format!(r#"{{"body":{value}}}"#)).0, "/body");
    }
}

proptest! {
    #[test]
    fn any_form_reads_back(members in prop::collection::vec((".{0,12}", ".{0,30}"), 0..6)) {
        let object: Map<String, Value> = members.into_iter().map(|(name, value)| (name, value.into())).collect();
        let plan = whole(FORM, BodyFormat::Form(Vec::new()));
        let (_, form) = text_sent(&plan, &Value::Object(object.clone()).to_string());
        let read: Map<String, Value> = form_urlencoded::parse(form.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        prop_assert_eq!(read, object);
        prop_assert!(form.is_ascii());
    }
}
