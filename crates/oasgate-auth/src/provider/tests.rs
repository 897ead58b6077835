use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::flow::{Asked, Returned};
use super::{Discovery, ProviderError, Remote, RemoteKeys, Tokens, is_safe};
use crate::jwt::tests::Signer;
use crate::jwt::{Algorithm, KeySet, Unverified};
use crate::settings::{ClientAuth, Issuer, Provider};
use crate::testing::{Elsewhere, Got, Wire};
use crate::{Clock, Secret};

const NOW: i64 = 1_800_000_000;

fn provider(elsewhere: &Elsewhere, auth: ClientAuth) -> Provider {
    Provider {
        issuer: Some(elsewhere.origin.clone()),
        token_endpoint: None,
        revocation_endpoint: None,
        client_id: "us:and/them".to_owned(),
        auth,
    }
}

fn issuer(elsewhere: &Elsewhere) -> Issuer {
    Issuer {
        issuer: elsewhere.origin.clone(),
        audience: None,
        jwks_uri: None,
        algorithms: vec!["ES256".to_owned()],
        subject_claim: None,
    }
}

fn remote(settings: &Provider) -> Remote {
    Remote::new(settings, &Wire::shared(), &Clock::standing(NOW).0).unwrap()
}

#[tokio::test]
async fn every_way_to_prove_who_we_are() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.is_issuer(&json!({ "keys": [] }));
    elsewhere.answers("/token", 200, json!({ "access_token": "t", "token_type": "bearer" }));
    let signer = Signer::new("ES256", "ours");
    let key = ClientAuth::PrivateKeyJwt {
        key: signer.pem.clone(),
        key_id: Some("ours".to_owned()),
        algorithm: "ES256".to_owned(),
    };
    let secret = || Secret::new("päss:w ord");
    let ways = [ClientAuth::None, ClientAuth::Basic(secret()), ClientAuth::Post(secret()), key];
    for auth in ways.clone() {
        remote(&provider(&elsewhere, auth)).grant(&[("grant_type", "client_credentials")]).await.unwrap();
    }
    shows_who_we_are(&elsewhere, &elsewhere.got("/token"), "client_credentials", &signer);
    for auth in ways {
        remote(&provider(&elsewhere, auth)).refresh(&Secret::new("r"), None).await.unwrap();
    }
    shows_who_we_are(&elsewhere, &elsewhere.got("/token")[4..], "refresh_token", &signer);
}

/// That requests show it in each way: not at all, in the header, in the body, by an assertion.
fn shows_who_we_are(elsewhere: &Elsewhere, got: &[Got], grant: &str, signer: &Signer) {
    let id = Some("us:and/them".to_owned());
    assert!(got.iter().all(|got| got.form["grant_type"] == grant));
    assert_eq!((got[0].form.get("client_id"), got[0].headers.get("authorization")), (id.as_ref(), None));
    // RFC 6749, 2.3.1
    let basic = format!("Basic {}", STANDARD.encode("us%3Aand%2Fthem:p%C3%A4ss%3Aw+ord"));
    assert_eq!(
        (got[1].form.get("client_id"), got[1].headers["authorization"].to_str().unwrap()),
        (None, &*basic)
    );
    assert_eq!(
        (&got[2].form["client_id"], &got[2].form["client_secret"]),
        (id.as_ref().unwrap(), &"päss:w ord".to_owned())
    );
    let assertion = Unverified::parse(&got[3].form["client_assertion"]).unwrap();
    let keys = KeySet::parse(signer.set().to_string().as_bytes()).unwrap();
    let claims = assertion.verify(&keys, &[Algorithm::Es256]).unwrap().claims;
    assert_eq!((claims.text("iss"), claims.text("sub")), (id.as_deref(), id.as_deref()));
    assert_eq!(
        claims.audience(),
        [elsewhere.origin.as_str()],
        "the endpoint was found, so the issuer is meant"
    );
    assert_eq!(claims.check_time(NOW), Ok(NOW + 60));
    assert!(claims.text("jti").unwrap().len() > 20);
}

