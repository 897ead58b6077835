//! Every limit is a problem and no crash, and what is read before it is kept.

use std::fmt::Write as _;

use super::Shelf;
use crate::{Limits, Options, Severity, load};

fn within(limits: Limits) -> Options {
    Options { limits, ..Options::default() }
}

const TWO_FILES: [(&str, &str); 3] = [
    (
        "api.yaml",
        "openapi: 3.1.0
paths:
  /a: {get: {operationId: a, parameters: [{name: p, in: query, schema: {$ref: one.yaml}}]}}
  /b: {get: {operationId: b, parameters: [{name: p, in: query, schema: {$ref: two.yaml}}]}}
",
    ),
    ("one.yaml", "{type: string}"),
    ("two.yaml", "{type: integer}"),
];

#[test]
fn of_one_document() {
    let rows = [
        (Limits { bytes: 100, ..Limits::default() }, "the document has 206 bytes, the limit is 100"),
        (Limits { depth: 5, ..Limits::default() }, "the document nests deeper than 5 levels"),
        (Limits { total_bytes: 100, ..Limits::default() }, "the documents have more than 100 bytes together"),
    ];
    for (limits, expected) in rows {
        let (api, problems) = load(&Shelf::new(&TWO_FILES), &within(limits));
        assert!(api.operations.is_empty());
        assert_eq!((problems[0].severity, problems[0].message.as_str()), (Severity::Fatal, expected));
        assert_eq!((problems.len(), problems[0].rule), (1, "document-unreadable"));
    }
}

#[test]
fn of_all_documents_together() {
    let rows = [
        (Limits { documents: 2, ..Limits::default() }, "more than 2 documents"),
        (Limits { total_bytes: 220, ..Limits::default() }, "the documents have more than 220 bytes together"),
    ];
    for (limits, expected) in rows {
        let (api, problems) = load(&Shelf::new(&TWO_FILES), &within(limits));
        assert_eq!(api.operations.len(), 2);
        let message = format!("`two.yaml` could not be read: {expected}; any value is taken");
        assert_eq!(problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(), [message]);
    }
}

#[test]
fn of_what_is_read_again_and_again() {
    // Each operation refers to a path item that has everything inline: 5,000 times 2,000 values.
    let mut text =
        "openapi: 3.1.0\ncomponents:\n  pathItems:\n    all:\n      get:\n        parameters:\n".to_owned();
    writeln!(text, "        - {{name: p, in: query, schema: {{enum: [{}]}}}}", "a, ".repeat(2_000)).unwrap();
    text.push_str("paths:\n");
    for nth in 0..5_000 {
        writeln!(text, "  /{nth}: {{$ref: '#/components/pathItems/all'}}").unwrap();
    }
    let (api, problems) = load(&Shelf::file(&text), &Options::default());
    let reached = problems.iter().filter(|problem| problem.rule == "limit-reached");
    assert_eq!(reached.map(|problem| problem.severity).collect::<Vec<_>>(), [Severity::Error]);
    assert!(!api.operations.is_empty() && api.operations.len() < 5_000, "{}", api.operations.len());
}

#[test]
fn of_problems() {
    let mut text = "openapi: 3.1.0\npaths:\n".to_owned();
    for nth in 0..11_000 {
        writeln!(text, "  /{nth}/{{id}}: {{get: {{operationId: o{nth}}}}}").unwrap();
    }
    let (api, problems) = load(&Shelf::file(&text), &Options::default());
    assert_eq!(api.operations.len(), 11_000);
    assert_eq!(problems.len(), 10_001);
    assert_eq!(problems.last().map(|problem| problem.rule), Some("too-many-problems"));
}

#[test]
fn of_depth_whatever_the_caller_allows() {
    let nested = |levels: usize| {
        let schema = format!("{}true{}", "{\"items\":".repeat(levels), "}".repeat(levels));
        let parameter = format!("{{\"name\":\"p\",\"in\":\"query\",\"schema\":{schema}}}");
        format!("{{\"openapi\":\"3.1.0\",\"paths\":{{\"/a\":{{\"get\":{{\"parameters\":[{parameter}]}}}}}}}}")
    };
    for (levels, depth, operations) in
        [(200, 250, 1), (300, 250, 0), (480, usize::MAX, 1), (100_000, usize::MAX, 0)]
    {
        let options = within(Limits { depth, ..Limits::default() });
        let (api, problems) = load(&Shelf::file(&nested(levels)), &options);
        assert_eq!(api.operations.len(), operations, "{levels}: {problems:?}");
        let message = format!("the document nests deeper than {} levels", depth.min(500));
        assert_eq!(problems.iter().any(|problem| problem.message == message), operations == 0, "{levels}");
    }
}
