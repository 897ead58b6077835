//! A server, an authorization server behind it, a browser and a client: what all of the tests stand on.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use axum::{Json, Router};
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::{Url, form_urlencoded};

use super::authority::Authority;
use crate::settings::{
    Broker, Cimd, Consent, Inbound, Leg, Limits, MachineClients, Outbound, PasteLeg, Registration, Scope,
};
use crate::testing::Wire;
use crate::{
    Auth, Clock, Fetch, Hand, Identity, Keyring, Memory, Operations, Parts, PublicUrl, Secret, Settings,
    Store, Verified,
};

pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const ISSUER: &str = "https://mcp.example.com";
pub(super) const RESOURCE: &str = "https://mcp.example.com/mcp";
pub(super) const REDIRECT: &str = "http://127.0.0.1:4711/callback";
pub(super) const STATE: &str = "the client's state & more";

/// Parameters, or header fields.
pub(super) type Pairs<'p> = &'p [(&'p str, &'p str)];

/// A server and what it stands on.
pub(super) struct World {
    pub(super) auth: Arc<Auth>,
    pub(super) router: Router,
    pub(super) store: Arc<dyn Store>,
    pub(super) api: Arc<Api>,
    pub(super) hand: Hand,
    pub(super) settings: Settings,
    pub(super) parts: Parts,
}

/// The API, as far as the server asks it anything.
#[derive(Debug, Default)]
pub(super) struct Api {
    /// Keys that are good, and whose they are.
    pub(super) good: Mutex<HashMap<String, String>>,
    /// Keys by identifier that the server has deleted.
    pub(super) deleted: Mutex<Vec<(String, String)>>,
    /// Whether it answers no request to delete one.
    pub(super) hangs: AtomicBool,
}

impl Operations for Api {
    fn verify<'a>(&'a self, credential: &'a Secret) -> BoxFuture<'a, Verified> {
        let subject = self.good.lock().unwrap().get(credential.expose()).cloned();
        Box::pin(std::future::ready(match subject {
            Some(subject) => Verified::Good { subject: Some(subject) },
            None => Verified::Bad,
        }))
    }

    fn revoke<'a>(&'a self, key_id: &'a str, credential: &'a Secret) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            self.deleted.lock().unwrap().push((key_id.to_owned(), credential.expose().to_owned()));
        })
    }
}

