//! What it costs to read a description and to make tools of it.
//!
//! ```sh
//! cargo bench -p oasgate --bench load               # time of each half
//! cargo bench -p oasgate --bench load -- --peak     # CPU time and peak memory of the whole, held to limits
//! ```
//!
//! The descriptions are made here, as large as the largest that services publish. With `OASGATE_CORPUS=FOLDER` those of
//! that folder are read, too, if they have a megabyte or more.

#![expect(clippy::print_stdout, reason = "it reports")]
#![expect(clippy::expect_used, reason = "without its descriptions a benchmark has nothing to tell")]

mod cases;
mod made;
mod peak;

use std::process::ExitCode;

use divan::Bencher;
use oasgate_spec::{Api, Documents, ReadError};
use url::Url;

use crate::cases::{Case, cases};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--peak", ..] => return peak::of_all(),
        ["--peak-of", path, ..] => peak::of_one(path)?,
        _ => divan::main(),
    }
    Ok(ExitCode::SUCCESS)
}

/// Text to `Api`.
#[divan::bench(args = cases(), sample_count = 10, sample_size = 1)]
fn load(bencher: Bencher<'_, '_>, case: &Case) {
    let text = Text::of(case);
    bencher.bench_local(|| read(&text));
}

/// `Api` to catalog.
#[divan::bench(args = cases(), sample_count = 10, sample_size = 1)]
fn compile(bencher: Bencher<'_, '_>, case: &Case) {
    let api = read(&Text::of(case));
    bencher.bench_local(|| oasgate_tools::compile(&api, &oasgate_tools::Options::default()));
}

fn read(text: &Text) -> Api {
    oasgate_spec::load(text, &oasgate_spec::Options::default()).0
}

/// A description of one document.
struct Text {
    uri: Url,
    bytes: Vec<u8>,
}

impl Text {
    fn of(case: &Case) -> Self {
        let bytes = std::fs::read(&case.path).expect("a readable description");
        Self { uri: Url::from_file_path(&case.path).expect("an absolute path"), bytes }
    }
}

impl Documents for Text {
    fn entry(&self) -> Url {
        self.uri.clone()
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        if *uri == self.uri {
            Ok(self.bytes.clone())
        } else {
            Err(ReadError("not of the benchmark".to_owned()))
        }
    }
}
