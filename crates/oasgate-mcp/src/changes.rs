//! News of lists and resources, from the handler to whoever listens. Knows no client and no message.

use std::sync::Arc;

use tokio::sync::broadcast;

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Tools,
    Prompts,
    Resources,
    /// One resource, by its URI.
    Resource(Arc<str>),
}

/// What a server tells changes of: what it declares as `listChanged` and `subscribe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds {
    /// The list of tools.
    pub tools: bool,
    /// The list of prompts.
    pub prompts: bool,
    /// The lists of resources and templates.
    pub resources: bool,
    /// Single resources, by URI.
    pub updates: bool,
}

/// How many changes wait for a listener that is slow. One that misses some is told that everything has changed, so
/// that nothing is lost but time.
const QUEUE: usize = 64;

/// Where a server tells what has changed. When it is dropped, subscriptions end.
#[derive(Debug)]
pub struct Changes {
    kinds: Kinds,
    news: broadcast::Sender<Change>,
}

impl Changes {
    /// For changes of these kinds; of others nothing is told.
    #[must_use]
    pub fn of(kinds: Kinds) -> Self {
        Self { kinds, news: broadcast::Sender::new(QUEUE) }
    }

    /// The tools are others than before.
    pub fn tools_changed(&self) {
        self.tell(self.kinds.tools, Change::Tools);
    }

    /// The prompts are others than before.
    pub fn prompts_changed(&self) {
        self.tell(self.kinds.prompts, Change::Prompts);
    }

    /// The resources or templates are others than before.
    pub fn resources_changed(&self) {
        self.tell(self.kinds.resources, Change::Resources);
    }

    /// A resource holds something else than before.
    pub fn resource_updated(&self, uri: &str) {
        self.tell(self.kinds.updates, Change::Resource(uri.into()));
    }

    pub(crate) fn kinds(&self) -> Kinds {
        self.kinds
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Change> {
        self.news.subscribe()
    }

    fn tell(&self, declared: bool, change: Change) {
        if declared {
            // Fails when nobody listens.
            let _ = self.news.send(change);
        }
    }
}
