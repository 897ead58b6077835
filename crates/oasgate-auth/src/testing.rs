//! What several modules' tests stand on: a way to reach servers that is real, and a real authorization server.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Request as Incoming, State};
use axum::response::{IntoResponse as _, Response as Answer};
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::{
    Clock, Fetch, FetchError, FetchLimits, Fetching, Hand, Inbound, Keyring, Limits, Memory, Operations,
    Others, Outbound, Parts, PublicUrl, Secret, Settings, Timestamp, Verified,
};

/// Sends requests to this machine, as they are.
#[derive(Debug, Clone)]
pub(crate) struct Wire(reqwest::Client);

impl Wire {
    pub(crate) fn shared() -> Arc<dyn Fetch> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Arc::new(Self(client.tls_certs_only([]).build().unwrap()))
    }
}

impl Fetch for Wire {
    fn fetch(&self, request: Request<Bytes>, limits: FetchLimits) -> Fetching<'_> {
        Box::pin(async move {
            let failed = |_| FetchError::Failed("the test's server".to_owned());
            let (parts, body) = request.into_parts();
            let sent = self.0.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let answer = sent.timeout(limits.time).send().await.map_err(failed)?;
            let mut whole = Response::builder().status(answer.status());
            whole.headers_mut().unwrap().clone_from(answer.headers());
            let (mut body, mut chunks) =
                (Vec::new(), Body::new(reqwest::Body::from(answer)).into_data_stream());
            while let Some(chunk) = chunks.next().await {
                body.extend_from_slice(&chunk.map_err(|_| FetchError::Failed("cut".to_owned()))?);
                if body.len() > limits.bytes {
                    return Err(FetchError::TooLarge("the test's server".to_owned()));
                }
            }
            Ok(whole.body(body.into()).unwrap())
        })
    }
}

/// A request that a server in a test has got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) form: HashMap<String, String>,
}

/// A server that answers by path what the test has told it to, and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct Elsewhere {
    pub(crate) origin: String,
    state: Arc<Script>,
}

struct Script {
    answers: Mutex<HashMap<String, (StatusCode, Value)>>,
    got: Mutex<Vec<Got>>,
    /// Answers wait for a permit.
    door: Semaphore,
}

/// More than any test asks for.
const OPEN: u32 = 1_000_000;

impl Elsewhere {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script =
            Script { answers: Mutex::default(), got: Mutex::default(), door: Semaphore::new(OPEN as usize) };
        let state = Arc::new(script);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, state }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// From now on a path is answered by this.
    pub(crate) fn answers(&self, path: &str, status: u16, body: Value) {
        let answer = (StatusCode::from_u16(status).unwrap(), body);
        self.state.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Metadata that names the usual endpoints, and a JWK set.
    pub(crate) fn is_issuer(&self, keys: &Value) {
        let metadata = json!({
            "issuer": self.origin,
            "authorization_endpoint": self.url("/authorize"),
            "token_endpoint": self.url("/token"),
            "revocation_endpoint": self.url("/revoke"),
            "jwks_uri": self.url("/jwks"),
        });
        self.answers("/.well-known/oauth-authorization-server", 200, metadata);
        self.answers("/jwks", 200, keys.clone());
    }

    /// From now on nothing is answered, until [`Self::go_on`].
    pub(crate) async fn hang(&self) {
        self.state.door.acquire_many(OPEN).await.unwrap().forget();
    }

    pub(crate) fn go_on(&self) {
        self.state.door.add_permits(OPEN as usize);
    }

    /// What was asked of a path.
    pub(crate) fn got(&self, path: &str) -> Vec<Got> {
        self.state.got.lock().unwrap().iter().filter(|got| got.path == path).cloned().collect()
    }

    /// Waits until a path has been asked so often.
    pub(crate) async fn asked(&self, path: &str, times: usize) {
        while self.got(path).len() < times {
            tokio::task::yield_now().await;
        }
    }
}

async fn answer(State(script): State<Arc<Script>>, request: Incoming) -> Answer {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    script.got.lock().unwrap().push(Got { path: path.clone(), headers: parts.headers, form });
    let _permit = script.door.acquire().await.unwrap();
    let answer = script.answers.lock().unwrap().get(&path).cloned();
    let (status, body) = answer.unwrap_or((StatusCode::NOT_FOUND, json!({ "error": "not found" })));
    (status, Json(body)).into_response()
}

/// The API, as far as credentials are tried on it: which are good, and whose they are.
#[derive(Debug, Default)]
pub(crate) struct Api {
    pub(crate) keys: Mutex<HashMap<String, Verified>>,
    /// What it was asked about, in order.
    pub(crate) tried: Mutex<Vec<String>>,
}

impl Operations for Api {
    fn verify<'a>(&'a self, credential: &'a Secret) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            self.tried.lock().unwrap().push(credential.expose().to_owned());
            tokio::task::yield_now().await;
            self.keys.lock().unwrap().get(credential.expose()).cloned().unwrap_or(Verified::Bad)
        })
    }

    fn revoke<'a>(&'a self, _: &'a str, credential: &'a Secret) -> BoxFuture<'a, ()> {
        self.keys.lock().unwrap().remove(credential.expose());
        Box::pin(std::future::ready(()))
    }
}

/// The parts of a server in a test, at a time that stands still.
pub(crate) fn parts(now: Timestamp, api: &Arc<Api>) -> (Parts, Hand) {
    let (clock, hand) = Clock::standing(now);
    let parts = Parts {
        store: Arc::new(Memory::new(clock.clone())),
        keyring: Keyring::ephemeral(),
        clock,
        strangers: Wire::shared(),
        operator: Wire::shared(),
        operations: Arc::clone(api) as Arc<dyn Operations>,
    };
    (parts, hand)
}

/// Settings of a server at `https://mcp.example.com/mcp` with these ways in and out.
pub(crate) fn settings(inbound: Inbound, outbound: Outbound) -> Settings {
    Settings {
        public_url: PublicUrl::parse("https://mcp.example.com/mcp").unwrap(),
        name: "An API".to_owned(),
        links: BTreeMap::new(),
        inbound,
        outbound,
        others: Others::default(),
        scopes: Vec::new(),
        operations: 12,
        limits: Limits::default(),
        trusted_proxies: Vec::new(),
        environment: None,
    }
}
