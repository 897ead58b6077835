//! Tasks in the database.

use rusqlite::{
    Connection, OptionalExtension, Result, Row, named_params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use crate::{
    date::Date,
    input::{NewTask, TaskPatch, TaskQuery},
    model::{Page, Priority, Task},
};

const SELECT: &str =
    "SELECT id, list_id, title, notes, due, priority, tags, created_at, completed_at FROM tasks";

/// All tasks of a list, in the order they were made.
pub(crate) fn all(connection: &Connection, list: i64) -> Result<Vec<Task>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE list_id = ?1 ORDER BY id"))?
        .query_map([list], task)?
        .collect()
}

/// The tasks of a list that match the query.
pub(crate) fn page(connection: &Connection, list: i64, query: &TaskQuery) -> Result<Page<Task>> {
    let tasks: Result<Vec<Task>> = connection
        .prepare_cached(&format!(
            "{SELECT}
            WHERE list_id = :list AND id > :after
              AND (:done IS NULL OR (completed_at IS NOT NULL) = :done)
              AND NOT EXISTS (SELECT 1 FROM json_each(:tags) AS wanted
                              WHERE wanted.value NOT IN (SELECT value FROM json_each(tasks.tags)))
            ORDER BY id LIMIT :limit + 1"
        ))?
        .query_map(
            named_params! {
                ":list": list,
                ":after": query.page.after,
                ":limit": query.page.limit,
                ":done": query.done,
                ":tags": Tags(query.tags.clone()),
            },
            task,
        )?
        .collect();
    Ok(Page::of(tasks?, query.page.limit, |task| task.id))
}

pub(crate) fn get(connection: &Connection, id: i64) -> Result<Option<Task>> {
    connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?.query_row([id], task).optional()
}

/// `None` if there is no such list.
pub(crate) fn create(connection: &Connection, list: i64, new: NewTask) -> Result<Option<Task>> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO tasks (list_id, title, notes, due, priority, tags)
             SELECT id, ?2, ?3, ?4, ?5, ?6 FROM lists WHERE id = ?1",
        )?
        .execute((list, new.title, new.notes, new.due, new.priority, Tags(new.tags)))?;
    if inserted == 0 { Ok(None) } else { get(connection, connection.last_insert_rowid()) }
}

/// `None` if there is no such task.
pub(crate) fn update(connection: &mut Connection, id: i64, patch: TaskPatch) -> Result<Option<Task>> {
    let transaction = connection.transaction()?;
    let Some(task) = get(&transaction, id)? else { return Ok(None) };
    transaction
        .prepare_cached(
            "UPDATE tasks SET title = ?2, notes = ?3, due = ?4, priority = ?5, tags = ?6 WHERE id = ?1",
        )?
        .execute((
            id,
            patch.title.unwrap_or(task.title),
            patch.notes.unwrap_or(task.notes),
            patch.due.unwrap_or(task.due),
            patch.priority.unwrap_or(task.priority),
            Tags(patch.tags.unwrap_or(task.tags)),
        ))?;
    match patch.done {
        Some(true) => mark_done(&transaction, id)?,
        Some(false) => mark_open(&transaction, id)?,
        None => {}
    }
    let updated = get(&transaction, id)?;
    transaction.commit()?;
    Ok(updated)
}

/// Done twice is done once: the first time stays. `None` if there is no such task.
pub(crate) fn complete(connection: &Connection, id: i64) -> Result<Option<Task>> {
    mark_done(connection, id)?;
    get(connection, id)
}

/// `false` if there was none.
pub(crate) fn delete(connection: &Connection, id: i64) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM tasks WHERE id = ?1")?.execute([id])? > 0)
}

fn mark_done(connection: &Connection, id: i64) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE tasks SET completed_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
             WHERE id = ?1 AND completed_at IS NULL",
        )?
        .execute([id])
        .map(drop)
}

fn mark_open(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("UPDATE tasks SET completed_at = NULL WHERE id = ?1")?.execute([id]).map(drop)
}

fn task(row: &Row<'_>) -> Result<Task> {
    let completed_at: Option<String> = row.get("completed_at")?;
    Ok(Task {
        id: row.get("id")?,
        list_id: row.get("list_id")?,
        title: row.get("title")?,
        notes: row.get("notes")?,
        due: row.get("due")?,
        priority: row.get("priority")?,
        tags: row.get::<_, Tags>("tags")?.0,
        done: completed_at.is_some(),
        created_at: row.get("created_at")?,
        completed_at,
    })
}

/// Tags as they are kept: a JSON array.
struct Tags(Vec<String>);

impl ToSql for Tags {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(serde_json::Value::from(self.0.clone()).to_string().into())
    }
}

impl FromSql for Tags {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(|error| FromSqlError::Other(error.into()))
    }
}

impl ToSql for Date {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Date {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl ToSql for Priority {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Priority {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::named(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}
