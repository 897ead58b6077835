//! What goes upstream, and what never does.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use http::HeaderName;
use regex::Regex;
use serde_json::json;

use super::{Grants, Outbound};
use crate::auth::NoCredential;
use crate::inbound::Inbound;
use crate::settings::{
    self, ApiKeys, ClientAuth, KeyPlace, Others, Provider, Settings, TokenExchange, Verification,
};
use crate::testing::{Api, Elsewhere, parts, settings};
use crate::{Hand, Identity, Presented, Secret, Verified};

const NOW: i64 = 1_800_000_000;

/// Gives each grant a credential of its own name.
#[derive(Debug)]
struct Shelf;

impl Grants for Shelf {
    fn credential<'a>(&'a self, identity: &'a Identity) -> BoxFuture<'a, Result<Secret, NoCredential>> {
        Box::pin(async { Ok(Secret::new(format!("of {}", identity.principal))) })
    }

    fn renewed<'a>(
        &'a self,
        _: &'a Identity,
        _: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>, NoCredential>> {
        Box::pin(async { Err(NoCredential::SignInAgain) })
    }
}

fn way(outbound: settings::Outbound) -> (Outbound, Hand) {
    let (parts, hand) = parts(NOW, &Arc::new(Api::default()));
    let settings = settings(settings::Inbound::default(), outbound);
    (Outbound::new(&settings, &parts, None, Some(Arc::new(Shelf))).unwrap(), hand)
}

fn key() -> Identity {
    Identity::new("k", Presented::ApiKey(Secret::new("sk_1")))
}

fn jwt(token: &str) -> Identity {
    Identity::new("j", Presented::Jwt(Secret::new(token)))
}

fn grant() -> Identity {
    Identity::new("g", Presented::Grant { grant: "g".into(), token: Secret::new("oga_secret") })
}

fn machine() -> Identity {
    Identity::new("m", Presented::Machine)
}

fn provider(elsewhere: &Elsewhere) -> Provider {
    Provider {
        issuer: None,
        token_endpoint: Some(elsewhere.url("/token")),
        revocation_endpoint: None,
        client_id: "us".to_owned(),
        auth: ClientAuth::Post(Secret::new("secret")),
    }
}

fn of_our_own(elsewhere: &Elsewhere) -> settings::Outbound {
    settings::Outbound::ClientCredentials {
        provider: provider(elsewhere),
        scopes: vec!["a".to_owned(), "b".to_owned()],
        audience: Some("api".to_owned()),
        resource: Some("https://api.example".to_owned()),
    }
}

fn exchange(elsewhere: &Elsewhere) -> settings::Outbound {
    settings::Outbound::TokenExchange(TokenExchange {
        provider: provider(elsewhere),
        audience: Some("api".to_owned()),
        resource: None,
        scopes: Vec::new(),
    })
}

async fn shown(way: &Outbound, identity: &Identity) -> String {
    match way.credential(identity).await {
        Ok(Some(secret)) => secret.expose().to_owned(),
        Ok(None) => "nothing".to_owned(),
        Err(NoCredential::Impossible(_)) => "impossible".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

#[tokio::test]
async fn token_passthrough_happens_for_nobody() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers("/token", 200, json!({ "access_token": "another", "expires_in": 3600 }));
    let callers = [key(), jwt("jwt_secret"), grant(), machine()];
    // What each caller has sent upstream: of their own only the key, and that only where keys are forwarded.
    let rows = [
        (settings::Outbound::Static, ["nothing", "nothing", "nothing", "nothing"]),
        (settings::Outbound::Forward, ["sk_1", "impossible", "impossible", "impossible"]),
        (settings::Outbound::Grant, ["sk_1", "impossible", "of g", "impossible"]),
        (settings::Outbound::MintedKey, ["sk_1", "impossible", "of g", "impossible"]),
        (of_our_own(&elsewhere), ["another", "another", "another", "another"]),
        (exchange(&elsewhere), ["impossible", "another", "impossible", "impossible"]),
    ];
    for (outbound, expected) in rows {
        let (way, _) = way(outbound.clone());
        for (caller, expected) in callers.iter().zip(expected) {
            assert_eq!(shown(&way, caller).await, expected, "{outbound:?} {caller:?}");
        }
    }
}

#[tokio::test]
async fn what_goes_upstream_is_chosen_by_what_the_caller_has_shown() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers("/token", 200, json!({ "access_token": "another", "expires_in": 3600 }));
    let callers = [key(), jwt("jwt_secret"), grant(), machine()];
    let rows = [
        (
            settings::Outbound::Grant,
            Others {
                resource_server: Some(exchange(&elsewhere)),
                machines: Some(of_our_own(&elsewhere)),
                api_key: None,
            },
            ["sk_1", "another", "of g", "another"],
        ),
        (
            of_our_own(&elsewhere),
            Others { api_key: Some(settings::Outbound::Forward), ..Others::default() },
            ["sk_1", "another", "another", "another"],
        ),
        // Whatever is said of them: nobody's token is forwarded, and no key is exchanged.
        (
            settings::Outbound::Grant,
            Others {
                resource_server: Some(settings::Outbound::Forward),
                machines: Some(settings::Outbound::Forward),
                api_key: Some(exchange(&elsewhere)),
            },
            ["impossible", "impossible", "of g", "impossible"],
        ),
    ];
    for (outbound, others, expected) in rows {
        let (parts, _) = parts(NOW, &Arc::new(Api::default()));
        let settings = Settings { others, ..settings(settings::Inbound::default(), outbound) };
        let way = Outbound::new(&settings, &parts, None, Some(Arc::new(Shelf))).unwrap();
        for (caller, expected) in callers.iter().zip(expected) {
            assert_eq!(shown(&way, caller).await, expected, "{:?} {caller:?}", settings.others);
        }
    }
}

