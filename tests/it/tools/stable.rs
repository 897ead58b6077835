//! What `tools --json` prints is the same each time, and what is added to a description changes no other tool.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::support::files;
use crate::support::program::{Ended, command, run};

/// Where something is added: how much of what is there stands before it.
const PLACES: [fn(usize) -> usize; 3] = [|_| 0, |length| length / 2, |length| length];

#[test]
fn the_same_description_is_listed_byte_by_byte_alike() {
    for path in files::descriptions().into_iter().chain(files::corpus()) {
        for profile in ["portable", "full"] {
            let listed = || run(command(&["tools", path.to_str().unwrap(), "--json", "--profile", profile]));
            assert_eq!(listed(), listed(), "{}", path.display());
        }
    }
}

#[test]
fn an_operation_a_tag_and_a_schema_more_change_no_other_tool() {
    let mut changed = 0;
    for path in files::descriptions().into_iter().chain(files::corpus()) {
        let Some(description) = oasgate_spec::overlay::data(fs::read(&path).unwrap()) else { continue };
        if !description["paths"].is_object() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        copy_folders(path.parent().unwrap(), folder.path());
        let tools = |description: &Value| tools(folder.path(), description);
        let before = tools(&description);
        for place in PLACES {
            let mut after = tools(&with_more(&description, place));
            let added = after.iter().position(|tool| tool.contains("sendUnrelated"));
            let added = added.unwrap_or_else(|| panic!("{}: nothing was added", path.display()));
            after.remove(added);
            assert_eq!(after, before, "{}", path.display());
        }
        changed += 1;
    }
    assert!(changed > 40, "{changed}");
}

/// The description with one more of each, which has nothing to do with what is there.
fn with_more(description: &Value, place: fn(usize) -> usize) -> Value {
    let mut description = description.clone();
    let is_v2 = description.get("swagger").is_some();
    let schema = json!({"type": "object", "properties": {"unrelated": {"type": "string"}}});
    let (owner, reference) = match is_v2 {
        true => (&mut description, "#/definitions/Unrelated"),
        false => (member(&mut description, "components"), "#/components/schemas/Unrelated"),
    };
    let schemas = member(owner, if is_v2 { "definitions" } else { "schemas" });
    insert(schemas, "Unrelated", schema, place);
    let mut operation = json!({"operationId": "sendUnrelated", "tags": ["unrelated"], "responses": {}});
    if is_v2 {
        operation["parameters"] = json!([{"name": "b", "in": "body", "schema": {"$ref": reference}}]);
    } else {
        let content = json!({"application/json": {"schema": {"$ref": reference}}});
        operation["requestBody"] = json!({"content": content});
    }
    insert(&mut description["paths"], "/unrelated", json!({"post": operation}), place);
    if let Some(Value::Array(tags)) = description.get_mut("tags") {
        tags.insert(place(tags.len()), json!({"name": "unrelated", "description": "Something else"}));
    }
    description
}

/// A member that is an object, made if it is not there.
fn member<'v>(owner: &'v mut Value, name: &str) -> &'v mut Value {
    let members = owner.as_object_mut().unwrap();
    members.entry(name).or_insert_with(|| Map::new().into())
}

fn insert(owner: &mut Value, name: &str, value: Value, place: fn(usize) -> usize) {
    let members = owner.as_object_mut().unwrap();
    members.shift_insert(place(members.len()), name.to_owned(), value);
}

/// The tools as the program lists them, one text each.
fn tools(folder: &Path, description: &Value) -> Vec<String> {
    let path = folder.join("description.json");
    fs::write(&path, description.to_string()).unwrap();
    let Ended { stdout, .. } = run(command(&["tools", path.to_str().unwrap(), "--json"]));
    let lines = stdout.lines().map(|line| line.trim_matches(['[', ']', ',']).to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// Copies the folders that a description may refer to.
fn copy_folders(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let folder = to.join(path.file_name().unwrap());
            fs::create_dir(&folder).unwrap();
            copy_folders(&path, &folder);
            let files = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
            for file in files.filter(|path| path.is_file()) {
                fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
}
