//! Broken descriptions: real ones with parts deleted, doubled, swapped, cut and bent. Loading comes to an end, never
//! panics, and says something of the kind it always says.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Shelf;
use crate::{Limits, Options, Problem, load, locate};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn trees_with_other_parts((nth, changes) in (any::<prop::sample::Index>(), changes())) {
        let mut tree = nth.get(&trees()).clone();
        for change in &changes {
            change.apply(&mut tree);
        }
        check(tree.to_string().as_bytes())?;
    }

    #[test]
    fn bytes_with_other_bytes(
        (nth, cut) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = nth.get(&texts()).clone();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(&bytes)?;
    }
}

/// Loads, and checks what holds for every loading.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let shelf =
        Shelf::new(&[("api.json", &text), ("other.json", "{\"a\": {\"$ref\": \"api.json#/paths\"}}")]);
    for response_schemas in [false, true] {
        let options = Options { response_schemas, limits: Limits::default() };
        let (api, mut problems) = load(&shelf, &options);
        // A reference in a schema leads to a definition that is there.
        let schemas = api.definitions.0.values().chain(
            api.operations
                .iter()
                .flat_map(|operation| operation.parameters.iter().map(|parameter| &parameter.schema)),
        );
        for schema in schemas {
            check_references(&schema.0, &api.definitions)?;
        }
        for operation in &api.operations {
            prop_assert!(operation.body.as_ref().is_none_or(|body| !body.content.is_empty()));
            let names = operation.template.segments.iter().flatten();
            let undeclared = names.filter(|part| match part {
                crate::Part::Literal(_) => false,
                crate::Part::Parameter(name) | crate::Part::Reserved(name) => !operation
                    .parameters
                    .iter()
                    .any(|parameter| parameter.place == crate::Place::Path && parameter.name == *name),
            });
            prop_assert_eq!(undeclared.count(), 0);
        }
        prop_assert!(!api.operations.is_empty() || !problems.is_empty());
        // What `load` has located `locate` finds in the same place.
        let located: Vec<_> = problems.iter().map(|problem| problem.position).collect();
        problems.iter_mut().for_each(|problem| problem.position = None);
        locate(&mut problems, &shelf);
        let readable = |problem: &Problem| problem.rule != "document-unreadable";
        for (problem, position) in problems.iter().zip(located).filter(|(problem, _)| readable(problem)) {
            prop_assert_eq!(problem.position, position, "{}", problem);
        }
    }
    Ok(())
}

fn check_references(schema: &Value, definitions: &crate::Definitions) -> Result<(), TestCaseError> {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        let name = reference.strip_prefix("#/$defs/");
                        prop_assert!(
                            name.is_some_and(|name| definitions.get(name).is_some()),
                            "{}",
                            reference
                        );
                    }
                    // What is not a schema may say what it likes.
                    _ if ["default", "const", "enum", "examples"].contains(&key.as_str()) => {}
                    value => check_references(value, definitions)?,
                }
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| check_references(item, definitions)),
        _ => Ok(()),
    }
}

/// One change to a tree; places are chosen by number among all there are.
#[derive(Debug, Clone)]
enum Change {
    Delete(prop::sample::Index),
    Replace(prop::sample::Index, Value),
    Copy { from: prop::sample::Index, to: prop::sample::Index },
    Wrap(prop::sample::Index, bool),
    Rename(prop::sample::Index, String),
    Bend(prop::sample::Index, Target),
}

