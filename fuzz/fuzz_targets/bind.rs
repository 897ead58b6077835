//! Any JSON as arguments of tools with every style and body: one request within its origin, or a refusal.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use oasgate_spec::{Documents, ReadError, load};
use oasgate_tools::{Catalog, bind, compile};
use serde_json::value::RawValue;
use url::Url;

struct Fleet;

impl Documents for Fleet {
    fn entry(&self) -> Url {
        Url::parse("file:///fleet.yaml").expect("a URL")
    }

    fn read(&self, _: &Url) -> Result<Vec<u8>, ReadError> {
        Ok(include_bytes!("../../specs/fleet-3.0.yaml").to_vec())
    }
}

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let (api, _) = load(&Fleet, &oasgate_spec::Options::default());
        compile(&api, &oasgate_tools::Options::default()).0
    })
}

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let tools = catalog().tools();
    let tool = &tools[usize::from(choice) % tools.len()];
    let Ok(raw) = RawValue::from_string(text.to_owned()) else { return };
    if let Ok(arguments) = tool.check(Some(&raw)) {
        let _ = bind(&tool.plan, &arguments);
    }
    // Binding must be safe on what no check has seen.
    let Ok(arguments) = serde_json::from_str(text) else { return };
    if let Ok(request) = bind(&tool.plan, &arguments) {
        let base = tool.plan.server.as_ref().expect("every operation of the fleet has a server");
        let target = request.uri().to_string();
        assert!(target.starts_with(&format!("{}{}/", base.origin, base.path)), "{target}");
        let segments = request.uri().path().split('/').skip(1);
        assert!(segments.clone().all(|segment| !matches!(segment, "." | "..")), "{target}");
    }
});
