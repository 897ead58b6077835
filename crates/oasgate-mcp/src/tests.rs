//! Tests of the protocol over both transports, and what tests of either share.

mod messages;
mod methods;
mod pitfalls;
pub(crate) mod support;
