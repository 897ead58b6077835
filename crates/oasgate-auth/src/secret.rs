//! A secret text.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A secret. It is wiped from memory when dropped, and shows itself to nobody: `Debug` writes `****`, and there is no
/// `Display` and no `Serialize`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Keeps a text secret from here on.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().into())
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
