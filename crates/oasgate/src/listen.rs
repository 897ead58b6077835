//! The HTTP side of the program: the MCP endpoint, `/health` and `/ready`, and how it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use oasgate_mcp::Seal;
use oasgate_mcp::http::{EndpointPath, Hosts, Options, Origins, ServeOptions};
use tokio::net::TcpListener;

use crate::auth::SignIn;
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

    /// Remembers so many legacy clients between their requests.
    #[must_use]
    pub fn with_sessions(mut self, sessions: usize) -> Self {
        self.options.sessions = sessions;
        self
    }

    /// Seals what travels through clients in this way: all replicas must.
    #[must_use]
    pub fn with_seal(mut self, seal: Seal) -> Self {
        self.options.seal = seal;
        self
    }
}

/// Serves until `stop` is done, then lets requests in flight finish for ten seconds. With `sign_in`, whoever calls is
/// asked who they are.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    endpoint: Endpoint,
    sign_in: Option<&SignIn>,
    stop: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    // Whoever is answered at all is answered by a server that has its tools: they are made before it listens.
    let probes =
        Router::new().route("/health", get(|| async { "ok\n" })).route("/ready", get(|| async { "ready\n" }));
    let app = match sign_in {
        None => oasgate_mcp::http::router(server, endpoint.options),
        Some(sign_in) => {
            let guarded = |endpoint| sign_in.protect(endpoint);
            oasgate_mcp::http::router_behind(server, endpoint.options, guarded).merge(sign_in.router())
        }
    };
    let app = app.merge(probes);
    oasgate_mcp::http::serve(listener, app, ServeOptions::default(), stop).await
}

/// Done when the program is told to stop: by Ctrl-C, and on Unix by SIGTERM. The signals are caught from the call on,
/// not only once the future is waited for. One that cannot be had never comes.
#[cfg(unix)]
pub fn told_to_stop() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
    async move {
        let caught = signals.iter_mut().map(|stream| {
            Box::pin(async move {
                match stream {
                    Some(stream) => drop(stream.recv().await),
                    None => std::future::pending().await,
                }
            })
        });
        futures_util::future::select_all(caught).await;
        tracing::info!("stopping");
    }
}

/// Done when the program is told to stop, by Ctrl-C. Where that cannot be had, it never comes.
#[cfg(not(unix))]
pub async fn told_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    tracing::info!("stopping");
}
