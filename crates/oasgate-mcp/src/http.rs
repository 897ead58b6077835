//! Streamable HTTP, sessionless, in all revisions that have it. Owns the endpoint and the server loop; knows nothing
//! of what methods mean, and leaves signing in to layers the program puts in front.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::any;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use crate::handler::Handler;

mod body;
mod cors;
mod endpoint;
mod events;
mod front;
mod guard;
mod options;
mod patient;
mod places;
mod prompt;
mod serve;
mod sessions;
#[cfg(test)]
mod tests;

pub use options::{EndpointPath, Hosts, InvalidPath, Options, Origins};
pub use serve::{ServeOptions, serve};

use endpoint::Endpoint;

/// The MCP endpoint, at the paths the options name, as a router to be merged with others.
///
/// One endpoint serves every revision: a request is modern if its `_meta` or its `MCP-Protocol-Version` header says
/// so, else legacy. Unless [`Options::sessions`] says otherwise, no session is minted, and `GET` and `DELETE` are answered
/// with 405, which all revisions allow.
///
/// Answers are JSON. A request is answered by an event stream only if something is told before the response, and its
/// client has asked for that.
///
/// A modern request is given up when its client disconnects; a legacy one runs to its end, because there losing
/// the connection says nothing (2025-11-25, basic/transports.mdx, "Sending Messages to the Server").
pub fn router<H: Handler>(handler: Arc<H>, options: Options) -> Router {
    let options = Arc::new(options);
    let endpoint = Arc::new(Endpoint::new(handler, Arc::clone(&options)));
    let told = Arc::clone(&options);
    front::router(&options, move |request| answer(Arc::clone(&endpoint), Arc::clone(&told), request))
}

async fn answer<H: Handler>(endpoint: Arc<Endpoint<H>>, options: Arc<Options>, request: Request) -> Response {
    match front::refuse(request.method(), &options) {
        None => endpoint.answer(request).await,
        Some(refusal) => refusal,
    }
}

/// The same with layers around what handles messages: for signing in, rate limits and the like.
///
/// They see only requests that may reach the endpoint, by any method, after `Host` and `Origin` have been checked, and never a
/// preflight, which carries no credentials. Pages of allowed origins can read what they answer. What they put into the
/// extensions of a request a handler finds in [`Context::http`](crate::Context::http).
pub fn router_behind<H: Handler>(
    handler: Arc<H>,
    options: Options,
    layers: impl FnOnce(Router) -> Router,
) -> Router {
    let options = Arc::new(options);
    let endpoint = Arc::new(Endpoint::new(handler, Arc::clone(&options)));
    let answering = {
        let options = Arc::clone(&options);
        any(move |request: Request| answer(Arc::clone(&endpoint), Arc::clone(&options), request))
    };
    let route = |inner: Router, path: &EndpointPath| inner.route(path.as_str(), answering.clone());
    let inner = options.paths().fold(Router::new(), route);
    let inner = TowerToHyperService::new(layers(inner));
    front::router(&options, move |request| {
        let answered = inner.call(request);
        async move { answered.await.unwrap_or_else(|never| match never {}) }
    })
}
