//! The members of a JSON object, read one by one, every fault collected.
//!
//! Owns the pointers of faults. Refuses to know what a member means.

use serde_json::{Map, Value};

use crate::problem::{Fault, Place, Problem};

/// The members not read yet, and the faults found so far.
#[derive(Debug)]
pub(super) struct Fields {
    members: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    pub(super) fn of(body: Value) -> Result<Self, Problem> {
        match body {
            Value::Object(members) => Ok(Self { members, faults: Vec::new() }),
            _ => Err(Problem::unprocessable(vec![Fault {
                detail: "The body must be a JSON object.".to_owned(),
                place: Place::Pointer(String::new()),
            }])),
        }
    }

    /// The member, if it is there and right. Its absence is no fault.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.members.shift_remove(name)?;
        match read(&value) {
            Ok(value) => Some(value),
            Err(why) => {
                self.fault(name, &why);
                None
            }
        }
    }

    /// The member; `None` is always accompanied by a fault, so that [`Fields::finish`] refuses.
    pub(super) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        if self.members.contains_key(name) {
            return self.optional(name, read);
        }
        self.fault(name, "is required");
        None
    }

    /// Refuses if a member was wrong, missing, or is not one of this body's.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        for name in std::mem::take(&mut self.members).keys() {
            self.fault(name, "cannot be set here");
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::unprocessable(self.faults)) }
    }

    fn fault(&mut self, name: &str, why: &str) {
        // RFC 6901 §3: `~` first, or the `~` of `~1` would be escaped again.
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        self.faults.push(Fault { detail: format!("`{name}` {why}."), place: Place::Pointer(pointer) });
    }
}
