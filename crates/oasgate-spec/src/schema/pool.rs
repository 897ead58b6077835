//! The names of schemas that are referred to.
//!
//! A name is the last word of where a schema stands, so that people know it again, and does not depend on the order in
//! which schemas are met as far as that can be: the entry's own schemas have the first claim to their names, others
//! that would have the same one get a fingerprint of where they stand.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::store::{Document, Id, Node};

/// The schemas referred to by name.
#[derive(Default)]
pub(crate) struct Pool<'d> {
    /// The name of each target.
    names: HashMap<Id, String>,
    taken: HashSet<String>,
    /// Targets that have a name and are not lowered yet.
    waiting: VecDeque<(String, Node<'d>)>,
    nodes: HashMap<String, Node<'d>>,
}

impl<'d> Pool<'d> {
    /// The name of a target; a new one waits to be lowered.
    pub(super) fn name(&mut self, target: Node<'d>, entry: Option<&Document>) -> String {
        if let Some(name) = self.names.get(&target.id()) {
            return name.clone();
        }
        let name = self.new_name(target, entry);
        self.names.insert(target.id(), name.clone());
        self.nodes.insert(name.clone(), target);
        self.waiting.push_back((name.clone(), target));
        name
    }

    /// The next target to be lowered.
    pub(super) fn next(&mut self) -> Option<(String, Node<'d>)> {
        self.waiting.pop_front()
    }

    /// The target of this name.
    pub(super) fn node(&self, name: &str) -> Option<Node<'d>> {
        self.nodes.get(name).copied()
    }

    fn new_name(&mut self, target: Node<'d>, entry: Option<&Document>) -> String {
        let pointer = target.location().pointer;
        let last = match pointer.rsplit('/').find(|token| !token.is_empty()) {
            Some(token) => token.replace("~1", "/").replace("~0", "~"),
            None => file_stem(target.document),
        };
        let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
        let stem: String = last.chars().map(legal).collect();
        let is_own = entry.and_then(|entry| schemas(entry)?.get(&last)).map(|own| own.id() == target.id());
        if is_own != Some(false) && !stem.is_empty() && self.taken.insert(stem.clone()) {
            return stem;
        }
        let place = format!("{}#{pointer}", relative(entry, target.document));
        let mut print = fingerprint(place.as_bytes());
        loop {
            let name = format!("{stem}_{:06x}", print & 0xFF_FFFF);
            if self.taken.insert(name.clone()) {
                return name;
            }
            print = print.wrapping_add(1);
        }
    }
}

/// The schemas that a description names itself.
fn schemas(document: &Document) -> Option<Node<'_>> {
    let root = document.root();
    root.get("components")
        .and_then(|components| components.get("schemas"))
        .or_else(|| root.get("definitions"))
}

/// The file's name without its extension.
fn file_stem(document: &Document) -> String {
    let name = document
        .retrieved()
        .path_segments()
        .and_then(|mut segments| segments.next_back())
        .unwrap_or_default();
    let stem = [".yaml", ".yml", ".json"].iter().find_map(|extension| name.strip_suffix(extension));
    stem.unwrap_or(name).to_owned()
}

/// Where a document lies as seen from the entry: the same on every machine.
fn relative(entry: Option<&Document>, document: &Document) -> String {
    let way = entry.and_then(|entry| entry.retrieved().make_relative(document.retrieved()));
    way.unwrap_or_else(|| document.retrieved().to_string())
}

/// FNV-1a, 64 bit: stable across runs and platforms.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}
