//! The merge keys of YAML 1.1, which many descriptions use.

use std::collections::HashSet;

use super::{Body, Builder, Entry, index};

impl Builder<'_> {
    /// An object gets the members it lacks from those under its merge keys.
    pub(super) fn merge(&mut self, object: u32) -> Result<(), String> {
        let children = self.children(object);
        let own = children.iter().filter(|(key, _)| !self.is_ghost(*key));
        let mut known: HashSet<String> =
            own.filter_map(|(key, _)| self.name(*key).map(str::to_owned)).collect();
        let merges: Vec<(u32, u32)> =
            children.iter().filter(|(key, _)| self.is_ghost(*key)).copied().collect();
        for (key, value) in merges {
            let Some(sources) = self.sources(value) else {
                // Not to be merged: a member that is called `<<`.
                if let Some(Entry { body, .. }) = self.entry_mut(key)
                    && let Body::Ghost(span) = *body
                {
                    *body = Body::Key(span);
                }
                continue;
            };
            for (key, value) in sources {
                let Some(Entry { at, body: Body::Key(span) }) = self.entry(key) else { continue };
                if known.insert(self.parts.slice(self.text, span).to_owned()) {
                    self.push(index(at), Body::Key(span))?;
                    self.push(index(at), Body::Alias(self.target(value)))?;
                }
            }
        }
        Ok(())
    }

    /// The members to merge: of an object, or of each object of an array.
    fn sources(&self, value: u32) -> Option<Vec<(u32, u32)>> {
        let value = self.target(value);
        match self.entry(value)?.body {
            Body::Object(_) => Some(self.children(value)),
            Body::Array(extent) => {
                let mut members = Vec::new();
                let mut item = value + 1;
                while item < extent.end {
                    let target = self.target(item);
                    let Body::Object(_) = self.entry(target)?.body else { return None };
                    members.extend(self.children(target));
                    item = self.parts.after(item);
                }
                Some(members)
            }
            _ => None,
        }
    }
}
