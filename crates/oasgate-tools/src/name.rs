//! Tool names: legal for every host, unique without regard to case, and stable, so that an unrelated change of the
//! description renames nothing.
//!
//! A name is the `operationId` with illegal characters as `_`, or method and path where there is none. Only a name
//! that had to be cut, or that several operations would share, ends in a hash of the operation's own identity.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use oasgate_spec::Operation;

use crate::curate::Curation;

/// How many characters a hash adds: `_` and six digits.
const SUFFIX: usize = 7;

/// The names of these operations, in their order, each with the prefix before it.
pub(crate) fn names(
    operations: &[(&Operation, Curation)],
    prefix: Option<&str>,
    limit: usize,
) -> Vec<String> {
    let limit = limit.max(SUFFIX + 1);
    let claims: Vec<Claim<'_>> =
        operations.iter().map(|(operation, curation)| claim(operation, curation, prefix)).collect();
    let mut rivals: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, claim) in claims.iter().enumerate() {
        rivals.entry(cut(&claim.name, limit).to_ascii_lowercase()).or_default().push(index);
    }
    let name = |(index, claim): (usize, &Claim<'_>)| {
        let rivals =
            rivals.get(&cut(&claim.name, limit).to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
        let keeps = claim.name.len() <= limit && keeps(index, rivals, &claims);
        if keeps { claim.name.clone() } else { hashed(&claim.name, limit, &identity(claim.operation)) }
    };
    let mut names: Vec<String> = claims.iter().enumerate().map(name).collect();
    settle(&mut names, &claims, limit);
    names
}

/// The name that an operation would have if it were alone.
struct Claim<'o> {
    operation: &'o Operation,
    name: String,
    /// Whether the description calls it exactly so.
    is_exact: bool,
}

fn claim<'o>(operation: &'o Operation, curation: &Curation, prefix: Option<&str>) -> Claim<'o> {
    let called = curation.name.as_ref().or(operation.id.as_ref());
    let called = called
        .cloned()
        .unwrap_or_else(|| format!("{}_{}", operation.method.to_ascii_lowercase(), operation.path));
    let is_exact = (curation.name.is_some() || operation.id.is_some()) && legal(&called) == called;
    let name = match prefix {
        Some(prefix) => legal(&format!("{prefix}_{called}")),
        None => legal(&called),
    };
    Claim { operation, name, is_exact }
}

/// Whether an operation keeps the name that its rivals would have too: it alone is called exactly so.
fn keeps(index: usize, rivals: &[usize], claims: &[Claim<'_>]) -> bool {
    let mut exact = rivals.iter().filter(|rival| claims.get(**rival).is_some_and(|claim| claim.is_exact));
    rivals.len() <= 1 || (exact.next() == Some(&index) && exact.next().is_none())
}

/// What tells the operation from every other.
fn identity(operation: &Operation) -> String {
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
fn settle(names: &mut [String], claims: &[Claim<'_>], limit: usize) {
    let mut taken: HashSet<String> = HashSet::new();
    for (name, claim) in names.iter_mut().zip(claims) {
        let mut attempt = 0_u32;
        while !taken.insert(name.to_ascii_lowercase()) {
            attempt += 1;
            *name = hashed(name, limit, &format!("{}\n{attempt}", identity(claim.operation)));
        }
    }
}

/// FNV-1a, 64 bit, folded: stable across runs, platforms and releases.
fn fingerprint(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    hash ^ (hash >> 24) ^ (hash >> 48)
}
