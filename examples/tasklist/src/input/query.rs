//! Query parameters, typed.
//!
//! Owns page sizes and cursors. Refuses parameters it does not know: a filter misspelt must not list everything.

use crate::problem::{Fault, Place, Problem};

/// Pairs as the query has them, in order; a repeated name is an array (OpenAPI style `form`, exploded).
pub(crate) type Pairs = Vec<(String, String)>;

const DEFAULT_LIMIT: u8 = 50;
const MAX_LIMIT: u8 = 100;

/// Which page: `limit` and `cursor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageQuery {
    /// From 1 to 100.
    pub(crate) limit: u8,
    /// Only items with a greater id.
    pub(crate) after: i64,
}

impl PageQuery {
    /// The query of `listLists`.
    pub(crate) fn read(pairs: Pairs) -> Result<Self, Problem> {
        let mut page = Self { limit: DEFAULT_LIMIT, after: 0 };
        read(pairs, |name, value| page.take(name, value))?;
        Ok(page)
    }

    fn take(&mut self, name: &str, value: &str) -> Taken {
        match name {
            "limit" => match value.parse() {
                Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => self.limit = limit,
                _ => return Taken::Wrong("must be a whole number from 1 to 100"),
            },
            "cursor" => match value.parse() {
                Ok(after) if after >= 0 => self.after = after,
                _ => return Taken::Wrong("must be the `nextCursor` of an earlier page, unchanged"),
            },
            _ => return Taken::Unknown,
        }
        Taken::Yes
    }
}

/// The query of `listTasks`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskQuery {
    pub(crate) page: PageQuery,
    /// Only tasks that are done, or only open ones.
    pub(crate) done: Option<bool>,
    /// Only tasks that carry all of these.
    pub(crate) tags: Vec<String>,
}

impl TaskQuery {
    pub(crate) fn read(pairs: Pairs) -> Result<Self, Problem> {
        let mut query =
            Self { page: PageQuery { limit: DEFAULT_LIMIT, after: 0 }, done: None, tags: Vec::new() };
        read(pairs, |name, value| match (name, value) {
            ("done", "true") => query.set_done(true),
            ("done", "false") => query.set_done(false),
            ("done", _) => Taken::Wrong("must be true or false"),
            ("tags", "") => Taken::Wrong("must not be empty"),
            ("tags", tag) => {
                query.tags.push(tag.to_owned());
                Taken::Yes
            }
            _ => query.page.take(name, value),
        })?;
        Ok(query)
    }

    fn set_done(&mut self, done: bool) -> Taken {
        self.done = Some(done);
        Taken::Yes
    }
}

/// What `exportTasks` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Text,
}

/// The query of `exportTasks`.
pub(crate) fn export_format(pairs: Pairs) -> Result<Format, Problem> {
    let mut format = Format::Csv;
    read(pairs, |name, value| {
        format = match (name, value) {
            ("format", "csv") => Format::Csv,
            ("format", "text") => Format::Text,
            ("format", _) => return Taken::Wrong("must be one of csv, text"),
            _ => return Taken::Unknown,
        };
        Taken::Yes
    })?;
    Ok(format)
}

/// What became of one pair.
enum Taken {
    Yes,
    Unknown,
    Wrong(&'static str),
}

fn read(pairs: Pairs, mut take: impl FnMut(&str, &str) -> Taken) -> Result<(), Problem> {
    let faults: Vec<Fault> = pairs
        .into_iter()
        .filter_map(|(name, value)| {
            let why = match take(&name, &value) {
                Taken::Yes => return None,
                Taken::Unknown => "is not a parameter of this operation",
                Taken::Wrong(why) => why,
            };
            Some(Fault { detail: format!("`{name}` {why}."), place: Place::Parameter(name) })
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::unprocessable(faults)) }
}
