//! How every description in `specs/` is read: by snapshot, and, of the odd ones, what must still be there.

mod fetched;
mod odd;
mod render;

use std::path::Path;

use oasgate_spec::{
    Api, Documents, Operation, Options, Position, Problem, ReadError, Severity, load, locate,
};
use url::Url;

use crate::support::files;

/// A description of `specs/`, read as one that may refer to nothing outside of that folder.
struct Guarded(Url);

impl Documents for Guarded {
    fn entry(&self) -> Url {
        self.0.clone()
    }

    /// The way from `specs/`.
    fn name(&self, uri: &Url) -> String {
        let folder = Url::from_directory_path(files::specs()).unwrap();
        folder.make_relative(uri).unwrap_or_else(|| uri.to_string())
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        let refused = || ReadError("only files below `specs/` are read".to_owned());
        let path = uri.to_file_path().map_err(|()| refused())?;
        let path = if path.starts_with(files::specs()) { path } else { return Err(refused()) };
        std::fs::read(path).map_err(|error| ReadError(error.to_string()))
    }
}

/// What a description says, and what is wrong with it; responses included.
fn read(path: &Path) -> (Api, Vec<Problem>) {
    let options = Options { response_schemas: true, ..Options::default() };
    load(&Guarded(Url::from_file_path(path).unwrap()), &options)
}

#[test]
fn every_description_is_read_as_it_was() {
    for path in files::descriptions() {
        let name = path.strip_prefix(files::specs()).unwrap().display().to_string();
        let (api, problems) = read(&path);
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("spec_{name}"), render::reading(&api, &problems));
        });
    }
}

/// Who finds something wrong with an operation later has its location, and finds its line by that.
#[test]
fn every_operation_is_found_where_it_stands() {
    for path in files::descriptions() {
        let (api, _) = read(&path);
        let problem = |operation: &Operation| Problem {
            severity: Severity::Note,
            rule: "here",
            location: operation.location.clone(),
            position: None,
            operation: None,
            message: String::new(),
            fix: String::new(),
        };
        let mut problems: Vec<Problem> = api.operations.iter().map(problem).collect();
        locate(&mut problems, &Guarded(Url::from_file_path(&path).unwrap()));
        for problem in problems {
            let Position { line, column } = problem.position.unwrap_or_else(|| panic!("{problem}"));
            let file = Url::parse(&problem.location.uri).unwrap().to_file_path().unwrap();
            let text = std::fs::read(file).unwrap();
            // Where it is UTF-16 the columns are those of another text.
            let text = if text.starts_with(b"\xFF\xFE") { continue } else { String::from_utf8_lossy(&text) };
            let written: String = text.lines().nth(line - 1).unwrap().chars().skip(column - 1).collect();
            let key = problem.location.pointer.rsplit('/').next().unwrap();
            assert!(written.trim_start_matches('"').starts_with(key), "{problem}: {written}");
        }
    }
}

/// Reading takes nothing for granted about what was read before: the same text is read the same way twice.
#[test]
fn reading_twice_gives_the_same() {
    for path in files::descriptions() {
        let [first, second] =
            [read(&path), read(&path)].map(|(api, problems)| format!("{api:?} {problems:?}"));
        assert_eq!(first, second, "{}", path.display());
    }
}
