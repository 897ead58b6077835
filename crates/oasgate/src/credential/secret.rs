//! A secret text: what may be done with it is to put it onto a request and to look for it in an answer.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A secret. It is wiped from memory when dropped, and shows itself to nobody.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Keeps a text secret from here on.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text.into())
    }

    /// The text itself. Only [`super`] may ask for it: whoever holds a `Secret` elsewhere can pass it on, not read it.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}
