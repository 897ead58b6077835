//! Lists and tasks as the API shows them.
//!
//! Owns their members and names on the wire. Refuses to know where they are kept.

use serde::Serialize;

use crate::date::Date;

/// A list, with the number of its tasks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) open_tasks: i64,
    pub(crate) done_tasks: i64,
    pub(crate) created_at: String,
}

/// A task of a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    pub(crate) id: i64,
    pub(crate) list_id: i64,
    pub(crate) title: String,
    pub(crate) notes: Option<String>,
    pub(crate) due: Option<Date>,
    pub(crate) priority: Priority,
    pub(crate) tags: Vec<String>,
    pub(crate) done: bool,
    pub(crate) created_at: String,
    /// When the task was done; `None` while it is open.
    pub(crate) completed_at: Option<String>,
}

/// How much a task matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

impl Priority {
    pub(crate) const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == name)
    }
}

/// Some of a longer sequence, in order, and where the rest begins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Of `items`, read one past `limit` to learn whether more follow.
    pub(crate) fn of(mut items: Vec<T>, limit: u8, id: impl Fn(&T) -> i64) -> Self {
        let limit = usize::from(limit);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| id(last).to_string());
        Self { items, next_cursor }
    }
}
