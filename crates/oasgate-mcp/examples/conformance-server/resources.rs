//! The resources.

use std::time::Duration;

use oasgate_mcp::{CacheScope, CallError, ResourceContents};
use serde_json::{Value, json};

use crate::tools::PIXEL;

pub(crate) fn list() -> Vec<Value> {
    let resource = |uri: &str, name: &str, mime: &str| json!({"uri": uri, "name": name, "description": format!("A fixture: {name}."), "mimeType": mime});
    vec![
        resource("test://static-text", "static-text", "text/plain"),
        resource("test://static-binary", "static-binary", "image/png"),
        resource("test://watched-resource", "watched-resource", "text/plain"),
    ]
}

pub(crate) fn templates() -> Vec<Value> {
    vec![json!({
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "A fixture: data by id.",
        "mimeType": "application/json",
    })]
}

pub(crate) fn read(uri: String) -> Result<ResourceContents, CallError> {
    let text = |mime: &str, text: String| ResourceContents::text(uri.clone(), mime, text);
    let contents = match &*uri {
        "test://static-text" => {
            text("text/plain", "This is the content of the static text resource.".to_owned())
        }
        "test://static-binary" => ResourceContents::blob(uri, "image/png", PIXEL),
        "test://watched-resource" => text("text/plain", "Nothing has happened.".to_owned()),
        _ => match uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data")) {
            Some(id) => {
                let data = json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
                text("application/json", data.to_string())
            }
            None => return Err(CallError::UnknownResource(uri)),
        },
    };
    Ok(contents.with_caching(Duration::from_secs(60), CacheScope::Public))
}
