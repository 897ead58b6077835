//! `--overlay`: what is applied to a description before it is read.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::program::{Ended, command, run, shown};

const SPEC: &str = "specs/tasklist.yaml";
const CURATED: &str = "specs/overlays/tasklist-curated.yaml";
const STAGING: &str = "specs/overlays/tasklist-staging.json";

#[test]
fn overlays_change_the_tools() {
    let rows: [(&str, &[&str]); 3] = [
        ("curated", &["--overlay", CURATED]),
        ("both", &["--overlay", CURATED, "--overlay", STAGING]),
        ("refused", &["--overlay", CURATED, "--overlay", "specs/overlays/refused.yaml"]),
    ];
    for (name, options) in rows {
        insta::assert_snapshot!(format!("overlay_{name}"), shown(&[&["tools", SPEC], options].concat()));
    }
}

#[test]
fn an_overlay_reaches_the_request() {
    let arguments = ["call", SPEC, "getTask", "taskId=1", "--dry-run", "--overlay", STAGING];
    let Ended { stdout, .. } = run(command(&arguments));
    assert!(stdout.starts_with("GET https://staging.tasks.example/v1/tasks/1\n"), "{stdout}");
}

#[test]
fn what_an_overlay_does_not_touch_stays_byte_by_byte() {
    let tools = |options: &[&str]| -> Vec<Value> {
        let Ended { stdout, .. } = run(command(&[&["tools", SPEC, "--json"], options].concat()));
        serde_json::from_str(&stdout).unwrap()
    };
    let (before, after) = (tools(&[]), tools(&["--overlay", CURATED]));
    let touched = ["listLists", "createList"];
    let kept = before.iter().filter(|tool| {
        let id = tool["_meta"]["oasgate/operationId"].as_str().unwrap();
        !id.starts_with("delete") && !touched.contains(&id)
    });
    let mut kept_count = 0;
    for tool in kept {
        assert!(after.contains(tool), "{}", tool["name"]);
        kept_count += 1;
    }
    assert!(kept_count > 5 && after.len() < before.len());
}

#[test]
fn positions_are_those_of_the_text_as_written() {
    let description = file(&json!({"openapi": "3.1.0", "info": {}, "paths": {
        "/a": {"get": {"operationId": "a"}, "put": {"operationId": "b", "parameters": [{"in": "query"}]}}}}));
    let overlay = file(&json!({"overlay": "1.1.0", "info": {}, "actions": [
        {"target": "$.paths['/a'].get", "remove": true},
        {"target": "$.paths", "update": {"/new": {"get": {"parameters": [{"in": "query"}]}}}},
        {"target": "$.none", "remove": true}]}));
    let (spec, changes) = (description.path().to_str().unwrap(), overlay.path().to_str().unwrap());
    let Ended { stdout, .. } = run(command(&["check", spec, "--overlay", changes, "--json"]));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let problems = report["problems"].as_array().unwrap();
    let mut rows: Vec<String> = problems
        .iter()
        .filter(|problem| {
            problem["rule"] == "overlay-target-empty"
                || problem["pointer"].as_str().unwrap().contains("parameters")
        })
        .map(|problem| {
            format!(
                "{} {} {}",
                problem["document"] == spec,
                problem["pointer"].as_str().unwrap(),
                problem["line"]
            )
        })
        .collect();
    rows.sort();
    let expected = [
        "false /actions/2/target 24",
        "true /paths/~1a/put/parameters/0 12",
        "true /paths/~1new/get/parameters/0 null",
    ];
    assert_eq!(rows, expected, "{problems:?}");
}

#[test]
fn an_overlay_that_is_not_there_is_said() {
    for (overlay, said) in
        [("specs/none.yaml", "cannot read the overlay specs/none.yaml"), (SPEC, "this is no overlay")]
    {
        let Ended { code, stderr, .. } = run(command(&["tools", SPEC, "--overlay", overlay]));
        assert!(code == 2 && stderr.contains(said), "{overlay}: {stderr}");
    }
}

/// A file of this JSON, one member a line.
fn file(value: &Value) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    write!(file, "{value:#}").unwrap();
    file
}
