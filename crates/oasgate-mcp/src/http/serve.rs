//! The loop that accepts connections. Serves any router; knows nothing of MCP.
//!
//! It is ours, and not `axum::serve`, for three things that one doesn't do: TCP_NODELAY on accepted sockets (without
//! it, a small reply waits for the client's delayed acknowledgement), a limit on how long a client may take over the
//! head of a request, and a limit on how long open connections may delay a shutdown. It speaks HTTP/1.1 only: nobody
//! speaks HTTP/2 without TLS to a server they don't know to have it, and whatever ends TLS in front of us speaks both.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::http::patient::Patient;

/// The patience of the server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServeOptions {
    /// How long the head of a request may take, counted from the end of the one before: half a minute unless told.
    /// It also ends connections that are kept open and not used.
    pub header_timeout: Duration,
    /// How long a shutdown waits for requests in flight: ten seconds unless told.
    pub grace: Duration,
    /// How long a client may take nothing of what it is sent; half a minute unless told.
    pub write_timeout: Duration,
    /// How many connections may be open at the same time; 20,000 unless told. More wait to be accepted.
    pub connections: usize,
}

tokio::task_local! {
    /// Each connection is a task, and this is the same for all of them.
    static CLOSING: CancellationToken;
}

/// Cancelled when the server begins to stop whose connection this task is: what would go on for ever must end then.
pub(crate) fn closing() -> CancellationToken {
    CLOSING.try_with(CancellationToken::clone).unwrap_or_default()
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            connections: 20_000,
        }
    }
}

/// Serves `app` until `shutdown` is done, then lets open connections finish what they are at. Requests carry the
/// address of the client as the extension `ConnectInfo<SocketAddr>`.
///
/// # Errors
/// When the listener can't be asked for connections at all. Connections that fail end by themselves.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let connections = GracefulShutdown::new();
    let mut http = Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(options.header_timeout);
    let places = Arc::new(Semaphore::new(options.connections.clamp(1, Semaphore::MAX_PERMITS)));
    // However this ends, streams hear of it.
    let closing = CancellationToken::new();
    let closed = closing.clone().drop_guard();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, client, place) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut shutdown => break,
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY refused");
        }
        let stream = Patient::new(stream, options.write_timeout);
        let watcher = connections.watcher();
        let serving = connection(http.clone(), stream, client, app.clone(), watcher);
        let serving = CLOSING.scope(closing.clone(), serving);
        tokio::spawn(async move {
            serving.await;
            drop(place);
        });
    }
    drop(listener);
    drop(closed);
    if timeout(options.grace, connections.shutdown()).await.is_err() {
        tracing::warn!(%address, "shutdown: connections were still open after {:?}", options.grace);
    }
    Ok(())
}

async fn connection(http: Builder, stream: Patient, client: SocketAddr, app: Router, watcher: Watcher) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        app.call(request)
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, %client, "connection ended");
    }
}

/// The next connection, when there is room for one. What fails is a connection that is gone already, or the process being out of descriptors:
/// then waiting helps, and giving up would not (as for `accept(2)`, "Error handling").
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // Fails only when it is closed, which it never is.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, client)) => return (stream, client, place),
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "accept failed");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
