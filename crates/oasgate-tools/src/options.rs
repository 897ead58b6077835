//! What the operator decides about the tools.

use url::Url;

use crate::Selection;

/// How a catalog is compiled.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the listed input schemas may contain.
    pub profile: Profile,
    /// Where requests go instead of the description's own servers. An operation's server that lies below the API's
    /// keeps its place below this one; one elsewhere keeps its path.
    pub base_url: Option<Url>,
    /// Which operations become tools.
    pub selection: Selection,
    /// What every tool's name begins with, before `_`.
    pub prefix: Option<String>,
    /// How long a tool's name may be, in characters.
    pub name_limit: usize,
    /// Whether output schemas are listed too. They need an API that was loaded with its response schemas.
    pub output_schemas: bool,
    /// How many bytes of input schema may be listed for one tool. What is larger in full is listed as far as it fits:
    /// with shorter descriptions, then as the portable profile has it.
    pub schema_budget: usize,
}

/// What the listed input schemas may contain. Arguments are checked against the full schema in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// What every known host and model API accepts: no references, no composition but `anyOf`, one type each.
    #[default]
    Portable,
    /// Faithful JSON Schema 2020-12.
    Full,
}

impl Profile {
    /// How many bytes of input schema are worth listing for one tool: what models get along with, and for those who ask for
    /// all that the description says, most of that.
    #[must_use]
    pub const fn schema_budget(self) -> usize {
        match self {
            Self::Portable => 16_000,
            Self::Full => 160_000,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: Profile::Portable,
            base_url: None,
            selection: Selection::default(),
            prefix: None,
            name_limit: 64,
            output_schemas: false,
            schema_budget: Profile::Portable.schema_budget(),
        }
    }
}
