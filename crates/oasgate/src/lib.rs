//! The program oasgate: any OpenAPI description in, an MCP server out.
//!
//! ```text
//!  source ──► description (oasgate-spec, oasgate-tools) ──► Catalog
//!                                                             │
//!  listen, stdio (oasgate-mcp) ──► server ──► call ──► check ─► bind ─► credential ─► upstream ─► shape
//! ```
//!
//! This crate owns what the others must not know: files, the network, the clock, the environment, the terminal. It is
//! a library so that the integration tests can run it; its interface is the command line, and no other is promised.

pub mod auth;
pub mod cache;
pub mod call;
pub mod check;
pub mod cli;
pub mod config;
pub mod credential;
pub mod description;
pub mod exit;
pub mod fetch;
pub mod listen;
pub mod login;
pub mod pins;
pub mod reload;
pub mod report;
pub mod server;
pub mod source;
pub mod telemetry;
pub mod upstream;
