use bytes::Bytes;
use oasgate_mcp::{Content, ResourceBody};
use oasgate_tools::{Outcome, Part};
use serde_json::value::RawValue;

use super::offer::slug;
use super::{result, shown};

#[test]
fn titles_become_names() {
    let rows = [
        ("Task list", "task-list"),
        ("  GitHub's REST API (v3) ", "github-s-rest-api-v3"),
        ("Größe", "gr-e"),
        ("日本語", "oasgate"),
        ("", "oasgate"),
    ];
    for (title, expected) in rows {
        assert_eq!(slug(title), expected);
    }
    assert_eq!(slug(&"x".repeat(100)).len(), 64);
}

#[test]
fn names_from_outside_are_repeated_in_part() {
    assert_eq!(shown("listThings"), "listThings");
    assert_eq!(shown(&"é".repeat(200)), "é".repeat(100));
}

#[test]
fn each_part_has_its_kind_of_content() {
    let media = |name: &str| name.to_owned();
    let data = Bytes::from_static(b"bytes");
    let file = |name: Option<&str>| Part::File {
        media_type: media("application/pdf"),
        name: name.map(str::to_owned),
        data: Bytes::from_static(b"bytes"),
    };
    let resource = |uri: &str| Content::Resource {
        uri: uri.to_owned(),
        mime: Some(media("application/pdf")),
        body: ResourceBody::Blob(Bytes::from_static(b"bytes")),
    };
    let rows = [
        (Part::Text("text".to_owned()), Content::Text("text".to_owned())),
        (
            Part::Image { media_type: media("image/png"), data: data.clone() },
            Content::Image { data: data.clone(), mime: media("image/png") },
        ),
        (
            Part::Audio { media_type: media("audio/wav"), data: data.clone() },
            Content::Audio { data, mime: media("audio/wav") },
        ),
        (file(Some("a b/é.pdf")), resource("oasgate://answer/a%20b%2F%C3%A9.pdf")),
        (file(None), resource("oasgate://answer/part-6")),
    ];
    let (parts, expected): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    // The unnamed file is the fifth part; another in front of it makes it the sixth.
    let parts = std::iter::once(Part::Text(String::new())).chain(parts).collect();
    let result = result(Outcome { parts, structured: None, is_error: true }, false);
    assert_eq!(result.content.split_first().unwrap().1, expected);
    assert!(result.is_error && result.structured.is_none());
}

#[test]
fn structured_content_is_the_json_as_it_came_or_none() {
    let rows = [
        (Some(r#"{"a":1.10}"#), Some(r#"{"a":1.10}"#)),
        (Some("[1]"), Some("[1]")),
        (Some("{"), None),
        (None, None),
    ];
    for (given, expected) in rows {
        let structured = given.map(Bytes::from);
        let result = result(Outcome { parts: Vec::new(), structured, is_error: false }, false);
        assert_eq!(result.structured.as_deref().map(|raw| raw.get()), expected);
    }
}

#[test]
fn a_tool_with_an_output_schema_always_gives_an_object() {
    let rows = [
        (Some("{\"a\":1}"), false, Some("{\"a\":1}")),
        (Some("[1]"), false, Some("{\"result\":[1]}")),
        (None, false, Some("{}")),
        (None, true, None),
    ];
    for (structured, is_error, expected) in rows {
        let structured = structured.map(Into::into);
        let given = result(Outcome { parts: Vec::new(), structured, is_error }, true);
        assert_eq!(given.structured.as_deref().map(RawValue::get), expected);
    }
}
