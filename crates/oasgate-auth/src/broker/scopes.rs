//! The scopes that can be granted here, and what becomes of what a client asks for.

use super::error::OAuthError;
pub(crate) use crate::settings::implied;
use crate::settings::{Scope, Settings};

/// Asked for by clients that want a refresh token (OpenID Connect Core, 11). All of ours get one.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// The scopes of the broker.
#[derive(Debug, Clone)]
pub(crate) struct Scopes {
    granted: Vec<String>,
    known: Vec<Scope>,
}

impl Scopes {
    pub(crate) fn new(settings: &Settings, granted: &[String]) -> Self {
        Self { granted: granted.to_vec(), known: settings.scopes.clone() }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[String] {
        &self.granted
    }

    /// What is granted to who asks for this: all there is for who asks for nothing (RFC 6749, 3.3).
    ///
    /// # Errors
    /// One of them does not exist.
    pub(crate) fn grant(&self, asked: Option<&str>) -> Result<Vec<String>, OAuthError> {
        let Some(asked) = asked else { return Ok(self.granted.clone()) };
        if asked.split(' ').any(|scope| !scope.is_empty() && scope != OFFLINE_ACCESS && !self.has(scope)) {
            let all = self.granted.join(" ");
            return Err(OAuthError::new("invalid_scope", format!("the scopes of this server are: {all}")));
        }
        Ok(self.narrowed(Some(asked)))
    }

    /// What of it exists: all there is if nothing of it does, for a token without scopes is good for nothing.
    pub(crate) fn narrowed(&self, asked: Option<&str>) -> Vec<String> {
        let asked = asked.unwrap_or_default();
        let own: Vec<_> =
            self.granted.iter().filter(|own| asked.split(' ').any(|scope| scope == *own)).cloned().collect();
        if own.is_empty() { self.granted.clone() } else { own }
    }

    /// What a scope is, for people.
    pub(crate) fn described(&self, name: &str) -> Option<&Scope> {
        self.known.iter().find(|scope| scope.name == name)
    }

    fn has(&self, scope: &str) -> bool {
        self.granted.iter().any(|own| own == scope)
    }
}

/// Of what a grant has, what a refresh asks for (RFC 6749, 6: it may only narrow).
///
/// # Errors
/// It asks for more.
pub(crate) fn narrow(granted: &[String], asked: Option<&str>) -> Result<Vec<String>, OAuthError> {
    let Some(asked) = asked else { return Ok(granted.to_vec()) };
    let asked: Vec<_> =
        asked.split(' ').filter(|scope| !scope.is_empty() && *scope != OFFLINE_ACCESS).collect();
    if asked.iter().any(|scope| !granted.iter().any(|own| own == scope)) {
        return Err(OAuthError::new("invalid_scope", "a refresh may not ask for more than was granted"));
    }
    let own: Vec<_> = granted.iter().filter(|own| asked.contains(&own.as_str())).cloned().collect();
    Ok(if own.is_empty() { granted.to_vec() } else { own })
}
