//! Connections: TCP to an address within reach, or a way through the system's proxy, and TLS over either.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderMap, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::address::Names;
use super::client::OURS;

/// Whatever kept a connection from coming about.
type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;
type Tcp = HttpConnector<Names>;

/// Makes connections. Clones are cheap.
#[derive(Clone)]
pub(super) struct Connector(Arc<Inner>);

struct Inner {
    route: Route,
    tls: Arc<ClientConfig>,
    patience: Duration,
}

/// The way to an upstream, as far as TCP goes.
#[derive(Clone)]
struct Route {
    tcp: Tcp,
    /// A proxy may be reached by TLS itself.
    to_proxy: HttpsConnector<Tcp>,
    proxies: Option<Arc<Proxies>>,
}

/// The proxies of the system.
#[derive(Debug)]
pub(super) struct Proxies(Matcher);

/// A connection before TLS with the upstream.
#[derive(Debug)]
pub(super) struct Leg {
    stream: MaybeHttpsStream<TokioIo<TcpStream>>,
    /// It ends at a proxy that is told where each request goes (RFC 9112, 3.2.2).
    is_proxied: bool,
}

/// No connection came about in time.
#[derive(Debug, thiserror::Error)]
#[error("it took too long")]
pub(super) struct Slow;

impl Connector {
    pub(super) fn new(
        names: Names,
        tls: ClientConfig,
        proxies: Option<Arc<Proxies>>,
        patience: Duration,
    ) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(names);
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(patience));
        let mut plain = tls.clone();
        plain.alpn_protocols.clear();
        let to_proxy = HttpsConnector::from((tcp.clone(), plain));
        Self(Arc::new(Inner { route: Route { tcp, to_proxy, proxies }, tls: Arc::new(tls), patience }))
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Leg>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let mut secured = HttpsConnector::from((self.0.route.clone(), Arc::clone(&self.0.tls)));
        let connected = timeout(self.0.patience, secured.call(to));
        Box::pin(async move { connected.await.unwrap_or_else(|_| Err(Slow.into())) })
    }
}

impl Service<Uri> for Route {
    type Response = Leg;
    type Error = BoxError;
    type Future = Connecting<Leg>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let mut route = self.clone();
        Box::pin(async move { route.connect(to).await })
    }
}

impl Route {
    async fn connect(&mut self, to: Uri) -> Result<Leg, BoxError> {
        let proxy = self.proxies.as_ref().and_then(|proxies| proxies.0.intercept(&to));
        let Some(proxy) = proxy else {
            let stream = MaybeHttpsStream::Http(self.tcp.call(to).await?);
            return Ok(Leg { stream, is_proxied: false });
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Err(io::Error::other("the proxy is none for HTTP").into());
        }
        if to.scheme() == Some(&Scheme::HTTPS) {
            let stream = self.tunnel(&proxy).call(to).await?;
            return Ok(Leg { stream, is_proxied: false });
        }
        let stream = self.to_proxy.call(proxy.uri().clone()).await?;
        Ok(Leg { stream, is_proxied: true })
    }

    /// RFC 9110, 9.3.6.
    fn tunnel(&self, proxy: &Intercept) -> Tunnel<HttpsConnector<Tcp>> {
        let headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(OURS))]);
        let tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone()).with_headers(headers);
        match proxy.basic_auth() {
            Some(credential) => tunnel.with_auth(credential.clone()),
            None => tunnel,
        }
    }
}

impl Proxies {
    /// Those that the environment names (`HTTPS_PROXY`, `NO_PROXY`), or the settings of the system; none if there are
    /// none.
    pub(super) fn of_the_system() -> Option<Arc<Self>> {
        let matcher = Matcher::from_system();
        // Nobody can have excepted these names, which nobody has (RFC 6761, 6.4).
        let anywhere = ["http://oasgate.invalid", "https://oasgate.invalid"];
        let is_any = anywhere.iter().any(|uri| matcher.intercept(&Uri::from_static(uri)).is_some());
        is_any.then(|| Arc::new(Self(matcher)))
    }

    /// These, instead of the system's.
    #[cfg(test)]
    pub(super) fn of(matcher: Matcher) -> Arc<Self> {
        Arc::new(Self(matcher))
    }

    /// The credential for the proxy that a request without TLS goes to; others tell it to the tunnel.
    pub(super) fn credential(&self, to: &Uri) -> Option<HeaderValue> {
        let proxy = self.0.intercept(to).filter(|_| to.scheme() == Some(&Scheme::HTTP))?;
        proxy.basic_auth().cloned()
    }
}

impl Connection for Leg {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.is_proxied)
    }
}

impl Read for Leg {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl Write for Leg {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }
}
