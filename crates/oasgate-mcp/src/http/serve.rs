//! The loop that accepts connections. Serves any router; knows nothing of MCP.
//!
//! It is ours, and not `axum::serve`, for what that one doesn't do: TCP_NODELAY on accepted sockets (without it, a small
//! reply waits for the client's delayed acknowledgement), limits on how long a client may take over the head of a request
//! and may keep a connection open that it does not use, on how many connections there are, together and of one address,
//! and on how long they may delay a shutdown. It speaks HTTP/1.1 only: nobody
//! speaks HTTP/2 without TLS to a server they don't know to have it, and whatever ends TLS in front of us speaks both.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
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
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::http::patient::Patient;
use crate::http::places::{Place, Places};
use crate::http::prompt::{Progress, Prompt};

/// The patience of the server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServeOptions {
    /// How long the head of a request may take, from its first byte on, or from the beginning of the connection; ten
    /// seconds unless told.
    pub header_timeout: Duration,
    /// How long a connection may be kept open on which nothing happens; 75 seconds unless told, which is longer than
    /// proxies keep theirs.
    pub idle_timeout: Duration,
    /// How long a shutdown waits for requests in flight: ten seconds unless told.
    pub grace: Duration,
    /// How long a client may take nothing of what it is sent; half a minute unless told.
    pub write_timeout: Duration,
    /// How many connections may be open at the same time; 20,000 unless told. More wait to be accepted.
    pub connections: usize,
    /// How many may be open from one address (of IPv6, from one /64); a thousand unless told, and any number if 0. More
    /// are closed at once.
    pub connections_per_address: usize,
    /// The networks from which they are not counted: this machine unless told. Behind a proxy everybody comes from its
    /// address, so that it must be among these, or the limit is one on all clients together.
    pub uncounted: Vec<IpNet>,
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
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            grace: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            connections: 20_000,
            connections_per_address: 1000,
            uncounted: vec![
                Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8).into(),
                Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128).into(),
            ],
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
    // hyper counts from the end of the request before; what is stricter, `Prompt` measures.
    http.timer(TokioTimer::new()).header_read_timeout(options.idle_timeout.max(options.header_timeout));
    let places = Places::new(options.connections, options.connections_per_address, options.uncounted);
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
        let progress = Arc::<Progress>::default();
        let stream = Patient::new(stream, options.write_timeout);
        let stream = Prompt::new(stream, options.header_timeout, Arc::clone(&progress));
        let watcher = connections.watcher();
        let serving = connection(http.clone(), stream, progress, client, app.clone(), watcher);
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

async fn connection(
    http: Builder,
    stream: Prompt<Patient>,
    progress: Arc<Progress>,
    client: SocketAddr,
    app: Router,
    watcher: Watcher,
) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        progress.begin();
        request.extensions_mut().insert(ConnectInfo(client));
        let (progress, answer) = (Arc::clone(&progress), app.call(request));
        async move { Ok::<_, Infallible>(answer.await?.map(|body| progress.answer(body))) }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, %client, "connection ended");
    }
}

/// The next connection, when there is room for one and for its address. What fails is a connection that is gone already, or the process being out of descriptors:
/// then waiting helps, and giving up would not (as for `accept(2)`, "Error handling").
async fn accept(listener: &TcpListener, places: &Places) -> (TcpStream, SocketAddr, Place) {
    let mut place = places.next().await;
    loop {
        match listener.accept().await {
            Ok((stream, client)) => match places.seat(place, client.ip()) {
                Some(place) => return (stream, client, place),
                None => place = places.next().await,
            },
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
