//! Tool names: legal for every host, unique without regard to case, and stable, so that an unrelated change of the
//! description renames nothing.
//!
//! A name is the `operationId` with illegal characters as `_`, or method and path where there is none. Only a name
//! that had to be cut, or that several operations would share, ends in a hash of the operation's own identity.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use oasgate_spec::Operation;

/// How many characters a hash adds: `_` and six digits.
const SUFFIX: usize = 7;

/// The names of these operations, in their order.
pub(crate) fn names(operations: &[Operation], limit: usize) -> Vec<String> {
    let limit = limit.max(SUFFIX + 1);
    let plain: Vec<String> = operations.iter().map(|operation| legal(&identity(operation))).collect();
    let mut claims: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, name) in plain.iter().enumerate() {
        claims.entry(cut(name, limit).to_ascii_lowercase()).or_default().push(index);
    }
    let mut names: Vec<String> = plain
        .iter()
        .zip(operations)
        .enumerate()
        .map(|(index, (name, operation))| {
            let rivals =
                claims.get(&cut(name, limit).to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
            let keeps = name.len() <= limit && keeps(index, rivals, operations, &plain);
            if keeps { name.clone() } else { hashed(name, limit, &full_identity(operation)) }
        })
        .collect();
    settle(&mut names, operations, limit);
    names
}

/// Whether this operation keeps the name that its rivals would have too: it alone is called exactly so.
fn keeps(index: usize, rivals: &[usize], operations: &[Operation], plain: &[String]) -> bool {
    let exact = |index: &&usize| {
        let id = operations.get(**index).and_then(|operation| operation.id.as_deref());
        id.is_some() && id == plain.get(**index).map(String::as_str)
    };
    rivals.len() <= 1
        || (rivals.iter().filter(exact).count() == 1 && rivals.iter().find(exact) == Some(&index))
}

/// What the operation is called in the description.
fn identity(operation: &Operation) -> String {
    match &operation.id {
        Some(id) => id.clone(),
        None => format!("{}_{}", operation.method.to_ascii_lowercase(), operation.path),
    }
}

/// What tells the operation from every other.
fn full_identity(operation: &Operation) -> String {
    format!("{}\n{} {}", operation.id.as_deref().unwrap_or_default(), operation.method, operation.path)
}

/// `[A-Za-z_][A-Za-z0-9_-]*`: every run of other characters as one `_`, none at the end.
fn legal(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            name.push(c);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    let trimmed = name.trim_end_matches('_');
    let name = if trimmed.is_empty() { "operation" } else { trimmed };
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        name.to_owned()
    } else {
        format!("_{name}")
    }
}

fn cut(name: &str, limit: usize) -> &str {
    name.get(..limit).unwrap_or(name)
}

/// The name, cut to leave room, and a hash of the identity.
fn hashed(name: &str, limit: usize, identity: &str) -> String {
    let head = cut(name, limit - SUFFIX).trim_end_matches(['_', '-']);
    format!("{head}_{:06x}", fingerprint(identity.as_bytes()) & 0xFF_FFFF)
}

/// Makes sure that no two names are the same: two operations of one identity, or hashes that collide.
fn settle(names: &mut [String], operations: &[Operation], limit: usize) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (name, operation) in names.iter_mut().zip(operations) {
        let mut attempt = 0_u32;
        while taken.contains_key(&name.to_ascii_lowercase()) {
            attempt += 1;
            *name = hashed(name, limit, &format!("{}\n{attempt}", full_identity(operation)));
        }
        taken.insert(name.to_ascii_lowercase(), 0);
    }
}

/// FNV-1a, 64 bit, folded: stable across runs, platforms and releases.
fn fingerprint(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    hash ^ (hash >> 24) ^ (hash >> 48)
}
