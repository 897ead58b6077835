//! Everything that is wrong with the arguments of one call, to be told at once.

use crate::refusal::{Fault, Refusal};

/// The faults found so far, of which each argument has one.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// The value; or `None`, and why not is noted, unless something is noted of that place already.
    pub(super) fn note<T>(&mut self, result: Result<T, Refusal>) -> Option<T> {
        let refusal = match result {
            Ok(value) => return Some(value),
            Err(refusal) => refusal,
        };
        for fault in refusal.faults {
            if !self.0.iter().any(|known| known.pointer == fault.pointer) {
                self.0.push(fault);
            }
        }
        None
    }

    /// That there are none.
    pub(super) fn none(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal { faults: self.0, skeleton: None }) }
    }
}
