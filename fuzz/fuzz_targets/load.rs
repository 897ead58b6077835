//! Any bytes as a description: reading, compiling and locating end, without panic, and each tool can be called.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oasgate_spec::{Documents, ReadError, load, locate};
use oasgate_tools::compile;
use url::Url;

struct Bytes<'b>(&'b [u8]);

impl Documents for Bytes<'_> {
    fn entry(&self) -> Url {
        Url::parse("file:///fuzz.yaml").expect("a URL")
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        if *uri == self.entry() { Ok(self.0.to_vec()) } else { Err(ReadError("elsewhere".to_owned())) }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let documents = Bytes(bytes);
    let (api, mut problems) = load(&documents, &oasgate_spec::Options::default());
    let (catalog, more) = compile(&api, &oasgate_tools::Options::default());
    problems.extend(more);
    locate(&mut problems, &documents);
    for tool in catalog.tools() {
        let _ = tool.check(None);
    }
});
