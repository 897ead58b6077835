//! What the server has to offer at a time: a description's lists, made once, and all that its calls need. Rereading the
//! description makes another; calls in flight keep the one they began with.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use oasgate_mcp::{About, Implementation, ListOptions, PromptList, ToolList};
use oasgate_tools::{Catalog, Tool};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::resources::Resources;
use super::{listed, prompts};
use crate::call::Caller;
use crate::description::Description;
use crate::exit::Failure;

/// The lists of a description, and the way its tools are called.
#[derive(Debug)]
pub struct Offer {
    pub(super) about: Arc<About>,
    pub(super) tools: Arc<ToolList>,
    pub(super) resources: Resources,
    pub(super) prompts: Arc<PromptList>,
    pub(super) caller: Caller,
    listing: usize,
    digest: OnceLock<String>,
}

/// How an offer differs from the one before it. Tools are named.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Tools that were not there.
    pub added: Vec<String>,
    /// Tools that are no longer there.
    pub removed: Vec<String>,
    /// Tools that say or send something else.
    pub changed: Vec<String>,
}

impl Offer {
    /// What a description offers. Its lists are made here, once.
    ///
    /// # Errors
    /// When a tool cannot be written as JSON, which would be a defect of ours.
    pub fn new(description: &Description, caller: Caller) -> Result<Self, Failure> {
        let defect = |error: serde_json::Error| Failure::Setup(error.to_string());
        let tools = caller.catalog.tools().iter().map(listed).collect::<Result<Vec<_>, _>>();
        let tools = tools.map_err(defect)?;
        let listing = tools.iter().map(|tool| tool.get().len()).sum();
        Ok(Self {
            about: Arc::new(about(description, caller.files.folder())),
            tools: Arc::new(ToolList::new(tools, &ListOptions::default())),
            resources: Resources::of(&caller.catalog).map_err(defect)?,
            prompts: Arc::new(prompts::list().map_err(defect)?),
            caller,
            listing,
            digest: OnceLock::new(),
        })
    }

    /// What calls are made with.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// How many bytes the tools take in `tools/list`.
    #[must_use]
    pub fn listing(&self) -> usize {
        self.listing
    }

    /// Stands for the tools, and for what they send: the same for two replicas if, and only if, those are.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| digest(&self.caller.catalog))
    }

    /// What is new since `old`.
    pub(super) fn since(&self, old: &Self) -> Difference {
        let (old, new) = (by_name(&old.caller.catalog), by_name(&self.caller.catalog));
        let mut difference = Difference::default();
        for tool in self.caller.catalog.tools() {
            match old.get(tool.name.as_str()) {
                None => difference.added.push(tool.name.clone()),
                Some(before) if !is_same(before, tool) => difference.changed.push(tool.name.clone()),
                Some(_) => {}
            }
        }
        let removed = old.keys().filter(|name| !new.contains_key(*name));
        difference.removed.extend(removed.map(|name| (*name).to_owned()));
        difference.removed.sort_unstable();
        difference
    }
}

fn by_name(catalog: &Catalog) -> HashMap<&str, &Tool> {
    catalog.tools().iter().map(|tool| (tool.name.as_str(), tool)).collect()
}

/// Whether a tool says and sends the same.
fn is_same(before: &Tool, after: &Tool) -> bool {
    shown(before) == shown(after) && before.full_schema() == after.full_schema()
}

/// All of a tool but its full schema, as text: a plan is shown whole by `Debug`.
fn shown(tool: &Tool) -> String {
    let listed = listed(tool).map(|json| json.get().to_owned()).unwrap_or_default();
    format!("{listed} {:?} {:?}", tool.confirm, tool.plan)
}

fn digest(catalog: &Catalog) -> String {
    let mut hasher = Sha256::new();
    for tool in catalog.tools() {
        hasher.update(shown(tool));
        hasher.update(tool.full_schema().to_string());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn about(description: &Description, files: Option<&Path>) -> About {
    let title = description.title.trim();
    let version = match description.version.trim() {
        "" => env!("CARGO_PKG_VERSION"),
        version => version,
    };
    let implementation = Implementation {
        name: slug(title),
        title: (!title.is_empty()).then(|| title.to_owned()),
        version: version.to_owned(),
        ..Implementation::default()
    };
    let subject = if title.is_empty() { "an HTTP API" } else { title };
    let mut instructions = format!(
        "Each tool is one operation of {subject}. A result that is an error says what to mend; arguments named in it can be \
         sent again, corrected."
    );
    if let Some(url) = files.and_then(|folder| Url::from_directory_path(folder).ok()) {
        instructions
            .push_str(&format!(" Where an argument is a file, {url}NAME sends the file of that name."));
    }
    About::new(implementation).with_instructions(instructions).with_completions()
}

/// A title as a programmatic name.
pub(super) fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    slug.truncate(64);
    if slug.is_empty() { "oasgate".to_owned() } else { slug }
}
