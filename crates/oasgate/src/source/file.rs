//! Files at or below one folder.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use oasgate_spec::ReadError;
use url::Url;

use super::DOCUMENT_LIMIT;

/// A folder, and nothing outside of it.
#[derive(Debug)]
pub(super) struct Folder {
    /// Without symbolic links, so that what is below it can be told by its path.
    root: PathBuf,
}

impl Folder {
    /// The folder of a file, and the file's URL.
    pub(super) fn of(file: &Path) -> io::Result<(Self, Url)> {
        let file = fs::canonicalize(file)?;
        let entry = Url::from_file_path(&file).map_err(|()| io::Error::other("it has no absolute path"))?;
        let root = file.parent().map_or_else(|| file.clone(), Path::to_path_buf);
        Ok((Self { root }, entry))
    }

    /// The path of a file below the folder, as written. Nothing is asked of the file system for one that leaves it:
    /// whether such a file exists is nobody's business.
    pub(super) fn path(&self, uri: &Url) -> Result<PathBuf, ReadError> {
        let path = uri.to_file_path().ok().filter(|path| path.starts_with(&self.root));
        path.ok_or_else(outside)
    }

    /// Reads a file, if it is below the folder after all symbolic links have been followed.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        let real = fs::canonicalize(path).map_err(|error| ReadError(error.to_string()))?;
        if !real.starts_with(&self.root) {
            return Err(outside());
        }
        if !real.is_file() {
            return Err(ReadError("it is not a file".to_owned()));
        }
        read(&real).map_err(|error| ReadError(error.to_string()))
    }

    /// The path of a file as it would be written next to `entry`.
    pub(super) fn shown(&self, uri: &Url, entry: &str) -> Option<String> {
        let path = uri.to_file_path().ok()?;
        let below = path.strip_prefix(&self.root).ok()?;
        Some(Path::new(entry).with_file_name("").join(below).display().to_string())
    }
}

fn outside() -> ReadError {
    ReadError("it is outside the folder of the description, where nothing is read".to_owned())
}

/// A file as a whole, unless it is larger than a description may be.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(DOCUMENT_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > DOCUMENT_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 256 MiB"));
    }
    Ok(bytes)
}
