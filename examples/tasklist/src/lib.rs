//! An example HTTP API: lists and tasks, on SQLite.
//!
//! Owns a small but complete API of the kind oasgate is pointed at: bearer authentication, pagination,
//! merge patches, problem details, and its own OpenAPI 3.1 [`DESCRIPTION`]. It knows nothing of MCP or of
//! oasgate: it is the upstream, and a reader may replace it by any other.
//!
//! ```text
//! request ─► auth ─► routes ─► input (parsed, or a problem) ─► store (SQLite, blocking) ─► model as JSON
//! ```

mod auth;
mod date;
mod export;
mod input;
mod model;
mod page;
mod problem;
mod routes;
mod store;

use std::{fmt, path::PathBuf};

use axum::Router;

use crate::{auth::Token, store::Store};

/// The OpenAPI 3.1 description of this API, as served at `/openapi.yaml`.
pub const DESCRIPTION: &str = include_str!("../../../specs/tasklist.yaml");

/// What an [`App`] is opened with.
pub struct Options {
    /// The SQLite file, created if absent; `None` keeps everything in memory until the app is dropped.
    pub database: Option<PathBuf>,
    /// The bearer token every call under `/api/v1` must carry. Not empty.
    pub token: String,
}

impl fmt::Debug for Options {
    /// Leaves the token out, so that no log ever holds it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("database", &self.database).finish_non_exhaustive()
    }
}

/// Why an [`App`] could not be opened. Each is the operator's to mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The token was empty: the API would be open to everyone.
    #[error("the token is empty: give one of at least one character")]
    EmptyToken,
    /// The database could not be opened or prepared.
    #[error("the database {} cannot be opened: check that it is a tasklist database in a writable folder", .path.display())]
    Database {
        /// The file named in [`Options::database`], or `:memory:`.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

/// A token nobody can guess: 192 random bits, as lower-case hex.
///
/// # Errors
///
/// When SQLite, whose generator (seeded by the system) makes it, cannot be opened.
pub fn random_token() -> Result<String, rusqlite::Error> {
    rusqlite::Connection::open_in_memory()?
        .query_row("SELECT lower(hex(randomblob(24)))", [], |row| row.get(0))
}

/// An open task list: its database and its token. Clones share both.
#[derive(Clone, Debug)]
pub struct App {
    store: Store,
    token: Token,
}

impl App {
    /// Opens the database, creating its tables in a new one.
    ///
    /// # Errors
    ///
    /// [`OpenError`], when the token is empty or the database cannot be opened.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let token = Token::new(options.token).ok_or(OpenError::EmptyToken)?;
        let store = Store::open(options.database.as_deref()).map_err(|source| OpenError::Database {
            path: options.database.unwrap_or_else(|| PathBuf::from(":memory:")),
            source,
        })?;
        Ok(Self { store, token })
    }

    /// The whole HTTP surface: the API under `/api/v1`, the page at `/`, the description at `/openapi.yaml`.
    pub fn router(&self) -> Router {
        routes::router(self.store.clone(), self.token.clone())
    }
}
