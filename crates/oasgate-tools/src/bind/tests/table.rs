//! The Style Examples of OpenAPI 3.2, 4.12.4, cell by cell, and the cases that the standard leaves open.

use oasgate_spec::Place::{Cookie, Header, Path, Query};
use oasgate_spec::Style::{self, *};

use super::*;

const EMPTY: &str = r#""""#;
const STRING: &str = r#""blue""#;
const ARRAY: &str = r#"["blue","black","brown"]"#;
const OBJECT: &str = r#"{"R":100,"G":200,"B":150}"#;

/// Place, style, explode, and what becomes of the empty string, the string, the array and the object. `!` is refused.
const TABLE: &[(Place, Style, bool, [&str; 4])] = &[
    (Path, Matrix, false, [";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"]),
    (
        Path,
        Matrix,
        true,
        [";color", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"],
    ),
    // `.` alone would be a dot segment, nothing at all an empty one.
    (Path, Label, false, ["!", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"]),
    (Path, Label, true, ["!", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
    (Path, Simple, false, ["!", "blue", "blue,black,brown", "R,100,G,200,B,150"]),
    (Path, Simple, true, ["!", "blue", "blue,black,brown", "R=100,G=200,B=150"]),
    (Query, Form, false, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (Query, Form, true, ["color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"]),
    (
        Query,
        SpaceDelimited,
        false,
        ["color=", "color=blue", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"],
    ),
    (
        Query,
        PipeDelimited,
        false,
        ["color=", "color=blue", "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"],
    ),
    (
        Query,
        TabDelimited,
        false,
        ["color=", "color=blue", "color=blue%09black%09brown", "color=R%09100%09G%09200%09B%09150"],
    ),
    // The combinations from here to deepObject have no meaning in the standard; these are read as `form`.
    (
        Query,
        SpaceDelimited,
        true,
        ["color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"],
    ),
    (
        Query,
        PipeDelimited,
        true,
        ["color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"],
    ),
    (
        Query,
        DeepObject,
        true,
        [
            "color=",
            "color=blue",
            "color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown",
            "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
        ],
    ),
    (
        Query,
        DeepObject,
        false,
        [
            "color=",
            "color=blue",
            "color%5B%5D=blue&color%5B%5D=black&color%5B%5D=brown",
            "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
        ],
    ),
    (Header, Simple, false, ["", "blue", "blue,black,brown", "R,100,G,200,B,150"]),
    (Header, Simple, true, ["", "blue", "blue,black,brown", "R=100,G=200,B=150"]),
    (Cookie, Form, false, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (
        Cookie,
        Form,
        true,
        ["color=", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"],
    ),
    (
        Cookie,
        Style::Cookie,
        false,
        ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"],
    ),
    (
        Cookie,
        Style::Cookie,
        true,
        ["color=", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"],
    ),
];

#[test]
fn every_cell_of_the_style_examples() {
    for (place, style, explode, cells) in TABLE {
        let plan = plan_of(slot(*place, "color", styled(*style, *explode)));
        for (value, expected) in [EMPTY, STRING, ARRAY, OBJECT].into_iter().zip(cells) {
            let arguments = format!(r#"{{"color":{value}}}"#);
            if *expected == "!" {
                assert_eq!(refused(&plan, &arguments), "/color", "{place:?} {style:?} {value}");
            } else {
                assert_eq!(wire(&plan, &arguments), *expected, "{place:?} {style:?} {explode} {value}");
            }
        }
    }
}

/// Values that are no strings: JSON value, and the text in a query.
const SCALARS: &[(&str, &str)] = &[
    ("true", "true"),
    ("false", "false"),
    ("0", "0"),
    ("-0", "-0"),
    ("1.50", "1.50"),
    ("1.0", "1.0"),
    ("9007199254740993", "9007199254740993"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    // The sign of an exponent is what the parser of the arguments adds; `+` is encoded as ever.
    ("1e400", "1e%2B400"),
    ("1E-7", "1e-7"),
    (r#""null""#, "null"),
    (r#""007""#, "007"),
];

#[test]
fn numbers_keep_the_digits_they_were_given() {
    let plan = plan_of(slot(Query, "n", styled(Form, true)));
    for (value, expected) in SCALARS {
        assert_eq!(wire(&plan, &format!(r#"{{"n":{value}}}"#)), format!("n={expected}"));
    }
}

/// Undefined and nested values: place, style, explode, value, and what is sent.
const OPEN: &[(Place, Style, bool, &str, &str)] = &[
    (Query, Form, true, "null", "(none)"),
    (Query, Form, true, "[]", "(none)"),
    (Query, Form, false, "[]", "(none)"),
    (Query, Form, true, "{}", "(none)"),
    (Query, DeepObject, true, "{}", "(none)"),
    (Query, Form, false, r#"{"a":null}"#, "(none)"),
    (Query, Form, false, r#"{"a":null,"b":1}"#, "c=b,1"),
    (Query, DeepObject, true, r#"{"a":null,"b":""}"#, "c%5Bb%5D="),
    (Query, Form, true, r#"["a",null,""]"#, "c=a&c=null&c="),
    (Query, Form, false, r#"["a",null,""]"#, "c=a,null,"),
    (Query, Form, false, r#"[["a"],{"b":1}]"#, "c=%5B%22a%22%5D,%7B%22b%22%3A1%7D"),
    (Query, DeepObject, true, r#"{"a":{"b":[1,2]}}"#, "c%5Ba%5D%5Bb%5D%5B%5D=1&c%5Ba%5D%5Bb%5D%5B%5D=2"),
    (Query, DeepObject, true, r#"[{"b":1},{"b":2}]"#, "c%5B0%5D%5Bb%5D=1&c%5B1%5D%5Bb%5D=2"),
    (Header, Simple, false, "null", "(none)"),
    (Header, Simple, false, "[]", "(none)"),
    (Header, Simple, false, "[1,true,null]", "1,true,null"),
    (Cookie, Form, true, "{}", "(none)"),
    (Path, Matrix, false, "null", ";c"),
    (Path, Matrix, true, "[]", ";c"),
    (Path, Matrix, true, r#"["","b"]"#, ";c;c=b"),
    (Path, Simple, false, r#"["a",""]"#, "a,"),
    (Path, Simple, false, r#"["a,b","c/d"]"#, "a%2Cb,c%2Fd"),
    (Path, Simple, true, r#"{"a=b":"c,d"}"#, "a%3Db=c%2Cd"),
];

#[test]
fn undefined_and_nested_values() {
    for (place, style, explode, value, expected) in OPEN {
        let plan = plan_of(slot(*place, "c", styled(*style, *explode)));
        assert_eq!(wire(&plan, &format!(r#"{{"c":{value}}}"#)), *expected, "{place:?} {style:?} {value}");
    }
}

#[test]
fn what_is_not_given_is_not_sent() {
    for place in [Query, Header, Cookie] {
        let style = if place == Header { Simple } else { Form };
        assert_eq!(wire(&plan_of(slot(place, "c", styled(style, true))), "{}"), "(none)");
    }
}

/// `allowReserved`: place, explode, value, and what is sent.
const RESERVED: &[(Place, bool, &str, &str)] = &[
    (Query, true, r#""/a/b:c@d?e""#, "c=/a/b:c@d?e"),
    (Query, true, r#""!$'()*,;""#, "c=!$'()*,;"),
    (Query, true, r##""a&b=c+d#[e]""##, "c=a%26b%3Dc%2Bd%23%5Be%5D"),
    (Query, true, r#""%2F%zz%""#, "c=%2F%25zz%25"),
    (Query, true, r#""50% of é""#, "c=50%25%20of%20%C3%A9"),
    (Query, false, r#"["a,b/c","d"]"#, "c=a%2Cb/c,d"),
    (Query, true, r#"["a,b/c","d"]"#, "c=a,b/c&c=d"),
    (Path, false, r#""a:b@c!$&'()*+,;=""#, "a:b@c!$&'()*+,;="),
    (Path, false, r##""a/b?c#d[e]""##, "a%2Fb%3Fc%23d%5Be%5D"),
    (Path, false, r#""a%2Fb""#, "a%2Fb"),
];

#[test]
fn reserved_characters_stay_where_they_may() {
    for (place, explode, value, expected) in RESERVED {
        let style = if *place == Path { Simple } else { Form };
        let plan = plan_of(slot(*place, "c", reserved(style, *explode)));
        assert_eq!(wire(&plan, &format!(r#"{{"c":{value}}}"#)), *expected);
    }
}

#[test]
fn an_empty_value_is_sent_where_it_is_allowed() {
    let allowed =
        Serialization::Style { style: Form, explode: true, allow_reserved: false, allow_empty: true };
    let plan = plan_of(slot(Query, "c", allowed));
    for (arguments, expected) in [
        (r#"{"c":null}"#, "c="),
        (r#"{"c":[]}"#, "c="),
        (r#"{"c":""}"#, "c="),
        (r#"{"c":0}"#, "c=0"),
        ("{}", "(none)"),
    ] {
        assert_eq!(wire(&plan, arguments), expected);
    }
}

/// `content`: place, media type, value, and what is sent.
const CONTENT: &[(Place, &str, &str, &str)] = &[
    (
        Query,
        "application/json",
        r#"{"a":1,"b":["x y"]}"#,
        "c=%7B%22a%22%3A1%2C%22b%22%3A%5B%22x%20y%22%5D%7D",
    ),
    (Query, "application/json", r#""s""#, "c=%22s%22"),
    (Query, "application/json", "[]", "c=%5B%5D"),
    (Query, "application/vnd.x+json; v=1", "{}", "c=%7B%7D"),
    (Query, "text/plain", r#""a b""#, "c=a%20b"),
    (Query, "application/x-www-form-urlencoded", r#"{"a":"b c"}"#, "c=a%3Db%2Bc"),
    (Path, "application/json", r#"{"a":"/"}"#, "%7B%22a%22%3A%22%2F%22%7D"),
    (Path, "text/plain", r#""a/b""#, "a%2Fb"),
    (Header, "application/json", r#"{"a":"é😀","n":1.50}"#, r#"{"a":"\u00e9\ud83d\ude00","n":1.50}"#),
    (Header, "text/plain", r#""a; b=c""#, "a; b=c"),
    (Cookie, "application/json", r#"{"a":1}"#, "c=%7B%22a%22%3A1%7D"),
    (Cookie, "text/plain", r#""a=b/c+d""#, "c=a=b/c+d"),
];

#[test]
fn parameters_with_content() {
    for (place, media_type, value, expected) in CONTENT {
        let plan = plan_of(slot(*place, "c", Serialization::Content((*media_type).into())));
        assert_eq!(wire(&plan, &format!(r#"{{"c":{value}}}"#)), *expected, "{place:?} {media_type} {value}");
    }
}

/// `in: querystring`: media type, value, and the whole query.
const WHOLE: &[(&str, &str, &str)] = &[
    (
        "application/x-www-form-urlencoded",
        r#"{"a b":"c+d e","f":["1","2"],"g":{"h":1}}"#,
        "a%20b=c%2Bd%20e&f=1&f=2&g=%7B%22h%22%3A1%7D",
    ),
    ("application/x-www-form-urlencoded", r#"{"a":null}"#, "(none)"),
    ("application/json", r#"{"a":[1,2]}"#, "%7B%22a%22%3A%5B1%2C2%5D%7D"),
    ("application/jsonpath", r#""$.a.b[1:1]""#, "%24.a.b%5B1%3A1%5D"),
    ("text/plain", "null", "(none)"),
];

#[test]
fn a_parameter_that_is_the_whole_query() {
    for (media_type, value, expected) in WHOLE {
        let plan = plan_of(slot(Place::QueryString, "q", Serialization::Content((*media_type).into())));
        assert_eq!(wire(&plan, &format!(r#"{{"q":{value}}}"#)), *expected);
    }
    let form = plan_of(slot(Place::QueryString, "q", Serialization::Content(body::FORM.into())));
    assert_eq!(refused(&form, r#"{"q":[1]}"#), "/q");
}

/// Parameter names that RFC 6570 has no variables for (Appendix C).
const NAMES: &[(&str, &str)] = &[
    ("filter[name]", "filter%5Bname%5D=v"),
    ("$filter", "%24filter=v"),
    ("a.b-c_d~e", "a.b-c_d~e=v"),
    ("größe", "gr%C3%B6%C3%9Fe=v"),
    ("a&b=c d", "a%26b%3Dc%20d=v"),
    ("❤️", "%E2%9D%A4%EF%B8%8F=v"),
];

#[test]
fn names_are_encoded() {
    for (name, expected) in NAMES {
        let mut own = slot(Query, name, styled(Form, true));
        own.argument = "v".into();
        assert_eq!(wire(&plan_of(own), r#"{"v":"v"}"#), *expected);
    }
}
