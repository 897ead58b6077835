//! One document: its tree, the URIs it goes by, and the schema resources within it.

use std::collections::HashMap;
use std::sync::Arc;

use url::Url;

use super::Node;
use crate::Location;
use crate::tree::Tree;

/// One parsed document.
#[derive(Debug)]
pub(crate) struct Document {
    number: usize,
    /// Where it came from.
    pub(super) uri: Arc<str>,
    /// What to call it in messages.
    name: Arc<str>,
    /// Where it came from, without fragment.
    retrieved: Url,
    /// What relative references in it are relative to: `$self` (OpenAPI 3.2, 4.1.2.2.1), else where it came from.
    base: Url,
    pub(super) tree: Tree,
    /// Schemas with an `$id` (JSON Schema 2020-12, 8.2.1), in the order of the text.
    resources: Vec<Resource>,
    /// The schemas that an `$anchor` or its like names (JSON Schema 2020-12, 8.2.2), in the order of the text.
    anchors: HashMap<String, Vec<u32>>,
}

/// A schema with a URI of its own.
#[derive(Debug)]
struct Resource {
    root: u32,
    base: Url,
    /// The resource in which it stands.
    outer: Option<usize>,
}

impl Document {
    pub(super) fn new(number: usize, uri: &Url, name: String, tree: Tree) -> Self {
        let retrieved = without_fragment(uri.clone());
        let itself = tree.root().and_then(|root| root.get("$self")).and_then(|itself| itself.text());
        let base = itself.and_then(|reference| retrieved.join(reference).ok()).map(without_fragment);
        let mut document = Self {
            number,
            uri: uri.as_str().into(),
            name: name.into(),
            base: base.unwrap_or_else(|| retrieved.clone()),
            retrieved,
            tree: Tree::default(),
            resources: Vec::new(),
            anchors: HashMap::new(),
        };
        document.identify(&tree);
        document.tree = tree;
        document
    }

    /// Which of all documents it is, in the order they were read.
    pub(crate) const fn number(&self) -> usize {
        self.number
    }

    /// The document as a node.
    pub(crate) fn root(&self) -> Node<'_> {
        self.node(0)
    }

    /// The value with this number.
    pub(crate) fn node(&self, value: u32) -> Node<'_> {
        Node::new(self, self.tree.cursor(value))
    }

    /// The text it was read from.
    pub(crate) fn text(&self) -> &str {
        self.tree.text()
    }

    /// Keys that stood before in the same object: the value of each, and its name.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = (Node<'_>, &str)> {
        self.tree.repeated().map(|(value, name)| (Node::new(self, value), name))
    }

    /// What could not be read as it stood in the text, and where the first stood.
    pub(crate) fn replaced(&self) -> Option<(Node<'_>, &str)> {
        self.tree.replaced().map(|(value, what)| (Node::new(self, value), what))
    }

    /// The location of a value of this document, given by its pointer.
    pub(crate) fn location(&self, pointer: String) -> Location {
        Location { document: Arc::clone(&self.name), uri: Arc::clone(&self.uri), pointer }
    }

    /// What relative references in it are relative to.
    pub(crate) const fn base(&self) -> &Url {
        &self.base
    }

    /// Where it came from.
    pub(crate) const fn retrieved(&self) -> &Url {
        &self.retrieved
    }

    /// The URIs by which the document and the resources in it can be referred to.
    pub(super) fn names(&self) -> impl Iterator<Item = (&Url, u32)> {
        let own = [(&self.retrieved, 0), (&self.base, 0)];
        own.into_iter().chain(self.resources.iter().map(|resource| (&resource.base, resource.root)))
    }

    /// The innermost schema resource in which a value stands, and its base; else the document and its base.
    pub(super) fn resource(&self, value: u32) -> (u32, &Url) {
        let innermost = self.around(&self.tree, value).and_then(|nth| self.resources.get(nth));
        innermost.map_or((0, &self.base), |resource| (resource.root, &resource.base))
    }

    /// The schema with this anchor within a resource.
    pub(super) fn anchor(&self, resource: u32, name: &str) -> Option<Node<'_>> {
        let named = self.anchors.get(name)?;
        let first = named.partition_point(|value| *value < resource);
        let value = *named.get(first)?;
        self.tree.cursor(resource).contains(value).then(|| self.node(value))
    }

    /// Finds resources and anchors.
    fn identify(&mut self, tree: &Tree) {
        let mut resources = Vec::new();
        for (schema, keyword, text) in tree.texts_under(&["$id", "$anchor", "$dynamicAnchor"]) {
            match text.strip_prefix('#') {
                None if keyword == "$id" => resources.push((schema.index(), text)),
                // Before draft 2019-09 an anchor was written as an `$id` that is only a fragment.
                anchor => {
                    let name = anchor.filter(|_| keyword == "$id").unwrap_or(text).to_owned();
                    self.anchors.entry(name).or_default().push(schema.index());
                }
            }
        }
        self.anchors.values_mut().for_each(|schemas| schemas.sort_unstable());
        resources.sort_unstable();
        for (root, text) in resources {
            let outer = self.around(tree, root);
            let base = outer.and_then(|nth| self.resources.get(nth)).map_or(&self.base, |outer| &outer.base);
            if let Ok(base) = base.join(text) {
                self.resources.push(Resource { root, base: without_fragment(base), outer });
            }
        }
    }

    /// The innermost resource found so far in which a value stands: the last that begins before it, or one around that.
    fn around(&self, tree: &Tree, value: u32) -> Option<usize> {
        let mut nth = self.resources.partition_point(|resource| resource.root <= value).checked_sub(1)?;
        loop {
            let resource = self.resources.get(nth)?;
            if tree.cursor(resource.root).contains(value) {
                return Some(nth);
            }
            nth = resource.outer?;
        }
    }
}

pub(super) fn without_fragment(mut uri: Url) -> Url {
    uri.set_fragment(None);
    uri
}
