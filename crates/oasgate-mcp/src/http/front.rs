//! What stands before the endpoint and whatever is layered around it: who may come in at all, and what browsers are
//! told. Knows no message.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{ALLOW, ORIGIN};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::any;

use crate::http::endpoint::response;
use crate::http::options::Options;
use crate::http::{cors, guard};

/// Routes the paths of the endpoint to `inner`, for requests that may come in.
pub(crate) fn router<F, A>(options: &Arc<Options>, inner: F) -> Router
where
    F: Fn(Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send,
{
    let answer = {
        let options = Arc::clone(options);
        any(async move |request: Request| answer(&options, request, inner).await)
    };
    // With its state, which is none, a handler is made a service here, and not anew for each request.
    options
        .paths()
        .fold(Router::new(), |router, path| router.route(path.as_str(), answer.clone()))
        .with_state(())
}

async fn answer<A: Future<Output = Response>>(
    options: &Options,
    request: Request,
    inner: impl Fn(Request) -> A,
) -> Response {
    if let Err(reply) = guard::admit(&request, options) {
        return response(reply);
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let mut answer = match *request.method() {
        Method::OPTIONS => cors::preflight(request.headers(), options.sessions > 0),
        _ => inner(request).await,
    };
    cors::expose(origin.as_ref(), &mut answer);
    answer
}

/// What is answered to a request by which no message is sent: 405. Asked behind whatever is layered around the endpoint:
/// who must sign in is told so first, by whichever method they come.
pub(crate) fn refuse(method: &Method, options: &Options) -> Option<Response> {
    match *method {
        Method::POST => None,
        // What sessions are for.
        Method::GET | Method::DELETE if options.sessions > 0 => None,
        _ => Some(not_allowed(options)),
    }
}

fn not_allowed(options: &Options) -> Response {
    let reason = "messages are sent by POST";
    let allowed = if options.sessions > 0 { "POST, GET, DELETE" } else { "POST" };
    let mut response = response(guard::refusal(StatusCode::METHOD_NOT_ALLOWED, reason));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
