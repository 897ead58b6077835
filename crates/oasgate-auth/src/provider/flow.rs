//! What a client asks a provider for by RFC 6749: where its users sign in, and tokens for a code or a refresh token. The
//! crate oauth2 writes these requests and reads what is granted.
//!
//! Requests go out by [`Remote`], which also knows what the crate does not: assertions (RFC 7523), and what an answer means
//! that grants nothing. Grants of other standards are [`Remote::grant`]'s.

use std::borrow::Cow;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use oauth2::basic::{
    BasicClient, BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};

use super::client_auth::{ASSERTION_TYPE, Proof};
use super::remote::granted;
use super::tokens::Granted;
use super::{ProviderError, Remote, Tokens};
use crate::Secret;

/// A client of the crate, with or without a token endpoint.
type Client<TokenEndpoint> = oauth2::Client<
    BasicErrorResponse,
    Granted,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    TokenEndpoint,
>;

/// What users are asked for (RFC 6749, 4.1.1).
pub(crate) struct Asked<'a> {
    /// The authorization endpoint.
    pub(crate) endpoint: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) state: &'a str,
    /// The code verifier (RFC 7636, 4.1), where the provider takes PKCE.
    pub(crate) verifier: Option<&'a str>,
    pub(crate) scopes: &'a [String],
    /// RFC 8707, 2.
    pub(crate) resource: Option<&'a str>,
}

/// A code that a browser has brought back (RFC 6749, 4.1.3), and what goes with it.
pub(crate) struct Returned<'a> {
    pub(crate) code: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a str>,
    pub(crate) resource: Option<&'a str>,
}

impl Asked<'_> {
    /// The URL that a browser is sent to, with more parameters of the provider's own. None if an endpoint is no URL.
    pub(crate) fn url(&self, extra: &[(&str, &str)]) -> Option<String> {
        let client = BasicClient::<EndpointNotSet>::new(ClientId::new(self.client_id.to_owned()))
            .set_auth_uri(AuthUrl::new(self.endpoint.to_owned()).ok()?)
            .set_redirect_uri(RedirectUrl::new(self.redirect_uri.to_owned()).ok()?);
        let state = CsrfToken::new(self.state.to_owned());
        let scopes = self.scopes.iter().cloned().map(Scope::new);
        let mut request = client.authorize_url(|| state).add_scopes(scopes);
        if let Some(verifier) = self.verifier {
            let verifier = PkceCodeVerifier::new(verifier.to_owned());
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        let resource = self.resource.map(|resource| ("resource", resource));
        for (name, value) in resource.iter().chain(extra) {
            request = request.add_extra_param(*name, *value);
        }
        Some(request.url().0.into())
    }
}

impl Remote {
    /// Exchanges a code for tokens (RFC 6749, 4.1.3).
    ///
    /// # Errors
    /// [`ProviderError`]
    pub(crate) async fn exchange(&self, returned: Returned<'_>) -> Result<Tokens, ProviderError> {
        let Returned { code, redirect_uri, verifier, resource } = returned;
        let (client, extra) = self.client(resource).await?;
        let redirect_uri = RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| no_url())?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_redirect_uri(Cow::Owned(redirect_uri));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        }
        for (name, value) in &extra {
            request = request.add_extra_param(*name, value.expose());
        }
        tokens(request.request_async(self).await)
    }

    /// Exchanges a refresh token for tokens (RFC 6749, 6).
    ///
    /// # Errors
    /// [`ProviderError`]
    pub(crate) async fn refresh(
        &self,
        token: &Secret,
        resource: Option<&str>,
    ) -> Result<Tokens, ProviderError> {
        let (client, extra) = self.client(resource).await?;
        let token = RefreshToken::new(token.expose().to_owned());
        let mut request = client.exchange_refresh_token(&token);
        for (name, value) in &extra {
            request = request.add_extra_param(*name, value.expose());
        }
        tokens(request.request_async(self).await)
    }

    /// A client for the token endpoint, and the parameters that the crate does not know.
    async fn client(
        &self,
        resource: Option<&str>,
    ) -> Result<(Client<EndpointSet>, Vec<(&'static str, Secret)>), ProviderError> {
        let endpoint = self.token_endpoint().await?;
        let client = Client::<EndpointNotSet>::new(ClientId::new(self.client_id().to_owned()))
            .set_token_uri(TokenUrl::new(endpoint.url.clone()).map_err(|_| no_url())?);
        let secret = |secret: &Secret| ClientSecret::new(secret.expose().to_owned());
        let mut extra: Vec<_> =
            resource.map(|resource| ("resource", Secret::new(resource))).into_iter().collect();
        let proof = self.proof(&endpoint).ok_or(ProviderError::Unusable("our proof cannot be sent"))?;
        let client = match proof {
            Proof::None => client,
            Proof::Basic(own) => client.set_auth_type(AuthType::BasicAuth).set_client_secret(secret(&own)),
            Proof::Post(own) => client.set_auth_type(AuthType::RequestBody).set_client_secret(secret(&own)),
            Proof::Assertion(assertion) => {
                extra.push(("client_assertion_type", Secret::new(ASSERTION_TYPE)));
                extra.push(("client_assertion", assertion));
                client
            }
        };
        Ok((client, extra))
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, ProviderError> {
        let mut request: Request<Bytes> = request.map(Bytes::from);
        for value in request.headers_mut().values_mut() {
            value.set_sensitive(true);
        }
        let answer = granted(self.send(request).await?)?;
        Tokens::read(answer.body())?;
        Ok(HttpResponse::new(answer.into_body().into()))
    }
}

/// Sends a request of the crate's, and gives it what is granted and nothing else: the type of the answer's content, say,
/// is wrong often enough.
impl<'r> AsyncHttpClient<'r> for Remote {
    type Error = ProviderError;
    type Future = BoxFuture<'r, Result<HttpResponse, ProviderError>>;

    fn call(&'r self, request: HttpRequest) -> Self::Future {
        self.carry(request).boxed()
    }
}

fn tokens(
    answer: Result<Granted, RequestTokenError<ProviderError, BasicErrorResponse>>,
) -> Result<Tokens, ProviderError> {
    match answer {
        Ok(granted) => Ok(granted.tokens),
        Err(RequestTokenError::Request(error)) => Err(error),
        Err(_) => Err(ProviderError::Unusable("it grants nothing that could be read")),
    }
}

fn no_url() -> ProviderError {
    ProviderError::Unusable("an endpoint is no URL")
}
