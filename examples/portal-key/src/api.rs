//! The API: videos of the user whose key comes in `x-api-key`.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::{Company, Key, Video};

pub(crate) fn router() -> Router<Company> {
    Router::new()
        .route("/me", get(me))
        .route("/videos", get(list).post(create))
        .route("/videos/{id}", get(read))
        .route("/keys/{id}", delete(revoke))
}

/// Whoever the key of a request belongs to.
impl FromRequestParts<Company> for Key {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, company: &Company) -> Result<Self, Response> {
        let key = parts.headers.get("x-api-key").and_then(|key| key.to_str().ok());
        let known = key.and_then(|key| company.state().keys.get(key).cloned());
        match known {
            None => Err(refused("the key is missing or unknown")),
            Some(key) if *key.environment != *company.environment => {
                Err(refused("the key is for another environment"))
            }
            Some(key) => Ok(key),
        }
    }
}

#[derive(Debug, Deserialize)]
struct NewVideo {
    title: String,
}

async fn me(key: Key) -> Response {
    Json(json!({ "user": key.user, "environment": key.environment })).into_response()
}

async fn list(State(company): State<Company>, key: Key) -> Response {
    let mine: Vec<Video> =
        company.state().videos.iter().filter(|video| video.user == key.user).cloned().collect();
    Json(mine).into_response()
}

async fn create(State(company): State<Company>, key: Key, Json(new): Json<NewVideo>) -> Response {
    let mut state = company.state();
    let id = state.videos.last().map_or(1, |last| last.id + 1);
    let video = Video { id, title: new.title, user: key.user };
    state.videos.push(video.clone());
    (StatusCode::CREATED, Json(video)).into_response()
}

async fn read(State(company): State<Company>, key: Key, Path(id): Path<u64>) -> Response {
    let state = company.state();
    match state.videos.iter().find(|video| video.id == id && video.user == key.user) {
        Some(video) => Json(video.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({ "error": "there is no such video" }))).into_response(),
    }
}

/// A key may be deleted by whoever it belongs to.
async fn revoke(State(company): State<Company>, key: Key, Path(id): Path<String>) -> Response {
    company.state().keys.retain(|_, other| other.id != id || other.user != key.user);
    StatusCode::NO_CONTENT.into_response()
}

fn refused(why: &str) -> Response {
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": why }))).into_response()
}
