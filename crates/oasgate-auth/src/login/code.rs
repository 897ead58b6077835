//! The authorization code flow, in a browser on the same machine.

use url::{Url, form_urlencoded};

use super::{Client, LoginError, Session, missing};
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
        let mut url =
            endpoint.and_then(|url| Url::parse(url).ok()).ok_or_else(|| missing("authorization endpoint"))?;
        let (state, verifier) = (Secret::new(random::secret()), Secret::new(random::secret()));
        let challenge = random::challenge(verifier.expose());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.provider.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(self.asked());
        Ok(Browsing { url: url.into(), redirect_uri: redirect_uri.to_owned(), state, verifier })
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
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", browsing.redirect_uri.as_str()),
            ("code_verifier", browsing.verifier.expose()),
        ];
        parameters.extend(self.resource.as_deref().map(|resource| ("resource", resource)));
        let tokens = self.remote.token(&parameters).await?;
        Ok(Session::new(&self.provider, self.resource.as_deref(), tokens, self.clock.now()))
    }
}
