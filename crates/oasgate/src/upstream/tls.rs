//! Whom the client trusts, and what it offers to speak.

use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// Who may vouch for an upstream.
#[derive(Debug, Clone)]
pub(super) enum Trust {
    /// Whom the system trusts.
    System,
    /// These.
    Only(RootCertStore),
}

impl Trust {
    /// Nobody.
    pub(super) fn nobody() -> Self {
        Self::Only(RootCertStore::empty())
    }

    /// TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1 (RFC 7301).
    pub(super) fn config(self) -> Result<ClientConfig, rustls::Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = ClientConfig::builder_with_provider(provider.into());
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = match self {
            Self::System => builder.with_platform_verifier()?,
            Self::Only(roots) => builder.with_root_certificates(roots),
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}
