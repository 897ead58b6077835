//! The credential for operations that ask for nothing: many descriptions leave out which one their API wants.
//!
//! It is named `bearer` or `basic`, by the HTTP authentication scheme it is sent with, and only if the description has
//! no security scheme that could be meant by that name. From the environment it is taken without being asked for only
//! if the description declares no scheme at all: else it may well be meant for another API.

use indexmap::IndexMap;
use oasgate_spec::{Scheme, SchemeKind};

use super::source::{default_variable, read};
use super::wire::{Kind, Wire};
use super::{CredentialError, SchemeSource, SecretSource, Variables};

/// What is sent with operations that ask for nothing.
#[derive(Debug)]
pub(super) struct Universal {
    pub(super) name: &'static str,
    pub(super) wire: Wire,
    pub(super) source: SecretSource,
}

/// The names there are, and what each stands for.
const NAMES: [(&str, SchemeKind); 2] = [("bearer", SchemeKind::Bearer), ("basic", SchemeKind::Basic)];

impl Universal {
    /// Finds it among what the operator gives for schemes that the description does not declare, else in the
    /// environment.
    pub(super) fn find(
        schemes: &IndexMap<String, Scheme>,
        undeclared: &[&SchemeSource],
        variables: Variables<'_>,
    ) -> Result<Option<Self>, CredentialError> {
        let mut found: Option<(&'static str, SchemeKind, SecretSource)> = None;
        for given in undeclared {
            let named = NAMES.into_iter().find(|(name, _)| *name == given.scheme);
            let Some((name, kind)) = named.filter(|(name, _)| !is_meant(schemes, name)) else {
                let known = schemes.keys().cloned().collect();
                return Err(CredentialError::UnknownScheme { scheme: given.scheme.clone(), known });
            };
            if found.as_ref().is_some_and(|(other, ..)| *other != name) {
                return Err(CredentialError::Both);
            }
            found = Some((name, kind, given.source.clone()));
        }
        let found = found.or_else(|| if schemes.is_empty() { in_environment(variables) } else { None });
        found.map(|(name, kind, source)| Self::new(name, &kind, source, variables)).transpose()
    }

    fn new(
        name: &'static str,
        kind: &SchemeKind,
        source: SecretSource,
        variables: Variables<'_>,
    ) -> Result<Self, CredentialError> {
        let secret = read(&source, variables)?;
        let unusable = |reason: &str| CredentialError::unusable(&source, reason);
        let kind = Kind::of(kind).map_err(|reason| unusable(&reason))?;
        let wire = kind.wire(secret).map_err(unusable)?;
        Ok(Self { name, wire, source })
    }
}

/// Whether a scheme of the description may be what the operator means: its credential is looked for in the same place.
fn is_meant(schemes: &IndexMap<String, Scheme>, name: &str) -> bool {
    schemes.keys().any(|scheme| default_variable(scheme) == default_variable(name))
}

fn in_environment(variables: Variables<'_>) -> Option<(&'static str, SchemeKind, SecretSource)> {
    NAMES.into_iter().find_map(|(name, kind)| {
        let variable = default_variable(name);
        let is_set = variables(&variable).is_some_and(|value| !value.is_empty());
        is_set.then_some((name, kind, SecretSource::Variable(variable)))
    })
}
