//! What a client's document says, held to the rules.

use serde_json::{Map, Value};
use url::Url;

use super::refused;
use crate::broker::client::{Client, Metadata, Proof, Voucher};
use crate::broker::error::OAuthError;
use crate::broker::records::DocumentRecord;
use crate::broker::redirect::RedirectRules;

/// Why there is no document.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) error: OAuthError,
    /// Whether the client itself says so: then what was known of it before no longer holds.
    pub(super) is_told: bool,
}

impl Trouble {
    /// Something is in the way; the client itself has said nothing.
    pub(super) fn between(error: OAuthError) -> Self {
        Self { error, is_told: false }
    }

    fn told(description: &str) -> Self {
        Self { error: refused(description), is_told: true }
    }
}

/// Reads the document that is at the URL `id`. It says nothing of how long it is believed.
///
/// # Errors
/// It is none, or not as the draft has it.
pub(super) fn read(id: &str, document: &[u8], rules: &RedirectRules) -> Result<DocumentRecord, Trouble> {
    // Whatever stands between may answer with a page of its own, and 200.
    let object: Map<String, Value> = serde_json::from_slice(document)
        .map_err(|_| Trouble::between(refused("the client's document is no JSON object")))?;
    let metadata: Metadata = serde_json::from_value(Value::Object(object))
        .map_err(|_| Trouble::told("the client's document has members of the wrong type"))?;
    // Else anybody who can put a file anywhere could speak for any client.
    if metadata.client_id.as_deref() != Some(id) {
        return Err(Trouble::told("the client's document is about another `client_id`"));
    }
    let keys = match metadata.token_endpoint_auth_method.as_deref() {
        None | Some("none") => None,
        Some("private_key_jwt") => {
            Some(metadata.keys().ok_or_else(|| Trouble::told("the client's document has no keys"))?)
        }
        // The draft forbids shared secrets: a public document cannot hold one.
        Some(_) => return Err(Trouble::told("the client's document asks for a secret")),
    };
    if metadata.client_secret.is_some() {
        return Err(Trouble::told("the client's document shows a secret"));
    }
    metadata.check_redirects(rules).map_err(Trouble::told)?;
    let name = metadata.display_name();
    Ok(DocumentRecord { name, redirect_uris: metadata.redirect_uris, keys, etag: None, fresh: 0 })
}

impl DocumentRecord {
    /// The client that it makes.
    pub(super) fn client(self, id: &str, url: &Url) -> Client {
        Client {
            id: id.into(),
            name: self.name,
            redirect_uris: self.redirect_uris,
            proof: self.keys.map_or(Proof::None, Proof::Keys),
            voucher: Voucher::Host(url.host_str().unwrap_or_default().to_owned()),
            machine_scopes: None,
        }
    }
}
