//! Credentials for the upstream: where they come from, which of them a call needs, and how they get onto a request.
//!
//! ```text
//!  --credential, --header, OASGATE_CREDENTIAL_*    source   ──► Secret
//!  security schemes of the description             wire     ──► which header, query parameter or cookie
//!  Plan.security, alternatives of schemes          choose   ──► Choice
//!  request for the plan's own origin               attach   ──► request with credentials, the last step before sending
//!  answer                                          mask     ──► answer in which no credential can be read
//! ```
//!
//! Owns every secret of the program. Nothing here implements `Display` or `Serialize` for one, and `Debug` shows
//! `****`. Knows no MCP, and of the description only its security schemes.

mod advice;
mod attach;
mod choose;
mod mask;
mod secret;
mod source;
mod universal;
mod wire;

#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use oasgate_spec::Scheme;

pub use attach::{Show, WrongOrigin};
pub use choose::Choice;
pub use secret::Secret;
pub use source::{CredentialError, HeaderSource, SchemeSource, SecretSource, Variables, process};

use mask::Mask;
use universal::Universal;
use wire::{Kind, Wire};

/// The credentials for one description, gathered when the program starts.
#[derive(Debug, Default)]
pub struct Credentials {
    schemes: IndexMap<String, State>,
    universal: Option<Universal>,
    headers: Vec<(Wire, SecretSource)>,
    mask: Mask,
}

/// What is known of one security scheme.
#[derive(Debug)]
enum State {
    /// Its credential is at hand.
    Ready(Wire, SecretSource),
    /// None was found in this environment variable.
    Missing(String),
    /// Such a scheme cannot be served, and why.
    Unsupported(String),
}

/// One security scheme, as the start-up report tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status<'c> {
    /// Its credential comes from here.
    Found(&'c SecretSource),
    /// It has none; this environment variable was looked for.
    Missing(&'c str),
    /// It cannot be served, and why.
    Unsupported(&'c str),
}

impl Credentials {
    /// Finds a credential for each scheme: from where the operator says, else from `OASGATE_CREDENTIAL_<SCHEME>`; and
    /// the one for operations that ask for nothing, if the operator has one.
    ///
    /// # Errors
    /// The operator's, all: a source that cannot be read, a value that cannot be sent, or a scheme that the
    /// description does not have. No message holds a value.
    pub fn gather(
        schemes: &IndexMap<String, Scheme>,
        given: &[SchemeSource],
        headers: &[HeaderSource],
        variables: Variables<'_>,
    ) -> Result<Self, CredentialError> {
        let (given, undeclared): (Vec<_>, Vec<_>) =
            given.iter().partition(|given| schemes.contains_key(&given.scheme));
        let universal = Universal::find(schemes, &undeclared, variables)?;
        let state = |(name, scheme): (&String, &Scheme)| {
            let source = given.iter().rfind(|given| &given.scheme == name).map(|given| &given.source);
            Ok((name.clone(), State::find(name, scheme, source, variables)?))
        };
        let schemes = schemes.iter().map(state).collect::<Result<IndexMap<_, _>, CredentialError>>()?;
        let header = |header: &HeaderSource| {
            let secret = source::read(&header.source, variables)?;
            Ok((Wire::Header { name: header.name.clone(), scheme: None, secret }, header.source.clone()))
        };
        let headers = headers.iter().map(header).collect::<Result<Vec<_>, CredentialError>>()?;
        let ready = schemes.values().filter_map(State::wire);
        let ready = ready.chain(universal.iter().map(|universal| &universal.wire));
        let mask = Mask::of(ready.chain(headers.iter().map(|(wire, _)| wire)));
        Ok(Self { schemes, universal, headers, mask })
    }

    /// What is known of each scheme, in the description's order.
    pub fn status(&self) -> impl Iterator<Item = (&str, Status<'_>)> {
        self.schemes.iter().map(|(name, state)| {
            let status = match state {
                State::Ready(_, source) => Status::Found(source),
                State::Missing(variable) => Status::Missing(variable),
                State::Unsupported(reason) => Status::Unsupported(reason),
            };
            (name.as_str(), status)
        })
    }

    /// What is sent with operations that ask for nothing: name and source.
    #[must_use]
    pub fn universal(&self) -> Option<(&str, &SecretSource)> {
        self.universal.as_ref().map(|universal| (universal.name, &universal.source))
    }

    /// The header fields that the operator adds to every request: name and source.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &SecretSource)> {
        self.headers.iter().map(|(wire, source)| (wire.name(), source))
    }

    /// The answer, with every credential in it covered.
    #[must_use]
    pub fn mask(&self, answer: http::Response<bytes::Bytes>) -> http::Response<bytes::Bytes> {
        self.mask.apply(answer)
    }
}

impl State {
    /// Looks for the credential of one scheme. A source that the operator names must be there; the default one may
    /// be absent.
    fn find(
        name: &str,
        scheme: &Scheme,
        source: Option<&SecretSource>,
        variables: Variables<'_>,
    ) -> Result<Self, CredentialError> {
        let kind = match Kind::of(&scheme.kind) {
            Ok(kind) => kind,
            Err(reason) => return Ok(Self::Unsupported(reason)),
        };
        let variable = source::default_variable(name);
        let source = match source {
            Some(source) => source.clone(),
            None if variables(&variable).is_some_and(|value| !value.is_empty()) => {
                SecretSource::Variable(variable)
            }
            None => return Ok(Self::Missing(variable)),
        };
        let secret = source::read(&source, variables)?;
        let wire = kind.wire(secret).map_err(|reason| CredentialError::unusable(&source, reason))?;
        Ok(Self::Ready(wire, source))
    }

    fn wire(&self) -> Option<&Wire> {
        match self {
            Self::Ready(wire, _) => Some(wire),
            Self::Missing(_) | Self::Unsupported(_) => None,
        }
    }
}