#[tokio::test]
async fn a_code_is_exchanged_with_all_that_goes_with_it() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers(
        "/token",
        200,
        json!({ "access_token": "t", "expires_in": "60", "refresh_token": "r" }),
    );
    let endpoint = elsewhere.url("/token");
    let settings = Provider { token_endpoint: Some(endpoint), ..provider(&elsewhere, ClientAuth::None) };
    let returned = Returned {
        code: "c",
        redirect_uri: "https://us.example/oauth/callback",
        verifier: Some("v"),
        resource: Some("https://api.example"),
    };
    let tokens = remote(&settings).exchange(returned).await.unwrap();
    assert_eq!((tokens.access_token.expose(), tokens.expires_in), ("t", Some(60)));
    let got = elsewhere.got("/token").remove(0);
    let told = ["grant_type", "code", "redirect_uri", "code_verifier", "resource", "client_id"];
    assert_eq!(
        told.map(|name| got.form[name].as_str()),
        [
            "authorization_code",
            "c",
            "https://us.example/oauth/callback",
            "v",
            "https://api.example",
            "us:and/them"
        ]
    );
    assert_eq!(got.form.len(), told.len());
}

#[test]
fn what_users_are_asked_is_in_the_url() {
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let asked = Asked {
        endpoint: "https://login.example/authorize?tenant=1",
        client_id: "us",
        redirect_uri: "https://us.example/cb",
        state: "s",
        verifier: Some(verifier),
        scopes: &["a".to_owned(), "b".to_owned()],
        resource: None,
    };
    let url = url::Url::parse(&asked.url(&[("nonce", "n&m")]).unwrap()).unwrap();
    let pairs: std::collections::BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    // RFC 7636, Appendix B.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let expected = [
        ("client_id", "us"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("nonce", "n&m"),
        ("redirect_uri", "https://us.example/cb"),
        ("response_type", "code"),
        ("scope", "a b"),
        ("state", "s"),
        ("tenant", "1"),
    ];
    assert!(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected), "{pairs:?}");
}

#[tokio::test]
async fn an_assertion_for_an_endpoint_that_the_operator_names_is_for_that_endpoint() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers("/t", 200, json!({ "access_token": "t" }));
    let signer = Signer::new("EdDSA", "k");
    let auth =
        ClientAuth::PrivateKeyJwt { key: signer.pem.clone(), key_id: None, algorithm: "EdDSA".to_owned() };
    let settings = Provider { token_endpoint: Some(elsewhere.url("/t")), ..provider(&elsewhere, auth) };
    remote(&settings).grant(&[]).await.unwrap();
    let assertion = elsewhere.got("/t")[0].form["client_assertion"].clone();
    let keys = KeySet::parse(signer.set().to_string().as_bytes()).unwrap();
    let claims = Unverified::parse(&assertion).unwrap().verify(&keys, &[Algorithm::EdDsa]).unwrap().claims;
    assert_eq!(claims.audience(), [elsewhere.url("/t")]);
}

