//! What callers send, parsed: bodies and queries in, typed values or a list of faults out.
//!
//! Owns every limit of the API. Refuses to know the database: whether a list exists is not asked here.

mod fields;
mod media;
mod query;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::fields::Fields;
pub(crate) use self::{
    media::{JsonBody, PatchBody},
    query::{Format, PageQuery, Pairs, TaskQuery, export_format},
};
use crate::{date::Date, model::Priority, problem::Problem};

const TITLE_CHARS: usize = 200;
const TEXT_CHARS: usize = 4000;
const TAGS: usize = 10;
const TAG_CHARS: usize = 40;

/// The body of `createList`.
#[derive(Debug)]
pub(crate) struct NewList {
    pub(crate) title: String,
    pub(crate) description: Option<String>,
}

impl NewList {
    pub(crate) fn read(body: Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let title = fields.required("title", title);
        let description = fields.optional("description", text).flatten();
        fields.finish()?;
        Ok(Self { title: title.unwrap_or_default(), description })
    }
}

/// The body of `createTask`.
#[derive(Debug)]
pub(crate) struct NewTask {
    pub(crate) title: String,
    pub(crate) notes: Option<String>,
    pub(crate) due: Option<Date>,
    pub(crate) priority: Priority,
    pub(crate) tags: Vec<String>,
}

impl NewTask {
    pub(crate) fn read(body: Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let title = fields.required("title", title);
        let notes = fields.optional("notes", text).flatten();
        let due = fields.optional("due", due).flatten();
        let priority = fields.optional("priority", priority).unwrap_or_default();
        let tags = fields.optional("tags", tags).unwrap_or_default();
        fields.finish()?;
        Ok(Self { title: title.unwrap_or_default(), notes, due, priority, tags })
    }
}

/// The body of `updateTask`, a merge patch (RFC 7396): `None` leaves a member as it is, and an inner `None`,
/// written `null`, clears it.
#[derive(Debug)]
pub(crate) struct TaskPatch {
    pub(crate) title: Option<String>,
    pub(crate) notes: Option<Option<String>>,
    pub(crate) due: Option<Option<Date>>,
    pub(crate) priority: Option<Priority>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) done: Option<bool>,
}

impl TaskPatch {
    pub(crate) fn read(body: Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let patch = Self {
            title: fields.optional("title", title),
            notes: fields.optional("notes", text),
            due: fields.optional("due", due),
            priority: fields.optional("priority", priority),
            tags: fields.optional("tags", tags),
            done: fields
                .optional("done", |value| value.as_bool().ok_or_else(|| "must be true or false".into())),
        };
        fields.finish()?;
        Ok(patch)
    }
}

/// The outcome of reading one member: its value, or what is wrong with it, to follow the member's name.
type Read<T> = Result<T, String>;

fn title(value: &Value) -> Read<String> {
    match value.as_str().map(str::trim) {
        Some("") => Err("must not be empty".to_owned()),
        Some(title) if title.chars().count() <= TITLE_CHARS => Ok(title.to_owned()),
        _ => Err(format!("must be a string of 1 to {TITLE_CHARS} characters")),
    }
}

fn text(value: &Value) -> Read<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= TEXT_CHARS => Ok(Some(text.clone())),
        _ => Err(format!("must be a string of at most {TEXT_CHARS} characters, or null")),
    }
}

fn due(value: &Value) -> Read<Option<Date>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Date::parse(text).map(Some).ok_or(()),
        _ => Err(()),
    }
    .map_err(|()| "must be a date that exists, as YYYY-MM-DD, or null".to_owned())
}

fn priority(value: &Value) -> Read<Priority> {
    value.as_str().and_then(Priority::named).ok_or_else(|| "must be one of low, normal, high".to_owned())
}

fn tags(value: &Value) -> Read<Vec<String>> {
    let fault =
        || format!("must be an array of at most {TAGS} different strings of 1 to {TAG_CHARS} characters");
    let tags: Option<Vec<String>> =
        value.as_array().and_then(|items| items.iter().map(|item| item.as_str().and_then(tag)).collect());
    let tags = tags.filter(|tags| tags.len() <= TAGS).ok_or_else(fault)?;
    let distinct =
        tags.iter().enumerate().all(|(at, tag)| !tags.iter().skip(at + 1).any(|other| other == tag));
    distinct.then_some(tags).ok_or_else(fault)
}

fn tag(text: &str) -> Option<String> {
    (1..=TAG_CHARS).contains(&text.chars().count()).then(|| text.to_owned())
}
