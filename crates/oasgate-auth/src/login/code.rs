//! The authorization code flow, in a browser on the same machine.

use url::form_urlencoded;

use super::{Client, LoginError, Session, missing};
use crate::provider::flow::{Asked, Returned};
use crate::{Secret, random};

/// A sign-in that has begun in a browser.
#[derive(Debug)]
pub struct Browsing {
    /// What the user opens. It holds nothing that is secret.
    pub url: String,
    redirect_uri: String,
    state: Secret,
    verifier: Secret,
}

impl Client {
    /// Begins a sign-in that comes back to `redirect_uri`.
    ///
    /// # Errors
    /// It is not known where.
    pub fn browse(&self, redirect_uri: &str) -> Result<Browsing, LoginError> {
        let endpoint = self.authorization_endpoint.as_deref();
        let endpoint = endpoint.ok_or_else(|| missing("authorization endpoint"))?;
        let (state, verifier) = (Secret::new(random::secret()), Secret::new(random::secret()));
        let asked = Asked {
            endpoint,
            client_id: &self.provider.client_id,
            redirect_uri,
            state: state.expose(),
            verifier: Some(verifier.expose()),
            scopes: &self.scopes,
            resource: self.resource.as_deref(),
        };
        let url = asked.url(&[]).ok_or_else(|| missing("authorization endpoint"))?;
        Ok(Browsing { url, redirect_uri: redirect_uri.to_owned(), state, verifier })
    }

    /// Ends it with the query that the browser has come back with.
    ///
    /// # Errors
    /// It is of another sign-in, the user has declined, or the server gives nothing for it.
    pub async fn finish(&self, browsing: &Browsing, query: &str) -> Result<Session, LoginError> {
        let answer: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let get = |name: &str| match answer.iter().filter(|(other, _)| other == name).collect::<Vec<_>>()[..]
        {
            [] => Ok(None),
            [(_, value)] => Ok(Some(value.as_str())),
            _ => Err(LoginError::Foreign("it has a parameter twice")),
        };
        let state = get("state")?.unwrap_or_default();
        if !random::is_same(state, browsing.state.expose()) {
            return Err(LoginError::Foreign("its `state` is another"));
        }
        // RFC 9207, 2.4: before anything else is believed, and for errors, too.
        match (get("iss")?, &self.provider.issuer) {
            (Some(told), Some(issuer)) if told != issuer => {
                return Err(LoginError::Foreign("it comes from another authorization server"));
            }
            (None, Some(_)) if self.names_issuer => {
                return Err(LoginError::Foreign("it does not say from whom it comes"));
            }
            _ => {}
        }
        if let Some(error) = get("error")? {
            let is_code = error.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return Err(LoginError::Refused(if is_code { error.to_owned() } else { String::new() }));
        }
        let code = get("code")?.ok_or(LoginError::Foreign("it has no `code`"))?;
        let returned = Returned {
            code,
            redirect_uri: &browsing.redirect_uri,
            verifier: Some(browsing.verifier.expose()),
            resource: self.resource.as_deref(),
        };
        let tokens = self.remote.exchange(returned).await?;
        Ok(Session::new(&self.provider, self.resource.as_deref(), tokens, self.clock.now()))
    }
}
