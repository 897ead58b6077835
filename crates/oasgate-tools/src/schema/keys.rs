//! Property names that a model API accepts, and the way back to those of the description.

use serde_json::{Map, Value};

/// Where in a value names were changed: a tree that follows the schema, with branches only where there is something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// Listed name, name in the description.
    pub(crate) renamed: Vec<(String, String)>,
    /// What is below each property, by its name in the description.
    pub(crate) members: Vec<(String, Self)>,
    /// What is below the items of an array.
    pub(crate) items: Option<Box<Self>>,
    /// What is below the values of a map.
    pub(crate) values: Option<Box<Self>>,
}

impl Keys {
    pub(crate) fn is_empty(&self) -> bool {
        self.renamed.is_empty() && self.members.is_empty() && self.items.is_none() && self.values.is_none()
    }

    /// Adds what holds for another branch of a composition.
    pub(crate) fn merge(&mut self, other: Self) {
        for pair in other.renamed {
            if !self.renamed.contains(&pair) {
                self.renamed.push(pair);
            }
        }
        for (name, keys) in other.members {
            match self.members.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => own.merge(keys),
                None => self.members.push((name, keys)),
            }
        }
        for (own, other) in [(&mut self.items, other.items), (&mut self.values, other.values)] {
            match (own.as_mut(), other) {
                (Some(own), Some(other)) => own.merge(*other),
                (None, other) => *own = other,
                (Some(_), None) => {}
            }
        }
    }

    /// Gives every name in a value as the description has it. A name that is so already stays.
    pub(crate) fn decode(&self, value: &mut Value) {
        match value {
            Value::Object(members) => self.decode_members(members),
            Value::Array(items) => {
                if let Some(keys) = &self.items {
                    items.iter_mut().for_each(|item| keys.decode(item));
                }
            }
            _ => {}
        }
    }

    /// The same for the members of an object.
    pub(crate) fn decode_members(&self, members: &mut Map<String, Value>) {
        if self.renamed.iter().any(|(listed, _)| members.contains_key(listed)) {
            let wire = |listed: String, members: &Map<String, Value>| {
                let renamed = self.renamed.iter().find(|(own, _)| *own == listed).map(|(_, wire)| wire);
                renamed.filter(|wire| !members.contains_key(*wire)).cloned().unwrap_or(listed)
            };
            let mut decoded = Map::with_capacity(members.len());
            for (listed, value) in std::mem::take(members) {
                decoded.insert(wire(listed, &decoded), value);
            }
            *members = decoded;
        }
        for (name, value) in members.iter_mut() {
            match self.members.iter().find(|(own, _)| own == name) {
                Some((_, keys)) => keys.decode(value),
                None => {
                    if let Some(keys) = &self.values {
                        keys.decode(value);
                    }
                }
            }
        }
    }

    /// A pointer into a decoded value as a pointer into the value that was given.
    pub(crate) fn listed_pointer(&self, pointer: &str) -> String {
        let mut out = String::with_capacity(pointer.len());
        let mut keys = Some(self);
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            let renamed = keys.and_then(|keys| keys.renamed.iter().find(|(_, wire)| *wire == name));
            let listed = renamed.map_or(name.as_str(), |(listed, _)| listed);
            out.push('/');
            out.push_str(&listed.replace('~', "~0").replace('/', "~1"));
            keys = keys.and_then(|keys| {
                let member = keys.members.iter().find(|(own, _)| *own == name).map(|(_, keys)| keys);
                let is_index = token.bytes().all(|byte| byte.is_ascii_digit());
                member.or(if is_index { keys.items.as_deref() } else { keys.values.as_deref() })
            });
        }
        out
    }
}
