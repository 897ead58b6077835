//! Which credentials a call takes: the alternatives of `security` against those that are at hand.

use oasgate_tools::SchemeUse;

use super::mask::Mask;
use super::universal::Universal;
use super::wire::Wire;
use super::{Credentials, Secret, State};

/// What is sent along with one call.
#[derive(Debug)]
pub struct Choice<'c> {
    /// The schemes chosen, in the description's order.
    pub(super) chosen: Vec<(&'c SchemeUse, Held<'c>)>,
    /// What goes onto a call that asks for nothing.
    pub(super) universal: Option<&'c Universal>,
    /// What the caller has of their own, where it does not go by a scheme of the description: for the wire, and as it
    /// is.
    pub(super) own: Option<(Wire, Secret)>,
    /// All alternatives, for advice when the upstream refuses.
    pub(super) alternatives: &'c [Vec<SchemeUse>],
}

/// A credential for the wire: everybody's, or the caller's own.
#[derive(Debug)]
pub(super) enum Held<'c> {
    Shared(&'c Wire),
    Own(Wire),
}

impl Credentials {
    /// The first alternative whose schemes all have a credential (OpenAPI 3.2, 4.30: one of the alternatives, all of
    /// its schemes). An empty alternative makes credentials optional, and comes last: who has one, uses it. Without
    /// any, the call goes out as it is, and the upstream decides. `own` is what the caller has, if callers have their
    /// own.
    #[must_use]
    pub fn choose<'c>(&'c self, alternatives: &'c [Vec<SchemeUse>], own: Option<&Secret>) -> Choice<'c> {
        let complete = |schemes: &'c Vec<SchemeUse>| {
            let wires = schemes.iter().map(|scheme| Some((scheme, self.held(&scheme.scheme, own)?)));
            wires.collect::<Option<Vec<_>>>().filter(|wires| !wires.is_empty())
        };
        let chosen = alternatives.iter().find_map(complete).unwrap_or_default();
        let asks_for_nothing = alternatives.iter().all(Vec::is_empty);
        let universal = self.universal.as_ref().filter(|_| asks_for_nothing);
        let own = own.and_then(|secret| {
            let wire = self.own.as_ref()?.wire(secret, asks_for_nothing)?;
            Some((wire, secret.clone()))
        });
        Choice { chosen, universal, own, alternatives }
    }

    fn held(&self, scheme: &str, own: Option<&Secret>) -> Option<Held<'_>> {
        match self.schemes.get(scheme)? {
            State::Ready(wire, _) => Some(Held::Shared(wire)),
            State::Own(kind) => kind.wire(own?.clone()).ok().map(Held::Own),
            State::Missing(_) | State::Unsupported(_) => None,
        }
    }
}

impl Choice<'_> {
    /// Whether anything is sent along.
    pub(super) fn is_empty(&self) -> bool {
        self.chosen.is_empty() && self.universal.is_none() && self.own.is_none()
    }

    /// What is the caller's own in it, prepared for the search in the answer.
    pub(super) fn mask(&self) -> Option<Mask> {
        let of_schemes = self.chosen.iter().filter_map(|(_, held)| match held {
            Held::Own(wire) => Some(wire),
            Held::Shared(_) => None,
        });
        let mut own = of_schemes.chain(self.own.iter().map(|(wire, _)| wire)).peekable();
        own.peek()?;
        Some(Mask::with(own, self.own.as_ref().map(|(_, secret)| secret)))
    }
}

impl Held<'_> {
    pub(super) fn wire(&self) -> &Wire {
        match self {
            Held::Shared(wire) => wire,
            Held::Own(wire) => wire,
        }
    }
}
