//! The company's authorization server: authorization code with PKCE, refresh tokens that are used once. The password of
//! everybody is `demo`.

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

use crate::{Code, Company, random};

pub(crate) fn router() -> Router<Company> {
    Router::new().route("/authorize", get(page).post(sign_in)).route("/token", post(token))
}

/// RFC 6749, 4.1.1; RFC 7636, 4.3.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    client_id: String,
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

/// RFC 6749, 4.1.3 and 6.
#[derive(Debug, Deserialize)]
struct Exchange {
    grant_type: String,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    refresh_token: Option<String>,
}

async fn page(Query(asked): Query<Asked>) -> Response {
    if asked.client_id != "oasgate" || asked.code_challenge_method != "S256" {
        return (StatusCode::BAD_REQUEST, "unknown client_id, or a code_challenge_method that is not S256")
            .into_response();
    }
    let Ok(asked) = serde_json::to_vec(&asked) else { return StatusCode::BAD_REQUEST.into_response() };
    let asked = BASE64_URL_SAFE_NO_PAD.encode(asked);
    Html(format!(
        "<!doctype html><title>Company</title><h1>Sign in</h1><form method=\"post\">\
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

async fn token(State(company): State<Company>, headers: HeaderMap, Form(asked): Form<Exchange>) -> Response {
    let expected = BASE64_STANDARD.encode(format!("oasgate:{}", company.client_secret));
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    if given != Some(expected.as_str()) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let user = match asked.grant_type.as_str() {
        "authorization_code" => by_code(&company, &asked),
        "refresh_token" => {
            asked.refresh_token.and_then(|token| company.state().refresh_tokens.remove(&token))
        }
        _ => return error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    let (Some(user), Ok(access), Ok(refresh)) = (user, random(), random()) else {
        return error(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let mut state = company.state();
    state.tokens.insert(access.clone(), user.clone());
    state.refresh_tokens.insert(refresh.clone(), user);
    Json(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": company.settings.token_lifetime,
        "refresh_token": refresh,
    }))
    .into_response()
}

fn by_code(company: &Company, asked: &Exchange) -> Option<String> {
    let code = company.state().codes.remove(asked.code.as_deref()?)?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(asked.code_verifier.as_deref()?));
    let is_its =
        code.challenge == challenge && Some(code.redirect_uri.as_str()) == asked.redirect_uri.as_deref();
    is_its.then_some(code.user)
}

fn error(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