/// An answer, read.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// `STATUS error`, as standards have it.
    pub(super) fn refusal(&self) -> String {
        format!("{} {}", self.status, self.json()["error"].as_str().unwrap_or_default())
    }

    pub(super) fn location(&self) -> Url {
        let location = self.headers.get(header::LOCATION).unwrap_or_else(|| panic!("goes nowhere: {self:?}"));
        Url::parse(location.to_str().unwrap()).unwrap()
    }

    /// The hidden field of the form.
    pub(super) fn transaction(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"transaction\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

pub(super) fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Rules that most tests have.
pub(super) fn rules(leg: Leg) -> Broker {
    Broker {
        leg,
        scopes: vec!["read".to_owned(), "write".to_owned()],
        access_ttl: Duration::from_secs(3600),
        refresh_ttl: Duration::from_secs(30 * 86_400),
        registration: Registration::Open,
        cimd: Cimd::Off,
        redirect_hosts: Vec::new(),
        redirect_schemes: Vec::new(),
        consent: Consent::Always,
        clients: BTreeMap::new(),
        issuer: None,
        trusted_idps: Vec::new(),
    }
}

pub(super) fn paste() -> Leg {
    Leg::Paste(PasteLeg { help_url: None, label: "API key".to_owned() })
}

pub(super) fn machine(secret: &str) -> MachineClients {
    MachineClients {
        name: "A machine".to_owned(),
        secret: Some(Secret::new(secret)),
        jwks: None,
        redirect_uris: Vec::new(),
        client_credentials: true,
        scopes: vec!["read".to_owned()],
    }
}

fn scope(name: &str, implies: &[&str]) -> Scope {
    Scope {
        name: name.to_owned(),
        description: format!("What {name} means"),
        operations: 3,
        implies: implies.iter().map(|&scope| scope.to_owned()).collect(),
    }
}

impl World {
    /// One whose users sign in at `authority`.
    pub(super) fn new(authority: &Authority) -> Self {
        Self::with(rules(Leg::OAuth(authority.leg())), Outbound::Grant)
    }

    /// One whose users paste a key.
    pub(super) fn pasting() -> Self {
        Self::with(rules(paste()), Outbound::MintedKey)
    }

    pub(super) fn with(rules: Broker, outbound: Outbound) -> Self {
        Self::reaching(rules, outbound, Wire::shared())
    }

    /// One whose fetcher for what strangers name is this.
    pub(super) fn reaching(rules: Broker, outbound: Outbound, strangers: Arc<dyn Fetch>) -> Self {
        let settings = Settings {
            public_url: PublicUrl::parse(RESOURCE).unwrap(),
            name: "An <API>".to_owned(),
            links: BTreeMap::new(),
            inbound: Inbound { broker: Some(rules), ..Inbound::default() },
            outbound,
            others: crate::settings::Others::default(),
            scopes: vec![scope("read", &[]), scope("write", &["read"])],
            operations: 12,
            limits: Limits { address: (6000, 6000), registration: (6000, 6000), ..Limits::default() },
            trusted_proxies: Vec::new(),
            environment: Some("prod".to_owned()),
        };
        let (clock, hand) = Clock::standing(NOW);
        let api = Arc::new(Api::default());
        let parts = Parts {
            store: Arc::new(Memory::new(clock.clone())),
            keyring: Keyring::ephemeral(),
            clock,
            strangers,
            operator: Wire::shared(),
            operations: Arc::clone(&api) as Arc<dyn Operations>,
        };
        Self::of(settings, parts, hand, api)
    }

    fn of(settings: Settings, parts: Parts, hand: Hand, api: Arc<Api>) -> Self {
        let auth = Auth::new(settings.clone(), parts.clone()).unwrap();
        let calls = Arc::clone(&auth);
        let endpoint = any(move |request: Request| call(Arc::clone(&calls), request));
        let router = auth.router().merge(auth.protect(Router::new().route("/mcp", endpoint)));
        Self { auth, router, store: Arc::clone(&parts.store), api, hand, settings, parts }
    }

    /// Another process on the same store, with the same keys.
    pub(super) fn replica(&self) -> Self {
        Self::of(self.settings.clone(), self.parts.clone(), self.hand.clone(), Arc::clone(&self.api))
    }

    /// The same on a store of another kind.
    pub(super) fn on(&self, store: Arc<dyn Store>) -> Self {
        let parts = Parts { store, ..self.parts.clone() };
        Self::of(self.settings.clone(), parts, self.hand.clone(), Arc::clone(&self.api))
    }

    /// The same with other settings.
    pub(super) fn set(&self, settings: Settings) -> Self {
        Self::of(settings, self.parts.clone(), self.hand.clone(), Arc::clone(&self.api))
    }

    /// Another process on the same store, with other keys.
    pub(super) fn replica_with(&self, keyring: Keyring) -> Self {
        let parts = Parts { keyring, ..self.parts.clone() };
        Self::of(self.settings.clone(), parts, self.hand.clone(), Arc::clone(&self.api))
    }

    pub(super) async fn send(&self, request: Request) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form, as a client does.
    pub(super) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(form(pairs).into()).unwrap()).await
    }

    /// Posts JSON to the registration endpoint.
    pub(super) async fn enrol(&self, metadata: &Value) -> Answer {
        let request = Request::post("/register").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(metadata.to_string().into()).unwrap()).await
    }

    /// A client like those on people's machines.
    pub(super) async fn client(&self) -> String {
        let metadata =
            json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none", "client_name": "C" });
        self.enrol(&metadata).await.json()["client_id"].as_str().unwrap().to_owned()
    }

    /// Calls with an access token: `STATUS`, and what goes upstream.
    pub(super) async fn call(&self, token: &str) -> (u16, String) {
        let request = Request::post("/mcp").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = self.send(request.body(Body::empty()).unwrap()).await;
        let upstream = serde_json::from_str::<Value>(&answer.body).ok();
        let text = upstream.and_then(|body| body["upstream"].as_str().map(str::to_owned));
        (answer.status, text.unwrap_or_default())
    }

    /// Who has an access token.
    pub(super) async fn identity(&self, token: &str) -> Arc<Identity> {
        let seen = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&seen);
        let look = any(move |request: Request| {
            *slot.lock().unwrap() = request.extensions().get::<Arc<Identity>>().cloned();
            std::future::ready(StatusCode::OK)
        });
        let router = self.auth.protect(Router::new().route("/mcp", look));
        let request = Request::post("/mcp").header(header::AUTHORIZATION, format!("Bearer {token}"));
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let identity = seen.lock().unwrap().take();
        identity.expect("a token that is alive")
    }

    pub(super) async fn refresh(&self, client: &str, token: &str) -> Answer {
        let pairs = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)];
        self.post("/token", &pairs).await
    }

    /// Everything that is kept, as text.
    pub(super) async fn dump(&self) -> String {
        let rows = self.store.list("", "", 10_000).await.unwrap();
        rows.iter().map(|(key, entry)| format!("{key} {}\n", String::from_utf8_lossy(&entry.value))).collect()
    }
}

/// A tool call, as far as this crate is concerned: says who calls, and what goes upstream.
async fn call(auth: Arc<Auth>, request: Request) -> Response {
    let identity = Arc::clone(request.extensions().get::<Arc<Identity>>().unwrap());
    match auth.credential(&identity).await {
        Ok(credential) => {
            let upstream = credential.as_ref().map(Secret::expose);
            let scopes = identity.scopes.clone().unwrap_or_default();
            Json(json!({ "principal": &*identity.principal, "upstream": upstream, "scopes": *scopes }))
                .into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
