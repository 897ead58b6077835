//! What the tests of the program share: the program itself, clients, and upstreams that really listen.

pub(crate) mod client;
pub(crate) mod files;
pub(crate) mod program;
pub(crate) mod upstream;
