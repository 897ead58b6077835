//! The HTTP side of the program: the MCP endpoint, `/health` and `/ready`, and how it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use oasgate_mcp::http::{EndpointPath, Hosts, Options, Origins, ServeOptions};
use tokio::net::TcpListener;

use crate::server::Server;

/// Where and for whom the MCP endpoint is.
#[derive(Debug)]
pub struct Endpoint {
    /// Its URL, as a client on this machine has it.
    pub url: String,
    options: Options,
}

impl Endpoint {
    /// An endpoint at `path`. `hosts` may address it besides localhost; web pages of `origins` may call it, or those
    /// on localhost if none is named.
    ///
    /// # Errors
    /// If the path is one that the server has for itself.
    pub fn new(
        address: SocketAddr,
        path: EndpointPath,
        hosts: Vec<String>,
        origins: Vec<String>,
    ) -> Result<Self, String> {
        if matches!(path.as_str(), "/health" | "/ready") {
            return Err(format!("{} is taken: choose another --path", path.as_str()));
        }
        let url = format!("http://{address}{}", path.as_str());
        let mut options = Options::default();
        options.path = path;
        if !hosts.is_empty() {
            options.hosts = Hosts::Listed(hosts);
        }
        if !origins.is_empty() {
            options.origins = Origins::Listed(origins);
        }
        Ok(Self { url, options })
    }
}

/// Serves until `stop` is done, then lets requests in flight finish for ten seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    endpoint: Endpoint,
    stop: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    // Whoever is answered at all is answered by a server that has its tools: they are made before it listens.
    let probes =
        Router::new().route("/health", get(|| async { "ok\n" })).route("/ready", get(|| async { "ready\n" }));
    let app = oasgate_mcp::http::router(server, endpoint.options).merge(probes);
    oasgate_mcp::http::serve(listener, app, ServeOptions::default(), stop).await
}

/// Resolves on Ctrl-C, and on Unix on SIGTERM as well. Where a signal cannot be had, it never comes.
pub async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
    tracing::info!("stopping");
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut stream) => {
            stream.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
