//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), where the description has one and the caller gives
//! none: that which was shown to a person who has agreed to the call, else a fresh one for every call, so that the
//! retries of one are known for what they are.

use std::fmt::Write as _;

use oasgate_tools::{Plan, Slot};
use serde_json::{Map, Value};

/// Adds the key: this one, or a fresh one.
pub(super) fn fill(plan: &Plan, arguments: &mut Map<String, Value>, key: Option<&str>) {
    let slot = plan.slots.iter().find(|slot| slot.is_idempotency_key());
    let missing = slot.filter(|slot| !arguments.contains_key(&slot.argument));
    let Some(Slot { argument, .. }) = missing else { return };
    if let Some(key) = key.map(str::to_owned).or_else(fresh) {
        arguments.insert(argument.clone(), key.into());
    }
}

/// A random UUID (RFC 9562, 5.4), which is the form that most descriptions ask for. None if the system has no
/// randomness to give.
#[must_use]
pub fn fresh() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    let [.., _, _, version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        let hyphen = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
        write!(text, "{hyphen}{byte:02x}").ok()?;
    }
    Some(text)
}
