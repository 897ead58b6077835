use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;

use super::{Client, LoginError, Plan, Session};
use crate::testing::{Elsewhere, Wire};
use crate::{Clock, Fetch, Hand, Keyring, Secret};

const NOW: i64 = 1_800_000_000;
const BACK: &str = "http://127.0.0.1:4711/callback";

/// An authorization server that registers clients, and a user's machine.
struct World {
    elsewhere: Elsewhere,
    fetch: Arc<dyn Fetch>,
    clock: Clock,
    hand: Hand,
}

impl World {
    async fn new(changes: Value) -> Self {
        let elsewhere = Elsewhere::start().await;
        let mut metadata = json!({
            "issuer": elsewhere.origin,
            "authorization_endpoint": elsewhere.url("/authorize?tenant=1"),
            "token_endpoint": elsewhere.url("/token"),
            "registration_endpoint": elsewhere.url("/register"),
            "revocation_endpoint": elsewhere.url("/revoke"),
            "device_authorization_endpoint": elsewhere.url("/device"),
        });
        for (name, value) in changes.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        elsewhere.answers("/.well-known/oauth-authorization-server", 200, metadata);
        elsewhere.answers("/register", 201, json!({ "client_id": "made for us" }));
        elsewhere.answers("/token", 200, tokens("a1", "r1"));
        elsewhere.answers("/revoke", 200, json!({}));
        let (clock, hand) = Clock::standing(NOW);
        Self { elsewhere, fetch: Wire::shared(), clock, hand }
    }

    fn plan(&self) -> Plan {
        let scopes = vec!["read".to_owned(), "write".to_owned()];
        Plan { issuer: Some(self.elsewhere.origin.clone()), scopes, ..Plan::default() }
    }

    async fn client(&self, plan: &Plan, back: Option<&str>) -> Result<Client, LoginError> {
        Client::prepare(plan, back, &self.fetch, &self.clock).await
    }

    async fn session(&self) -> Session {
        let client = self.client(&self.plan(), Some(BACK)).await.unwrap();
        let browsing = client.browse(BACK).unwrap();
        let state = query(&browsing.url)["state"].clone();
        client
            .finish(&browsing, &format!("code=c&state={state}&iss={}", self.elsewhere.origin))
            .await
            .unwrap()
    }
}

