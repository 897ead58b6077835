//! `multipart/*`.

use proptest::prelude::*;

use super::*;

/// The parts of a body, read by RFC 2046 and nothing else: header lines, and bytes.
fn read(content_type: &str, body: &[u8]) -> Vec<(Vec<String>, Vec<u8>)> {
    let (_, boundary) = content_type.rsplit_once("boundary=").expect("a boundary");
    let closing = format!("--{boundary}--\r\n");
    let mut rest = body.strip_suffix(closing.as_bytes()).expect("the closing line");
    let mut parts = Vec::new();
    let opening = format!("--{boundary}\r\n");
    while !rest.is_empty() {
        rest = rest.strip_prefix(opening.as_bytes()).expect("an opening line");
        let next =
            rest.windows(opening.len()).position(|window| window == opening.as_bytes()).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(next);
        let blank = part.windows(4).position(|window| window == b"\r\n\r\n");
        // A part without header fields begins with its empty line.
        let (head, data) = if part.starts_with(b"\r\n") {
            (0, 2)
        } else {
            blank.map(|at| (at, at + 4)).expect("a blank line")
        };
        let header = String::from_utf8(part[..head].to_vec()).expect("UTF-8");
        let lines = header.lines().map(str::to_owned).collect();
        parts.push((lines, part[data..].strip_suffix(b"\r\n").expect("a line break").to_vec()));
        rest = behind;
    }
    parts
}

/// Each part in one line: header fields joined with ` | `, then ` > ` and the bytes as text.
fn shown(fields: Vec<Field>, value: &str) -> Vec<String> {
    let plan = whole("multipart/form-data", BodyFormat::Multipart(fields));
    let (content_type, body) = sent(&plan, value);
    assert!(content_type.starts_with("multipart/form-data; boundary="), "{content_type}");
    let line = |(header, data): (Vec<String>, Vec<u8>)| {
        let header =
            header.join(" | ").replace("Content-Disposition: form-data; ", "").replace("Content-Type: ", "");
        format!("{header} > {}", String::from_utf8_lossy(&data))
    };
    read(&content_type, &body).into_iter().map(line).collect()
}

fn file(name: &str, encoding: FieldEncoding) -> Field {
    Field { binary: true, ..field(name, encoding) }
}

/// Fields, value, and the parts.
type Row = (Vec<Field>, &'static str, Vec<&'static str>);

