//! TLS, and what is spoken over it, with servers that have a certificate of their own making.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Response, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::super::address::Reach;
use super::super::tls::Trust;
use super::*;

/// A server for `localhost`.
struct Secure {
    port: u16,
    roots: RootCertStore,
    connections: Arc<AtomicUsize>,
}

impl Secure {
    /// One that speaks these protocols, and serves each connection by `serve`.
    async fn start<S: Future + Send + 'static>(
        protocols: &[&str],
        serve: impl Fn(TlsStream<TcpStream>) -> S + Send + 'static,
    ) -> Self
    where
        S::Output: Send,
    {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth();
        let mut config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                if let Ok(stream) = acceptor.accept(stream).await {
                    tokio::spawn(serve(stream));
                }
            }
        });
        Self { port, roots, connections }
    }

    fn upstream(&self, trust: Trust) -> Upstream {
        Upstream::of(Reach::Everywhere, trust, None, Limits::DEFAULT).unwrap()
    }

    fn trusted(&self) -> Upstream {
        self.upstream(Trust::Only(self.roots.clone()))
    }

    async fn ask(&self, upstream: &Upstream, host: &str, method: Method) -> Result<Response<Bytes>, Fault> {
        let uri = format!("https://{host}:{}/path", self.port);
        let request = Request::builder().method(method).uri(uri).body(Bytes::from("sent")).unwrap();
        upstream.send(request, Redirects::SameOrigin).await
    }
}

/// Answers each request with its version, as the connection has it.
async fn answer(stream: TlsStream<TcpStream>) {
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(async |request: Request<Incoming>| {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(format!("{:?}", request.version())))))
    });
    let stream = TokioIo::new(stream);
    drop(if is_http2 {
        http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
    } else {
        http1::Builder::new().serve_connection(stream, service).await
    });
}

#[tokio::test]
async fn http2_is_spoken_with_who_speaks_it() {
    let rows: [(&[&str], Version); 3] =
        [(&["h2", "http/1.1"], Version::HTTP_2), (&["http/1.1"], Version::HTTP_11), (&[], Version::HTTP_11)];
    for (protocols, version) in rows {
        let server = Secure::start(protocols, answer).await;
        let upstream = server.trusted();
        for _ in 0..3 {
            let answer = server.ask(&upstream, "localhost", Method::POST).await.unwrap();
            assert_eq!(answer.version(), version, "{protocols:?}");
            assert_eq!(answer.body(), format!("{version:?}").as_bytes());
        }
        assert_eq!(server.connections.load(Ordering::Relaxed), 1, "{protocols:?}: it is kept");
    }
}

#[tokio::test]
async fn nothing_is_sent_to_who_cannot_show_who_they_are() {
    let server = Secure::start(&["h2"], answer).await;
    let rows = [
        ("localhost", server.upstream(Trust::nobody()), "UnknownIssuer"),
        ("127.0.0.1", server.trusted(), "not valid for"),
    ];
    for (host, upstream, cause) in rows {
        let fault = server.ask(&upstream, host, Method::POST).await.unwrap_err();
        assert!(
            matches!(&fault, Fault::Unreachable { cause: told, .. } if told.contains(cause)),
            "{fault:?}"
        );
    }
}

/// Whoever refuses a stream has not begun with its request (RFC 9113, 8.7), so that even a `POST` is sent again.
#[tokio::test]
async fn a_refused_stream_is_sent_again() {
    let refuse_first = async |stream: TlsStream<TcpStream>| {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let mut is_first = true;
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            if std::mem::take(&mut is_first) {
                respond.send_reset(h2::Reason::REFUSED_STREAM);
            } else {
                respond.send_response(Response::new(()), true).unwrap();
            }
        }
    };
    let server = Secure::start(&["h2"], refuse_first).await;
    let answer = server.ask(&server.trusted(), "localhost", Method::POST).await.unwrap();
    assert_eq!(answer.status(), 200);
}
