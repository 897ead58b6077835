//! Lists in the database.

use rusqlite::{Connection, OptionalExtension, Result, Row, named_params};

use crate::{
    input::{NewList, PageQuery},
    model::{List, Page},
};

const SELECT: &str = "
    SELECT id, title, description, created_at,
           (SELECT count(*) FROM tasks WHERE list_id = lists.id AND completed_at IS NULL)     AS open_tasks,
           (SELECT count(*) FROM tasks WHERE list_id = lists.id AND completed_at IS NOT NULL) AS done_tasks
    FROM lists";

pub(crate) fn all(connection: &Connection) -> Result<Vec<List>> {
    connection.prepare_cached(&format!("{SELECT} ORDER BY id"))?.query_map([], list)?.collect()
}

pub(crate) fn page(connection: &Connection, page: PageQuery) -> Result<Page<List>> {
    let lists: Result<Vec<List>> = connection
        .prepare_cached(&format!("{SELECT} WHERE id > :after ORDER BY id LIMIT :limit + 1"))?
        .query_map(named_params! { ":after": page.after, ":limit": page.limit }, list)?
        .collect();
    Ok(Page::of(lists?, page.limit, |list| list.id))
}

pub(crate) fn get(connection: &Connection, id: i64) -> Result<Option<List>> {
    connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?.query_row([id], list).optional()
}

/// `None` only if the new list was deleted by another process in between.
pub(crate) fn create(connection: &Connection, new: &NewList) -> Result<Option<List>> {
    connection
        .prepare_cached("INSERT INTO lists (title, description) VALUES (?1, ?2)")?
        .execute((&new.title, &new.description))?;
    get(connection, connection.last_insert_rowid())
}

/// Deletes the list with its tasks. `false` if there was none.
pub(crate) fn delete(connection: &Connection, id: i64) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM lists WHERE id = ?1")?.execute([id])? > 0)
}

fn list(row: &Row<'_>) -> Result<List> {
    Ok(List {
        id: row.get("id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        open_tasks: row.get("open_tasks")?,
        done_tasks: row.get("done_tasks")?,
        created_at: row.get("created_at")?,
    })
}
