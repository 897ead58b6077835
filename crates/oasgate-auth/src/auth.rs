//! The front of the crate: what the program sets up once, asks at every request and every call, and serves beside the
//! MCP endpoint.
//!
//! Owns the order in which the parts are asked. What a token, a key or a grant is, the parts know.

mod parts;

pub use parts::{NoCredential, Operations, Parts, SetupError, Verified};
