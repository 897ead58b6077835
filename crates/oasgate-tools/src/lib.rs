//! Compiles an [`oasgate_spec::Api`] into a [`Catalog`] of tools, and is the two pure halves of every call.
//!
//! ```text
//!  Api ──► compile ──► Catalog { Tool { name, description, input schema, Plan } }
//!                                          │
//!  arguments ──► Tool::check ──► bind(Plan, arguments) ──► http::Request   (the program sends it)
//!                                          │
//!  result    ◄── Outcome     ◄── shape(Plan, http::Response)
//! ```
//!
//! This crate is pure: no network, no files, no clock, no async. It knows neither the MCP wire format nor the text
//! of the description.

mod bind;
mod body;
mod catalog;
mod check;
mod compile;
mod curate;
mod describe;
#[cfg(test)]
mod fixture;
mod media;
mod name;
mod nearest;
mod options;
mod outcome;
mod plan;
mod prose;
mod refusal;
mod schema;
mod shape;
mod style;

pub use bind::bind;
pub use body::files;
pub use catalog::{Annotations, Catalog, OperationRef, Tool};
pub use compile::compile;
pub use curate::{Selection, SelectionError};
pub use options::{Options, Profile};
pub use outcome::{Outcome, Part};
pub use plan::{
    Base, BodyFormat, BodyPlan, BodyRecipe, BodySource, Field, FieldEncoding, Piece, Plan, SchemeUse,
    Segment, Slot, XmlNode,
};
pub use refusal::{Fault, Refusal};
pub use shape::{Limits, shape};
