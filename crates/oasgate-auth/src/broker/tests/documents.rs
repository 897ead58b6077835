//! Clients that are known by a document at their URL.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::future::join_all;
use http::header::{ETAG, IF_NONE_MATCH};
use http::{Request, Response};
use serde_json::{Value, json};

use super::browser::{SignIn, pair};
use super::world::{Pairs, REDIRECT, World, paste, rules};
use crate::jwt::tests::Signer;
use crate::settings::{Broker, Cimd, Outbound};
use crate::{Fetch, FetchError, FetchLimits, Fetching};

/// The web, as far as there is one: documents by URL, and what was asked for.
#[derive(Debug, Default)]
struct Web {
    documents: Mutex<HashMap<String, (u16, String)>>,
    /// URLs, with the entity tags that were at hand.
    asked: Mutex<Vec<(String, Option<String>)>>,
}

impl Web {
    /// From now on a URL is answered by this; by nothing if the status is 0.
    fn answers(&self, url: &str, status: u16, body: &str) {
        self.documents.lock().unwrap().insert(url.to_owned(), (status, body.to_owned()));
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Fetch for Web {
    fn fetch(&self, request: Request<Bytes>, limits: FetchLimits) -> Fetching<'_> {
        let url = request.uri().to_string();
        let tag = request.headers().get(IF_NONE_MATCH).map(|tag| tag.to_str().unwrap().to_owned());
        self.asked.lock().unwrap().push((url.clone(), tag));
        let answer = match self.documents.lock().unwrap().get(&url).cloned() {
            Some((0, _)) => Err(FetchError::Failed(url)),
            Some((_, body)) if body.len() > limits.bytes => Err(FetchError::TooLarge(url)),
            Some((status, body)) => {
                let answer = Response::builder().status(status).header(ETAG, "\"v1\"");
                Ok(answer.body(Bytes::from(body)).unwrap())
            }
            None => Err(FetchError::Refused(url)),
        };
        Box::pin(async move {
            tokio::task::yield_now().await;
            answer
        })
    }
}

const DOCUMENT: &str = "https://client.example/oauth/client.json";

fn document(changes: &Value) -> String {
    let mut document = json!({
        "client_id": DOCUMENT,
        "client_name": "A client",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    document.to_string()
}

fn web(documents: &[(&str, u16, String)]) -> Arc<Web> {
    let documents = documents.iter().map(|(url, status, body)| ((*url).to_owned(), (*status, body.clone())));
    Arc::new(Web { documents: Mutex::new(documents.collect()), asked: Mutex::default() })
}

fn reading(cimd: Cimd, web: &Arc<Web>) -> World {
    World::reaching(Broker { cimd, ..rules(paste()) }, Outbound::MintedKey, Arc::clone(web) as Arc<dyn Fetch>)
}

fn open() -> Cimd {
    Cimd::Open { pinned: BTreeMap::new() }
}

#[tokio::test]
async fn a_client_is_known_by_its_document() {
    let web = web(&[(DOCUMENT, 200, document(&json!({})))]);
    let world = reading(open(), &web);
    let mut sign_in = SignIn::of(DOCUMENT.to_owned());
    for _ in 0..3 {
        let page = sign_in.page(&world).await;
        assert!(page.body.contains("<strong>client.example</strong>") && !page.body.contains("unverified"));
    }
    assert_eq!(web.asked(), 1);
    world.hand.advance(3601);
    sign_in.page(&world).await;
    assert_eq!(web.asked(), 2);
}

#[tokio::test]
async fn ssrf_documents_are_fetched_only_where_the_operator_allows() {
    let hosts = |hosts: &[&str], pinned: Pairs<'_>| Cimd::Allowlist {
        hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
        pinned: pinned.iter().map(|(url, text)| ((*url).to_owned(), (*text).to_owned())).collect(),
    };
    let text = document(&json!({}));
    let rows = [
        (Cimd::Off, DOCUMENT, 400, 0),
        (open(), DOCUMENT, 200, 1),
        (hosts(&["client.example"], &[]), DOCUMENT, 200, 1),
        (hosts(&["other.example"], &[]), DOCUMENT, 400, 0),
        (hosts(&[], &[(DOCUMENT, &text)]), DOCUMENT, 200, 0),
        (open(), "https://169.254.169.254/latest/meta-data/", 400, 0),
        (open(), "https://client.example/oauth/../secret", 400, 0),
        (open(), "http://client.example/oauth/client.json", 400, 0),
        (open(), "https://private.example/client.json", 400, 1),
    ];
    for (cimd, id, status, asked) in rows {
        let web = web(&[(DOCUMENT, 200, text.clone())]);
        let world = reading(cimd, &web);
        let mut sign_in = SignIn::of(id.to_owned());
        let address = sign_in.address(&[]);
        assert_eq!(sign_in.browser.get(&world, &address).await.status, status, "{id}");
        assert_eq!(web.asked(), asked, "{id}");
    }
}

#[tokio::test]
async fn a_document_that_is_not_the_clients_own_makes_no_client() {
    let rows = [
        (200, document(&json!({ "client_id": "https://client.example/other.json" }))),
        (200, document(&json!({ "client_id": null }))),
        (200, document(&json!({ "redirect_uris": ["https://other.example/cb"] }))),
        (200, document(&json!({ "redirect_uris": [REDIRECT, "data:x"] }))),
        (200, document(&json!({ "token_endpoint_auth_method": "client_secret_basic" }))),
        (200, document(&json!({ "client_secret": "s" }))),
        (200, document(&json!({ "token_endpoint_auth_method": "private_key_jwt" }))),
        (200, document(&json!({ "client_name": "x".repeat(70_000) }))),
        (200, "not JSON".to_owned()),
        (302, document(&json!({}))),
        (404, document(&json!({}))),
    ];
    for (status, text) in rows {
        let world = reading(open(), &web(&[(DOCUMENT, status, text.clone())]));
        let mut sign_in = SignIn::of(DOCUMENT.to_owned());
        let address = sign_in.address(&[]);
        assert_eq!(sign_in.browser.get(&world, &address).await.status, 400, "{status} {text:.80}");
    }
}

/// A world that knows a client by its document, and what the client has been granted: a refresh token.
async fn granted(web: &Arc<Web>) -> (World, String) {
    let world = reading(open(), web);
    world.api.good.lock().unwrap().insert("sk_alice".to_owned(), "alice".to_owned());
    let (_, refresh) = SignIn::of(DOCUMENT.to_owned()).paste(&world, "sk_alice").await;
    (world, refresh)
}

#[tokio::test]
async fn a_host_that_does_not_answer_costs_its_client_nothing() {
    let web = web(&[(DOCUMENT, 200, document(&json!({})))]);
    let (world, mut refresh) = granted(&web).await;
    let rows = [
        (0, String::new()),
        (503, String::new()),
        (404, String::new()),
        (403, String::new()),
        (302, String::new()),
        (200, "<title>Sign in to the network</title>".to_owned()),
        (200, "x".repeat(70_000)),
    ];
    for (status, body) in rows {
        web.answers(DOCUMENT, status, &body);
        world.hand.advance(86_400);
        // Also where it has never been asked.
        (_, refresh) = pair(&world.replica().refresh(DOCUMENT, &refresh).await);
    }
    // Not for ever.
    world.hand.advance(30 * 86_400 - 1);
    assert_eq!(world.replica().refresh(DOCUMENT, &refresh).await.refusal(), "401 invalid_client");
}

#[tokio::test]
async fn a_client_that_cannot_be_known_now_may_come_again() {
    let web = web(&[]);
    for status in [0, 503, 429, 403] {
        web.answers(DOCUMENT, status, "");
        let world = reading(open(), &web);
        let before = web.asked();
        for _ in 0..2 {
            let answer = world.refresh(DOCUMENT, "ogr_x").await;
            let after = answer.headers.get("retry-after").map(|value| value.to_str().unwrap());
            assert_eq!((answer.refusal().as_str(), after), ("503 temporarily_unavailable", Some("10")));
        }
        // What has just failed is not tried for everybody who asks.
        assert_eq!(web.asked(), before + 1, "{status}");
        web.answers(DOCUMENT, 200, &document(&json!({})));
        world.hand.advance(10);
        assert_eq!(world.refresh(DOCUMENT, "ogr_x").await.refusal(), "400 invalid_grant");
    }
}

#[tokio::test]
async fn a_client_that_takes_its_document_back_is_no_client_any_more() {
    for (status, body) in [(410, String::new()), (200, document(&json!({ "client_id": "another" })))] {
        let web = web(&[(DOCUMENT, 200, document(&json!({})))]);
        let (world, refresh) = granted(&web).await;
        world.hand.advance(3600);
        web.answers(DOCUMENT, status, &body);
        assert_eq!(world.refresh(DOCUMENT, &refresh).await.refusal(), "401 invalid_client", "{status}");
        // What it said before does not come back.
        web.answers(DOCUMENT, 503, "");
        world.hand.advance(10);
        assert_eq!(world.refresh(DOCUMENT, &refresh).await.refusal(), "503 temporarily_unavailable");
    }
}

#[tokio::test]
async fn a_document_is_fetched_once_for_all_who_ask_and_for_all_replicas() {
    let web = web(&[(DOCUMENT, 200, document(&json!({})))]);
    let world = reading(open(), &web);
    let many = join_all((0..20).map(|_| world.refresh(DOCUMENT, "ogr_x"))).await;
    assert!(many.iter().all(|answer| answer.refusal() == "400 invalid_grant"));
    assert_eq!(world.replica().refresh(DOCUMENT, "ogr_x").await.refusal(), "400 invalid_grant");
    assert_eq!(web.asked(), 1);
    // One that has not changed is not sent again.
    world.hand.advance(3600);
    web.answers(DOCUMENT, 304, "");
    for replica in [&world, &world.replica()] {
        assert_eq!(replica.refresh(DOCUMENT, "ogr_x").await.refusal(), "400 invalid_grant");
    }
    assert_eq!(web.asked.lock().unwrap()[1..], [(DOCUMENT.to_owned(), Some("\"v1\"".to_owned()))]);
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_now_are_no_wrong_proof() {
    let keys = "https://client.example/jwks.json";
    let told = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": keys });
    let web = web(&[(DOCUMENT, 200, document(&told)), (keys, 0, String::new())]);
    let world = reading(open(), &web);
    let assertion = Signer::new("ES256", "k").sign(&json!({ "iss": DOCUMENT, "sub": DOCUMENT }));
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "ogr_x"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    assert_eq!(world.post("/token", &pairs).await.refusal(), "503 temporarily_unavailable");
}

#[tokio::test]
async fn clients_are_told_of_documents_while_the_web_is_within_reach() {
    let told = async |world: &World| {
        world.get("/.well-known/oauth-authorization-server").await.json()
            ["client_id_metadata_document_supported"]
            .clone()
    };
    let web = web(&[("https://claude.ai/robots.txt", 404, String::new())]);
    let world = reading(open(), &web);
    // Without the way to anywhere they register, and nothing waits for it to be found.
    assert_eq!(told(&world).await, false);
    let auth = Arc::clone(&world.auth);
    let watching = tokio::spawn(async move { auth.watch().await });
    while told(&world).await == false {
        tokio::task::yield_now().await;
    }
    assert_eq!(web.asked(), 1);
    watching.abort();
    let pinned = BTreeMap::from([(DOCUMENT.to_owned(), document(&json!({})))]);
    assert_eq!(told(&reading(Cimd::Allowlist { hosts: Vec::new(), pinned }, &web)).await, true);
    assert_eq!(told(&reading(Cimd::Off, &web)).await, false);
}