/// By the type of the value and the content type given.
fn values() -> Vec<Row> {
    vec![
        (
            vec![],
            r#"{"a":"x y&z☃","n":5,"e":""}"#,
            vec![r#"name="a" > x y&z☃"#, r#"name="n" > 5"#, r#"name="e" > "#],
        ),
        (vec![], r#"{"a":null,"b":[]}"#, vec![]),
        (vec![], r#"{"o":{"k":1}}"#, vec![r#"name="o" | application/json > {"k":1}"#]),
        (vec![], r#"{"t":["a","b c"]}"#, vec![r#"name="t" > a"#, r#"name="t" > b c"#]),
        (
            vec![],
            r#"{"t":[{"k":1},[2]]}"#,
            vec![r#"name="t" | application/json > {"k":1}"#, r#"name="t" | application/json > [2]"#],
        ),
        (
            vec![field("o", content("application/vnd.x+json"))],
            r#"{"o":{"k":1}}"#,
            vec![r#"name="o" | application/vnd.x+json > {"k":1}"#],
        ),
        (
            vec![field("s", content("application/json"))],
            r#"{"s":"x"}"#,
            vec![r#"name="s" | application/json > "x""#],
        ),
        (
            vec![field("s", content("application/json"))],
            r#"{"s":" {\"a\": 1}"}"#,
            vec![r#"name="s" | application/json >  {"a": 1}"#],
        ),
        (
            vec![field("s", content("text/plain; charset=utf-8"))],
            r#"{"s":"x"}"#,
            vec![r#"name="s" | text/plain; charset=utf-8 > x"#],
        ),
    ]
}

/// Files, which have a name and always a content type.
fn files() -> Vec<Row> {
    let any = || FieldEncoding::Content(None);
    vec![
        (
            vec![file("f", any())],
            r#"{"f":"aGVsbG8="}"#,
            vec![r#"name="f"; filename="f.bin" | application/octet-stream > hello"#],
        ),
        (
            vec![file("f", any())],
            r#"{"f":"plain text"}"#,
            vec![r#"name="f"; filename="f.bin" | application/octet-stream > plain text"#],
        ),
        (
            vec![file("f", any())],
            r#"{"f":["aGVsbG8=","d29ybGQ="]}"#,
            vec![
                r#"name="f"; filename="f.bin" | application/octet-stream > hello"#,
                r#"name="f"; filename="f.bin" | application/octet-stream > world"#,
            ],
        ),
        (
            vec![file("f", any())],
            r#"{"f":"data:text/csv;name=my%20list.csv;base64,YSxi"}"#,
            vec![r#"name="f"; filename="my list.csv" | text/csv > a,b"#],
        ),
        (
            vec![file("f", content("image/png"))],
            r#"{"f":"aGVsbG8="}"#,
            vec![r#"name="f"; filename="f.png" | image/png > hello"#],
        ),
        (
            vec![field("f", content("image/png, image/jpeg"))],
            r#"{"f":"aGVsbG8="}"#,
            vec![r#"name="f"; filename="f.png" | image/png > hello"#],
        ),
        (
            vec![file("f", content("image/png, image/jpeg"))],
            r#"{"f":"data:image/jpeg;base64,aGVsbG8="}"#,
            vec![r#"name="f"; filename="f.jpg" | image/jpeg > hello"#],
        ),
        (
            vec![file("f", content("image/*"))],
            r#"{"f":"data:image/webp;base64,aGVsbG8="}"#,
            vec![r#"name="f"; filename="f.webp" | image/webp > hello"#],
        ),
        (
            vec![file("f", content("image/png"))],
            r#"{"f":"data:text/html;base64,aGVsbG8="}"#,
            vec![r#"name="f"; filename="f.png" | image/png > hello"#],
        ),
    ]
}

/// By style, without percent-encoding; and names in quotes.
fn styles() -> Vec<Row> {
    let any = || FieldEncoding::Content(None);
    vec![
        (
            vec![field("a", style(Style::Form, true))],
            r#"{"a":["x&","y z"]}"#,
            vec![r#"name="a" > x&"#, r#"name="a" > y z"#],
        ),
        (vec![field("a", style(Style::Form, false))], r#"{"a":["x","y z"]}"#, vec![r#"name="a" > x,y z"#]),
        (
            vec![field("a", style(Style::SpaceDelimited, false))],
            r#"{"a":["x","y"]}"#,
            vec![r#"name="a" > x y"#],
        ),
        (
            vec![field("a", style(Style::PipeDelimited, false))],
            r#"{"a":["x","y"]}"#,
            vec![r#"name="a" > x|y"#],
        ),
        (
            vec![field("a", style(Style::DeepObject, true))],
            r#"{"a":{"k":1,"l":["m"]}}"#,
            vec![r#"name="a[k]" > 1"#, r#"name="a[l][]" > m"#],
        ),
        // Names in quotes.
        (vec![], r#"{"a\"b\r\nc☃\\":"x"}"#, vec![r#"name="a%22b%0D%0Ac☃\" > x"#]),
        (
            vec![file("f", any())],
            r#"{"f":"data:text/plain;name=%22%0D%0AX-Evil%3A%201;base64,eA=="}"#,
            vec![r#"name="f"; filename="%22%0D%0AX-Evil: 1" | text/plain > x"#],
        ),
    ]
}

#[test]
fn parts_by_type_content_and_style() {
    for (fields, value, expected) in values().into_iter().chain(files()).chain(styles()) {
        assert_eq!(shown(fields, value), expected, "{value}");
    }
}

#[test]
fn an_object_under_an_xml_type_is_xml() {
    let parts = shown(vec![field("o", content("application/xml; charset=utf-8"))], r#"{"o":{"k":1}}"#);
    let expected = "name=\"o\" | application/xml; charset=utf-8 > <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<o><k>1</k></o>";
    assert_eq!(parts, [expected]);
}

#[test]
fn fixed_header_fields_are_added_and_cannot_break_out() {
    let mut own = field("a", FieldEncoding::Content(None));
    own.headers = [
        ("X-Limit", "5"),
        ("Content-Type", "text/evil"),
        ("content-disposition", "form-data; name=\"b\""),
        ("X-Break", "a\r\nX-Evil: 1"),
        ("no name", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    assert_eq!(shown(vec![own], r#"{"a":"x"}"#), [r#"name="a" | X-Limit: 5 > x"#]);
}

#[test]
fn a_body_that_is_an_array_has_parts_without_names() {
    let plan = whole("multipart/mixed; type=\"a/b\"; boundary=old", BodyFormat::Multipart(Vec::new()));
    let (content_type, body) = sent(&plan, r#"["a",{"k":1}]"#);
    assert!(content_type.starts_with("multipart/mixed; type=\"a/b\"; boundary=oasgate-"), "{content_type}");
    let json = vec!["Content-Type: application/json".to_owned()];
    assert_eq!(read(&content_type, &body), [(Vec::new(), b"a".to_vec()), (json, br#"{"k":1}"#.to_vec())]);
    assert_eq!(
        sent(&whole("multipart/*", BodyFormat::Multipart(Vec::new())), "{}").0.split(';').next(),
        Some("multipart/form-data")
    );
}

#[test]
fn a_broken_file_is_named() {
    let fields = vec![file("a/b", FieldEncoding::Content(None))];
    let mut plan = whole("multipart/form-data", BodyFormat::Multipart(fields));
    let broken = r#""data:image/png;base64,@""#;
    assert_eq!(refused(&plan, &format!(r#"{{"body":{{"a/b":{broken}}}}}"#)).0, "/body/a~1b");
    plan.source = BodySource::Properties(vec!["a/b".into()]);
    assert_eq!(refused(&plan, &format!(r#"{{"a/b":{broken}}}"#)).0, "/a~1b");
    plan.source = BodySource::Argument("body".into());
    assert_eq!(refused(&plan, r#"{"body":"x"}"#).0, "/body");
}

#[test]
fn the_boundary_depends_on_the_content_alone_and_is_not_in_it() {
    let plan = whole("multipart/form-data", BodyFormat::Multipart(Vec::new()));
    let first = sent(&plan, r#"{"a":"x"}"#);
    assert_eq!(first, sent(&plan, r#"{"a":"x"}"#));
    assert_ne!(first.0, sent(&plan, r#"{"a":"y"}"#).0);
    // A value that holds a boundary cannot end its part.
    assert_eq!(multipart::free_boundary(u64::MAX, &[b"x"]), "oasgate-ffffffffffffffff");
    assert_eq!(
        multipart::free_boundary(
            u64::MAX,
            &[b"", b"--oasgate-ffffffffffffffff--", b"oasgate-0000000000000000"]
        ),
        "oasgate-0000000000000001"
    );
    let (_, boundary) = first.0.rsplit_once('=').expect("a boundary");
    let value = format!("x\r\n--{boundary}--\r\n--{boundary}\r\n\r\nevil");
    let object = Value::Object([("a".to_owned(), Value::from(value.clone()))].into_iter().collect());
    let (content_type, body) = sent(&plan, &object.to_string());
    assert_eq!(read(&content_type, &body)[0].1, value.as_bytes());
}

proptest! {
    #[test]
    fn any_fields_read_back(members in prop::collection::vec(("[^\r\n\"]{0,12}", ".{0,40}|[-\r\noasgte0-9a-f]{0,40}"), 0..6)) {
        let object: Map<String, Value> = members.into_iter().map(|(name, value)| (name, value.into())).collect();
        let plan = whole("multipart/form-data", BodyFormat::Multipart(Vec::new()));
        let (content_type, body) = sent(&plan, &Value::Object(object.clone()).to_string());
        let parts: Vec<(String, Value)> = read(&content_type, &body)
            .into_iter()
            .map(|(header, data)| {
                let name = header[0].strip_prefix("Content-Disposition: form-data; name=\"").expect("a name");
                (name.strip_suffix('"').expect("a quote").to_owned(), String::from_utf8(data).expect("UTF-8").into())
            })
            .collect();
        prop_assert_eq!(Map::from_iter(parts), object);
    }

    #[test]
    fn any_file_reads_back(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        use base64::Engine as _;
        let plan = whole("multipart/form-data", BodyFormat::Multipart(vec![file("f", FieldEncoding::Content(None))]));
        let uri = format!("data:;base64,{}", base64::engine::general_purpose::STANDARD.encode(&bytes));
        let (content_type, body) = sent(&plan, &format!(r#"{{"f":"{uri}"}}"#));
        prop_assert_eq!(&read(&content_type, &body)[0].1, &bytes);
    }
}
