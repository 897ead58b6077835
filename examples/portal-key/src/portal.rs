//! The portal: a page where users sign in, and an exchange of codes for keys. The password of everybody is `demo`.

use axum::extract::{Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{Code, Company, Key, random};

pub(crate) fn router() -> Router<Company> {
    Router::new().route("/authorize", get(page).post(sign_in)).route("/exchange", post(exchange))
}

/// What leads a browser here.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    state: String,
    redirect_uri: String,
    code_challenge: String,
    code_challenge_method: String,
}

#[derive(Debug, Deserialize)]
struct Login {
    user: String,
    password: String,
    /// What led the browser here, as it was.
    asked: String,
}

#[derive(Debug, Deserialize)]
struct Exchange {
    code: String,
    code_verifier: String,
    redirect_uri: String,
}

async fn page(Query(asked): Query<Asked>) -> Response {
    if asked.code_challenge_method != "S256" || Url::parse(&asked.redirect_uri).is_err() {
        return (StatusCode::BAD_REQUEST, "code_challenge_method must be S256, and redirect_uri a URL")
            .into_response();
    }
    let Ok(asked) = serde_json::to_vec(&asked) else { return StatusCode::BAD_REQUEST.into_response() };
    let asked = BASE64_URL_SAFE_NO_PAD.encode(asked);
    Html(format!(
        "<!doctype html><title>Portal</title><h1>Sign in</h1><form method=\"post\">\
         <label>Name <input name=\"user\"></label> <label>Password <input name=\"password\" type=\"password\"></label>\
         <input type=\"hidden\" name=\"asked\" value=\"{asked}\"><button>Sign in</button></form>"
    ))
    .into_response()
}

async fn sign_in(State(company): State<Company>, Form(login): Form<Login>) -> Response {
    let asked = BASE64_URL_SAFE_NO_PAD.decode(&login.asked).ok();
    let asked: Option<Asked> = asked.and_then(|asked| serde_json::from_slice(&asked).ok());
    let (Some(asked), Ok(code)) = (asked, random()) else { return StatusCode::BAD_REQUEST.into_response() };
    if login.password != "demo" || login.user.is_empty() {
        return (StatusCode::FORBIDDEN, "wrong name or password").into_response();
    }
    let Ok(mut back) = Url::parse(&asked.redirect_uri) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", &asked.state);
    let kept = Code { user: login.user, redirect_uri: asked.redirect_uri, challenge: asked.code_challenge };
    company.state().codes.insert(code, kept);
    Redirect::to(back.as_str()).into_response()
}

async fn exchange(
    State(company): State<Company>,
    headers: HeaderMap,
    Json(asked): Json<Exchange>,
) -> Response {
    let expected = BASE64_STANDARD.encode(format!("oasgate:{}", company.client_secret));
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    if given != Some(expected.as_str()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let mut state = company.state();
    let code = state.codes.remove(&asked.code).filter(|code| {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&asked.code_verifier));
        code.redirect_uri == asked.redirect_uri && code.challenge == challenge
    });
    let (Some(code), Ok(secret)) = (code, random()) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let credential = format!("pk_{}_{secret}", company.minted);
    let id = format!("key-{}", state.keys.len() + 1);
    let key = Key { id: id.clone(), user: code.user.clone(), environment: company.minted.to_string() };
    state.keys.insert(credential.clone(), key);
    Json(json!({
        "credential": credential,
        "key_id": id,
        "subject": code.user,
        "environment": *company.minted,
    }))
    .into_response()
}
