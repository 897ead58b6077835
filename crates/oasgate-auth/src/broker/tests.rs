//! Whole sign-ins, from the first request of a client to the last: through the router, with a real authorization server
//! or portal at the other end. Tests of a guard are named after what it keeps out.

mod authority;
mod browser;
mod clients;
mod codes;
mod consent;
mod crowded;
mod documents;
mod endings;
mod machines;
mod providers;
mod refreshing;
mod rotation;
mod secrets;
mod world;
