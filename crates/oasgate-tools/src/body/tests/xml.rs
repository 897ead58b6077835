//! XML by the XML Object.

use proptest::prelude::*;

use super::*;

fn node(name: &str) -> XmlNode {
    XmlNode { name: name.into(), ..XmlNode::default() }
}

fn with(mut node: XmlNode, properties: Vec<(&str, XmlNode)>) -> XmlNode {
    node.properties = properties.into_iter().map(|(name, node)| (name.to_owned(), node)).collect();
    node
}

fn array(name: &str, wrapped: bool, item: Option<&str>) -> XmlNode {
    XmlNode { wrapped, items: item.map(|name| Box::new(node(name))), ..node(name) }
}

fn spaced(name: &str, prefix: Option<&str>, namespace: Option<&str>) -> XmlNode {
    XmlNode { prefix: prefix.map(Into::into), namespace: namespace.map(Into::into), ..node(name) }
}

fn attribute(name: &str) -> XmlNode {
    XmlNode { attribute: true, ..node(name) }
}

/// Node, value, and the document without its declaration.
type Row = (XmlNode, &'static str, &'static str);

fn values() -> Vec<Row> {
    vec![
        (node(""), r#""x""#, "<root>x</root>"),
        (
            node("animal"),
            r#"{"id":1,"b":true,"n":1.50,"e":""}"#,
            "<animal><id>1</id><b>true</b><n>1.50</n><e></e></animal>",
        ),
        (node("r"), r#"{"o":{"p":{"q":"x"}}}"#, "<r><o><p><q>x</q></p></o></r>"),
        (
            with(node("r"), vec![("id", attribute("")), ("n", attribute("name"))]),
            r#"{"c":1,"id":7,"n":"a\"<\n"}"#,
            r#"<r id="7" name="a&quot;&lt;&#10;"><c>1</c></r>"#,
        ),
        (
            with(node("r"), vec![("a", node("b"))]),
            r#"{"a":"A & B <c> ]]>"}"#,
            "<r><b>A &amp; B &lt;c&gt; ]]&gt;</b></r>",
        ),
        (with(node("r"), vec![("a", attribute(""))]), r#"{"a":null}"#, "<r></r>"),
        (
            node("r"),
            r#"{"a":null}"#,
            r#"<r><a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></r>"#,
        ),
    ]
}

/// Arrays, as in the examples of 4.26.
fn arrays() -> Vec<Row> {
    let animals = |of: XmlNode| with(node("r"), vec![("animals", of)]);
    let two = r#"{"animals":["a","b"]}"#;
    vec![
        (animals(node("")), two, "<r><animals>a</animals><animals>b</animals></r>"),
        (animals(array("", false, Some("animal"))), two, "<r><animal>a</animal><animal>b</animal></r>"),
        (animals(array("aliens", false, Some("animal"))), two, "<r><animal>a</animal><animal>b</animal></r>"),
        (animals(array("aliens", false, None)), two, "<r><animals>a</animals><animals>b</animals></r>"),
        (
            animals(array("", true, None)),
            two,
            "<r><animals><animals>a</animals><animals>b</animals></animals></r>",
        ),
        (
            animals(array("", true, Some("animal"))),
            two,
            "<r><animals><animal>a</animal><animal>b</animal></animals></r>",
        ),
        (
            animals(array("aliens", true, Some("animal"))),
            two,
            "<r><aliens><animal>a</animal><animal>b</animal></aliens></r>",
        ),
        (
            animals(array("aliens", true, None)),
            two,
            "<r><aliens><aliens>a</aliens><aliens>b</aliens></aliens></r>",
        ),
        (animals(array("", true, None)), r#"{"animals":[]}"#, "<r><animals></animals></r>"),
        (
            array("list", true, Some("item")),
            r#"[1,{"k":2}]"#,
            "<list><item>1</item><item><k>2</k></item></list>",
        ),
    ]
}

fn namespaces() -> Vec<Row> {
    vec![
        (
            with(
                node("Person"),
                vec![("id", attribute("")), ("name", spaced("", Some("s"), Some("https://e.example/s")))],
            ),
            r#"{"id":123,"name":"x"}"#,
            r#"<Person id="123"><s:name xmlns:s="https://e.example/s">x</s:name></Person>"#,
        ),
        (
            with(
                spaced("r", Some("p"), Some("u:1")),
                vec![("a", spaced("", Some("p"), None)), ("b", spaced("", Some("q"), None))],
            ),
            r#"{"a":1,"b":2}"#,
            r#"<p:r xmlns:p="u:1"><p:a>1</p:a><b>2</b></p:r>"#,
        ),
        (spaced("r", None, Some("u:\"1")), "1", r#"<r xmlns="u:&quot;1">1</r>"#),
        (
            with(node("r"), vec![("a", XmlNode { attribute: true, ..spaced("", Some("p"), Some("u:1")) })]),
            r#"{"a":1}"#,
            r#"<r xmlns:p="u:1" p:a="1"></r>"#,
        ),
        (node("größe"), r#"{"größe_1.x-y":"\t☃🦀"}"#, "<größe><größe_1.x-y>&#9;☃🦀</größe_1.x-y></größe>"),
    ]
}

fn document(node: &XmlNode, value: &str) -> String {
    let plan = whole("application/xml", BodyFormat::Xml(node.clone()));
    let (_, document) = text_sent(&plan, value);
    document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration").to_owned()
}

#[test]
fn documents_by_the_xml_object() {
    for (node, value, expected) in values().into_iter().chain(arrays()).chain(namespaces()) {
        assert_eq!(document(&node, value), expected, "{value}");
    }
}

#[test]
fn members_that_are_arguments_are_one_document() {
    let mut plan = whole("application/xml", BodyFormat::Xml(node("r")));
    plan.source = BodySource::Properties(vec!["a".into(), "b".into()]);
    let written = attempt(&plan, r#"{"b":2,"a":[1,2]}"#).expect("legal").expect("a body");
    assert!(written.bytes.ends_with(b"<r><a>1</a><a>2</a><b>2</b></r>"));
}

#[test]
fn what_xml_cannot_say_is_refused() {
    let plan = whole("application/xml", BodyFormat::Xml(node("r")));
    for value in [
        r#"{"a b":1}"#,
        r#"{"":1}"#,
        r#"{"1a":1}"#,
        r#"{"a><b":1}"#,
        r#"{"a:b":1}"#,
        r#"{"-a":1}"#,
        r#""\u0000""#,
        r#"{"a":"\u001b"}"#,
        r#""\uffff""#,
    ] {
        assert_eq!(refused(&plan, &format!(r#"{{"body":{value}}}"#)).0, "/body", "{value}");
    }
}

proptest! {
    #[test]
    fn text_stays_inside_its_element(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,40}") {
        let document = document(&node("r"), &Value::from(text.as_str()).to_string());
        let inner = document.strip_prefix("<r>").and_then(|rest| rest.strip_suffix("</r>")).expect("one element");
        prop_assert!(!inner.contains(['<', '>', '"', '\n', '\r', '\t']));
        let mut decoded = inner.to_owned();
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#9;", "\t"), ("&#10;", "\n"), ("&#13;", "\r"), ("&amp;", "&")] {
            decoded = decoded.replace(entity, character);
        }
        prop_assert_eq!(decoded, text);
    }
}
