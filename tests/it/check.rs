//! `oasgate check`: what it finds, and the ways to print it.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::program::{Ended, command, run, shown};

const SOUND: [&str; 7] = [
    "tasklist.yaml",
    "bookshop-2.0.json",
    "fleet-3.0.yaml",
    "clinic-3.1.yaml",
    "gallery-3.1.yaml",
    "observatory-3.2.yaml",
    "multifile/openapi.yaml",
];

#[test]
fn problems_stand_in_their_lines() {
    for spec in
        ["duplicate-operation-id.yaml", "content-type-invalid.yaml", "yaml-tabs.yaml", "pattern-invalid.yaml"]
    {
        let name = format!("check_text_{}", spec.replace('.', "_"));
        insta::assert_snapshot!(name, shown(&["check", &format!("specs/odd/{spec}")]));
    }
}

#[test]
fn strict_looks_at_hosts_and_tokens_too() {
    insta::assert_snapshot!(
        "check_strict",
        shown(&["check", "--strict", "specs/odd/one-broken-of-ten.yaml"])
    );
    let arguments = ["check", "--strict", "specs/odd/property-keys-illegal.yaml", "--profile", "full"];
    insta::assert_snapshot!("check_strict_full", shown(&arguments));
}

#[test]
fn no_host_objects_to_the_portable_tools_of_sound_descriptions() {
    for spec in SOUND {
        let (code, report) = report(&["--strict", &format!("specs/{spec}")]);
        let problems = report["problems"].as_array().unwrap();
        let warnings: Vec<&Value> = problems.iter().filter(|problem| problem["severity"] != "note").collect();
        assert!(code == 0 && warnings.is_empty(), "{spec}: {warnings:?}");
        assert!(problems.iter().any(|problem| problem["rule"] == "openai-optional"), "{spec}");
    }
}

#[test]
fn hosts_object_to_what_the_full_profile_lists() {
    let (code, report) = report(&["--strict", "specs/clinic-3.1.yaml", "--profile", "full"]);
    let problems = report["problems"].as_array().unwrap();
    let rules: HashSet<&str> = problems.iter().map(|problem| problem["rule"].as_str().unwrap()).collect();
    assert!(code == 1 && rules.contains("gemini-reference") && rules.contains("gemini-keyword"), "{rules:?}");
    for problem in problems {
        assert!(problem["line"].is_u64() && problem["operation"].is_string(), "{problem}");
    }
}

#[test]
fn sarif_says_what_json_says() {
    for spec in [
        "odd/one-broken-of-ten.yaml",
        "odd/content-type-invalid.yaml",
        "odd/empty.yaml",
        "multifile/openapi.yaml",
    ] {
        let path = format!("specs/{spec}");
        let (code, report) = report(&["--strict", &path]);
        let rows = report["problems"].as_array().unwrap();
        let log = run(command(&["check", "--strict", &path, "--format", "sarif"]));
        assert_eq!(code, log.code);
        let log: Value = serde_json::from_str(&log.stdout).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(rows.len(), results.len());
        for (row, result) in rows.iter().zip(results) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let rule = &run["tool"]["driver"]["rules"][index];
            assert!(rule["id"] == row["rule"] && result["ruleId"] == row["rule"], "{rule}");
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], row["document"]);
            assert_eq!(
                (&place["region"]["startLine"], &place["region"]["startColumn"]),
                (&row["line"], &row["column"])
            );
            let level = match row["severity"].as_str().unwrap() {
                "fatal" | "error" => "error",
                other => other,
            };
            assert_eq!(result["level"], level);
            assert!(result["message"]["text"].as_str().unwrap().contains(row["message"].as_str().unwrap()));
        }
    }
}

#[test]
fn json_has_what_every_tool_costs() {
    let spec = "specs/bookshop-2.0.json";
    let (_, plain) = report(&[spec]);
    assert_eq!((&plain["tools"], plain.get("tokens")), (&json!(20), None));
    let (_, strict) = report(&["--strict", spec]);
    let listed = run(command(&["tools", spec, "--json"])).stdout;
    let tools: Vec<Value> = serde_json::from_str(&listed).unwrap();
    let costs = strict["tokens"]["tools"].as_object().unwrap();
    for tool in &tools {
        let cost = costs[tool["name"].as_str().unwrap()].as_u64().unwrap();
        assert_eq!(cost, tool.to_string().len() as u64 / 4, "{}", tool["name"]);
    }
    let sizes: Vec<u64> = costs.values().map(|cost| cost.as_u64().unwrap()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes.len() == tools.len(), "{sizes:?}");
    let total = strict["tokens"]["total"].as_u64().unwrap();
    assert!(total.abs_diff(listed.len() as u64 / 4) < 20, "{total}");
}

#[test]
fn what_means_too_much_is_refused_and_said() {
    let rows = [("alias-bomb.yaml", Some("more nodes than its size allows")), ("ref-tower.json", None)];
    for (file, said) in rows {
        let Ended { code, stdout, stderr } = run(command(&["check", &format!("specs/odd/{file}"), "--json"]));
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{file}: {stderr}"));
        let problems = report["problems"].as_array().unwrap();
        match said {
            Some(said) => {
                let message = problems[0]["message"].as_str().unwrap();
                assert!(code == 2 && message.contains(said), "{file}: {message}");
            }
            None => assert_eq!((code, &report["tools"]), (0, &json!(3)), "{file}: {problems:?}"),
        }
    }
}

#[test]
fn json_is_short_for_its_format_and_not_for_others() {
    let spec = "specs/odd/one-broken-of-ten.yaml";
    let long = run(command(&["check", spec, "--format", "json"]));
    assert_eq!(run(command(&["check", spec, "--json"])), long);
    assert_eq!(run(command(&["check", spec, "--json", "--format", "sarif"])).code, 2);
    assert_eq!(run(command(&["check", spec, "--format", "xml"])).code, 2);
}

#[test]
fn nothing_is_coloured_or_moves_where_nobody_looks() {
    let Ended { stdout, stderr, .. } =
        run(command(&["check", "--strict", "specs/odd/one-broken-of-ten.yaml"]));
    assert!(!stdout.contains('\u{1b}') && stderr.is_empty(), "{stderr}");
}

/// What `check --format json` says, and how it ends.
fn report(arguments: &[&str]) -> (i32, Value) {
    let Ended { code, stdout, stderr } =
        run(command(&[&["check"], arguments, &["--format", "json"]].concat()));
    (code, serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{arguments:?}: {stderr}")))
}
