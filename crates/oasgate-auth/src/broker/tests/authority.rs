//! A real authorization server, for the other end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use url::Url;

use super::world::{NOW, Pairs, query};
use crate::Secret;
use crate::jwt::tests::Signer;
use crate::random;
use crate::settings::{ClientAuth, OAuthLeg, Provider};

/// An authorization server with one user, and one client: us.
#[derive(Clone)]
pub(super) struct Authority {
    pub(super) origin: String,
    state: Arc<Inner>,
}

struct Inner {
    signer: Signer,
    /// The token endpoint answers while it is open.
    door: Semaphore,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    origin: String,
    /// Codes, with the challenge and the nonce they were asked for with.
    codes: HashMap<String, (String, String)>,
    refresh: Vec<String>,
    revoked: Vec<String>,
    issued: usize,
    refreshed: usize,
    /// Requests to the token endpoint that have come in.
    knocked: usize,
    quirks: Quirks,
}

/// What it does otherwise than it should.
#[derive(Default, Clone)]
pub(super) struct Quirks {
    /// The status and body of the token endpoint.
    pub(super) token: Option<(u16, Value)>,
    /// Claims of the ID token that are changed.
    pub(super) claims: Vec<(&'static str, Value)>,
    /// How long access tokens live, in seconds, if not an hour.
    pub(super) expires_in: Option<u64>,
}

impl Authority {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let books = Books { origin: origin.clone(), ..Books::default() };
        let state = Arc::new(Inner {
            signer: Signer::new("ES256", "k"),
            door: Semaphore::new(1),
            books: Mutex::new(books),
        });
        let router = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/revoke", post(revoke))
            .route("/me", get(me))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, state }
    }

    /// How a server is set up to sign users in here.
    pub(super) fn leg(&self) -> OAuthLeg {
        OAuthLeg {
            provider: Provider {
                issuer: Some(self.origin.clone()),
                token_endpoint: None,
                revocation_endpoint: None,
                client_id: "us".to_owned(),
                auth: ClientAuth::Basic(Secret::new("our-secret")),
            },
            authorization_endpoint: None,
            scopes: vec!["all".to_owned()],
            extra: [("audience".to_owned(), "api".to_owned())].into(),
            resource: None,
            pkce: true,
            openid: false,
            userinfo: Some((format!("{}/me", self.origin), "login".to_owned())),
            sign_in_origins: Vec::new(),
        }
    }

    /// Signs the user in, and sends them back.
    pub(super) async fn sign_in(&self, away: &Url) -> Url {
        let asked = query(away);
        let code = random::secret();
        let nonce = asked.get("nonce").cloned().unwrap_or_default();
        let challenge = asked.get("code_challenge").cloned().unwrap_or_default();
        self.books().codes.insert(code.clone(), (challenge, nonce));
        self.back(away, &[("code", &code), ("iss", &self.origin)])
    }

    /// Sends the user back with this.
    pub(super) fn back(&self, away: &Url, answer: Pairs<'_>) -> Url {
        let asked = query(away);
        let mut back = Url::parse(&asked["redirect_uri"]).unwrap();
        back.query_pairs_mut().append_pair("state", &asked["state"]).extend_pairs(answer);
        back
    }

    pub(super) fn quirks(&self, quirks: Quirks) {
        self.books().quirks = quirks;
    }

    pub(super) fn revoked(&self) -> Vec<String> {
        self.books().revoked.clone()
    }

    /// How often tokens were refreshed.
    pub(super) fn refreshed(&self) -> usize {
        self.books().refreshed
    }

    /// Answers no request for tokens until [`Self::go_on`].
    pub(super) async fn hang(&self) {
        self.state.door.acquire().await.unwrap().forget();
    }

    pub(super) fn go_on(&self) {
        self.state.door.add_permits(1);
    }

    /// Requests to the token endpoint that have come in.
    pub(super) fn knocked(&self) -> usize {
        self.books().knocked
    }

    /// Forgets all it has granted.
    pub(super) fn forget(&self) {
        self.books().refresh.clear();
    }

    fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.state.books.lock().unwrap()
    }
}

async fn metadata(State(state): State<Arc<Inner>>) -> Json<Value> {
    let origin = state.books.lock().unwrap().origin.clone();
    Json(json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "revocation_endpoint": format!("{origin}/revoke"),
        "jwks_uri": format!("{origin}/jwks"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(state): State<Arc<Inner>>) -> Json<Value> {
    Json(state.signer.set())
}

/// Takes codes and refresh tokens once.
async fn token(
    State(state): State<Arc<Inner>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    state.books.lock().unwrap().knocked += 1;
    let _open = state.door.acquire().await.unwrap();
    let mut books = state.books.lock().unwrap();
    if headers.get(AUTHORIZATION).unwrap() != &format!("Basic {}", STANDARD.encode("us:our-secret")) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    if let Some((status, body)) = books.quirks.token.clone() {
        return (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
    }
    let nonce = if form["grant_type"] == "authorization_code" {
        let asked = books.codes.remove(&form["code"]);
        let asked = asked.filter(|(challenge, _)| *challenge == random::challenge(&form["code_verifier"]));
        asked.map(|(_, nonce)| nonce)
    } else {
        let known = books.refresh.len();
        books.refresh.retain(|own| *own != form["refresh_token"]);
        books.refreshed += 1;
        (books.refresh.len() < known).then(String::new)
    };
    let Some(nonce) = nonce else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    books.issued += 1;
    let refresh = format!("upstream-refresh-{}", books.issued);
    books.refresh.push(refresh.clone());
    let mut claims =
        json!({ "iss": books.origin, "aud": "us", "sub": "alice", "exp": NOW + 600, "nonce": nonce });
    for (name, value) in &books.quirks.claims {
        claims[*name] = value.clone();
    }
    Json(json!({
        "access_token": format!("upstream-access-{}", books.issued),
        "token_type": "Bearer",
        "expires_in": books.quirks.expires_in.unwrap_or(3600),
        "refresh_token": refresh,
        "id_token": state.signer.sign(&claims),
    }))
    .into_response()
}

async fn revoke(State(state): State<Arc<Inner>>, Form(form): Form<HashMap<String, String>>) -> StatusCode {
    state.books.lock().unwrap().revoked.push(form["token"].clone());
    StatusCode::OK
}

async fn me(headers: HeaderMap) -> Response {
    match headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap()) {
        Some(token) if token.starts_with("Bearer upstream-access-") => {
            Json(json!({ "login": "alice" })).into_response()
        }
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}
