//! The HTTP side of the program: the MCP endpoint, `/health` and `/ready`, and how it stops.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use ipnet::IpNet;
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
    patience: ServeOptions,
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
        is_free(&path, "--path")?;
        let url = format!("http://{address}{}", path.as_str());
        let mut options = Options::default();
        options.path = path;
        if !hosts.is_empty() {
            options.hosts = Hosts::Listed(hosts);
        }
        if !origins.is_empty() {
            options.origins = Origins::Listed(origins);
        }
        Ok(Self { url, options, patience: ServeOptions::default() })
    }

    /// The same endpoint at a second path, where only keys of the API are taken.
    ///
    /// # Errors
    /// As [`Endpoint::new`]; and if it is where the endpoint is anyway.
    pub fn with_keys_at(mut self, path: EndpointPath) -> Result<Self, String> {
        is_free(&path, KEYS_PATH)?;
        if path == self.options.path {
            return Err(format!(
                "`{KEYS_PATH}`: {} is the path of the endpoint itself, where keys are taken anyway: leave it out, or name another",
                path.as_str()
            ));
        }
        self.options.other_paths.push(path);
        Ok(self)
    }

    /// Takes so many connections from one address, any number if 0, and does not count those from these networks.
    #[must_use]
    pub fn with_connections(mut self, of_one: usize, uncounted: Vec<IpNet>) -> Self {
        self.patience.connections_per_address = of_one;
        self.patience.uncounted.extend(uncounted);
        self
    }

    /// Whether it can stand beside what `sign_in` has: nothing else can be at the paths of that.
    ///
    /// # Errors
    /// It cannot, and where it could not be.
    pub fn is_beside(&self, sign_in: &SignIn) -> Result<(), String> {
        let Options { path, other_paths, .. } = &self.options;
        let taken = std::iter::once(path).chain(other_paths).find(|path| sign_in.has(path.as_str()));
        match taken {
            None => Ok(()),
            Some(path) => Err(format!(
                "{} is where clients look for a sign-in, so that the MCP endpoint cannot be there: choose another path for it \
                 (`public_url`, `path`, `{KEYS_PATH}`)",
                path.as_str()
            )),
        }
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

/// Where a second path is named.
const KEYS_PATH: &str = "auth.inbound.api_key.path";

fn is_free(path: &EndpointPath, option: &str) -> Result<(), String> {
    if matches!(path.as_str(), "/health" | "/ready") {
        return Err(format!("{} is taken: choose another {option}", path.as_str()));
    }
    Ok(())
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
    oasgate_mcp::http::serve(listener, app, endpoint.patience, stop).await
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
