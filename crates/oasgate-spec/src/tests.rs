//! Descriptions kept in memory, for the tests of all modules; and what holds for every description, in `mutation`.

mod limits;
mod mutation;
mod oracle;

use std::cell::RefCell;

use url::Url;

use crate::{Api, Documents, Options, Problem, ReadError, load};

/// Documents by URI, the first of which is the entry. `read` notes what was asked for.
#[derive(Debug)]
pub(crate) struct Shelf {
    documents: Vec<(Url, Vec<u8>)>,
    pub(crate) asked: RefCell<Vec<String>>,
}

impl Shelf {
    /// Documents under `https://api.example/docs/`, unless they are named by a whole URI.
    pub(crate) fn new(documents: &[(&str, &str)]) -> Self {
        let base = Url::parse("https://api.example/docs/").unwrap();
        let documents =
            documents.iter().map(|(name, text)| (base.join(name).unwrap(), text.as_bytes().to_vec()));
        Self { documents: documents.collect(), asked: RefCell::default() }
    }

    /// One document alone, from a file.
    pub(crate) fn file(text: &str) -> Self {
        Self::new(&[("file:///specs/api.yaml", text)])
    }
}

impl Documents for Shelf {
    fn entry(&self) -> Url {
        self.documents[0].0.clone()
    }

    fn name(&self, uri: &Url) -> String {
        uri.path().rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        self.asked.borrow_mut().push(uri.to_string());
        let found = self.documents.iter().find(|(known, _)| known == uri);
        found.map(|(_, text)| text.clone()).ok_or_else(|| ReadError(format!("{uri} does not exist")))
    }
}

/// What a description in one file says, responses included.
pub(crate) fn read(text: &str) -> (Api, Vec<Problem>) {
    load(&Shelf::file(text), &Options { response_schemas: true, ..Options::default() })
}

/// Problems as rows: `line:column rule`.
pub(crate) fn rules(problems: &[Problem]) -> Vec<String> {
    let row = |problem: &Problem| {
        let at = problem.position.unwrap_or_else(|| panic!("no position: {problem}"));
        format!("{}:{} {}", at.line, at.column, problem.rule)
    };
    problems.iter().map(row).collect()
}
