//! From a `$ref` to what it means: by the standards first (RFC 3986, 5; RFC 6901, 6; JSON Schema 2020-12, 8.2), then as
//! it must have been meant.

use percent_encoding::percent_decode_str;
use url::Url;

use super::document::without_fragment;
use super::{Node, Store};

/// What a reference leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'d> {
    pub(crate) node: Node<'d>,
    /// Whether the standards would not have led here.
    pub(crate) repaired: bool,
}

/// The way to a target can lead through other references, but not through this many.
const HOPS: usize = 32;

/// Where the same things stand in Swagger 2.0 and in OpenAPI 3.
const SAME_PLACES: [(&str, &str); 3] = [
    ("/definitions/", "/components/schemas/"),
    ("/parameters/", "/components/parameters/"),
    ("/responses/", "/components/responses/"),
];

impl Store<'_> {
    /// What a reference that stands at a node leads to.
    pub(crate) fn resolve<'d>(&'d self, from: Node<'d>, reference: &str) -> Result<Found<'d>, String> {
        let reference = reference.trim();
        if let Some(node) = schema_called(from.document.root(), reference) {
            return Ok(Found { node, repaired: true });
        }
        let mut hops = HOPS;
        let (root, fragment) = self.root_of(from, reference)?;
        let found = self.find(root, &fragment, &mut hops).or_else(|| self.guess(root, &fragment, &mut hops));
        found.ok_or_else(|| format!("`{reference}` points to nothing"))
    }

    /// The document or schema resource that a reference names, and its fragment.
    fn root_of<'d>(&'d self, from: Node<'d>, reference: &str) -> Result<(Node<'d>, String), String> {
        if let Some(fragment) = reference.strip_prefix('#') {
            let (resource, _) = from.document.resource(from.id().value);
            return Ok((from.document.node(resource), fragment.to_owned()));
        }
        let mut failure = None;
        for uri in candidates(from, reference) {
            let fragment = uri.fragment().unwrap_or_default().to_owned();
            match self.load(&without_fragment(uri)) {
                Ok(root) => return Ok((root, fragment)),
                Err(message) => {
                    failure.get_or_insert(format!("`{reference}` could not be read: {message}"));
                }
            }
        }
        Err(failure.unwrap_or_else(|| format!("`{reference}` is not a URI reference")))
    }

    /// What a fragment means in a document or schema resource.
    fn find<'d>(&'d self, root: Node<'d>, fragment: &str, hops: &mut usize) -> Option<Found<'d>> {
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        match root.document.anchor(root.id().value, &decoded) {
            Some(node) => Some(Found { node, repaired: false }),
            None => self.walk(root, &decoded, hops),
        }
    }

    /// What a JSON pointer leads to, through references that stand on its way.
    fn walk<'d>(&'d self, root: Node<'d>, pointer: &str, hops: &mut usize) -> Option<Found<'d>> {
        let mut at = root;
        let mut rest = pointer;
        let mut repaired = false;
        loop {
            let (node, left) = match at.point(rest) {
                Ok(node) => return Some(Found { node, repaired }),
                Err(stopped) => stopped,
            };
            *hops = hops.checked_sub(1)?;
            let (root, fragment) = self.root_of(node, node.text("$ref")?).ok()?;
            at = self.find(root, &fragment, hops)?.node;
            rest = left;
            repaired = true;
        }
    }

    /// What a fragment must have meant that means nothing: something of the whole document, something not encoded,
    /// without its first slash or with one too many, or in the place that another version has for it.
    fn guess<'d>(&'d self, root: Node<'d>, fragment: &str, hops: &mut usize) -> Option<Found<'d>> {
        let whole = root.document.root();
        let decoded = percent_decode_str(fragment).decode_utf8_lossy();
        let pointer = format!("/{}", decoded.trim_matches('/'));
        let swapped = SAME_PLACES.iter().flat_map(|(a, b)| [(a, b), (b, a)]).filter_map(|(here, there)| {
            pointer.strip_prefix(here).map(|name| (whole, format!("{there}{name}")))
        });
        let mut guesses =
            vec![(whole, fragment.to_owned()), (root, pointer.clone()), (whole, pointer.clone())];
        guesses.extend(swapped);
        let by_name = whole.document.anchor(0, &decoded).or_else(|| schema_called(whole, &decoded));
        let mut by_pointer = || guesses.iter().find_map(|(root, pointer)| self.walk(*root, pointer, hops));
        let node = by_name.or_else(|| by_pointer().map(|found| found.node))?;
        Some(Found { node, repaired: true })
    }
}

/// The schema of a bare name, which Swagger once allowed as a reference.
fn schema_called<'d>(root: Node<'d>, name: &str) -> Option<Node<'d>> {
    if name.is_empty() || name.contains(['/', '#', '.', ':', '\\']) {
        return None;
    }
    let schemas = root.get("definitions").or_else(|| root.get("components")?.get("schemas"));
    schemas?.get(name)
}

/// The URIs a reference may mean: by the base of the schema resource it stands in, by that of the document, and by
/// where the document came from, since files that call themselves something else still lie beside each other.
fn candidates(from: Node<'_>, reference: &str) -> Vec<Url> {
    let document = from.document;
    let (_, resource) = document.resource(from.id().value);
    let mut candidates: Vec<Url> = Vec::new();
    for base in [resource, document.base(), document.retrieved()] {
        if let Ok(uri) = base.join(reference)
            && !candidates.contains(&uri)
        {
            candidates.push(uri);
        }
    }
    candidates
}
