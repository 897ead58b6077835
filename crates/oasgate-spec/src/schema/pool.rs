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
    /// The name of a target that has one.
    pub(super) fn name(&self, target: Node<'d>) -> Option<&str> {
        self.names.get(&target.id()).map(String::as_str)
    }

    /// Gives a target a name; it waits to be lowered. `own` is the schema that the description itself has under the
    /// last word of where the target stands.
    pub(super) fn add(
        &mut self,
        target: Node<'d>,
        own: Option<Node<'d>>,
        entry: Option<&Document>,
    ) -> String {
        let name = self.new_name(target, own, entry);
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

    fn new_name(&mut self, target: Node<'d>, own: Option<Node<'d>>, entry: Option<&Document>) -> String {
        let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
        let stem: String = last_word(target).chars().map(legal).collect();
        let is_claimed = own.is_some_and(|own| own.id() != target.id());
        if !is_claimed && !stem.is_empty() && self.taken.insert(stem.clone()) {
            return stem;
        }
        let mut print = fingerprint(place(target, entry).as_bytes());
        loop {
            let name = format!("{stem}_{:06x}", print & 0xFF_FFFF);
            if self.taken.insert(name.clone()) {
                return name;
            }
            print = print.wrapping_add(1);
        }
    }
}

/// The last word of where a schema stands: of the pointer, or else of the file.
pub(super) fn last_word(schema: Node<'_>) -> String {
    let pointer = schema.location().pointer;
    match pointer.rsplit('/').find(|token| !token.is_empty()) {
        Some(token) => token.replace("~1", "/").replace("~0", "~"),
        None => file_stem(schema.document),
    }
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

/// Where a schema stands as seen from the entry: the same on every machine.
fn place(schema: Node<'_>, entry: Option<&Document>) -> String {
    let uri = schema.document.retrieved();
    let way = entry.and_then(|entry| entry.retrieved().make_relative(uri));
    format!("{}#{}", way.unwrap_or_else(|| uri.to_string()), schema.location().pointer)
}

/// FNV-1a, 64 bit: stable across runs and platforms.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}
