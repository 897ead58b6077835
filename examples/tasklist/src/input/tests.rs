use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{NewTask, TaskPatch, TaskQuery};
use crate::problem::Problem;

/// `None` if the input is accepted, else the status of the refusal.
fn refusal<T>(outcome: Result<T, Problem>) -> Option<u16> {
    outcome.err().map(|problem| problem.into_response().status().as_u16())
}

#[test]
fn bodies_of_new_tasks() {
    let rows: [(Value, bool); 15] = [
        (json!({"title": "a"}), true),
        (json!({"title": "a", "due": null, "notes": null}), true),
        (json!({"title": "é".repeat(200)}), true),
        (json!({"title": "é".repeat(201)}), false),
        (json!({"title": "  "}), false),
        (json!({"title": 1}), false),
        (json!({}), false),
        (json!([]), false),
        (json!({"title": "a", "due": "2026-02-30"}), false),
        (json!({"title": "a", "priority": "High"}), false),
        (json!({"title": "a", "priority": null}), false),
        (json!({"title": "a", "tags": ["x", "y"]}), true),
        (json!({"title": "a", "tags": ["x", "x"]}), false),
        (json!({"title": "a", "tags": "x"}), false),
        (json!({"title": "a", "id": 7}), false),
    ];
    for (body, accepted) in rows {
        let expected = if accepted { None } else { Some(422) };
        assert_eq!(refusal(NewTask::read(body.clone())), expected, "{body}");
    }
}

#[test]
fn a_patch_tells_absent_from_null() {
    let patch = TaskPatch::read(json!({"due": null, "done": true})).unwrap();
    assert_eq!(patch.due, Some(None));
    assert_eq!(patch.notes, None);
    assert_eq!(patch.done, Some(true));
    assert_eq!(refusal(TaskPatch::read(json!({"title": null}))), Some(422));
}

#[test]
fn queries_of_list_tasks() {
    let rows: [(&[(&str, &str)], bool); 9] = [
        (&[], true),
        (&[("done", "true"), ("tags", "a"), ("tags", "b"), ("limit", "100"), ("cursor", "12")], true),
        (&[("limit", "0")], false),
        (&[("limit", "101")], false),
        (&[("limit", "")], false),
        (&[("cursor", "-1")], false),
        (&[("cursor", "99999999999999999999")], false),
        (&[("done", "yes")], false),
        (&[("tag", "a")], false),
    ];
    for (pairs, accepted) in rows {
        let owned = pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let expected = if accepted { None } else { Some(422) };
        assert_eq!(refusal(TaskQuery::read(owned)), expected, "{pairs:?}");
    }
}
