//! Names: what becomes of an `operationId`, and that they are legal, unique and stable whatever the ids are.

use oasgate_spec::{Api, Operation};
use proptest::prelude::*;

use super::names;
use crate::curate::Curation;
use crate::fixture::api;

/// Operations with these ids (none if empty) at `/0`, `/1`, …
fn operations(ids: &[&str]) -> Vec<Operation> {
    let mut text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n".to_owned();
    for (index, id) in ids.iter().enumerate() {
        let id =
            if id.is_empty() { String::new() } else { format!("operationId: {}", serde_json::json!(id)) };
        text.push_str(&format!("  /{index}/{{a}}:\n    get: {{{id}}}\n"));
    }
    let Api { operations, .. } = api(&text);
    operations
}

fn named(ids: &[&str]) -> Vec<String> {
    within(ids, 64)
}

fn within(ids: &[&str], limit: usize) -> Vec<String> {
    let operations = operations(ids);
    let curated: Vec<_> = operations.iter().map(|operation| (operation, Curation::default())).collect();
    names(&curated, None, limit)
}

#[test]
fn an_id_is_kept_where_it_is_legal_and_mended_where_it_is_not() {
    let rows = [
        ("listPets", "listPets"),
        ("pets-list_2", "pets-list_2"),
        ("repos/get-content", "repos_get-content"),
        ("drive.files.list", "drive_files_list"),
        ("List an Organization's Projects", "List_an_Organization_s_Projects"),
        ("2fa", "_2fa"),
        ("-x", "_-x"),
        ("größe", "gr_e"),
        ("???", "operation"),
        ("", "get_0_a"),
    ];
    for (id, name) in rows {
        assert_eq!(named(&[id]), [name], "{id}");
    }
}

#[test]
fn only_what_is_cut_or_shared_gets_a_hash() {
    let long = "a".repeat(70);
    let found = named(&["one", &long, "pets.list", "pets/list", "Same", "same", "exact_id", "exact.id"]);
    assert_eq!(found[0], "one");
    assert_eq!(found[1].len(), 64);
    assert!(found[1].starts_with(&"a".repeat(57)) && found[1].as_bytes()[57] == b'_');
    assert!(found[2].starts_with("pets_list_") && found[3].starts_with("pets_list_") && found[2] != found[3]);
    assert!(
        found[4].starts_with("Same_") && found[5].starts_with("same_"),
        "two that differ in case only: {found:?}"
    );
    assert_eq!(found[6], "exact_id", "who is called exactly so keeps the name");
    assert!(found[7].starts_with("exact_id_"));
}

#[test]
fn the_same_id_twice_gives_two_names() {
    let found = named(&["twice", "twice"]);
    assert_ne!(found[0], found[1]);
}

#[test]
fn an_unrelated_operation_renames_nothing() {
    let long = "x".repeat(80);
    let ids = ["a.b", "a/b", &long, "plain", ""];
    let before = named(&ids);
    let after = named(&[ids.as_slice(), &["other"]].concat());
    assert_eq!(before, after[..ids.len()]);
}

proptest! {
    #[test]
    fn every_name_is_legal_and_unique(ids in prop::collection::vec("[ -~äß\u{200b}]{0,90}", 1..30), limit in 10_usize..80) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let found = within(&ids, limit);
        let mut seen = std::collections::HashSet::new();
        for name in &found {
            prop_assert!(name.len() <= limit && !name.is_empty(), "{name}");
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'), "{name}");
            prop_assert!(name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'), "{name}");
            prop_assert!(seen.insert(name.to_ascii_lowercase()), "{name} twice");
        }
    }
}
