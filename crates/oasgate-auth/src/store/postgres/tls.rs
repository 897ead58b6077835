//! TLS to a database: by rustls, with the server's certificate always checked.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio_rustls::{TlsConnector, client};

use crate::store::StoreError;

/// Makes encrypted connections.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

/// One of them, to be made.
pub(super) struct ToServer {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// One of them.
pub(super) struct Encrypted<S>(client::TlsStream<S>);

impl Tls {
    /// Trusts the certificates in a file in PEM, or those that the system trusts.
    pub(super) fn trusting(roots: Option<&str>) -> Result<Self, StoreError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("TLS", &error))?;
        let builder = match roots {
            Some(path) => builder.with_root_certificates(read(path)?),
            None => builder
                .with_platform_verifier()
                .map_err(|error| unusable("the system's certificates", &error))?,
        };
        Ok(Self(Arc::new(builder.with_no_client_auth()).into()))
    }
}

fn read(path: &str) -> Result<RootCertStore, StoreError> {
    let what = format!("`sslrootcert`, {path},");
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(&what, &error))? {
        let certificate = certificate.map_err(|error| unusable(&what, &error))?;
        store.add(certificate).map_err(|error| unusable(&what, &error))?;
    }
    if store.is_empty() { Err(unusable(&what, &"it has no certificate")) } else { Ok(store) }
}

fn unusable(what: &str, why: &dyn fmt::Display) -> StoreError {
    StoreError(format!("{what} cannot be used for the database: {why}"))
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type TlsConnect = ToServer;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<ToServer, InvalidDnsNameError> {
        Ok(ToServer { connector: self.0.clone(), name: ServerName::try_from(host)?.to_owned() })
    }
}

impl<S> TlsConnect<S> for ToServer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Encrypted<S>>>;

    fn connect(self, stream: S) -> Self::Future {
        self.connector.connect(self.name, stream).map(|stream| stream.map(Encrypted)).boxed()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, to)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