#[tokio::test]
async fn what_a_token_endpoint_answers_is_told_apart() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.is_issuer(&json!({ "keys": [] }));
    let refused = |code: &str| ProviderError::Refused { code: code.to_owned() };
    let rows = [
        (400, json!({ "error": "invalid_grant" }), refused("invalid_grant")),
        (401, json!({ "error": "invalid_client" }), refused("invalid_client")),
        (400, json!({ "error": "<script>" }), refused("")),
        (403, json!("no"), refused("")),
        (429, json!({ "error": "invalid_grant" }), ProviderError::Later { retry_after: 5 }),
        (500, json!({ "error": "invalid_grant" }), ProviderError::Later { retry_after: 5 }),
        (
            302,
            json!({ "error": "invalid_grant" }),
            ProviderError::Unusable("it is neither what was asked for nor an error"),
        ),
        // Some say no with a status that says yes.
        (200, json!({ "error": "invalid_grant" }), refused("invalid_grant")),
        (200, json!({ "scope": "a" }), ProviderError::Unusable("it has no `access_token`")),
        (
            200,
            json!({ "access_token": "t", "token_type": "mac" }),
            ProviderError::Unusable("its token is not of the type Bearer"),
        ),
        (
            200,
            json!({ "access_token": "a\r\nb" }),
            ProviderError::Unusable("its `access_token` cannot be sent"),
        ),
        (200, json!({ "access_token": "x".repeat(300 << 10) }), ProviderError::Unusable("it is too long")),
    ];
    for (status, body, expected) in rows {
        elsewhere.answers("/token", status, body);
        let remote = remote(&provider(&elsewhere, ClientAuth::None));
        assert_eq!(remote.grant(&[]).await.unwrap_err(), expected, "{status}");
        assert_eq!(remote.refresh(&Secret::new("r"), None).await.unwrap_err(), expected, "{status}");
    }
}

#[test]
fn a_grant_is_read_as_providers_write_it() {
    let read = |json: Value| Tokens::read(json.to_string().as_bytes()).unwrap();
    for (told, expected) in
        [(json!(3600), Some(3600)), (json!("3600"), Some(3600)), (json!(null), None), (json!(-1), None)]
    {
        assert_eq!(read(json!({ "access_token": "t", "expires_in": told })).expires_in, expected);
    }
    let whole = read(
        json!({ "access_token": "sesame", "refresh_token": "sesame", "id_token": "sesame", "scope": "a b" }),
    );
    assert!(!format!("{whole:?}").contains("sesame"));
}

#[tokio::test]
async fn metadata_is_looked_for_in_three_places_and_must_be_the_issuers() {
    let elsewhere = Elsewhere::start().await;
    let rows = [
        ("", "/.well-known/oauth-authorization-server"),
        ("", "/.well-known/openid-configuration"),
        ("/a/b", "/.well-known/oauth-authorization-server/a/b"),
        ("/c", "/c/.well-known/openid-configuration"),
        ("/d", "/.well-known/openid-configuration/d"),
    ];
    for (path, place) in rows {
        let issuer = elsewhere.url(path);
        elsewhere.answers(place, 200, json!({ "issuer": issuer, "token_endpoint": elsewhere.url("/t") }));
        let discovery = Discovery::new(&issuer, Wire::shared(), Clock::standing(NOW).0);
        assert_eq!(discovery.metadata().await.unwrap().token_endpoint, Some(elsewhere.url("/t")), "{place}");
    }
    let of_another = ProviderError::Unusable("its metadata is of another issuer");
    let unsafe_ = ProviderError::Unusable("its metadata names an endpoint that is no https URL");
    let rows = [
        (json!({ "issuer": elsewhere.url("/e/") }), of_another.clone()),
        (json!({ "issuer": "https://evil.example" }), of_another),
        (
            json!({ "issuer": elsewhere.url("/e"), "token_endpoint": "http://as.example/token" }),
            unsafe_.clone(),
        ),
        (json!({ "issuer": elsewhere.url("/e"), "jwks_uri": "file:///etc/passwd" }), unsafe_),
    ];
    for (metadata, expected) in rows {
        elsewhere.answers("/.well-known/oauth-authorization-server/e", 200, metadata);
        let discovery = Discovery::new(&elsewhere.url("/e"), Wire::shared(), Clock::standing(NOW).0);
        assert_eq!(discovery.metadata().await.unwrap_err(), expected);
    }
}