#[tokio::test]
async fn one_token_serves_all_until_shortly_before_its_end() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers("/token", 200, json!({ "access_token": "one", "expires_in": 100 }));
    let (way, hand) = way(of_our_own(&elsewhere));
    let callers = [key(), jwt("x")];
    let all = join_all((0..20).map(|number| shown(&way, &callers[number % 2]))).await;
    assert_eq!((all, elsewhere.got("/token").len()), (vec!["one".to_owned(); 20], 1));
    let form = &elsewhere.got("/token")[0].form;
    let mut sent: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    sent.sort();
    let expected = [
        "audience=api",
        "client_id=us",
        "client_secret=secret",
        "grant_type=client_credentials",
        "resource=https://api.example",
        "scope=a b",
    ];
    assert_eq!(sent, expected);
    elsewhere.answers("/token", 200, json!({ "access_token": "two" }));
    hand.advance(69);
    assert_eq!(shown(&way, &key()).await, "one");
    hand.advance(1);
    assert_eq!(shown(&way, &key()).await, "two");
    // It does not say how long it is good.
    hand.advance(269);
    assert_eq!(shown(&way, &key()).await, "two");
    elsewhere.answers("/token", 200, json!({ "access_token": "three" }));
    hand.advance(1);
    assert_eq!(shown(&way, &key()).await, "three");
}

#[tokio::test]
async fn a_token_is_exchanged_for_whom_it_is_of() {
    let elsewhere = Elsewhere::start().await;
    let (way, _) = way(exchange(&elsewhere));
    for (subject, given) in [("ann", "for ann"), ("bob", "for-bob"), ("ann", "not asked")] {
        let given = given.replace(' ', "-");
        elsewhere.answers(
            "/token",
            200,
            json!({ "access_token": given, "issued_token_type": "x", "token_type": "Bearer" }),
        );
        let expected = format!("for-{subject}");
        assert_eq!(shown(&way, &jwt(subject)).await, expected);
    }
    let got = elsewhere.got("/token");
    assert_eq!(got.len(), 2);
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let mut sent: Vec<_> = got[0].form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    sent.sort();
    let expected = [
        "audience=api".to_owned(),
        "client_id=us".to_owned(),
        "client_secret=secret".to_owned(),
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange".to_owned(),
        format!("requested_token_type={kind}"),
        "subject_token=ann".to_owned(),
        format!("subject_token_type={kind}"),
    ];
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers("/token", 200, json!({ "access_token": "one", "expires_in": 3600 }));
    let (way, hand) = way(of_our_own(&elsewhere));
    let (one, two) = (Secret::new("one"), Secret::new("two"));
    assert_eq!(shown(&way, &key()).await, "one");
    elsewhere.answers("/token", 200, json!({ "access_token": "two", "expires_in": 3600 }));
    let key = key();
    let renewed =
        async |refused| way.renewed(&key, refused).await.unwrap().map(|secret| secret.expose().to_owned());
    // Many calls find out at once; one asks.
    let all = join_all((0..10).map(|_| renewed(&one))).await;
    assert_eq!((all, elsewhere.got("/token").len()), (vec![Some("two".to_owned()); 10], 2));
    assert_eq!(renewed(&one).await.as_deref(), Some("two"), "who comes late gets what is there");
    assert_eq!(renewed(&two).await, None, "a fresh one is refused for another reason");
    assert_eq!(elsewhere.got("/token").len(), 2);
    hand.advance(60);
    assert_eq!(renewed(&two).await, None, "the same again is no other");
    assert_eq!(elsewhere.got("/token").len(), 3);
}

