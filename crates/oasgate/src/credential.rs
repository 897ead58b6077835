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
mod own;
mod source;
mod universal;
mod wire;

#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use oasgate_spec::Scheme;

pub use attach::{Show, WrongOrigin};
pub use choose::Choice;
pub use oasgate_auth::Secret;
pub use own::{Placement, PlacementError};
pub use source::{
    CredentialError, HeaderSource, SchemeSource, SecretSource, Variables, process, read, read_pem, write_new,
};

use mask::Mask;
use own::Own;
use universal::Universal;
use wire::{Kind, Wire};

/// The credentials for one description, gathered when the program starts.
#[derive(Debug, Default)]
pub struct Credentials {
    schemes: IndexMap<String, State>,
    universal: Option<Universal>,
    headers: Vec<(Wire, SecretSource)>,
    /// Where the credential of whoever calls goes, if callers have their own.
    own: Option<Own>,
    mask: Mask,
}

/// What is known of one security scheme.
#[derive(Debug)]
enum State {
    /// Its credential is at hand.
    Ready(Wire, SecretSource),
    /// Each caller has their own.
    Own(Kind),
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
    /// Each caller has their own.
    Own,
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
            let secret = read(&header.source, variables)?;
            Ok((Wire::Header { name: header.name.clone(), scheme: None, secret }, header.source.clone()))
        };
        let headers = headers.iter().map(header).collect::<Result<Vec<_>, CredentialError>>()?;
        let ready = schemes.values().filter_map(State::wire);
        let ready = ready.chain(universal.iter().map(|universal| &universal.wire));
        let mask = Mask::of(ready.chain(headers.iter().map(|(wire, _)| wire)));
        Ok(Self { schemes, universal, headers, own: None, mask })
    }

    /// Lets every caller have their own, which goes where the operator and the description say.
    ///
    /// # Errors
    /// [`PlacementError`], if that is nowhere.
    pub fn of_callers(
        mut self,
        schemes: &IndexMap<String, Scheme>,
        placement: &Placement,
    ) -> Result<Self, PlacementError> {
        self.own = Some(Own::place(placement, &mut self.schemes, schemes)?);
        Ok(self)
    }

    /// Takes the credential of one scheme from a sign-in, at each call: unless there is one at hand, or it is of a kind
    /// that cannot be served. Whether it does, is told.
    pub fn of_login(&mut self, scheme: &str, kinds: &IndexMap<String, Scheme>) -> bool {
        let is_missing = matches!(self.schemes.get(scheme), Some(State::Missing(_)));
        let kind = kinds.get(scheme).filter(|_| is_missing).and_then(|scheme| Kind::of(&scheme.kind).ok());
        let serves = kind.is_some();
        if let Some(kind) = kind {
            self.schemes.insert(scheme.to_owned(), State::Own(kind));
        }
        serves
    }

    /// Whether every caller has their own.
    #[must_use]
    pub fn are_callers(&self) -> bool {
        self.own.is_some()
    }

    /// What is known of each scheme, in the description's order.
    pub fn status(&self) -> impl Iterator<Item = (&str, Status<'_>)> {
        self.schemes.iter().map(|(name, state)| {
            let status = match state {
                State::Ready(_, source) => Status::Found(source),
                State::Own(_) => Status::Own,
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

    /// The answer to a request with this choice, with every credential in it covered.
    #[must_use]
    pub fn mask(
        &self,
        choice: &Choice<'_>,
        answer: http::Response<bytes::Bytes>,
    ) -> http::Response<bytes::Bytes> {
        let answer = self.mask.apply(answer);
        match choice.mask() {
            Some(own) => own.apply(answer),
            None => answer,
        }
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
        let secret = read(&source, variables)?;
        let wire = kind.wire(secret).map_err(|reason| CredentialError::unusable(&source, reason))?;
        Ok(Self::Ready(wire, source))
    }

    fn wire(&self) -> Option<&Wire> {
        match self {
            Self::Ready(wire, _) => Some(wire),
            Self::Own(_) | Self::Missing(_) | Self::Unsupported(_) => None,
        }
    }
}
