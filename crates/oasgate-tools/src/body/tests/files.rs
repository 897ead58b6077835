//! Which arguments are files.

use serde_json::{Map, Value};

use crate::{Profile, files, fixture};

/// What is put in place of files: pointers, and the arguments then.
fn found(content: &str, arguments: &str) -> (Vec<String>, String) {
    let catalog = fixture::tool(&format!("requestBody: {{content: {content}}}"), Profile::Full);
    let mut arguments: Map<String, Value> = serde_json::from_str(arguments).expect("the row is JSON");
    let mut pointers = Vec::new();
    for (pointer, value) in files(&catalog.tools()[0].plan, &mut arguments) {
        pointers.push(pointer);
        *value = Value::from("FILE");
    }
    (pointers, Value::Object(arguments).to_string())
}

#[test]
fn files_are_what_is_sent_as_bytes() {
    const FORM: &str = "{multipart/form-data: {schema: {type: object, properties: {
        a~b: {type: string, format: binary}, many: {type: array, items: {type: string, format: binary}},
        picture: {type: string}, text: {type: string}}},
        encoding: {picture: {contentType: 'image/png, image/jpeg'}}}}";
    const WHOLE: &str =
        "{multipart/form-data: {schema: {type: object, additionalProperties: true, properties: {
        file: {type: string, format: binary}, text: {type: string}}}}}";
    const CHOICE: &str = "{application/json: {schema: {type: string}}, image/png: {schema: {}}}";
    let rows: [(&str, &str, &[&str], &str); 8] = [
        ("{application/pdf: {}}", r#"{"body":"x"}"#, &["/body"], r#"{"body":"FILE"}"#),
        ("{application/pdf: {}}", r#"{"body":null}"#, &[], r#"{"body":null}"#),
        ("{application/pdf: {}}", r#"{"id":"x"}"#, &[], r#"{"id":"x"}"#),
        (
            "{application/json: {schema: {type: string, format: binary}}}",
            r#"{"body":"x"}"#,
            &[],
            r#"{"body":"x"}"#,
        ),
        ("{text/plain: {schema: {type: string}}}", r#"{"body":"x"}"#, &[], r#"{"body":"x"}"#),
        (
            FORM,
            r#"{"id":"x","a~b":"x","many":["x",1,"x"],"picture":"x","text":"x"}"#,
            &["/a~0b", "/many/0", "/many/2", "/picture"],
            r#"{"id":"x","a~b":"FILE","many":["FILE",1,"FILE"],"picture":"FILE","text":"x"}"#,
        ),
        (
            WHOLE,
            r#"{"body":{"file":"x","text":"x"}}"#,
            &["/body/file"],
            r#"{"body":{"file":"FILE","text":"x"}}"#,
        ),
        (CHOICE, r#"{"body":"x"}"#, &[], r#"{"body":"x"}"#),
    ];
    for (content, arguments, pointers, then) in rows {
        let (found, arguments) = found(content, arguments);
        assert_eq!(
            (found.iter().map(String::as_str).collect::<Vec<_>>(), &*arguments),
            (pointers.to_vec(), then),
            "{content}"
        );
    }
}
