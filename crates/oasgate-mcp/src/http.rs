//! Streamable HTTP, sessionless, in all revisions that have it. Owns the endpoint and the server loop; knows nothing
//! of what methods mean, and leaves signing in to layers the program puts in front.

use std::sync::Arc;

use axum::Router;
use axum::routing::any;

use crate::handler::Handler;

mod body;
mod cors;
mod endpoint;
mod guard;
mod options;
mod serve;
#[cfg(test)]
mod tests;

pub use options::{EndpointPath, Hosts, InvalidPath, Options, Origins};
pub use serve::{ServeOptions, serve};

use endpoint::Endpoint;

/// The MCP endpoint, at the path the options name, as a router to be merged with others and wrapped in layers.
///
/// One endpoint serves every revision: a request is modern if its `_meta` or its `MCP-Protocol-Version` header says
/// so, else legacy. No session is minted. `GET` and `DELETE` are answered with 405, which all revisions allow.
///
/// A modern request is given up when its client disconnects; a legacy one runs to its end, because there losing
/// the connection says nothing (2025-11-25, basic/transports.mdx, "Sending Messages to the Server").
pub fn router<H: Handler>(handler: Arc<H>, options: Options) -> Router {
    let path = options.path.clone();
    let endpoint = Arc::new(Endpoint::new(handler, options));
    Router::new().route(
        path.as_str(),
        any(move |request| {
            let endpoint = Arc::clone(&endpoint);
            async move { endpoint.answer(request).await }
        }),
    )
}
