//! The tools of every description in `specs/`: what they are, by snapshot, and rules that hold for each of them.
//!
//! The rules are also held over a folder of further descriptions that `OASGATE_CORPUS` names.

mod portable;
mod render;
mod stable;

use std::collections::HashSet;
use std::path::Path;

use oasgate_tools::{Catalog, Options, Profile, compile};
use serde_json::Value;

use crate::support::client::{WAYS, connect};
use crate::support::files;

/// Descriptions that hide operations, and how many.
const HIDDEN: [(&str, usize); 1] = [("specs/gallery-3.1.yaml", 6)];

fn catalog(path: &Path, profile: Profile) -> Catalog {
    let (api, _) = files::read(path);
    compile(&api, &Options { profile, ..Options::default() }).0
}

#[test]
fn every_tool_and_plan_is_as_it_was() {
    for path in files::descriptions() {
        let name = path.strip_prefix(files::specs()).unwrap().display().to_string();
        let rendered = render::catalog(&catalog(&path, Profile::Portable));
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("tools_{name}"), rendered);
        });
    }
}

#[test]
fn every_operation_is_a_tool_under_a_legal_name_of_its_own() {
    for path in files::descriptions().into_iter().chain(files::corpus()) {
        let (api, problems) = files::read(&path);
        let (catalog, more) = compile(&api, &Options::default());
        let lost = more.iter().filter(|problem| problem.severity >= oasgate_spec::Severity::Error).count();
        let hidden = HIDDEN.iter().find(|(file, _)| path.ends_with(file)).map_or(0, |(_, count)| *count);
        let (tools, operations) = (catalog.tools().len(), api.operations.len());
        assert_eq!(tools + lost + hidden, operations, "{}: {problems:?}", path.display());
        let mut names = HashSet::new();
        for tool in catalog.tools() {
            let name = &tool.name;
            assert!((1..=64).contains(&name.len()), "{name}");
            assert!(name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')), "{name}");
            assert!(names.insert(name.to_ascii_lowercase()), "{name} twice in {}", path.display());
        }
    }
}

#[test]
fn every_listed_schema_keeps_the_rules_of_its_profile() {
    for path in files::descriptions().into_iter().chain(files::corpus()) {
        let (portable, full) = (catalog(&path, Profile::Portable), catalog(&path, Profile::Full));
        for (portable, full) in portable.tools().iter().zip(full.tools()) {
            let place = format!("{} {}", path.display(), portable.name);
            let listed: Value = serde_json::from_str(portable.input_schema().get()).unwrap();
            let broken = portable::violations(&listed);
            assert!(broken.is_empty(), "{place}: {broken:?}");
            let listed: Value = serde_json::from_str(full.input_schema().get()).unwrap();
            let checked = full.full_schema();
            for schema in [&listed, &checked] {
                let valid =
                    jsonschema::draft202012::meta::validate(schema).map_err(|error| error.to_string());
                assert_eq!(valid, Ok(()), "{place}");
                let keys = listed.as_object().unwrap().keys();
                let root =
                    ["type", "properties", "required", "dependentRequired", "additionalProperties", "$defs"];
                assert!(keys.clone().all(|key| root.contains(&key.as_str())), "{place}: {keys:?}");
            }
        }
    }
}

#[test]
fn the_same_description_gives_the_same_tools() {
    for path in files::descriptions() {
        let render = || render::catalog(&catalog(&path, Profile::Full));
        assert_eq!(render(), render(), "{}", path.display());
    }
}

#[tokio::test]
async fn every_description_is_listed_whole_by_a_real_client() {
    let odd = files::specs().join("odd");
    let ours = files::descriptions().into_iter().filter(|path| !path.starts_with(&odd));
    for path in ours.chain(files::corpus()) {
        let expected = catalog(&path, Profile::Portable);
        let expected: Vec<&str> = expected.tools().iter().map(|tool| tool.name.as_str()).collect();
        if expected.is_empty() {
            continue;
        }
        for way in WAYS {
            let connected = connect(way, path.to_str().unwrap(), &[], &[]).await;
            let tools = connected.client.list_all_tools().await.unwrap();
            let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
            assert_eq!(names, expected, "{} {way:?}", path.display());
        }
    }
}
