use futures_util::future::join_all;
use http::Request;
use serde_json::{Value, json};

use super::{Gate, NOW, RESOURCE, only_keys, trusting};
use crate::jwt::tests::Signer;
use crate::settings::{self, ClientAuth, Introspection, Provider, ResourceServer, Scope, Settings};
use crate::testing::Elsewhere;
use crate::{Presented, Secret, Verified};

/// An issuer, and a gate that trusts it; keys are taken, too.
async fn world(signer: &Signer) -> (Elsewhere, Gate) {
    let elsewhere = Elsewhere::start().await;
    elsewhere.is_issuer(&signer.set());
    let ways = settings::Inbound { resource_server: Some(trusting(&elsewhere)), ..only_keys() };
    let gate = Gate::new(ways, false);
    (elsewhere, gate)
}

fn claims(elsewhere: &Elsewhere, changes: &Value) -> Value {
    let mut claims = json!({ "iss": elsewhere.origin, "aud": RESOURCE, "sub": "ann", "exp": NOW + 300, "client_id": "app" });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn audience_mix_up_and_what_else_is_no_access_token_for_us() {
    let signer = Signer::new("ES256", "k");
    let (elsewhere, gate) = world(&signer).await;
    let good = format!("{} user ann", elsewhere.origin);
    let rows = [
        (json!({}), true),
        (json!({ "aud": [RESOURCE, "https://other.example"] }), true),
        (json!({ "aud": "https://mcp.example.com/mcp2" }), false),
        (json!({ "aud": "https://mcp.example.com/mcp/" }), false),
        (json!({ "aud": "https://mcp.example.com" }), false),
        (json!({ "aud": [] }), false),
        (json!({ "aud": null }), false),
        (json!({ "iss": format!("{}/", elsewhere.origin) }), false),
        (json!({ "iss": "https://evil.example" }), false),
        (json!({ "iss": [elsewhere.origin] }), false),
        (json!({ "exp": NOW - 59 }), true),
        (json!({ "exp": NOW - 60 }), false),
        (json!({ "exp": null }), false),
        (json!({ "nbf": NOW + 60 }), true),
        (json!({ "nbf": NOW + 61 }), false),
        (json!({ "sub": null, "client_id": null }), false),
        // ID tokens, and what else an issuer signs.
        (json!({ "nonce": "n" }), false),
        (json!({ "at_hash": "h" }), false),
        (json!({ "typ": "ID" }), false),
        (json!({ "typ": "Refresh" }), false),
        (json!({ "typ": "Bearer" }), true),
        (json!({ "token_use": "id" }), false),
        (json!({ "token_use": "access" }), true),
        (json!({ "events": {} }), false),
        // Bound to a key that nobody has shown (RFC 9449, 7.1).
        (json!({ "cnf": { "jkt": "x" } }), false),
    ];
    for (changes, is_good) in rows {
        let expected = if is_good { good.as_str() } else { "401 invalid_token" };
        assert_eq!(gate.bearer(&signer.sign(&claims(&elsewhere, &changes))).await, expected, "{changes}");
    }
    assert_eq!(gate.tried(), 0, "none of them was tried as a key");
}

#[tokio::test]
async fn tokens_of_another_type_are_refused() {
    let signer = Signer::new("RS256", "k");
    let (elsewhere, gate) = world(&signer).await;
    let good = format!("{} user ann", elsewhere.origin);
    let types = [
        (json!(null), true),
        (json!("at+jwt"), true),
        (json!("application/at+jwt"), true),
        (json!("AT+JWT"), true),
        (json!("JWT"), true),
        (json!("oauth-id-jag+jwt"), false),
        (json!("logout+jwt"), false),
        (json!("secevent+jwt"), false),
        (json!("dpop+jwt"), false),
        (json!("client-authentication+jwt"), false),
        (json!("token-introspection+jwt"), false),
    ];
    for (typ, is_good) in types {
        let token = signer.sign_with(&json!({ "typ": typ }), &claims(&elsewhere, &json!({})));
        let expected = if is_good { good.as_str() } else { "401 invalid_token" };
        assert_eq!(gate.bearer(&token).await, expected, "{typ}");
    }
}

#[tokio::test]
async fn only_algorithms_on_the_list_and_keys_of_the_issuer() {
    for name in ["ES256", "RS256", "EdDSA"] {
        let signer = Signer::new(name, "k");
        let (elsewhere, gate) = world(&signer).await;
        let claims = claims(&elsewhere, &json!({}));
        assert_eq!(
            gate.bearer(&signer.sign(&claims)).await,
            format!("{} user ann", elsewhere.origin),
            "{name}"
        );
        assert_eq!(gate.bearer(&Signer::new(name, "k").sign(&claims)).await, "401 invalid_token", "{name}");
    }
    let signer = Signer::new("PS256", "k");
    let (elsewhere, gate) = world(&signer).await;
    assert_eq!(gate.bearer(&signer.sign(&claims(&elsewhere, &json!({})))).await, "401 invalid_token");
    let unsigned =
        format!("eyJhbGciOiJub25lIn0.{}.", crate::jwt::tests::part(&claims(&elsewhere, &json!({}))));
    assert_eq!(gate.bearer(&unsigned).await, "401 invalid_token");
}

#[tokio::test]
async fn a_token_tells_its_client_and_its_scopes() {
    let signer = Signer::new("ES256", "k");
    let (elsewhere, gate) = world(&signer).await;
    let token = signer.sign(&claims(&elsewhere, &json!({ "scope": "read write" })));
    let request = Request::get("/mcp").header("authorization", format!("bEARER {token}")).body(()).unwrap();
    let identity = gate.identify(&request.into_parts().0).await.unwrap();
    assert_eq!(identity.client.as_deref(), Some(&*format!("{} app", elsewhere.origin)));
    assert_eq!(identity.lacks(["read", "admin"]), ["admin"]);
    assert!(matches!(&identity.presented, Presented::Jwt(shown) if shown.expose() == token));
    let machine = signer.sign(&claims(&elsewhere, &json!({ "sub": null })));
    assert_eq!(gate.bearer(&machine).await, format!("{} client app", elsewhere.origin));
}

#[tokio::test]
async fn an_issuer_that_hangs_slows_nobody_else() {
    let signer = Signer::new("ES256", "k");
    let (elsewhere, gate) = world(&signer).await;
    gate.knows("sk_1", Verified::Good { subject: Some("ann".to_owned()) });
    let token = signer.sign(&claims(&elsewhere, &json!({})));
    elsewhere.hang().await;
    let others = async {
        elsewhere.asked("/.well-known/oauth-authorization-server", 1).await;
        // All of these are answered while the other waits.
        assert_eq!(gate.asks("/mcp", &[]).await, "401 unauthorized");
        assert_eq!(gate.bearer("e30.e30.x").await, "401 invalid_token");
        assert_eq!(gate.bearer("sk_1").await, "key-of ann");
        elsewhere.go_on();
    };
    let (principal, ()) = tokio::join!(gate.bearer(&token), others);
    assert_eq!(principal, format!("{} user ann", elsewhere.origin));
    // A token that has been checked needs nobody for a minute, and its key for as long as it is at hand.
    elsewhere.hang().await;
    assert_eq!(gate.bearer(&token).await, principal);
    gate.hand.advance(61);
    assert_eq!(gate.bearer(&token).await, principal);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_not_the_callers_fault() {
    let signer = Signer::new("ES256", "k");
    let (elsewhere, gate) = world(&signer).await;
    elsewhere.answers("/jwks", 500, json!({}));
    let token = signer.sign(&claims(&elsewhere, &json!({})));
    assert_eq!(gate.bearer(&token).await, "503 temporarily_unavailable");
    elsewhere.is_issuer(&signer.set());
    gate.hand.advance(5);
    assert_eq!(gate.bearer(&token).await, format!("{} user ann", elsewhere.origin));
}

async fn introspecting() -> (Elsewhere, Gate) {
    introspecting_by(false).await
}

async fn introspecting_by(audience_may_be_missing: bool) -> (Elsewhere, Gate) {
    let elsewhere = Elsewhere::start().await;
    let introspection = Introspection {
        url: elsewhere.url("/introspect"),
        issuer: elsewhere.origin.clone(),
        client: Provider {
            issuer: Some(elsewhere.origin.clone()),
            token_endpoint: None,
            revocation_endpoint: None,
            client_id: "us".to_owned(),
            auth: ClientAuth::Basic(Secret::new("secret")),
        },
        audience: None,
        audience_may_be_missing,
    };
    let resource_server = ResourceServer { issuers: Vec::new(), introspection: Some(introspection) };
    let ways = settings::Inbound { resource_server: Some(resource_server), ..settings::Inbound::default() };
    let gate = Gate::new(ways, false);
    (elsewhere, gate)
}

#[tokio::test]
async fn opaque_tokens_are_asked_about() {
    let (elsewhere, gate) = introspecting().await;
    let good = format!("{} user ann", elsewhere.origin);
    let rows = [
        (json!({}), true),
        (json!({ "aud": [RESOURCE], "iss": elsewhere.origin, "exp": NOW + 5, "token_type": "bearer" }), true),
        (json!({ "active": false }), false),
        (json!({ "active": "true" }), false),
        (json!({ "active": null }), false),
        (json!({ "aud": "https://other.example" }), false),
        (json!({ "aud": null }), false),
        (json!({ "aud": [] }), false),
        (json!({ "iss": "https://evil.example" }), false),
        (json!({ "exp": NOW - 60 }), false),
        (json!({ "nbf": NOW + 61, "exp": NOW + 90 }), false),
        (json!({ "token_type": "DPoP" }), false),
        (json!({ "cnf": {} }), false),
        (json!({ "typ": "Refresh" }), false),
        (json!({ "sub": null }), false),
    ];
    for (number, (changes, is_good)) in rows.into_iter().enumerate() {
        let mut answer = json!({ "active": true, "sub": "ann", "aud": RESOURCE });
        for (name, value) in changes.as_object().unwrap() {
            answer[name] = value.clone();
        }
        elsewhere.answers("/introspect", 200, answer);
        let expected = if is_good { good.as_str() } else { "401 invalid_token" };
        assert_eq!(gate.bearer(&format!("opaque{number}")).await, expected, "{changes}");
    }
    let got = &elsewhere.got("/introspect")[0];
    assert_eq!((&*got.form["token"], &*got.form["token_type_hint"]), ("opaque0", "access_token"));
    assert_eq!(got.headers["authorization"], "Basic dXM6c2VjcmV0");
}

#[tokio::test]
async fn a_token_for_nobody_in_particular_is_good_only_where_that_was_allowed() {
    let to_nobody = json!({ "active": true, "sub": "ann" });
    for (is_allowed, expected) in [(false, "401 invalid_token"), (true, "user ann")] {
        let (elsewhere, gate) = introspecting_by(is_allowed).await;
        elsewhere.answers("/introspect", 200, to_nobody.clone());
        assert!(gate.bearer("t").await.ends_with(expected), "{is_allowed}");
        let mut to_another = to_nobody.clone();
        to_another["aud"] = json!("https://other.example");
        elsewhere.answers("/introspect", 200, to_another);
        assert_eq!(gate.bearer("u").await, "401 invalid_token", "what is said is heeded");
    }
}

#[tokio::test]
async fn a_token_that_is_good_for_nothing_is_not_asked_about_again_at_once() {
    let (elsewhere, gate) = introspecting().await;
    elsewhere.answers("/introspect", 200, json!({ "active": false }));
    for _ in 0..10 {
        assert_eq!(gate.bearer("t").await, "401 invalid_token");
    }
    assert_eq!(elsewhere.got("/introspect").len(), 1);
    elsewhere.answers("/introspect", 200, json!({ "active": true, "sub": "ann", "aud": RESOURCE }));
    gate.hand.advance(4);
    assert_eq!(gate.bearer("t").await, "401 invalid_token");
    gate.hand.advance(1);
    assert!(gate.bearer("t").await.ends_with("user ann"));
    // That nobody answers is not remembered.
    elsewhere.answers("/introspect", 500, json!({}));
    assert_eq!(gate.bearer("u").await, "503 temporarily_unavailable");
    elsewhere.answers("/introspect", 200, json!({ "active": true, "sub": "bob", "aud": RESOURCE }));
    assert!(gate.bearer("u").await.ends_with("user bob"));
}

#[tokio::test]
async fn scopes_imply_others_whoever_has_issued_the_token() {
    let (signer, elsewhere) = (Signer::new("ES256", "k"), Elsewhere::start().await);
    elsewhere.is_issuer(&signer.set());
    let scope = |name: &str, implies: &[&str]| Scope {
        name: name.to_owned(),
        description: String::new(),
        operations: 0,
        implies: implies.iter().map(|name| (*name).to_owned()).collect(),
    };
    let ways =
        settings::Inbound { resource_server: Some(trusting(&elsewhere)), ..settings::Inbound::default() };
    let scopes = vec![scope("admin", &["write"]), scope("write", &["read"]), scope("read", &[])];
    let settings = Settings { scopes, ..crate::testing::settings(ways, settings::Outbound::Static) };
    let gate = Gate::by(&settings, false);
    for (had, lacked) in [
        ("admin", &["other"][..]),
        ("write", &["admin", "other"]),
        ("", &["admin", "write", "read", "other"]),
    ] {
        let token = signer.sign(&claims(&elsewhere, &json!({ "scope": had })));
        let request = Request::get("/mcp").header("authorization", format!("Bearer {token}"));
        let identity = gate.identify(&request.body(()).unwrap().into_parts().0).await.unwrap();
        assert_eq!(identity.lacks(["admin", "write", "read", "other"]), lacked, "{had}");
    }
    // The challenge names what the metadata names.
    let (_, told, _) = gate.answer("/mcp", &[]).await;
    assert!(told.unwrap().ends_with(", scope=\"admin write read\""));
}

#[tokio::test]
async fn a_revoked_token_is_found_out_within_a_minute_and_an_expired_one_at_once() {
    let (elsewhere, gate) = introspecting().await;
    let good = json!({ "active": true, "sub": "ann", "aud": RESOURCE, "exp": NOW + 70 });
    elsewhere.answers("/introspect", 200, good.clone());
    let all = join_all((0..10).map(|_| gate.bearer("t"))).await;
    assert!(all.iter().all(|one| one.ends_with("user ann")));
    elsewhere.answers("/introspect", 200, json!({ "active": false }));
    gate.hand.advance(59);
    assert!(gate.bearer("t").await.ends_with("user ann"));
    assert_eq!(elsewhere.got("/introspect").len(), 1);
    gate.hand.advance(1);
    assert_eq!(gate.bearer("t").await, "401 invalid_token");
    elsewhere.answers("/introspect", 200, good);
    assert!(gate.bearer("u").await.ends_with("user ann"));
    elsewhere.answers("/introspect", 500, json!({}));
    gate.hand.advance(10);
    assert_eq!(
        gate.bearer("u").await,
        "503 temporarily_unavailable",
        "what was found out ends with the token"
    );
}
