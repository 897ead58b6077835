//! Input schemas: the faithful one that arguments are checked against, and the portable one that every model accepts.

mod full;
mod keys;
mod legal;
mod listed;
mod merge;
mod outline;
mod output;
mod pool;
mod portable;
#[cfg(test)]
mod tests;
mod union;
pub(crate) mod walk;

pub(crate) use full::{Library, Root};
pub(crate) use keys::Keys;
pub(crate) use listed::listed;
pub(crate) use merge::{Settled, is_impossible, settle};
pub(crate) use output::output;
pub(crate) use pool::{PROSE, Pool, View, view};
pub(crate) use portable::{Memo, Portable, Property, portable};
