//! The second leg of a sign-in: how a user shows somebody else who they are, and what comes back of it.
//!
//! Knows neither clients nor grants: it sets out with a `state` of ours, and arrives with a subject and with what goes
//! upstream.

mod error;
mod oauth;
mod portal;

use super::endpoints::Endpoints;
use super::redirect;
use super::upstream::Held;
use crate::auth::{Parts, SetupError};
use crate::settings;
use crate::token::Token;

pub(crate) use error::{LegError, RenewError};
use oauth::OAuth;
use portal::Portal;

/// How users show who they are.
#[derive(Debug)]
pub(crate) enum Leg {
    /// At another authorization server.
    OAuth(Box<OAuth>),
    /// At a page that mints a key.
    Portal(Box<Portal>),
    /// By a key, on a page of ours.
    Paste,
}

/// The way out.
pub(crate) struct Departure {
    /// Where the browser goes.
    pub(crate) url: String,
    /// What must be at hand when it comes back. Secret.
    pub(crate) keep: String,
}

/// The way back, as the browser brings it.
#[derive(Clone, Copy)]
pub(crate) struct Return<'r> {
    pub(crate) code: Option<&'r str>,
    pub(crate) error: Option<&'r str>,
    pub(crate) issuer: Option<&'r str>,
    pub(crate) keep: &'r str,
    /// Our redirect URI.
    pub(crate) callback: &'r str,
}

/// What has come of it.
pub(crate) struct Arrival {
    /// Who the user is, as the other server tells users apart; none if it does not.
    pub(crate) subject: Option<String>,
    pub(crate) held: Held,
}

impl Leg {
    /// # Errors
    /// The operator's settings lack something.
    pub(crate) fn new(
        leg: &settings::Leg,
        environment: Option<&str>,
        parts: &Parts,
    ) -> Result<Self, SetupError> {
        Ok(match leg {
            settings::Leg::OAuth(leg) => Self::OAuth(Box::new(OAuth::new(leg, parts)?)),
            settings::Leg::Portal(leg) => Self::Portal(Box::new(Portal::new(leg, environment, parts)?)),
            settings::Leg::Paste(_) => Self::Paste,
        })
    }

    /// What comes next, for who is asked to agree: `page` is where they will sign in, if that is elsewhere.
    pub(crate) fn announcement(&self, server: &str, page: Option<&str>) -> String {
        match page.map(redirect::destination) {
            Some(host) => format!("you will sign in to {server} at {host}"),
            None => format!("you will be asked for your key of {server}"),
        }
    }

    /// Whom subjects are told apart by.
    pub(crate) fn namespace(&self) -> &str {
        match self {
            Self::OAuth(oauth) => oauth.namespace(),
            Self::Portal(portal) => portal.url(),
            Self::Paste => "paste",
        }
    }

    /// The page at which users sign in; none if that is ours.
    ///
    /// # Errors
    /// The provider does not say.
    pub(crate) async fn page(&self) -> Result<Option<String>, LegError> {
        Ok(match self {
            Self::OAuth(oauth) => Some(oauth.authorization_endpoint().await?),
            Self::Portal(portal) => Some(portal.url().to_owned()),
            Self::Paste => None,
        })
    }

    /// Sets out with this `state`; none if nobody else is asked.
    ///
    /// # Errors
    /// [`LegError`]
    pub(crate) async fn depart(
        &self,
        state: &Token,
        endpoints: &Endpoints,
    ) -> Result<Option<Departure>, LegError> {
        let callback = endpoints.url(super::endpoints::CALLBACK);
        match self {
            Self::OAuth(oauth) => oauth.depart(state, &callback).await.map(Some),
            Self::Portal(portal) => portal.depart(state, &callback).map(Some),
            Self::Paste => Ok(None),
        }
    }

    /// Takes what the browser brings back.
    ///
    /// # Errors
    /// [`LegError`]
    pub(crate) async fn arrive(&self, returned: Return<'_>) -> Result<Arrival, LegError> {
        if let Some(error) = returned.error {
            if let Self::OAuth(oauth) = self {
                oauth.check_issuer(returned.issuer).await?;
            }
            // What it says of itself besides is not repeated: anybody can write an address.
            return Err(if error == "access_denied" {
                LegError::Denied
            } else {
                LegError::Refused(code(error))
            });
        }
        let code = returned.code.ok_or(LegError::Untrusted("it has neither a code nor an error"))?;
        match self {
            Self::OAuth(oauth) => oauth.arrive(code, returned).await,
            Self::Portal(portal) => portal.arrive(code, returned).await,
            Self::Paste => Err(LegError::Untrusted("nobody was asked")),
        }
    }

    /// Finds out where the provider is, if that is not known yet, so that renewing asks its token endpoint and nothing
    /// else. Whether it could is seen then.
    pub(crate) async fn look_up(&self) {
        if let Self::OAuth(oauth) = self {
            oauth.look_up().await;
        }
    }

    /// Renews what goes upstream.
    ///
    /// # Errors
    /// [`RenewError`]
    pub(crate) async fn renew(&self, held: &Held) -> Result<Held, RenewError> {
        match (self, held) {
            (Self::OAuth(oauth), Held::Tokens { refresh: Some(refresh), .. }) => oauth.renew(refresh).await,
            _ => Err(RenewError::Dead),
        }
    }

    /// Tells the provider that tokens are no longer wanted, if it can be told. Keys are deleted by an operation.
    pub(crate) async fn revoke(&self, held: &Held) {
        if let (Self::OAuth(oauth), Held::Tokens { access, refresh, .. }) = (self, held) {
            oauth.revoke(access, refresh.as_ref()).await;
        }
    }
}

/// Where a browser is led on to while its user signs in, as sources of a content security policy: browsers hold all of the
/// redirects that answer a form to it, however many there are.
///
/// # Errors
/// One of the operator's is no origin.
pub(crate) fn onwards(leg: &settings::Leg) -> Result<Vec<String>, SetupError> {
    let origins = match leg {
        settings::Leg::OAuth(leg) => leg.sign_in_origins.as_slice(),
        settings::Leg::Portal(leg) => leg.sign_in_origins.as_slice(),
        settings::Leg::Paste(_) => &[],
    };
    let wrong = |origin: &String| {
        SetupError(format!("the sign-in origin {origin} must be one, as in https://login.example.com"))
    };
    let source = |origin: &String| redirect::origin_source(origin).ok_or_else(|| wrong(origin));
    origins.iter().map(source).collect()
}

/// A code of an error, for the log, if it is one.
fn code(error: &str) -> String {
    let is_code = error.len() <= 64 && error.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_code { error.to_owned() } else { "an unreadable code".to_owned() }
}
