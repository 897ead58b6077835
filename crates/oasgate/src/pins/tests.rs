use serde_json::json;

use super::{Changed, Drift, Pins, members};

#[test]
fn what_is_different_is_named() {
    let object = |value: serde_json::Value| value.as_object().unwrap().clone();
    let before =
        object(json!({ "name": "a", "description": "x", "inputSchema": { "type": "object" }, "title": "t" }));
    let after = object(
        json!({ "name": "a", "description": "y", "inputSchema": { "type": "object" }, "annotations": {} }),
    );
    assert_eq!(members(&before, &after), ["annotations", "description", "title"]);
    assert!(members(&before, &before).is_empty());
}

#[test]
fn a_drift_is_told_in_lines_and_refused_in_one() {
    let drift = Drift {
        added: (0..4).map(|n| format!("new{n}")).collect(),
        removed: vec!["old".to_owned()],
        changed: vec![Changed { name: "same".to_owned(), members: vec!["description".to_owned()] }],
    };
    let lines: Vec<_> = drift.lines().collect();
    assert_eq!(lines[3..], ["+ new3", "- old", "~ same: description"]);
    let told = drift.refuse("tools.json".as_ref()).unwrap_err().to_string();
    assert!(
        told.contains("not those of tools.json: + new0; + new1; + new2; + new3; - old; and 1 more."),
        "{told}"
    );
    assert!(Drift::default().refuse("tools.json".as_ref()).is_ok());
}

#[test]
fn what_is_no_list_of_tools_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tools.json");
    for text in ["", "{}", "[1]", "[{\"name\": 1}]", "[{}]"] {
        std::fs::write(&file, text).unwrap();
        let told = Pins::read(&file).unwrap_err().to_string();
        assert!(told.contains("tools.json: ") && told.contains("`oasgate tools SPEC --json`"), "{told}");
    }
    assert!(Pins::read(&folder.path().join("none")).is_err());
}
