//! Descriptions on disk: those of `specs/`, and a folder of more that whoever runs the tests may name.

use std::path::{Path, PathBuf};

use oasgate_spec::{Api, Documents, Options, Problem, ReadError, load, locate};
use url::Url;

/// A description file and the files at or below its folder: what lies elsewhere differs from machine to machine.
struct File(Url);

impl Documents for File {
    fn entry(&self) -> Url {
        self.0.clone()
    }

    fn name(&self, uri: &Url) -> String {
        uri.path_segments().and_then(Iterator::last).unwrap_or_default().to_owned()
    }

    fn read(&self, uri: &Url) -> Result<Vec<u8>, ReadError> {
        let folder = self.0.join(".").map_err(|error| ReadError(error.to_string()))?;
        if !uri.as_str().starts_with(folder.as_str()) {
            return Err(ReadError("it is outside the folder of the description".to_owned()));
        }
        let path = uri.to_file_path().map_err(|()| ReadError("not a file".to_owned()))?;
        std::fs::read(path).map_err(|error| ReadError(error.to_string()))
    }
}

/// The folder of our own descriptions.
pub(crate) fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs").canonicalize().unwrap()
}

/// Every description of `specs/` and `specs/odd/`, and the entry of `specs/multifile/`, by path.
pub(crate) fn descriptions() -> Vec<PathBuf> {
    let mut found = vec![specs().join("multifile/openapi.yaml")];
    found.extend(in_folder(&specs()));
    found.extend(in_folder(&specs().join("odd")));
    found.sort();
    found
}

/// Further descriptions: the folder that the environment variable `OASGATE_CORPUS` names, if it is set.
pub(crate) fn corpus() -> Vec<PathBuf> {
    std::env::var_os("OASGATE_CORPUS").map(|folder| in_folder(Path::new(&folder))).unwrap_or_default()
}

/// What a description says, and what is wrong with it, with lines.
pub(crate) fn read(path: &Path) -> (Api, Vec<Problem>) {
    let file = File(Url::from_file_path(path).unwrap());
    let (api, mut problems) = load(&file, &Options::default());
    locate(&mut problems, &file);
    (api, problems)
}

fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let is_description = |path: &PathBuf| {
        path.extension().is_some_and(|kind| ["json", "yaml", "yml"].iter().any(|known| kind == *known))
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(is_description)
        .collect();
    found.sort();
    found
}