#[tokio::test]
async fn what_a_provider_says_reaches_the_right_person() {
    let elsewhere = Elsewhere::start().await;
    let later = |seconds| format!("{:?}", NoCredential::Later { retry_after: seconds });
    let again = format!("{:?}", NoCredential::SignInAgain);
    let rows = [
        (400, json!({ "error": "invalid_grant" }), "impossible".to_owned(), again.clone()),
        (400, json!({ "error": "invalid_request" }), "impossible".to_owned(), again),
        (401, json!({ "error": "invalid_client" }), "impossible".to_owned(), "impossible".to_owned()),
        (400, json!({ "error": "invalid_target" }), "impossible".to_owned(), "impossible".to_owned()),
        (200, json!({}), "impossible".to_owned(), "impossible".to_owned()),
        (503, json!({}), later(5), later(5)),
        (429, json!({}), later(5), later(5)),
    ];
    for (status, body, of_our_own_, of_theirs) in rows {
        elsewhere.answers("/token", status, body.clone());
        assert_eq!(shown(&way(of_our_own(&elsewhere)).0, &jwt("x")).await, of_our_own_, "{status} {body}");
        assert_eq!(shown(&way(exchange(&elsewhere)).0, &jwt("x")).await, of_theirs, "{status} {body}");
    }
}

#[tokio::test]
async fn a_key_that_the_api_refuses_is_not_let_in_again() {
    let api = Arc::new(Api::default());
    api.keys.lock().unwrap().insert("sk_1".to_owned(), Verified::Good { subject: None });
    let (parts, _) = parts(NOW, &api);
    let keys = ApiKeys {
        places: vec![KeyPlace::Header(HeaderName::from_static("x-api-key"))],
        pattern: Regex::new("^sk_[0-9]$").unwrap(),
        verification: Some(Verification {
            ttl: Duration::from_secs(60),
            negative_ttl: Duration::from_secs(5),
        }),
        path: None,
    };
    let ways = settings::Inbound { api_key: Some(keys), ..settings::Inbound::default() };
    let settings = settings(ways, settings::Outbound::Forward);
    let inbound = Inbound::new(&settings, &parts, None).unwrap();
    let way = Outbound::new(&settings, &parts, inbound.keys(), None).unwrap();
    let (head, ()) = http::Request::get("/mcp").header("x-api-key", "sk_1").body(()).unwrap().into_parts();
    let asked = async || inbound.identify(inbound.shown(&head).unwrap(), "/mcp").await;
    let identity = asked().await.unwrap();
    let sent = way.credential(&identity).await.unwrap().unwrap();
    api.keys.lock().unwrap().clear();
    assert!(asked().await.is_ok(), "for a minute nobody asks");
    assert!(way.renewed(&identity, &sent).await.unwrap().is_none());
    assert!(asked().await.is_err());
}

#[test]
fn secrets_are_sent_to_safe_places_only() {
    let (parts, _) = parts(NOW, &Arc::new(Api::default()));
    for endpoint in [None, Some("http://as.example/token"), Some("no URL")] {
        let provider = Provider {
            issuer: None,
            token_endpoint: endpoint.map(str::to_owned),
            revocation_endpoint: None,
            client_id: "us".to_owned(),
            auth: ClientAuth::None,
        };
        let outbound = settings::Outbound::ClientCredentials {
            provider,
            scopes: Vec::new(),
            audience: None,
            resource: None,
        };
        let settings = settings(settings::Inbound::default(), outbound);
        assert!(Outbound::new(&settings, &parts, None, None).is_err(), "{endpoint:?}");
    }
}
