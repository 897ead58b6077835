//! Covers credentials in what the upstream answers: an error page that echoes the request must not tell the model,
//! and whoever reads its transcript, the key.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Response};
use memchr::memmem::Finder;
use percent_encoding::utf8_percent_encode;

use super::Secret;
use super::attach::QUERY;
use super::wire::Wire;

/// Below this many bytes a text is too common to be covered wherever it stands.
const SHORTEST: usize = 8;
const COVER: &[u8] = b"****";

/// The forms in which a credential may come back, prepared for the search.
#[derive(Default)]
pub(super) struct Mask(Vec<Finder<'static>>);

impl Mask {
    pub(super) fn of<'w>(wires: impl Iterator<Item = &'w Wire>) -> Self {
        Self::with(wires, None)
    }

    /// Of what is on the wire, and of a secret that is only a part of it.
    pub(super) fn with<'w>(wires: impl Iterator<Item = &'w Wire>, part: Option<&Secret>) -> Self {
        let part = part.into_iter().flat_map(|part| written(vec![part.expose().to_owned()]));
        let mut forms: Vec<String> =
            wires.flat_map(forms).chain(part).filter(|form| form.len() >= SHORTEST).collect();
        // The longest first: a form may hold another.
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self(forms.iter().map(|form| Finder::new(form.as_bytes()).into_owned()).collect())
    }

    pub(super) fn apply(&self, answer: Response<Bytes>) -> Response<Bytes> {
        let (mut parts, mut body) = answer.into_parts();
        for finder in &self.0 {
            body = cover(finder, &body).map_or(body, Bytes::from);
            for value in parts.headers.values_mut() {
                if let Some(covered) = cover(finder, value.as_bytes()) {
                    *value = HeaderValue::try_from(covered).unwrap_or(HeaderValue::from_static("****"));
                }
            }
        }
        Response::from_parts(parts, body)
    }
}

/// The text with every find covered, or none if there is nothing to cover.
fn cover(finder: &Finder<'_>, text: &[u8]) -> Option<Vec<u8>> {
    let mut covered = Vec::new();
    let mut from = 0;
    for at in finder.find_iter(text) {
        covered.extend_from_slice(text.get(from..at)?);
        covered.extend_from_slice(COVER);
        from = at + finder.needle().len();
    }
    (from > 0).then(|| {
        covered.extend_from_slice(text.get(from..).unwrap_or_default());
        covered
    })
}

/// What stands on the wire, what it was made of, and both as URLs and JSON texts would repeat them.
fn forms(wire: &Wire) -> Vec<String> {
    let sent = wire.secret().expose();
    let mut forms = vec![sent.to_owned()];
    if let Wire::Header { scheme: Some(scheme), .. } = wire
        && scheme == "Basic"
        && let Some(pair) = BASE64_STANDARD.decode(sent).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    {
        forms.extend(pair.split_once(':').map(|(_, password)| password.to_owned()));
        forms.push(pair);
    }
    written(forms)
}

/// Texts, and how URLs and JSON write them: most keys and tokens in no other way.
fn written(mut forms: Vec<String>) -> Vec<String> {
    let is_plain =
        |form: &String| form.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    for form in forms.clone().into_iter().filter(|form| !is_plain(form)) {
        forms.push(utf8_percent_encode(&form, QUERY).to_string());
        let json = serde_json::Value::from(form.as_str()).to_string();
        forms.extend(json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map(str::to_owned));
        forms.push(form.replace('/', "\\/"));
    }
    forms
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} forms)", self.0.len())
    }
}
