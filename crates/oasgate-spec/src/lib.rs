//! Reads OpenAPI descriptions: text in, one version-neutral [`Api`] out.
//!
//! ```text
//!  Documents (bytes)                                    who reads files and URLs: the caller
//!       │ text     JSON | YAML -> Tree, within budgets
//!       ▼
//!  Store of Trees, every document that a $ref reaches
//!       │ read     2.0 | 3.x front ends: path items, parameters, bodies, security, servers
//!       │ schema   OpenAPI schema -> JSON Schema 2020-12, $refs into one pool of definitions
//!       ▼
//!  Api + Vec<Problem>
//! ```
//!
//! Loading never fails as a whole: what is broken costs at most the operations that need it, each with a
//! [`Problem`]. This crate is pure: no network, no files, no clock, no async; it knows neither tools nor MCP.

mod api;
mod load;
pub mod overlay;
mod problem;
mod read;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod text;
mod tree;

pub use api::{
    Api, ApiKeyPlace, Body, Definitions, Dialect, Encoding, MediaType, Operation, Parameter, Part, Place,
    Requirement, Response, Schema, Scheme, SchemeKind, Serialization, Server, Status, Style, Template,
    Variable,
};
pub use load::{Documents, Limits, Options, ReadError, load};
pub use problem::{Location, Position, Problem, Severity, locate};
