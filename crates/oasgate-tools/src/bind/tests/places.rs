//! How the pieces of a request come together.

use oasgate_spec::Place::{Cookie, Header, Path, Query};

use super::*;

fn simple(place: Place, name: &str) -> Slot {
    slot(place, name, styled(if place == Query { Style::Form } else { Style::Simple }, false))
}

fn target(plan: &Plan, arguments: &str) -> String {
    call(plan, arguments).unwrap_or_else(|refusal| panic!("{refusal}")).uri().to_string()
}

#[test]
fn the_path_is_joined_and_never_normalised() {
    let rows: [(&str, Vec<Segment>, &str); 6] = [
        ("/v1", vec![literal("pets")], "https://api.example/v1/pets"),
        ("", vec![literal("pets"), literal("")], "https://api.example/pets/"),
        ("/v1", vec![literal("")], "https://api.example/v1/"),
        ("", vec![literal("")], "https://api.example/"),
        ("", Vec::new(), "https://api.example/"),
        ("/a%20b", vec![literal("a:b"), literal("@me")], "https://api.example/a%20b/a:b/@me"),
    ];
    for (base, path, expected) in rows {
        let server = Some(Base { origin: "https://api.example".into(), path: base.into() });
        assert_eq!(target(&Plan { path, server, ..plan() }, "{}"), expected);
    }
}

#[test]
fn slots_share_a_segment_with_text() {
    let mut plan = plan();
    plan.slots = vec![simple(Path, "a"), simple(Path, "b")];
    let pieces = |text: &[Piece]| vec![Segment(text.to_vec())];
    let rows = [
        (pieces(&[Piece::Slot(0), Piece::Literal(".".into()), Piece::Slot(1)]), "/v1/x1.y2"),
        (
            pieces(&[
                Piece::Literal("v".into()),
                Piece::Slot(0),
                Piece::Literal("-end".into()),
                Piece::Slot(1),
            ]),
            "/v1/vx1-endy2",
        ),
        (pieces(&[Piece::Slot(1), Piece::Slot(0), Piece::Slot(1)]), "/v1/y2x1y2"),
    ];
    for (path, expected) in rows {
        plan.path = path;
        assert_eq!(call(&plan, r#"{"a":"x1","b":"y2"}"#).expect("legal").uri().path(), expected);
    }
}

#[test]
fn reserved_expansion_keeps_its_slashes() {
    let mut plan = plan();
    plan.slots = vec![simple(Path, "name")];
    plan.path = vec![literal("v1"), Segment(vec![Piece::Reserved(0), Piece::Literal(":run".into())])];
    for (value, expected) in [
        ("projects/p/things/t", "/v1/v1/projects/p/things/t:run"),
        ("a b/c?d#e", "/v1/v1/a%20b/c%3Fd%23e:run"),
        ("a%2Fb/[c]", "/v1/v1/a%2Fb/%5Bc%5D:run"),
        ("a:b@c!$&'()*+,;=", "/v1/v1/a:b@c!$&'()*+,;=:run"),
    ] {
        let arguments = format!(r#"{{"name":{}}}"#, Value::from(value));
        assert_eq!(call(&plan, &arguments).expect("legal").uri().path(), expected);
    }
    for value in [
        "/a",
        "a/",
        "a//b",
        "../a",
        "a/../b",
        "a/.",
        "a/%2e%2e/b",
        "a/%252E%252e/b",
        "a/..%5cb",
        "//evil.example/a",
    ] {
        plan.path = vec![literal("v1"), Segment(vec![Piece::Reserved(0)])];
        assert_eq!(refused(&plan, &format!(r#"{{"name":{}}}"#, Value::from(value))), "/name", "{value}");
    }
}

#[test]
fn the_query_has_what_the_path_key_fixes_first() {
    let mut plan = plan();
    plan.fixed_query = Some("beta=true".into());
    assert_eq!(target(&plan, "{}"), "https://api.example/v1/x?beta=true");
    plan.slots = vec![simple(Query, "q"), slot(Query, "l", styled(Style::Form, true))];
    assert_eq!(target(&plan, r#"{"l":[1,2],"q":"a"}"#), "https://api.example/v1/x?beta=true&q=a&l=1&l=2");
}

#[test]
fn arguments_are_found_by_their_own_name() {
    let mut plan = plan();
    plan.slots = vec![
        Slot { argument: "id__query".into(), ..simple(Query, "id") },
        Slot { argument: "id__header".into(), ..simple(Header, "id") },
    ];
    let request = call(&plan, r#"{"id__query":1,"id__header":2,"id":3}"#).expect("legal");
    assert_eq!(request.uri().query(), Some("id=1"));
    assert_eq!(request.headers()["id"], "2");
}

#[test]
fn fields_that_are_always_there() {
    let request = call(&plan(), "{}").expect("legal");
    assert_eq!(request.method(), Method::GET);
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(request.headers().len(), 1);
    assert!(request.body().is_empty());
}

#[test]
fn cookies_share_one_field() {
    let mut plan = plan();
    plan.slots =
        vec![slot(Cookie, "a", styled(Style::Form, true)), slot(Cookie, "b", styled(Style::Cookie, true))];
    let request = call(&plan, r#"{"b":"x=y/z","a":"x; y"}"#).expect("legal");
    assert_eq!(request.headers().get_all("cookie").iter().collect::<Vec<_>>(), ["a=x%3B%20y; b=x=y/z"]);
}

#[test]
fn a_field_value_beyond_ascii_is_sent_as_its_octets() {
    let plan = plan_of(simple(Header, "X-Name"));
    let request = call(&plan, r#"{"X-Name":"Žofie"}"#).expect("legal");
    assert_eq!(request.headers()["x-name"].as_bytes(), "Žofie".as_bytes());
}

#[test]
fn fields_of_the_message_itself_cannot_be_set() {
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "Connection",
        "COOKIE",
        "TE",
        "Upgrade",
        "X-Forwarded-For",
        "x-forwarded-host",
        "Forwarded",
        "Proxy-Authorization",
        "no name",
        "",
        "a:b",
        "a\nb",
    ] {
        let mut own = simple(Header, name);
        own.argument = "v".into();
        assert_eq!(refused(&plan_of(own), r#"{"v":"1"}"#), "/v", "{name}");
    }
    for name in ["Accept", "Authorization", "content-type"] {
        let request =
            call(&plan_of(simple(Header, name)), &format!(r#"{{"{name}":"evil"}}"#)).expect("ignored");
        assert!(request.headers().values().all(|value| value != "evil"), "{name}");
    }
}

#[test]
fn without_a_server_it_is_the_operators_turn() {
    let plan = Plan { server: None, ..plan() };
    let refusal = call(&plan, "{}").expect_err("nowhere to go");
    assert_eq!(refusal.faults[0].pointer, "");
    assert!(refusal.to_string().contains("operator"), "{refusal}");
}

#[test]
fn a_required_argument_that_is_missing_is_named() {
    let mut own = simple(Query, "a/b~c");
    own.required = true;
    assert_eq!(refused(&plan_of(own), "{}"), "/a~1b~0c");
    assert_eq!(refused(&plan_of(simple(Path, "id")), "{}"), "/id");
}
