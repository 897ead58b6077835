use std::fs;
use std::path::Path;

use oasgate_spec::Documents as _;
use url::Url;

use super::{Source, SourceError, web};
use crate::upstream::{Limits, Upstream};

fn open(spec: &str) -> Result<Source, SourceError> {
    Source::open(spec, &["allowed.example".to_owned()], &Upstream::direct(Limits::default()).unwrap())
}

/// A folder with a description in it, and a secret beside it.
fn folder() -> tempfile::TempDir {
    let all = tempfile::tempdir().unwrap();
    fs::create_dir_all(all.path().join("api/schemas")).unwrap();
    for (name, text) in
        [("secret.yaml", "secret"), ("api/openapi.yaml", "entry"), ("api/schemas/Pet name.yaml", "pet")]
    {
        fs::write(all.path().join(name), text).unwrap();
    }
    all
}

/// What a reference from the entry leads to.
fn follow(source: &Source, reference: &str) -> Result<String, String> {
    let uri = source.entry().join(reference).unwrap();
    source.read(&uri).map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.0)
}

#[test]
fn reads_files_at_or_below_the_folder_and_no_others() {
    let all = folder();
    let api = all.path().join("api");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(all.path().join("secret.yaml"), api.join("link.yaml")).unwrap();
        std::os::unix::fs::symlink(all.path(), api.join("up")).unwrap();
        std::os::unix::fs::symlink(api.join("schemas"), api.join("down")).unwrap();
    }
    let source = open(api.join("openapi.yaml").to_str().unwrap()).unwrap();
    let outside = "it is outside the folder of the description, where nothing is read";
    let mut rows = vec![
        ("", Ok("entry")),
        ("schemas/Pet%20name.yaml", Ok("pet")),
        ("schemas/../openapi.yaml", Ok("entry")),
        ("../secret.yaml", Err(outside)),
        ("schemas/../../secret.yaml", Err(outside)),
        ("%2e%2e/secret.yaml", Err(outside)),
        ("/etc/passwd", Err(outside)),
        ("file:///etc/passwd", Err(outside)),
        ("file:///no/such/file", Err(outside)),
        ("schemas", Err("it is not a file")),
    ];
    if cfg!(unix) {
        rows.extend([
            ("down/Pet%20name.yaml", Ok("pet")),
            ("link.yaml", Err(outside)),
            ("up/secret.yaml", Err(outside)),
        ]);
    }
    for (reference, expected) in rows {
        let read = follow(&source, reference);
        assert_eq!(read.as_deref().map_err(String::as_str), expected, "{reference}");
    }
}

#[cfg(unix)]
#[test]
fn an_entry_that_is_a_link_has_the_folder_it_leads_to() {
    let all = folder();
    let link = all.path().join("linked.yaml");
    std::os::unix::fs::symlink(all.path().join("api/openapi.yaml"), &link).unwrap();
    let source = open(link.to_str().unwrap()).unwrap();
    assert_eq!(follow(&source, "schemas/Pet%20name.yaml").unwrap(), "pet");
}

#[test]
fn documents_are_named_as_the_operator_would_write_them() {
    let all = folder();
    let spec = all.path().join("api/openapi.yaml");
    let source = open(spec.to_str().unwrap()).unwrap();
    let name = |reference: &str| source.name(&source.entry().join(reference).unwrap());
    assert_eq!(name(""), spec.to_str().unwrap());
    assert_eq!(Path::new(&name("schemas/Pet%20name.yaml")), all.path().join("api/schemas/Pet name.yaml"));
    assert_eq!(name("https://host.example/a.yaml?token=x"), "https://host.example/a.yaml?…");
}

#[test]
fn text_at_hand_is_read_as_often_as_wanted_and_leads_nowhere() {
    let source = Source::of_text("<stdin>", b"text".to_vec());
    assert_eq!(source.name(&source.entry()), "<stdin>");
    for _ in 0..2 {
        assert_eq!(source.read(&source.entry()).unwrap(), b"text");
    }
    for reference in ["other.yaml", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/x"] {
        follow(&source, reference).unwrap_err();
    }
}

#[test]
fn the_web_is_what_the_entry_and_the_operator_name() {
    let entry = "https://host.example:8443/api/v1/openapi.yaml";
    let source = web::entry(entry).unwrap();
    let upstream = Upstream::direct(Limits::default()).unwrap();
    let hosts = ["allowed.example".to_owned(), "ported.example:81".to_owned()];
    let web = web::Web::new(Some(&source), &hosts, &upstream);
    let rows = [
        (entry, true),
        ("https://host.example:8443/api/v1/schemas/a.yaml", true),
        ("https://host.example:8443/api/other.yaml", false),
        ("https://host.example/api/v1/a.yaml", false),
        ("http://host.example:8443/api/v1/a.yaml", false),
        ("https://ALLOWED.example/x", true),
        ("http://allowed.example:99/x", true),
        ("https://sub.allowed.example/x", false),
        ("http://ported.example:81/x", true),
        ("http://ported.example/x", false),
        ("https://user@allowed.example/x", false),
        ("https://:pass@allowed.example/x", false),
        ("ftp://allowed.example/x", false),
        ("http://169.254.169.254/latest/meta-data", false),
    ];
    for (uri, allowed) in rows {
        assert_eq!(web.allows(&Url::parse(uri).unwrap()), allowed, "{uri}");
    }
}

#[test]
fn what_cannot_be_opened_says_why() {
    let all = folder();
    let folder = all.path().to_str().unwrap();
    let rows = [
        ("no/such/file.yaml".to_owned(), "cannot read no/such/file.yaml: "),
        (folder.to_owned(), "is a folder: name the file in it"),
        ("ftp://host.example/a.yaml".to_owned(), "URL cannot be fetched"),
        ("https://user:secret@host.example/a.yaml".to_owned(), "URL cannot be fetched"),
    ];
    for (spec, expected) in rows {
        let error = open(&spec).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{spec}: {error}");
    }
}
