//! The integration tests of oasgate: one binary, one module per concern.
#![cfg(test)]

mod architecture;
mod auth;
mod calls;
mod check;
mod cli;
mod demo;
mod features;
mod hostile;
mod http;
mod overlay;
mod spec;
mod stdio;
mod support;
mod tools;
