//! The lists a server offers: of tools, resources, templates and prompts, each made once and sent many times.
//! Knows no caller and nothing of the items but which headers a tool wants.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::param_headers::ParamHeaders;

mod pages;
#[cfg(test)]
mod tests;

pub(crate) use pages::{Page, Pages, push_caching};

/// Who may share a cached list (2026-07-28, server/utilities/caching.mdx).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheScope {
    /// Only the caller who got it. The safe choice: a list may differ from caller to caller.
    #[default]
    Private,
    /// Everybody: only for a list that is the same for all.
    Public,
}

impl CacheScope {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// How a list is cut and how long it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOptions {
    /// How many bytes of items a page holds at most; a larger item has a page to itself. 1 MiB unless told:
    /// clients take between 8 MiB and no limit, and most never ask for a second page they don't need.
    pub page_bytes: usize,
    /// How many items a page holds at most.
    pub page_size: usize,
    /// How long a client may keep the list before it asks again; five minutes unless told.
    pub ttl: Duration,
    /// Who may share it.
    pub scope: CacheScope,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self {
            page_bytes: 1024 * 1024,
            page_size: usize::MAX,
            ttl: Duration::from_secs(300),
            scope: CacheScope::Private,
        }
    }
}

/// The tools of a server, in the order given, ready to be sent to clients of every revision.
#[derive(Debug, Clone)]
pub struct ToolList {
    pages: Pages,
    param_headers: ParamHeaders,
}

impl ToolList {
    /// Serialises a list of tools, each the JSON of a `Tool` object (2026-07-28, schema, `Tool`). The arguments that
    /// a tool's `inputSchema` marks with `x-mcp-header` are held to their headers (2026-07-28,
    /// basic/transports/streamable-http.mdx, "Custom Headers from Tool Parameters").
    #[must_use]
    pub fn new(tools: impl IntoIterator<Item = Box<RawValue>>, options: &ListOptions) -> Self {
        let mut param_headers = ParamHeaders::default();
        let tools = tools.into_iter().inspect(|tool| param_headers.learn(tool));
        let pages = Pages::new("tools", tools, options);
        Self { pages, param_headers }
    }

    /// How many tools there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn pages(&self) -> &Pages {
        &self.pages
    }

    pub(crate) fn param_headers(&self) -> &ParamHeaders {
        &self.param_headers
    }
}

/// Lists are equal if clients see no difference. Which headers a tool wants is read from the list itself.
impl PartialEq for ToolList {
    fn eq(&self, other: &Self) -> bool {
        self.pages == other.pages
    }
}

impl Eq for ToolList {}

/// Makes the type of a list of which the protocol reads no item.
macro_rules! opaque_list {
    ($(#[$meta:meta])* $name:ident, $member:literal, $object:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(Pages);

        impl $name {
            #[doc = concat!("Serialises a list of items, each the JSON of a `", $object, "` object (2026-07-28, schema).")]
            #[must_use]
            pub fn new(items: impl IntoIterator<Item = Box<RawValue>>, options: &ListOptions) -> Self {
                Self(Pages::new($member, items, options))
            }

            /// How many items there are.
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Whether there are none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            pub(crate) fn pages(&self) -> &Pages {
                &self.0
            }
        }
    };
}

opaque_list! {
    /// The resources of a server, in the order given.
    ResourceList, "resources", "Resource"
}

opaque_list! {
    /// The URI templates of a server's resources, in the order given.
    TemplateList, "resourceTemplates", "ResourceTemplate"
}

opaque_list! {
    /// The prompts of a server, in the order given.
    PromptList, "prompts", "Prompt"
}
