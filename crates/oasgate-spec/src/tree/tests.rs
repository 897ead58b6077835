//! The way about in a tree.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::{Cursor, Tree, View};
use crate::Limits;
use crate::text::parse;

fn tree(text: &str) -> Tree {
    parse(text.as_bytes().to_vec(), &Limits::default()).unwrap()
}

#[test]
fn members_are_found_in_small_objects_and_in_large_ones() {
    for count in [1, 24, 25, 26, 1_000] {
        let members: Vec<String> = (0..count).map(|nth| format!("\"k{nth}\": {nth}")).collect();
        let tree = tree(&format!("{{{}}}", members.join(", ")));
        let root = tree.root().unwrap();
        for nth in 0..count {
            let member = root.get(&format!("k{nth}")).unwrap();
            assert_eq!(member.view(), View::Number(&nth.to_string()));
            assert_eq!(member.pointer(), format!("/k{nth}"));
        }
        assert!(root.get("k").is_none() && root.get("").is_none() && root.get("zz").is_none());
        assert_eq!(root.members().count(), count);
        assert_eq!(root.size(), count + 1);
    }
}

#[test]
fn merged_members_are_found_like_own_ones() {
    let many: Vec<String> = (0..40).map(|nth| format!("k{nth}: {nth}")).collect();
    let tree = tree(&format!(
        "a: &x {{{}}}\nb: {{<<: *x, k7: own, more: 1}}\nc: {{<<: *x, <<: {{z: 1}}}}",
        many.join(", ")
    ));
    let root = tree.root().unwrap();
    let b = root.get("b").unwrap();
    assert_eq!(b.get("k7").unwrap().value(), json!("own"));
    assert_eq!(b.get("k39").unwrap().value(), json!(39));
    assert_eq!(b.members().count(), 41);
    assert_eq!(root.get("c").unwrap().members().count(), 41);
    // What was merged stands where it was written.
    assert_eq!(b.get("k39").unwrap().pointer(), "/a/k39");
}

#[test]
fn pointers_lead_as_far_as_they_can() {
    let tree = tree(r#"{"a": {"$ref": "x", "b": [{"c": 1}]}, "/~": 2, "": {"": 3}}"#);
    let rows = [
        ("", "", ""),
        ("/a", "/a", ""),
        ("/a/b/0/c", "/a/b/0/c", ""),
        ("/~1~0", "/~1~0", ""),
        ("//", "//", ""),
        ("/a/x/y", "/a", "/x/y"),
        ("/a/b/1", "/a/b", "/1"),
        ("/a/b/-", "/a/b", "/-"),
        ("/a/b/0/c/d", "/a/b/0/c", "/d"),
        ("a", "", "a"),
        ("/x", "", "/x"),
    ];
    for (pointer, reached, left) in rows {
        let found = tree.root().unwrap().point(pointer);
        let (cursor, rest) = found.map_or_else(|stopped| stopped, |cursor| (cursor, ""));
        assert_eq!((cursor.pointer().as_str(), rest), (reached, left), "{pointer}");
    }
}

#[test]
fn texts_are_found_under_their_keys_wherever_they_stand() {
    let tree = tree(r#"{"$id": "a", "b": {"$id": {"$id": "c"}, "d": [{"$anchor": "e", "$id": 1}]}}"#);
    let found: Vec<(String, &str, &str)> = tree
        .texts_under(&["$id", "$anchor"])
        .map(|(object, key, text)| (object.pointer(), key, text))
        .collect();
    let expected = [("", "$id", "a"), ("/b/$id", "$id", "c"), ("/b/d/0", "$anchor", "e")];
    assert_eq!(found, expected.map(|(object, key, text)| (object.to_owned(), key, text)));
}

#[test]
fn nothing_is_where_nothing_was_written() {
    let empty = tree("");
    assert!(empty.root().is_none());
    assert_eq!(empty.cursor(0).view(), View::Null);
    let scalar = tree("a");
    let root = scalar.root().unwrap();
    assert_eq!((root.view(), root.get("a").is_none(), root.items().count()), (View::Text("a"), true, 0));
}

#[test]
fn a_copy_costs_what_it_holds() {
    let long = "x".repeat(640);
    let rows = [
        ("[]".to_owned(), 1),
        ("[1, [2, 3], {}]".to_owned(), 6),
        ("{\"a\": {\"b\": null}}".to_owned(), 3),
        (format!("[\"{long}\"]"), 12),
        (format!("a: &x [{long}, 1]\nb: [*x, *x]"), 41),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}".to_owned(), 9),
    ];
    for (text, expected) in rows {
        assert_eq!(tree(&text).root().unwrap().size(), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn every_value_is_where_its_pointer_says(text in "(\\{|\\[|\\]|\\}|\"a\":|\"b\":|\"a/b\":|1,|\"x\",|null,|\n){0,60}") {
        let Ok(tree) = parse(text.into_bytes(), &Limits::default()) else { return Ok(()) };
        let Some(root) = tree.root() else { return Ok(()) };
        let mut seen = BTreeSet::new();
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            let pointer = at.pointer();
            prop_assert_eq!(root.point(&pointer).map(Cursor::index).ok(), Some(at.index()));
            prop_assert_eq!(root.place(&pointer), Some(at.offset()));
            prop_assert!(root.contains(at.index()));
            prop_assert!(seen.insert(pointer));
            open.extend(at.members().map(|(_, member)| member));
            open.extend(at.items());
        }
        prop_assert!(seen.len() <= root.size());
    }
}
