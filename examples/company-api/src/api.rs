//! The API: jobs, for whoever the bearer token belongs to.

use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::{Company, Job};

pub(crate) fn router() -> Router<Company> {
    Router::new().route("/me", get(me)).route("/jobs", get(list).post(create))
}

/// Whose token it is.
struct User(String);

impl FromRequestParts<Company> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, company: &Company) -> Result<Self, Response> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let mut state = company.state();
        state.seen.insert(token.to_owned());
        let user = state.tokens.get(token).filter(|user| !state.banned.contains(*user)).cloned();
        let Some(user) = user else {
            return Err(problem(StatusCode::UNAUTHORIZED, "the token is missing, unknown or has expired"));
        };
        let calls = state.calls.entry(user.clone()).or_default();
        *calls += 1;
        if *calls > company.settings.calls {
            let wait: [(HeaderName, &str); 1] = [(RETRY_AFTER, "30")];
            return Err((wait, problem(StatusCode::TOO_MANY_REQUESTS, "too many calls")).into_response());
        }
        Ok(Self(user))
    }
}

#[derive(Debug, Deserialize)]
struct NewJob {
    name: String,
}

async fn me(User(user): User) -> Response {
    Json(json!({ "id": user, "role": if user == "viewer" { "viewer" } else { "editor" } })).into_response()
}

async fn list(State(company): State<Company>, User(user): User) -> Response {
    let jobs: Vec<Job> = company.state().jobs.iter().filter(|job| job.owner == user).cloned().collect();
    Json(json!({ "jobs": jobs })).into_response()
}

async fn create(State(company): State<Company>, User(user): User, Json(new): Json<NewJob>) -> Response {
    if user == "viewer" {
        return problem(StatusCode::FORBIDDEN, "viewers may not create jobs");
    }
    let mut state = company.state();
    let id = state.jobs.last().map_or(1, |last| last.id + 1);
    let job = Job { id, name: new.name, owner: user };
    state.jobs.push(job.clone());
    (StatusCode::CREATED, Json(job)).into_response()
}

fn problem(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}