fn tokens(access: &str, refresh: &str) -> Value {
    json!({ "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 100 })
}

fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_browser_goes_out_and_comes_back_with_tokens() {
    let world = World::new(json!({})).await;
    let client = world.client(&world.plan(), Some(BACK)).await.unwrap();
    let browsing = client.browse(BACK).unwrap();
    let asked = query(&browsing.url);
    let expected = [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "made for us"),
        ("redirect_uri", BACK),
        ("scope", "read write"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in expected {
        assert_eq!(asked[name], value, "{name}");
    }
    let session = client.finish(&browsing, &format!("code=c&state={}", asked["state"])).await.unwrap();
    assert_eq!(session.access_token(&world.clock).unwrap().expose(), "a1");
    let form = &world.elsewhere.got("/token")[0].form;
    assert_eq!((&*form["code"], &*form["redirect_uri"], &*form["client_id"]), ("c", BACK, "made for us"));
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    assert_eq!(challenge, asked["code_challenge"]);
    assert!(!browsing.url.contains(&form["code_verifier"]));
}

#[tokio::test]
async fn mix_up_and_forged_answers_are_refused_before_the_code_goes_anywhere() {
    let world = World::new(json!({ "authorization_response_iss_parameter_supported": true })).await;
    let client = world.client(&world.plan(), Some(BACK)).await.unwrap();
    let browsing = client.browse(BACK).unwrap();
    let (state, issuer) = (query(&browsing.url)["state"].clone(), world.elsewhere.origin.clone());
    let foreign = [
        format!("code=c&iss={issuer}"),
        format!("code=c&state=x&iss={issuer}"),
        format!("code=c&state={state}x&iss={issuer}"),
        format!("code=c&state={state}&state={state}&iss={issuer}"),
        format!("code=c&state={state}"),
        format!("code=c&state={state}&iss=https://evil.example"),
        format!("error=access_denied&state={state}&iss=https://evil.example"),
        format!("state={state}&iss={issuer}"),
        String::new(),
    ];
    for answer in foreign {
        let error = client.finish(&browsing, &answer).await.unwrap_err();
        assert!(matches!(error, LoginError::Foreign(_)), "{answer}: {error:?}");
    }
    for (told, shown) in [("access_denied", "access_denied"), ("%1b[31m", "")] {
        let answer = format!("error={told}&state={state}&iss={issuer}");
        assert_eq!(
            client.finish(&browsing, &answer).await.unwrap_err(),
            LoginError::Refused(shown.to_owned())
        );
    }
    assert!(world.elsewhere.got("/token").is_empty());
}

#[tokio::test]
async fn a_client_is_registered_or_named_or_there_is_advice() {
    let world = World::new(json!({})).await;
    world.client(&world.plan(), Some(BACK)).await.unwrap();
    let named = Plan { client_id: Some("ours".to_owned()), ..world.plan() };
    let client = world.client(&named, Some(BACK)).await.unwrap();
    assert_eq!(query(&client.browse(BACK).unwrap().url)["client_id"], "ours");
    assert_eq!(world.elsewhere.got("/register").len(), 1);
    world.elsewhere.answers("/register", 403, json!({ "error": "access_denied" }));
    let refused = world.client(&world.plan(), Some(BACK)).await.unwrap_err();
    assert_eq!(refused, LoginError::Refused("access_denied".to_owned()));
    let without = World::new(json!({ "registration_endpoint": null })).await;
    let error = without.client(&without.plan(), Some(BACK)).await.unwrap_err();
    assert!(error.to_string().contains("--client-id"), "{error}");
}

#[tokio::test]
async fn endpoints_of_a_description_suffice_if_they_are_safe() {
    let world = World::new(json!({})).await;
    let plan = |token: &str, authorize: &str| Plan {
        authorization_endpoint: Some(authorize.to_owned()),
        token_endpoint: Some(token.to_owned()),
        client_id: Some("ours".to_owned()),
        ..Plan::default()
    };
    let (token, authorize) = (world.elsewhere.url("/token"), world.elsewhere.url("/authorize"));
    assert!(world.client(&plan(&token, &authorize), Some(BACK)).await.is_ok());
    for (token, authorize) in [
        ("http://as.example/token", &*authorize),
        (&token, "http://as.example/a"),
        (&token, "javascript:alert(1)"),
        (&token, "file:///etc/passwd"),
    ] {
        let error = world.client(&plan(token, authorize), Some(BACK)).await.unwrap_err();
        assert!(matches!(error, LoginError::Plan(_)), "{token} {authorize}");
    }
}

#[tokio::test]
async fn another_device_is_waited_for() {
    let world = World::new(json!({})).await;
    let grant = json!({ "device_code": "d", "user_code": "ABCD", "verification_uri": "https://as.example/d", "expires_in": 600 });
    world.elsewhere.answers("/device", 200, grant);
    let client = world.client(&world.plan(), None).await.unwrap();
    assert!(client.has_device_flow());
    let mut device = client.device().await.unwrap();
    assert_eq!((&*device.user_code, device.interval), ("ABCD", 5));
    assert_eq!(world.elsewhere.got("/device")[0].form["scope"], "read write");
    let rows = [
        (400, json!({ "error": "authorization_pending" }), 5),
        (400, json!({ "error": "slow_down" }), 10),
        (503, json!({}), 20),
    ];
    for (status, body, interval) in rows {
        world.elsewhere.answers("/token", status, body);
        assert!(client.poll(&mut device).await.unwrap().is_none());
        assert_eq!(device.interval, interval);
    }
    world.elsewhere.answers("/token", 400, json!({ "error": "access_denied" }));
    let declined = client.poll(&mut device).await.unwrap_err();
    assert_eq!(declined, LoginError::Refused("access_denied".to_owned()));
    world.elsewhere.answers("/token", 200, tokens("a1", "r1"));
    let session = client.poll(&mut device).await.unwrap().unwrap();
    assert_eq!(session.access_token(&world.clock).unwrap().expose(), "a1");
    assert_eq!(world.elsewhere.got("/token")[0].form["device_code"], "d");
    world.hand.advance(600);
    assert_eq!(client.poll(&mut device).await.unwrap_err(), LoginError::Over);
}

#[tokio::test]
async fn a_session_is_refreshed_until_it_is_over() {
    let world = World::new(json!({})).await;
    let mut session = world.session().await;
    world.hand.advance(69);
    assert!(session.access_token(&world.clock).is_some());
    assert!(session.other_than(&Secret::new("a1"), &world.clock).is_none());
    world.hand.advance(1);
    assert!(session.access_token(&world.clock).is_none());
    for (number, expected) in [(2, "r1"), (3, "r2")] {
        world.elsewhere.answers("/token", 200, tokens(&format!("a{number}"), &format!("r{number}")));
        let fresh = session.refresh(&world.fetch, &world.clock).await.unwrap();
        assert_eq!(fresh.expose(), format!("a{number}"));
        assert_eq!(world.elsewhere.got("/token").last().unwrap().form["refresh_token"], expected);
    }
    // One that gives no new refresh token means the old one.
    world.elsewhere.answers("/token", 200, json!({ "access_token": "a4" }));
    session.refresh(&world.fetch, &world.clock).await.unwrap();
    world.elsewhere.answers("/token", 503, json!({}));
    let error = session.refresh(&world.fetch, &world.clock).await.unwrap_err();
    assert!(matches!(error, LoginError::Server(_)));
    assert_eq!(session.access_token(&world.clock).unwrap().expose(), "a4", "nothing is lost");
    world.elsewhere.answers("/token", 400, json!({ "error": "invalid_grant" }));
    assert_eq!(session.refresh(&world.fetch, &world.clock).await.unwrap_err(), LoginError::Over);
    assert_eq!(world.elsewhere.got("/token").last().unwrap().form["refresh_token"], "r3");
    session.revoke(&world.fetch, &world.clock).await.unwrap();
    assert_eq!(world.elsewhere.got("/revoke")[0].form["token"], "r3");
}

#[tokio::test]
async fn secrets_at_rest_are_sealed_for_one_purpose() {
    let world = World::new(json!({})).await;
    let session = world.session().await;
    let keyring = Keyring::new(&[Keyring::generate_key()]).unwrap();
    let sealed = session.seal(&keyring, "this API");
    for secret in ["a1", "r1", "made for us", "access_token"] {
        assert!(!sealed.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
    }
    assert!(!format!("{session:?}").contains("a1"));
    let opened = Session::open(&keyring, "this API", &sealed).unwrap();
    assert_eq!(opened.access_token(&world.clock).unwrap().expose(), "a1");
    assert!(Session::open(&keyring, "another API", &sealed).is_none());
    assert!(Session::open(&Keyring::ephemeral(), "this API", &sealed).is_none());
}
