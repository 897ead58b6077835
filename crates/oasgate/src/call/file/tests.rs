use std::fs;
use std::path::Path;

use oasgate_tools::{Plan, bind};
use serde_json::json;

use super::{Files, MOST};
use crate::description::{Description, Locate};
use crate::source::Source;

/// The plan of an operation whose argument `file` is a file, and `note` is none.
async fn plan() -> Plan {
    let properties = json!({"file": {"type": "string", "format": "binary"}, "note": {"type": "string"}});
    let content = json!({"multipart/form-data": {"schema": {"type": "object", "properties": properties}}});
    let text = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://api.example"}],
        "paths": {"/": {"post": {"requestBody": {"content": content}, "responses": {}}}},
    });
    let source = Source::of_text("<test>", text.to_string().into_bytes());
    let description =
        Description::load(source, oasgate_tools::Options::default(), Locate::FirstErrors(0)).await;
    description.unwrap().catalog.tools()[0].plan.clone()
}

/// A folder with files in it, and a secret beside it.
fn folder() -> tempfile::TempDir {
    let all = tempfile::tempdir().unwrap();
    fs::create_dir_all(all.path().join("open/deep")).unwrap();
    for (name, text) in [("secret", "secret"), ("open/Größe 1.txt", "text"), ("open/deep/a", "deep")] {
        fs::write(all.path().join(name), text).unwrap();
    }
    fs::File::create(all.path().join("open/large")).unwrap().set_len(MOST + 1).unwrap();
    fs::File::create(all.path().join("open/full")).unwrap().set_len(MOST).unwrap();
    all
}

fn url(folder: &Path, name: &str) -> String {
    url::Url::from_file_path(folder.canonicalize().unwrap()).unwrap().to_string() + "/" + name
}

/// The body that is sent, or why it is not.
async fn sent(files: &Files, plan: &Plan, file: &str) -> Result<String, String> {
    let mut arguments = json!({"file": file, "note": file}).as_object().unwrap().clone();
    files.read(plan, &mut arguments).await.map_err(|refusal| refusal.to_string())?;
    assert_eq!(arguments["note"], file);
    let request = bind(plan, &arguments).unwrap();
    Ok(String::from_utf8(request.into_body().to_vec()).unwrap())
}

#[tokio::test]
async fn files_are_read_at_or_below_the_folder_and_no_others() {
    let (all, plan) = (folder(), plan().await);
    let open = all.path().join("open");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(all.path().join("secret"), open.join("link")).unwrap();
        std::os::unix::fs::symlink(open.join("deep"), open.join("down")).unwrap();
    }
    let files = Files::below(&open).unwrap();
    let mut rows = vec![
        (url(&open, "Gr%C3%B6%C3%9Fe%201.txt"), "filename=\"Größe 1.txt\"", "\r\n\r\ntext\r\n"),
        (url(&open, "Größe 1.txt"), "filename=\"Größe 1.txt\"", "\r\n\r\ntext\r\n"),
        (url(&open, "deep/a").replacen("file:", "FILE:", 1), "filename=\"a\"", "\r\n\r\ndeep\r\n"),
    ];
    if cfg!(unix) {
        rows.push((url(&open, "down/a"), "filename=\"a\"", "\r\n\r\ndeep\r\n"));
    }
    for (file, name, bytes) in rows {
        let body = sent(&files, &plan, &file).await.unwrap();
        assert!(body.contains(name) && body.contains(bytes), "{file}: {body}");
    }
    let outside = "is a file outside of";
    let mut rows = vec![
        (url(all.path(), "secret"), outside),
        (url(&open, "../secret"), outside),
        (url(&open, "%2e%2e/secret"), outside),
        (url(&open, "..%2Fsecret"), outside),
        ("file:///etc/passwd".to_owned(), outside),
        ("file:///no/such/file".to_owned(), outside),
        ("file://elsewhere.example/a".to_owned(), outside),
        ("file:a".to_owned(), outside),
        ("file:".to_owned(), outside),
        (url(&open, "none"), "cannot be read"),
        (url(&open, "deep"), "is not a file"),
        (url(&open, "large"), "is too large"),
    ];
    if cfg!(unix) {
        rows.push((url(&open, "link"), outside));
    }
    for (file, expected) in rows {
        let refusal = sent(&files, &plan, &file).await.unwrap_err();
        assert!(refusal.contains("- /file: ") && refusal.contains(expected), "{file}: {refusal}");
        assert!(!refusal.contains("secret\n"), "{refusal}");
    }
}

#[tokio::test]
async fn the_files_of_a_call_have_a_limit_together() {
    let (all, plan) = (folder(), plan().await);
    let open = all.path().join("open");
    let files = Files::below(&open).unwrap();
    let both = json!({"file": [url(&open, "full"), url(&open, "deep/a")]});
    let refusal = files.read(&plan, &mut both.as_object().unwrap().clone()).await.unwrap_err();
    assert!(refusal.to_string().contains("- /file/1: is too large"), "{refusal}");
}

#[tokio::test]
async fn without_a_folder_no_file_is_read() {
    let (all, plan) = (folder(), plan().await);
    for file in [url(&all.path().join("open"), "deep/a"), "file:///etc/passwd".to_owned()] {
        let refusal = sent(&Files::default(), &plan, &file).await.unwrap_err();
        assert!(refusal.contains("- /file: names a file, and this server reads none"), "{refusal}");
    }
}

#[tokio::test]
async fn nothing_else_is_read_or_fetched() {
    let (all, plan) = (folder(), plan().await);
    let files = Files::below(all.path()).unwrap();
    for text in ["https://host.example/a", "data:,x", "/etc/passwd", "~/x", " file:///etc/passwd", "plain"] {
        let body = sent(&files, &plan, text).await.unwrap();
        assert!(body.contains(text.strip_prefix("data:,").unwrap_or(text)), "{text}: {body}");
    }
}

#[test]
fn a_folder_must_be_one() {
    let all = folder();
    for name in ["none", "secret"] {
        Files::below(&all.path().join(name)).unwrap_err();
    }
}