/// Where a reference is bent to.
#[derive(Debug, Clone)]
enum Target {
    Place(prop::sample::Index),
    Text(&'static str),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<prop::sample::Index>;
    let values = prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("string"),
        json!("true"),
        json!("#/paths"),
        json!([]),
        json!({}),
        json!([null]),
        json!({"": {}}),
        json!({"$ref": "#"}),
        json!({"$id": "x/y", "$anchor": "z"}),
        json!({"type": ["string", null], "properties": [1]}),
    ]);
    let keys =
        "(\\$ref|\\$id|in|name|type|schema|content|get|parameters|x-a|properties|allOf|\\{a\\}|~/%|.{0,4})";
    let texts = prop::sample::select(vec![
        "",
        "#",
        "#/",
        "#x",
        "x",
        "//",
        "http://[",
        "other.json",
        "other.json#/a/~1things",
        "api.json#/paths",
        "%%",
        "a b\\c",
        "#/paths/~1things/get",
        "#/components/schemas/%",
        "../../..",
        "?a",
        "data:,a",
    ]);
    let change = prop_oneof![
        at().prop_map(Change::Delete),
        (at(), values).prop_map(|(at, value)| Change::Replace(at, value)),
        (at(), at()).prop_map(|(from, to)| Change::Copy { from, to }),
        (at(), any::<bool>()).prop_map(|(at, list)| Change::Wrap(at, list)),
        (at(), keys).prop_map(|(at, key)| Change::Rename(at, key)),
        (at(), at()).prop_map(|(at, to)| Change::Bend(at, Target::Place(to))),
        (at(), texts).prop_map(|(at, text)| Change::Bend(at, Target::Text(text))),
    ];
    proptest::collection::vec(change, 1..12)
}

impl Change {
    fn apply(&self, tree: &mut Value) {
        let mut pointers = Vec::new();
        collect(tree, String::new(), &mut pointers);
        let one = |index: &prop::sample::Index| pointers[index.index(pointers.len())].clone();
        match self {
            Self::Delete(at) => edit(tree, &one(at), remove),
            Self::Replace(at, value) => put(tree, &one(at), value.clone()),
            Self::Copy { from, to } => {
                let copy = tree.pointer(&one(from)).cloned().unwrap_or_default();
                put(tree, &one(to), copy);
            }
            Self::Wrap(at, is_list) => {
                let inner = tree.pointer(&one(at)).cloned().unwrap_or_default();
                put(tree, &one(at), if *is_list { json!([inner]) } else { json!({ "a": inner }) });
            }
            Self::Rename(at, name) => edit(tree, &one(at), |parent, key| {
                if let Some(value) = remove(parent, key)
                    && let Some(members) = parent.as_object_mut()
                {
                    members.insert(name.clone(), value);
                }
                None
            }),
            Self::Bend(at, target) => {
                let references: Vec<&String> =
                    pointers.iter().filter(|pointer| pointer.ends_with("/$ref")).collect();
                if references.is_empty() {
                    return;
                }
                let target = match target {
                    Target::Place(to) => format!("#{}", one(to)),
                    Target::Text(text) => (*text).to_owned(),
                };
                put(tree, references[at.index(references.len())], target.into());
            }
        }
    }
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let token = key.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{pointer}/{token}"), pointers);
            }
        }
        Value::Array(items) => {
            for (nth, value) in items.iter().enumerate() {
                collect(value, format!("{pointer}/{nth}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

fn put(tree: &mut Value, pointer: &str, value: Value) {
    if let Some(slot) = tree.pointer_mut(pointer) {
        *slot = value;
    }
}

fn edit(tree: &mut Value, pointer: &str, change: impl FnOnce(&mut Value, &str) -> Option<Value>) {
    if let Some((parent, key)) = pointer.rsplit_once('/')
        && let Some(parent) = tree.pointer_mut(parent)
    {
        change(parent, &key.replace("~1", "/").replace("~0", "~"));
    }
}

fn remove(parent: &mut Value, key: &str) -> Option<Value> {
    match parent {
        Value::Object(members) => members.shift_remove(key),
        Value::Array(items) => {
            let index = key.parse::<usize>().ok().filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

/// The descriptions of this repository.
fn texts() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let names =
        ["tasklist.yaml", "bookshop-2.0.json", "fleet-3.0.yaml", "clinic-3.1.yaml", "observatory-3.2.yaml"];
    names.iter().map(|name| std::fs::read(folder.join(name)).unwrap()).collect()
}

fn trees() -> Vec<Value> {
    let tree = |bytes| crate::text::parse(bytes, &Limits::default()).unwrap().root().unwrap().value();
    texts()
        .into_iter()
        .map(tree)
        .map(|tree| if tree.is_object() { tree } else { Map::new().into() })
        .collect()
}
