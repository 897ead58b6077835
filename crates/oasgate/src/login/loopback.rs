//! Where the browser comes back to: a port of this machine that nobody else can reach (RFC 8252, 7.3).

use std::io;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

const PAGE: &str =
    "oasgate has what it needs, or says on the terminal what is missing. This page can be closed.\n";

/// A redirect URI that is listened at until this is dropped.
#[derive(Debug)]
pub struct Loopback {
    /// The redirect URI.
    pub uri: String,
    queries: mpsc::Receiver<String>,
    _server: AbortOnDropHandle<()>,
}

impl Loopback {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is none.
    pub async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let uri = format!("http://{}/callback", listener.local_addr()?);
        let (sender, queries) = mpsc::channel(8);
        let router = Router::new().route("/callback", get(come_back)).with_state(sender);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "nobody listens for the browser any more");
            }
        });
        Ok(Self { uri, queries, _server: AbortOnDropHandle::new(server) })
    }

    /// The query of the next request. Whether it is of this sign-in, is for the asker to see: any page in the browser can
    /// send one. None if nobody listens any more.
    pub async fn next(&mut self) -> Option<String> {
        self.queries.recv().await
    }
}

async fn come_back(State(sender): State<mpsc::Sender<String>>, RawQuery(query): RawQuery) -> Response {
    // If many come at once, those of strangers are among them: the right one is kept waiting, not lost.
    drop(sender.send(query.unwrap_or_default()).await);
    // The address of this page holds the code.
    ([(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")], PAGE).into_response()
}
