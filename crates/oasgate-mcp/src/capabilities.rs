//! What a client says it can do, and what it is told when that isn't enough. Knows no method that uses any of it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;

#[cfg(test)]
mod tests;

/// The extension of tasks (SEP-2663).
pub const TASKS: &str = "io.modelcontextprotocol/tasks";

/// What a client has declared: on modern requests in their `_meta`, by legacy clients in `initialize`
/// (2026-07-28, schema, `ClientCapabilities`). What isn't declared must not be relied on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The user can be asked to fill in a form.
    pub elicitation_form: bool,
    /// The user can be sent to a page.
    pub elicitation_url: bool,
    /// The client's model can be asked.
    pub sampling: bool,
    /// The client's model can be asked to use tools.
    pub sampling_tools: bool,
    /// The client can say which folders or places it works on.
    pub roots: bool,
    /// A call can be answered with a task.
    pub tasks: bool,
    /// The extensions the client knows, by identifier, with their settings: the text of a JSON object.
    extensions: Option<Box<str>>,
}

impl Capabilities {
    /// Whether the client knows an extension.
    #[must_use]
    pub fn has_extension(&self, id: &str) -> bool {
        self.extension(id).is_some()
    }

    /// The client's settings for an extension, as JSON, if it knows it.
    #[must_use]
    pub fn extension(&self, id: &str) -> Option<Box<RawValue>> {
        let extensions = self.extensions.as_deref()?;
        let mut all =
            serde_json::from_str::<std::collections::HashMap<String, Box<RawValue>>>(extensions).ok()?;
        all.remove(id)
    }

    /// Whether the client has declared `feature`.
    #[must_use]
    pub fn has(&self, feature: &ClientFeature) -> bool {
        match feature {
            ClientFeature::ElicitationForm => self.elicitation_form,
            ClientFeature::ElicitationUrl => self.elicitation_url,
            ClientFeature::Sampling => self.sampling,
            ClientFeature::SamplingTools => self.sampling_tools,
            ClientFeature::Roots => self.roots,
            ClientFeature::Extension(id) => self.has_extension(id),
        }
    }

    /// Reads the object leniently: a member that isn't what it should be is not declared.
    pub(crate) fn read(raw: &RawValue) -> Self {
        // What most clients without any say, and it costs nothing.
        if raw.get() == "{}" {
            return Self::default();
        }
        let declared = serde_json::from_str::<Declared<'_>>(raw.get()).unwrap_or_default();
        let modes = object::<Modes<'_>>(declared.elicitation);
        let sampling = object::<SamplingModes<'_>>(declared.sampling);
        let url = modes.as_ref().is_some_and(|modes| modes.url.is_some());
        // An elicitation without modes means forms (2026-07-28, client/elicitation.mdx, "Capabilities").
        let form = modes.is_some_and(|modes| modes.form.is_some() || modes.url.is_none());
        let extensions = declared.extensions.filter(|raw| json::is_object(raw));
        let tasks = extensions.is_some_and(|raw| raw.get().contains(TASKS));
        let mut capabilities = Self {
            elicitation_form: form,
            elicitation_url: url,
            sampling_tools: sampling.as_ref().is_some_and(|modes| modes.tools.is_some()),
            sampling: sampling.is_some(),
            roots: declared.roots.is_some_and(json::is_object),
            tasks: false,
            extensions: extensions.map(|raw| raw.get().into()),
        };
        capabilities.tasks = tasks && capabilities.has_extension(TASKS);
        capabilities
    }
}

/// Something a client may be able to do, as far as servers ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientFeature {
    /// Asking the user by a form.
    ElicitationForm,
    /// Sending the user to a page.
    ElicitationUrl,
    /// Asking the client's model.
    Sampling,
    /// Asking the client's model, which may use tools.
    SamplingTools,
    /// Asking for the roots.
    Roots,
    /// An extension, by its identifier.
    Extension(String),
}

impl ClientFeature {
    /// The `ClientCapabilities` that declare these.
    pub(crate) fn push_all(features: &[Self], out: &mut Vec<u8>) {
        let has = |feature: &Self| features.contains(feature);
        let mut members = serde_json::Map::new();
        let modes = |modes: &[(&str, bool)]| -> serde_json::Value {
            modes.iter().filter(|(_, has)| *has).map(|(mode, _)| ((*mode).to_owned(), empty())).collect()
        };
        let (form, url) = (has(&Self::ElicitationForm), has(&Self::ElicitationUrl));
        if form || url {
            members.insert("elicitation".to_owned(), modes(&[("form", form), ("url", url)]));
        }
        let tools = has(&Self::SamplingTools);
        if tools || has(&Self::Sampling) {
            members.insert("sampling".to_owned(), modes(&[("tools", tools)]));
        }
        if has(&Self::Roots) {
            members.insert("roots".to_owned(), empty());
        }
        let extensions = features.iter().filter_map(|feature| match feature {
            Self::Extension(id) => Some((id.clone(), empty())),
            _ => None,
        });
        let extensions = extensions.collect::<serde_json::Map<_, _>>();
        if !extensions.is_empty() {
            members.insert("extensions".to_owned(), extensions.into());
        }
        json::push(out, &members);
    }
}

#[derive(Default, Deserialize)]
struct Declared<'a> {
    #[serde(borrow, default)]
    elicitation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sampling: Option<&'a RawValue>,
    #[serde(borrow, default)]
    roots: Option<&'a RawValue>,
    #[serde(borrow, default)]
    extensions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Modes<'a> {
    #[serde(borrow, default)]
    form: Option<&'a RawValue>,
    #[serde(borrow, default)]
    url: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct SamplingModes<'a> {
    #[serde(borrow, default)]
    tools: Option<&'a RawValue>,
}

fn object<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    let raw = raw.filter(|raw| json::is_object(raw))?;
    serde_json::from_str(raw.get()).ok()
}

fn empty() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}
