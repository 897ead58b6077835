//! A server with every way in at once: an API, an authorization server of others, and the program between them.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::signing::REDIRECT;
use super::stage::{Stage, Upstream, free_port};

/// Of the robot, and of oasgate at the other authorization server.
pub(super) const ROBOT_SECRET: &str = "secret-of-the-robot-0123456789";
/// The client whose metadata is at hand.
pub(super) const PINNED: &str = "https://client.example/metadata.json";

const SPEC: &str = r#"
openapi: 3.1.0
info: { title: Notes, version: 1.0.0 }
servers: [{ url: "API" }]
paths:
  /me:
    get:
      operationId: getMe
      security: [{ signIn: [read] }]
      responses:
        '200': { description: Who calls, content: { application/json: { schema: { type: object, properties: { id: { type: string } } } } } }
  /notes:
    post:
      operationId: writeNote
      security: [{ signIn: [read, write] }]
      responses: { '200': { description: Written } }
components:
  securitySchemes:
    signIn:
      type: oauth2
      flows: { clientCredentials: { tokenUrl: "https://as.example/token", scopes: { read: Read, write: Write } } }
"#;

pub(super) const CONFIG: &str = r#"
spec = "openapi.yaml"
listen = "127.0.0.1:OWN"
public_url = "http://127.0.0.1:OWN/mcp"
danger_allow_private_providers = true

[auth.inbound.api_key]
pattern = "k-[a-z]+"
verify = { operation = "getMe", subject = "/id" }
path = "/mcp/key"

[[auth.inbound.resource_server.issuers]]
issuer = "AS"
algorithms = ["ES256"]

[auth.inbound.broker]
scopes = ["read", "write"]
cimd_pinned = ["client.json"]
paste = { label = "Key of the API" }
verify = { operation = "getMe", subject = "/id" }

[auth.inbound.broker.clients.robot]
name = "A robot"
secret = "env:ROBOT_SECRET"
client_credentials = true
scopes = ["read"]

[auth.outbound]
kind = "minted_key"

[auth.outbound.resource_server]
kind = "token_exchange"
token_endpoint = "AS/token"
client_id = "oasgate"
client_secret = "env:ROBOT_SECRET"
audience = "notes"

[auth.outbound.machines]
kind = "client_credentials"
token_endpoint = "AS/token"
client_id = "oasgate"
client_secret = "env:ROBOT_SECRET"
"#;

/// What is elsewhere.
#[derive(Clone)]
pub(super) struct Elsewhere(Arc<Inner>);

struct Inner {
    key: EcdsaKeyPair,
    /// Of the authorization server.
    origin: String,
    /// The tokens that the API was shown.
    seen: Mutex<Vec<String>>,
    /// What the token endpoint was asked.
    asked: Mutex<Vec<HashMap<String, String>>>,
}

/// The server with all of it.
pub(super) async fn own() -> (Stage, Elsewhere) {
    let (folder, elsewhere) = prepared(CONFIG).await;
    (Stage::begin(folder, Upstream::Own), elsewhere)
}

/// A folder with such a configuration, whose servers are there.
pub(super) async fn prepared(config: &str) -> (TempDir, Elsewhere) {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pair.as_ref()).unwrap();
    let inner = Inner { key, origin: origin.clone(), seen: Mutex::default(), asked: Mutex::default() };
    let elsewhere = Elsewhere(Arc::new(inner));
    let router = elsewhere.router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    put("oasgate.toml", config.replace("OWN", &free_port().to_string()).replace("AS", &origin));
    put("openapi.yaml", SPEC.replace("API", &origin));
    let metadata = json!({ "client_id": PINNED, "client_name": "An example client", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" });
    put("client.json", metadata.to_string());
    (folder, elsewhere)
}

impl Elsewhere {
    fn router(&self) -> Router {
        Router::new()
            .route("/me", get(call))
            .route("/notes", post(call))
            .route("/token", post(exchange))
            .route("/jwks", get(async |State(all): State<Self>| Json(json!({ "keys": [all.jwk()] }))))
            .route("/.well-known/oauth-authorization-server", get(async |State(all): State<Self>| {
                let origin = &all.0.origin;
                Json(json!({ "issuer": origin, "jwks_uri": format!("{origin}/jwks"), "token_endpoint": format!("{origin}/token") }))
            }))
            .with_state(self.clone())
    }

    /// A token of the other authorization server, with these claims besides the usual.
    pub(super) fn jwt(&self, claims: &Value) -> String {
        let part = |json: &Value| BASE64.encode(json.to_string());
        let signed =
            format!("{}.{}", part(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": "k" })), part(claims));
        let signature = self.0.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64.encode(signature))
    }

    pub(super) fn issuer(&self) -> &str {
        &self.0.origin
    }

    pub(super) fn seen(&self) -> Vec<String> {
        self.0.seen.lock().unwrap().clone()
    }

    pub(super) fn asked(&self) -> Vec<BTreeMap<String, String>> {
        let asked = self.0.asked.lock().unwrap();
        asked.iter().map(|form| form.clone().into_iter().collect()).collect()
    }

    /// RFC 7518, 6.2.1: after a byte that says so, the two coordinates.
    fn jwk(&self) -> Value {
        let point = self.0.key.public_key().as_ref().to_vec();
        let (x, y) = point[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "x": BASE64.encode(x), "y": BASE64.encode(y) })
    }
}

/// The API: keys are `k-NAME`, and what the authorization server has given is good, too.
async fn call(State(all): State<Elsewhere>, headers: HeaderMap) -> Response {
    let shown = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let shown = shown.unwrap_or_default();
    all.0.seen.lock().unwrap().push(shown.to_owned());
    match shown {
        "k-ada" => Json(json!({ "id": "ada" })).into_response(),
        "exchanged" => Json(json!({ "id": "ann" })).into_response(),
        "of-oasgate" => Json(json!({ "id": "oasgate" })).into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn exchange(State(all): State<Elsewhere>, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    let token = if form["grant_type"] == "client_credentials" { "of-oasgate" } else { "exchanged" };
    all.0.asked.lock().unwrap().push(form);
    Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300 }))
}
