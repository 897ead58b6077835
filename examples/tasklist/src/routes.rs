//! The whole HTTP surface on one page: which request is answered by what.
//!
//! Owns paths, methods and success statuses. Refuses to know SQL and the form of refusals.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::{StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;

use crate::{
    DESCRIPTION,
    auth::{self, Token},
    export,
    input::{
        Format, JsonBody, NewList, NewTask, PageQuery, Pairs, PatchBody, TaskPatch, TaskQuery, export_format,
    },
    model::{List, Page, Task},
    page,
    problem::Problem,
    store::{Store, lists, tasks},
};

/// No body of this API comes near it.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A handler's answer: a problem is an answer too.
type Answer<T> = Result<T, Problem>;

pub(crate) fn router(store: Store, token: Token) -> Router {
    let api = Router::new()
        .route("/lists", get(list_lists).post(create_list))
        .route("/lists/{list}", get(get_list).delete(delete_list))
        .route("/lists/{list}/tasks", get(list_tasks).post(create_task))
        .route("/lists/{list}/export", get(export_tasks))
        .route("/tasks/{task}", get(get_task).patch(update_task).delete(delete_task))
        .route("/tasks/{task}/complete", post(complete_task))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        // Also around the fallbacks: without a token, nothing is learnt of what exists.
        .layer(middleware::from_fn_with_state(token, auth::require));
    Router::new()
        .nest("/api/v1", api)
        .route("/", get(show_page))
        .route("/openapi.yaml", get(describe))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(store)
}

async fn list_lists(State(store): State<Store>, Query(pairs): Query<Pairs>) -> Answer<Json<Page<List>>> {
    let query = PageQuery::read(pairs)?;
    store.run(move |db| lists::page(db, query)).await.map(Json)
}

async fn create_list(State(store): State<Store>, JsonBody(body): JsonBody) -> Answer<Response> {
    let new = NewList::read(body)?;
    let list = store.run(move |db| lists::create(db, &new)).await?.ok_or_else(deleted_meanwhile)?;
    Ok(created(format!("/api/v1/lists/{}", list.id), list))
}

async fn get_list(State(store): State<Store>, Path(list): Path<String>) -> Answer<Json<List>> {
    let id = id("list", &list)?;
    found("list", &list, store.run(move |db| lists::get(db, id)).await?)
}

async fn delete_list(State(store): State<Store>, Path(list): Path<String>) -> Answer<StatusCode> {
    let id = id("list", &list)?;
    deleted("list", &list, store.run(move |db| lists::delete(db, id)).await?)
}

async fn list_tasks(
    State(store): State<Store>,
    Path(list): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Answer<Json<Page<Task>>> {
    let (id, query) = (id("list", &list)?, TaskQuery::read(pairs)?);
    let page = store.run(move |db| lists::get(db, id)?.map(|_| tasks::page(db, id, &query)).transpose());
    found("list", &list, page.await?)
}

async fn create_task(
    State(store): State<Store>,
    Path(list): Path<String>,
    JsonBody(body): JsonBody,
) -> Answer<Response> {
    let (id, new) = (id("list", &list)?, NewTask::read(body)?);
    let Json(task) = found("list", &list, store.run(move |db| tasks::create(db, id, new)).await?)?;
    Ok(created(format!("/api/v1/tasks/{}", task.id), task))
}

async fn export_tasks(
    State(store): State<Store>,
    Path(list): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Answer<Response> {
    let (id, format) = (id("list", &list)?, export_format(pairs)?);
    let tasks = store.run(move |db| lists::get(db, id)?.map(|_| tasks::all(db, id)).transpose());
    let Json(tasks) = found("list", &list, tasks.await?)?;
    let (media_type, text) = match format {
        Format::Csv => ("text/csv; charset=utf-8", export::csv(&tasks)),
        Format::Text => ("text/plain; charset=utf-8", export::checklist(&tasks)),
    };
    Ok(([(header::CONTENT_TYPE, media_type)], text).into_response())
}

async fn get_task(State(store): State<Store>, Path(task): Path<String>) -> Answer<Json<Task>> {
    let id = id("task", &task)?;
    found("task", &task, store.run(move |db| tasks::get(db, id)).await?)
}

async fn update_task(
    State(store): State<Store>,
    Path(task): Path<String>,
    PatchBody(body): PatchBody,
) -> Answer<Json<Task>> {
    let (id, patch) = (id("task", &task)?, TaskPatch::read(body)?);
    found("task", &task, store.run(move |db| tasks::update(db, id, patch)).await?)
}

async fn delete_task(State(store): State<Store>, Path(task): Path<String>) -> Answer<StatusCode> {
    let id = id("task", &task)?;
    deleted("task", &task, store.run(move |db| tasks::delete(db, id)).await?)
}

async fn complete_task(State(store): State<Store>, Path(task): Path<String>) -> Answer<Json<Task>> {
    let id = id("task", &task)?;
    found("task", &task, store.run(move |db| tasks::complete(db, id)).await?)
}

async fn show_page(State(store): State<Store>) -> Answer<Response> {
    let lists = store.run(|db| {
        lists::all(db)?.into_iter().map(|list| tasks::all(db, list.id).map(|tasks| (list, tasks))).collect()
    });
    let lists: Vec<(List, Vec<Task>)> = lists.await?;
    // Should an escape ever be missed, the browser still runs nothing.
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Html(page::render(&lists))).into_response())
}

async fn describe() -> Response {
    // RFC 9512 registers the media type.
    ([(header::CONTENT_TYPE, "application/yaml")], DESCRIPTION).into_response()
}

async fn no_such_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is nothing at this path; /openapi.yaml lists what there is.")
}

async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path has no such method; /openapi.yaml lists those it has.",
    )
}

/// An id that is no number names nothing, which is the same as a number that names nothing.
fn id(what: &str, text: &str) -> Answer<i64> {
    text.parse().map_err(|_| Problem::not_found(what, text))
}

fn found<T>(what: &str, id: &str, value: Option<T>) -> Answer<Json<T>> {
    value.map(Json).ok_or_else(|| Problem::not_found(what, id))
}

fn deleted(what: &str, id: &str, existed: bool) -> Answer<StatusCode> {
    if existed { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found(what, id)) }
}

fn created(location: String, value: impl Serialize) -> Response {
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(value)).into_response()
}

fn deleted_meanwhile() -> Problem {
    Problem::new(StatusCode::CONFLICT, "The list was deleted by somebody else as it was created.")
}
