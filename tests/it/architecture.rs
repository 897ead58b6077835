//! What each part of the program must never know, as rows; and that ARCHITECTURE.md names what is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::root;

/// Files, network, clock, threads, environment, async: the pure crates have none of them.
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "std::env",
    "async fn",
    "async move",
    ".await",
];

/// A crate, what it may never depend on (beginnings of names), and what its code may never say.
const BANS: [(&str, &[&str], &[&str]); 7] = [
    (
        "crates/oasgate-spec",
        &["oasgate", "tasklist", "tokio", "axum", "hyper", "tower", "reqwest", "futures", "rmcp", "clap"],
        &["jsonrpc", "tools/list", "structuredContent"],
    ),
    (
        "crates/oasgate-tools",
        &[
            "oasgate-mcp",
            "oasgate-auth",
            "tasklist",
            "tokio",
            "axum",
            "hyper",
            "tower",
            "reqwest",
            "futures",
            "rmcp",
            "clap",
        ],
        &["jsonrpc", "tools/list", "structuredContent", "isError"],
    ),
    (
        "crates/oasgate-mcp",
        &["oasgate", "tasklist", "reqwest", "jsonschema", "openapi", "url", "rmcp", "clap"],
        &["openapi", "OpenAPI", "operationId", "oauth", "OAuth"],
    ),
    (
        "crates/oasgate-auth",
        &["oasgate", "tasklist", "reqwest", "hyper", "jsonschema", "openapi", "rmcp", "clap"],
        &["openapi", "OpenAPI", "operationId", "jsonrpc", "tools/list", "std::env"],
    ),
    ("examples/tasklist", &["oasgate", "rmcp", "reqwest"], &["oasgate", "jsonrpc"]),
    ("examples/portal-key", &["oasgate-", "rmcp", "reqwest"], &["jsonrpc"]),
    ("examples/company-api", &["oasgate-", "rmcp", "reqwest"], &["jsonrpc"]),
];

/// Within the program: what only some modules may say, and which.
const RESERVED: [(&str, &[&str]); 5] = [
    ("clap::", &["cli.rs", "cli/"]),
    ("hyper", &["upstream.rs", "upstream/"]),
    (".expose()", &["credential/", "auth/keeping.rs", "cli/keys.rs", "login.rs", "login/"]),
    ("std::env::", &["cli.rs", "credential/source.rs", "telemetry.rs"]),
    ("stdout()", &["cli.rs", "cli/call/print.rs", "cli/stdio.rs"]),
];

#[test]
fn crates_keep_to_what_they_own() {
    for (folder, dependencies, words) in BANS {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let listed = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        for line in listed.lines() {
            let name = line.split(['.', ' ', '=']).next().unwrap();
            assert!(
                !dependencies.iter().any(|banned| name.starts_with(banned)),
                "{folder} depends on {name}"
            );
        }
        let pure = matches!(folder, "crates/oasgate-spec" | "crates/oasgate-tools");
        let words = words.iter().chain(if pure { IMPURE.as_slice() } else { &[] });
        for word in words {
            for (file, line) in code(&root().join(folder).join("src")) {
                assert!(!line.contains(word), "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn modules_of_the_program_keep_to_what_they_own() {
    let source = root().join("crates/oasgate/src");
    for (word, owners) in RESERVED {
        let mut used = false;
        for (file, line) in code(&source) {
            let path = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
            let owns =
                owners.iter().any(|owner| path == *owner || owner.ends_with('/') && path.starts_with(owner));
            used |= line.contains(word);
            assert!(owns || !line.contains(word), "{path} says {word}: {line}");
        }
        assert!(used, "nobody says {word}: the row is out of date");
    }
}

/// The lines of a folder's source files that are neither comments nor tests.
fn code(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut lines = Vec::new();
    for file in files(folder) {
        let is_test = file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs");
        if is_test || file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.extend(code.map(|line| (file.clone(), line.to_owned())));
    }
    assert!(!lines.is_empty(), "{}", folder.display());
    lines
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn what_the_architecture_page_names_is_there() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let tests: String = ["crates", "examples", "tests/it"]
        .iter()
        .flat_map(|folder| files(&root().join(folder)))
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let (mut paths, mut names) = (0, 0);
    for code in page.split("```").step_by(2).flat_map(|text| text.split('`').skip(1).step_by(2)) {
        if code.starts_with("crates/") || code.starts_with("tests/") || code.starts_with("examples/") {
            assert!(root().join(code).exists(), "{code}");
            paths += 1;
        } else if let Some(name) =
            code.rsplit("::").next().filter(|_| code.contains("::tests::") || code.starts_with("it::"))
        {
            assert!(tests.contains(&format!("fn {name}(")), "{code}");
            names += 1;
        }
    }
    assert!(paths > 50 && names > 10, "{paths} paths, {names} tests");
}