#[test]
fn secrets_go_to_https_or_to_this_machine() {
    for url in ["https://as.example/token", "http://127.0.0.1:80/t", "http://[::1]/t", "http://localhost/t"] {
        assert!(is_safe(url), "{url}");
    }
    for url in [
        "http://as.example/t",
        "http://127.0.0.1.evil.example/t",
        "https://u:p@as.example/",
        "ftp://localhost/",
        "https://a/#f",
        "x",
        "http://localhost.evil.example",
    ] {
        assert!(!is_safe(url), "{url}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_once_in_half_a_minute() {
    let (elsewhere, signer, next) =
        (Elsewhere::start().await, Signer::new("ES256", "one"), Signer::new("ES256", "two"));
    elsewhere.is_issuer(&signer.set());
    let (clock, hand) = Clock::standing(NOW);
    let keys = RemoteKeys::new(&issuer(&elsewhere), &Wire::shared(), &clock);
    // Whoever comes first fetches for all.
    join_all((0..20).map(|_| keys.having(Some("one")))).await;
    assert_eq!(elsewhere.got("/jwks").len(), 1);
    for _ in 0..20 {
        assert!(!keys.having(Some("made up")).await.unwrap().has(Some("made up")));
    }
    assert_eq!(elsewhere.got("/jwks").len(), 1, "anybody can make up a key");
    elsewhere.answers("/jwks", 200, json!({ "keys": [signer.jwk, next.jwk] }));
    hand.advance(30);
    assert!(keys.having(Some("two")).await.unwrap().has(Some("two")));
    assert_eq!(elsewhere.got("/jwks").len(), 2);
    hand.advance(599);
    keys.having(Some("one")).await.unwrap();
    assert_eq!(elsewhere.got("/jwks").len(), 2);
    elsewhere.answers("/jwks", 200, next.set());
    hand.advance(1);
    assert!(!keys.having(Some("one")).await.unwrap().has(Some("one")), "a key that was withdrawn goes");
}

#[tokio::test]
async fn an_issuer_that_fails_is_left_alone_and_its_keys_hold_for_a_day() {
    let (elsewhere, signer) = (Elsewhere::start().await, Signer::new("ES256", "one"));
    elsewhere.is_issuer(&signer.set());
    let (clock, hand) = Clock::standing(NOW);
    let keys = RemoteKeys::new(&issuer(&elsewhere), &Wire::shared(), &clock);
    keys.having(Some("one")).await.unwrap();
    elsewhere.answers("/jwks", 503, json!({}));
    hand.advance(600);
    for _ in 0..10 {
        assert!(keys.having(Some("one")).await.unwrap().has(Some("one")));
    }
    assert_eq!(elsewhere.got("/jwks").len(), 2);
    hand.advance(24 * 3600);
    assert_eq!(keys.having(Some("one")).await.unwrap_err(), ProviderError::Later { retry_after: 5 });
    let fresh = Arc::new(RemoteKeys::new(&issuer(&elsewhere), &Wire::shared(), &clock));
    for _ in 0..10 {
        assert!(fresh.having(None).await.is_err());
    }
    assert_eq!(elsewhere.got("/jwks").len(), 4, "one more for each, then both wait");
}

#[tokio::test]
async fn a_set_that_is_too_long_is_not_read() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answers("/jwks", 200, json!({ "keys": [], "x": "y".repeat(257 << 10) }));
    let keys = RemoteKeys::at(&elsewhere.url("/jwks"), &Wire::shared(), &Clock::standing(NOW).0);
    assert!(keys.having(None).await.is_err());
}

#[tokio::test]
async fn revocation_is_told_where_there_is_an_endpoint() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.is_issuer(&json!({ "keys": [] }));
    elsewhere.answers("/revoke", 200, json!({}));
    remote(&provider(&elsewhere, ClientAuth::None)).revoke(&Secret::new("t"), "refresh_token").await.unwrap();
    let got = &elsewhere.got("/revoke")[0].form;
    assert_eq!((&*got["token"], &*got["token_type_hint"]), ("t", "refresh_token"));
    let nowhere = Provider {
        issuer: None,
        token_endpoint: Some("https://as.example/t".to_owned()),
        ..provider(&elsewhere, ClientAuth::None)
    };
    remote(&nowhere).revoke(&Secret::new("t"), "refresh_token").await.unwrap();
}
