//! Files of this machine as arguments: `file:` URLs, at or below the one folder that the operator allows.
//!
//! They become data URIs before anything is built from the arguments, so that what builds requests need know no files.
//! Only the caller of `stdio` and `call` is on this machine; nobody else is given a folder. Nothing is fetched from
//! any other URL.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use oasgate_tools::{Plan, Refusal, files};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use tokio::fs;
use tokio::io::AsyncReadExt as _;
use url::Url;

#[cfg(test)]
mod tests;

/// Bytes that the files of one call may have together.
const MOST: u64 = 32 << 20;

/// The files that arguments may name: none, unless there is a folder.
#[derive(Debug, Default)]
pub struct Files {
    /// Without symbolic links, so that what is below it can be told by its path.
    root: Option<PathBuf>,
}

impl Files {
    /// Those at or below a folder.
    ///
    /// # Errors
    /// If there is no such folder.
    pub fn below(folder: &Path) -> io::Result<Self> {
        let root = std::fs::canonicalize(folder)?;
        if root.is_dir() { Ok(Self { root: Some(root) }) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    /// The folder, if there is one.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Reads the files that the arguments name where the plan has files.
    pub(super) async fn read(&self, plan: &Plan, arguments: &mut Map<String, Value>) -> Result<(), Refusal> {
        let mut left = MOST;
        for (pointer, value) in files(plan, arguments) {
            let is_file =
                |text: &&str| text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
            let Some(url) = value.as_str().filter(is_file) else { continue };
            // Boxed, so that calls without files need no room for it.
            let bytes =
                Box::pin(self.bytes(url, left)).await.map_err(|message| Refusal::new(pointer, message))?;
            left = left.saturating_sub(bytes.len() as u64);
            *value = data_uri(url, &bytes).into();
        }
        Ok(())
    }

    async fn bytes(&self, url: &str, most: u64) -> Result<Vec<u8>, String> {
        let Some(root) = &self.root else {
            return Err("names a file, and this server reads none; send the bytes as base64 or a data URI."
                .to_owned());
        };
        let outside = || {
            let root = root.display();
            format!(
                "is a file outside of {root}, where nothing is read; name one below it, as file://{root}/NAME."
            )
        };
        let unreadable = |error: io::Error| format!("cannot be read ({error}); name another file.");
        let path = Url::parse(url).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(outside)?;
        // Nothing is asked of the file system for a path that leaves the folder as written: whether such a file exists
        // is nobody's business.
        if !path.starts_with(root) {
            return Err(outside());
        }
        let real = fs::canonicalize(&path).await.map_err(unreadable)?;
        if !real.starts_with(root) {
            return Err(outside());
        }
        // A pipe could keep whoever opens it for ever.
        if !fs::metadata(&real).await.map_err(unreadable)?.is_file() {
            return Err("is not a file; name one.".to_owned());
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(&real).await.map_err(unreadable)?;
        file.take(most + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
        if bytes.len() as u64 > most {
            return Err(format!("is too large: the files of a call may have {} MiB together.", MOST >> 20));
        }
        Ok(bytes)
    }
}

/// The bytes with the name of their file (RFC 2397; `name` as parameter is a custom of browsers). The media type is
/// told by the bytes, or by what the operation takes.
fn data_uri(url: &str, bytes: &[u8]) -> String {
    let path = Url::parse(url).ok().and_then(|url| url.to_file_path().ok());
    let name = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let name = name.map(|name| format!(";name={}", utf8_percent_encode(&name, NON_ALPHANUMERIC)));
    format!("data:{};base64,{}", name.unwrap_or_default(), BASE64_STANDARD.encode(bytes))
}
