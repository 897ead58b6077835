//! Which credentials a call takes: the alternatives of `security` against those that are at hand.

use oasgate_tools::SchemeUse;

use super::universal::Universal;
use super::wire::Wire;
use super::{Credentials, State};

/// What is sent along with one call.
#[derive(Debug)]
pub struct Choice<'c> {
    /// The schemes chosen, in the description's order.
    pub(super) chosen: Vec<(&'c SchemeUse, &'c Wire)>,
    /// What goes onto a call that asks for nothing.
    pub(super) universal: Option<&'c Universal>,
    /// All alternatives, for advice when the upstream refuses.
    pub(super) alternatives: &'c [Vec<SchemeUse>],
}

impl Credentials {
    /// The first alternative whose schemes all have a credential (OpenAPI 3.2, 4.30: one of the alternatives, all of
    /// its schemes). An empty alternative makes credentials optional, and comes last: who has one, uses it. Without
    /// any, the call goes out as it is, and the upstream decides.
    #[must_use]
    pub fn choose<'c>(&'c self, alternatives: &'c [Vec<SchemeUse>]) -> Choice<'c> {
        let complete = |schemes: &'c Vec<SchemeUse>| {
            let wires = schemes.iter().map(|scheme| Some((scheme, self.wire(&scheme.scheme)?)));
            wires.collect::<Option<Vec<_>>>().filter(|wires| !wires.is_empty())
        };
        let chosen = alternatives.iter().find_map(complete).unwrap_or_default();
        let asks_for_nothing = alternatives.iter().all(Vec::is_empty);
        let universal = self.universal.as_ref().filter(|_| asks_for_nothing);
        Choice { chosen, universal, alternatives }
    }

    fn wire(&self, scheme: &str) -> Option<&Wire> {
        self.schemes.get(scheme).and_then(State::wire)
    }
}
