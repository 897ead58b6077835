//! A secret text.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

/// A secret. Clones are one; it is wiped from memory with the last of them, and shows itself to nobody: `Debug` writes `****`, and there is no
/// `Display` and no `Serialize`.
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Keeps a text secret from here on.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(text.into().into()))
    }

    /// The text itself: to be hashed, sealed, or put onto a request, and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}
