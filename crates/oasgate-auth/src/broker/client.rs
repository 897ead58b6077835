//! Clients: who they say they are, where they may be redirected to, and how they prove themselves.
//!
//! There are three kinds, told apart by what vouches for them: those that the operator has configured, those that name
//! a document at a URL of theirs, and those that have registered themselves, for which nobody vouches.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::redirect::{self, RedirectRules};
use crate::Secret;

#[cfg(test)]
mod tests;

/// A client, as all endpoints see it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: Arc<str>,
    /// What it calls itself. Anybody can call themselves anything.
    pub(crate) name: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) proof: Proof,
    pub(crate) voucher: Voucher,
    /// Whether it may act for itself (RFC 6749, 4.4), and what it may ask for then.
    pub(crate) machine_scopes: Option<Vec<String>>,
}

/// How it shows at the token endpoint that it is it (RFC 6749, 2.3).
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// Not at all: a public client.
    None,
    /// By a secret of ours, of which the locator is kept.
    Locator(String),
    /// By a secret of the operator's.
    Secret(Secret),
    /// By an assertion under one of its keys (RFC 7523, 2.2).
    Keys(Keys),
}

/// Where the public keys of a client are (RFC 7591, 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Keys {
    /// Here: a JWK set (RFC 7517, 5).
    Set(String),
    /// At a URL of the client's.
    Url(String),
}

/// Who stands for what a client says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Voucher {
    /// The operator.
    Operator,
    /// Whoever has this host.
    Host(String),
    /// Nobody.
    Nobody,
}

impl Client {
    /// The redirect URI of a request, if the client has it. None named is the only one there is (RFC 6749, 3.1.2.3).
    pub(crate) fn redirect_uri(&self, requested: Option<&str>, rules: &RedirectRules) -> Option<String> {
        let uri = match (requested, self.redirect_uris.as_slice()) {
            (Some(requested), registered) => {
                registered.iter().any(|own| redirect::is_same(own, requested)).then_some(requested)?
            }
            (None, [only]) => only,
            (None, _) => return None,
        };
        // The rules may have changed since it registered; the operator's own clients are above them.
        let is_admitted = self.voucher == Voucher::Operator || rules.admit(uri).is_ok();
        is_admitted.then(|| uri.to_owned())
    }
}

/// What a client says of itself: the metadata of RFC 7591, 2, as far as anything follows from it. What is unknown is
/// ignored, as section 3.1 has it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) client_id: Option<String>,
    #[serde(default)]
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) token_endpoint_auth_method: Option<String>,
    pub(crate) grant_types: Option<Vec<String>>,
    pub(crate) response_types: Option<Vec<String>>,
    pub(crate) client_name: Option<String>,
    pub(crate) application_type: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) client_secret: Option<serde_json::Value>,
    pub(crate) jwks: Option<serde_json::Value>,
    pub(crate) jwks_uri: Option<String>,
}

/// Redirect URIs of one client.
const MOST_REDIRECTS: usize = 16;
/// The characters of a client's name, on a page that a person must be able to take in.
const LONGEST_NAME: usize = 100;

impl Metadata {
    /// Holds the redirect URIs to the rules (RFC 7591, 2 and 5).
    ///
    /// # Errors
    /// What is wrong, for its developer.
    pub(crate) fn check_redirects(&self, rules: &RedirectRules) -> Result<(), &'static str> {
        if self.redirect_uris.is_empty() {
            return Err("`redirect_uris` is missing");
        }
        if self.redirect_uris.len() > MOST_REDIRECTS {
            return Err("a client has at most 16 redirect URIs");
        }
        self.redirect_uris.iter().try_for_each(|uri| rules.admit(uri))
    }

    /// The name, as a page may show it: without what changes how text around it is read, and not longer than a line.
    pub(crate) fn display_name(&self) -> Option<String> {
        let name = self.client_name.as_deref()?;
        let shown: String = name.chars().filter(|c| is_shown(*c)).take(LONGEST_NAME).collect();
        let shown = shown.trim();
        shown.contains(char::is_alphanumeric).then(|| shown.to_owned())
    }

    /// Its keys, if it has told them (RFC 7591, 2: one of the two).
    pub(crate) fn keys(&self) -> Option<Keys> {
        match (&self.jwks, &self.jwks_uri) {
            (Some(set), None) => Some(Keys::Set(set.to_string())),
            (None, Some(url)) => Some(Keys::Url(url.clone())),
            _ => None,
        }
    }
}

/// Neither control characters nor those that reorder or hide text (Unicode Technical Report 36, 2.5), or that look like
/// nothing; and none that would end the name where we have put it between quotes.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '"' | '\u{ab}' | '\u{bb}' | '\u{201c}'..='\u{201f}' | '\u{115f}' | '\u{1160}' | '\u{2800}'
            | '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
        && !matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
