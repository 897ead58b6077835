use proptest::prelude::*;

use super::{Escaped, render};
use crate::model::{List, Priority, Task};

#[test]
fn an_empty_page_says_so() {
    assert!(render(&[]).contains("No lists yet."));
}

#[test]
fn every_text_of_a_caller_is_escaped() {
    let hostile = "<script>alert('1')</script>\"&";
    let list = List {
        id: 1,
        title: hostile.to_owned(),
        description: Some(hostile.to_owned()),
        open_tasks: 1,
        done_tasks: 0,
        created_at: String::new(),
    };
    let task = Task {
        id: 2,
        list_id: 1,
        title: hostile.to_owned(),
        notes: Some(hostile.to_owned()),
        due: None,
        priority: Priority::High,
        tags: vec![hostile.to_owned()],
        done: false,
        created_at: String::new(),
        completed_at: None,
    };
    let html = render(&[(list, vec![task])]);
    let escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;";
    assert_eq!(html.matches(escaped).count(), 5);
    assert!(!html.contains("<script"));
}

proptest! {
    #[test]
    fn escaped_text_has_no_markup_and_reads_back(text in ".{0,40}") {
        let escaped = Escaped(&text).to_string();
        prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        let back = escaped
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        prop_assert_eq!(back, text);
    }
}
