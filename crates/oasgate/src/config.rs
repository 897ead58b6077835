//! `oasgate.toml`: a server by configuration alone.
//!
//! ```text
//!  text ── unknown keys, wrong forms: each with its line ──► File
//!           File ── flags    ──► what `oasgate serve` is told before its own command line
//!                ── settings ──► who may call, and as whom the API is called (oasgate-auth)
//! ```
//!
//! Owns the file's form and what is wrong with it. Secrets are not in it: only where they are. Knows neither clap nor
//! HTTP.

mod auth;
mod explain;
mod file;
mod flags;
mod keys;
mod settings;
mod value;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::exit::Failure;

pub use explain::Explained;
pub use file::File;
pub use settings::{Ground, Keeping, MasterKeys, Prepared, Trial};

/// A configuration file, read.
#[derive(Debug, Default)]
pub struct Config {
    /// What it says.
    pub file: File,
    /// The folder that paths in it are relative to.
    pub folder: PathBuf,
    shown: String,
}

/// Everything that is wrong with a file. The operator's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<Mistake>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as the operator wrote it.
    pub file: String,
    /// Line and column, from 1, where there is a place.
    pub place: Option<(usize, usize)>,
    /// What is wrong, and what to do. Never what may be a secret.
    pub message: String,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with its form, at once.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| {
            ConfigError(vec![Mistake {
                file: shown.clone(),
                place: None,
                message: format!("cannot be read: {error}"),
            }])
        })?;
        // Where the file really is: a link to it from elsewhere does not move what is beside it.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = real.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        let file = parse(&text, &shown)?;
        Ok(Self { file, folder, shown })
    }

    /// Whether whoever calls is asked who they are.
    #[must_use]
    pub fn asks(&self) -> bool {
        let inbound = &self.file.auth.inbound;
        inbound.api_key.is_some() || inbound.resource_server.is_some() || inbound.broker.is_some()
    }

    /// The name that clients reach the server by: host and port of the public URL.
    #[must_use]
    pub fn public_host(&self) -> Option<String> {
        let url = oasgate_auth::PublicUrl::parse(self.file.public_url.as_deref()?).ok()?;
        url.origin().split_once("://").map(|(_, host)| host.to_owned())
    }

    /// Whether clients know the server by a URL that means their own machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let url = self.file.public_url.as_deref().and_then(|url| oasgate_auth::PublicUrl::parse(url).ok());
        url.is_some_and(|url| url.is_loopback())
    }

    /// The path where only keys of the API are taken.
    #[must_use]
    pub fn keys_path(&self) -> Option<&str> {
        self.file.auth.inbound.api_key.as_ref()?.path.as_deref()
    }

    /// The proxies whose word is taken for where a request comes from.
    #[must_use]
    pub fn trusted_proxies(&self) -> Vec<ipnet::IpNet> {
        self.file.trusted_proxies.iter().map(|network| network.0).collect()
    }

    /// A mistake of the file as a whole.
    fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake { file: self.shown.clone(), place: None, message: message.into() }
    }

    /// A path in the file, as the program finds it.
    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

/// The JSON Schema (2020-12) of the file.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(File).to_value()
}

/// Reads the text of a file.
fn parse(text: &str, shown: &str) -> Result<File, ConfigError> {
    let mistake = |span: Option<Range<usize>>, message: String| Mistake {
        file: shown.to_owned(),
        place: span.map(|span| place(text, span.start)),
        message,
    };
    // The library's own words would quote the line, and with it what somebody took to be a place for a secret.
    let wrong = |error: &toml::de::Error| mistake(error.span(), error.message().to_owned());
    let table = DeTable::parse(text).map_err(|error| ConfigError(vec![wrong(&error)]))?;
    let unknown: Vec<Mistake> = keys::unknown(table.get_ref(), &schema())
        .into_iter()
        .map(|unknown| mistake(Some(unknown.span), unknown.message))
        .collect();
    if !unknown.is_empty() {
        return Err(ConfigError(unknown));
    }
    toml::from_str(text).map_err(|error| ConfigError(vec![wrong(&error)]))
}

/// Line and column of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}
