//! However a list is cut, its pages are the list.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ListOptions, ToolList};
use crate::revision::Era;
use crate::tests::support::raw;

fn tool(size: usize) -> Value {
    json!({"name": "x".repeat(size)})
}

/// Follows the cursors from the first page: the members of each.
fn pages(list: &ToolList, era: Era) -> Vec<Value> {
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = list.pages().page(cursor.as_deref()).unwrap();
        let text = [b"{\"result\":{", &*page.body(), &*page.end(era)].concat();
        let members = serde_json::from_slice::<Value>(&text).unwrap()["result"].clone();
        let next = members.get("nextCursor").map(|next| next.as_str().unwrap().to_owned());
        pages.push(members);
        cursor = next;
        if cursor.is_none() {
            return pages;
        }
    }
}

proptest! {
    #[test]
    fn whole_and_bounded(
        sizes in prop::collection::vec(0_usize..40, 0..20),
        page_bytes in 0_usize..200,
        page_size in 0_usize..5,
    ) {
        let options = ListOptions { page_bytes, page_size, ..ListOptions::default() };
        let tools: Vec<_> = sizes.into_iter().map(tool).collect();
        let list = ToolList::new(tools.iter().map(raw), &options);
        prop_assert_eq!(list.len(), tools.len());
        let mut seen = Vec::new();
        for page in pages(&list, Era::Modern) {
            let on_page = page["tools"].as_array().unwrap();
            prop_assert!(!on_page.is_empty() || tools.is_empty());
            prop_assert!(on_page.len() <= page_size.max(1));
            prop_assert!(on_page.len() <= 1 || page["tools"].to_string().len() <= page_bytes);
            seen.extend(on_page.clone());
        }
        prop_assert_eq!(seen, tools);
    }
}

/// 2026-07-28, schema, `CacheableResult`; legacy results have no such members.
#[test]
fn caching() {
    let list = ToolList::new([raw(&tool(1))], &ListOptions::default());
    assert_eq!(
        pages(&list, Era::Modern),
        [json!({"tools": [tool(1)], "ttlMs": 300_000, "cacheScope": "private"})],
    );
    assert_eq!(pages(&list, Era::Legacy), [json!({"tools": [tool(1)]})]);
}

/// A cursor stands for a page of one list only.
#[test]
fn cursors() {
    let options = ListOptions { page_size: 1, ..ListOptions::default() };
    let list = |sizes: [usize; 2]| ToolList::new(sizes.map(|size| raw(&tool(size))), &options);
    let next = pages(&list([1, 2]), Era::Modern)[0]["nextCursor"].clone();
    let is_valid = |list: &ToolList, cursor: &str| list.pages().page(Some(cursor)).is_some();
    assert!(is_valid(&list([1, 2]), next.as_str().unwrap()));
    assert!(is_valid(&list([1, 2]), ""));
    for other in [list([1, 3]), list([2, 2])] {
        assert!(!is_valid(&other, next.as_str().unwrap()));
    }
    for cursor in ["0", "1", " ", "nope", "0000000000000000.1"] {
        assert!(!is_valid(&list([1, 2]), cursor), "{cursor}");
    }
}

/// A message on stdio is one line, whatever the tools looked like.
#[test]
fn one_line() {
    let pretty = serde_json::value::RawValue::from_string("{\n \"a\":\r\n \"\\n\"}".to_owned()).unwrap();
    let list = ToolList::new([pretty], &ListOptions::default());
    let page = list.pages().page(None).unwrap().body();
    assert_eq!(page, r#""tools":[{  "a":   "\n"}]"#);
}
