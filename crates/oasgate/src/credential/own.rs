//! Credentials that every caller has their own of: which places of a request they go to.
//!
//! They go where the description's security schemes say, or into one header field that the operator names; with a
//! description that declares no scheme at all, they are bearer tokens.

use http::HeaderName;
use indexmap::IndexMap;

use super::wire::{Kind, Wire};
use super::{Secret, State};

/// Where a caller's own credential goes, unless by a scheme.
#[derive(Debug)]
pub(super) enum Own {
    /// Onto every request, in this field, inside of this text.
    Field { name: HeaderName, before: String, after: String },
    /// Onto requests of operations that ask for nothing, as the description declares nothing.
    Bearer,
    /// Only by schemes.
    BySchemes,
}

/// What the operator says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// The scheme of the description that it is for; every one that can be served unless told.
    pub scheme: Option<String>,
    /// A header field for every request instead, and what it holds: `{credential}` in it is replaced.
    pub field: Option<(HeaderName, String)>,
}

/// The description has no scheme of the name, or none of a kind that can be served.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// There is no such scheme.
    #[error("`auth.outbound.scheme`: the description has no security scheme `{0}`; it has {1}")]
    Unknown(String, String),
    /// It cannot be served.
    #[error("`auth.outbound.scheme`: `{0}` cannot be served: {1}")]
    Unsupported(String, String),
    /// It declares several things, none of which can be served.
    #[error(
        "the description has no security scheme that a credential can be sent by: say where it goes, as \
             `auth.outbound.header`"
    )]
    Nowhere,
}

impl Own {
    /// Gives the schemes that callers have their own credential of to them, and says where else it goes.
    pub(super) fn place(
        placement: &Placement,
        schemes: &mut IndexMap<String, State>,
        kinds: &IndexMap<String, oasgate_spec::Scheme>,
    ) -> Result<Self, PlacementError> {
        if let Some((name, text)) = &placement.field {
            let (before, after) = text.split_once("{credential}").unwrap_or((text, ""));
            return Ok(Self::Field {
                name: name.clone(),
                before: before.to_owned(),
                after: after.to_owned(),
            });
        }
        if let Some(scheme) = &placement.scheme {
            let known = || kinds.keys().cloned().collect::<Vec<_>>().join(", ");
            let found = kinds.get(scheme).ok_or_else(|| PlacementError::Unknown(scheme.clone(), known()))?;
            let kind = Kind::of(&found.kind)
                .map_err(|reason| PlacementError::Unsupported(scheme.clone(), reason))?;
            schemes.insert(scheme.clone(), State::Own(kind));
            return Ok(Self::BySchemes);
        }
        if kinds.is_empty() {
            return Ok(Self::Bearer);
        }
        let mut served = false;
        for (name, scheme) in kinds {
            if matches!(schemes.get(name), Some(State::Ready(..))) {
                continue;
            }
            if let Ok(kind) = Kind::of(&scheme.kind) {
                served = true;
                schemes.insert(name.clone(), State::Own(kind));
            }
        }
        if served { Ok(Self::BySchemes) } else { Err(PlacementError::Nowhere) }
    }

    /// The credential for the wire, where it does not go by a scheme.
    pub(super) fn wire(&self, secret: &Secret, asks_for_nothing: bool) -> Option<Wire> {
        match self {
            Self::Field { name, before, after } => {
                let text = Secret::new(format!("{before}{}{after}", secret.expose()));
                Some(Wire::Header { name: name.clone(), scheme: None, secret: text })
            }
            Self::Bearer if asks_for_nothing => Kind::Bearer.wire(secret.clone()).ok(),
            Self::Bearer | Self::BySchemes => None,
        }
    }
}
