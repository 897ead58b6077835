//! Problems as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), which forges and editors show in place.

use std::collections::BTreeMap;
use std::io::{self, Write};

use oasgate_spec::{Problem, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::Checked;

/// All but the unreserved characters (RFC 3986, 2.3) and the slash.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Writes the log: one run.
///
/// # Errors
/// Those of writing.
pub fn write(checked: &Checked, out: &mut impl Write) -> io::Result<()> {
    // What each rule asks for, by its name, so that the log does not depend on the order of problems.
    let rules: BTreeMap<&str, &str> =
        checked.problems.iter().rev().map(|problem| (problem.rule, problem.fix.as_str())).collect();
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(index, rule)| (*rule, index)).collect();
    let results: Vec<Value> = checked.problems.iter().map(|problem| result(problem, &index)).collect();
    let mut run = json!({
        "tool": {"driver": {
            "name": "oasgate",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules.iter().map(|(rule, fix)| described(rule, fix)).collect::<Vec<_>>(),
        }},
        // 3.14.17: how columns are counted.
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if let (Some(tokens), Some(run)) = (&checked.tokens, run.as_object_mut()) {
        run.insert(
            "properties".to_owned(),
            json!({"tools": checked.tools, "estimatedTokens": tokens.total()}),
        );
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// A rule (3.49).
fn described(rule: &str, fix: &str) -> Value {
    let words = json!({"text": rule.replace('-', " ")});
    if fix.is_empty() {
        json!({"id": rule, "shortDescription": words})
    } else {
        json!({"id": rule, "shortDescription": words, "help": {"text": fix}})
    }
}

/// A result (3.27).
fn result(problem: &Problem, index: &BTreeMap<&str, usize>) -> Value {
    let operation = problem.operation.as_ref().map(|operation| format!("{operation}: ")).unwrap_or_default();
    let fix = if problem.fix.is_empty() { String::new() } else { format!("; fix: {}", problem.fix) };
    json!({
        "ruleId": problem.rule,
        "ruleIndex": index.get(problem.rule),
        "level": level(problem.severity),
        "message": {"text": format!("{operation}{}{fix}", problem.message)},
        "locations": [location(problem)],
    })
}

/// A location (3.28). Without a line the whole document is meant.
fn location(problem: &Problem) -> Value {
    let document = &problem.location.document;
    let uri = if document.contains("://") {
        document.to_string()
    } else {
        utf8_percent_encode(document, PATH).to_string()
    };
    let mut physical = Map::from_iter([("artifactLocation".to_owned(), json!({"uri": uri}))]);
    if let Some(at) = problem.position {
        physical.insert("region".to_owned(), json!({"startLine": at.line, "startColumn": at.column}));
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": problem.location.pointer}],
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Fatal | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
