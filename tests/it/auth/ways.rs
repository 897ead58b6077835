//! Every way in, all of them open at once; and what goes upstream for each.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::browser::Browser;
use super::own::{PINNED, ROBOT_SECRET, own};
use super::signing::{REDIRECT, arrived, consent, pair, redeem, register, token};
use super::stage::Site;

/// The answer of `getMe`.
async fn me(stage: &Site, token: &str) -> Value {
    stage.call(token, "getMe", json!({})).await["structuredContent"]["id"].clone()
}

/// Signs in by pasting this key; with all scopes, or these.
async fn paste(stage: &Site, client_id: &str, scope: Option<&str>) -> String {
    let mut browser = Browser::new();
    let page = consent(stage, &mut browser, client_id, scope).await;
    assert!(page.body.contains("Key of the API"), "{page:?}");
    let again = browser.submit(&page, &[("key", "k-wrong")], REDIRECT).await;
    assert!(again.status == 422 && again.body.contains("does not take this key"), "{again:?}");
    let page = browser.submit(&again, &[("key", "k-ada")], REDIRECT).await;
    let tokens = redeem(stage, stage, &arrived(stage, client_id.to_owned(), &page)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    pair(&tokens).0
}

#[tokio::test]
async fn a_pasted_key_is_tried_sealed_and_used() {
    let (stage, elsewhere) = own().await;
    let access = paste(&stage, &register(&stage).await, None).await;
    assert_eq!(me(&stage, &access).await, "ada");
    assert_eq!(elsewhere.seen(), ["k-wrong", "k-ada", "k-ada"], "tried twice, and used");
}

#[tokio::test]
async fn a_client_is_known_by_its_metadata() {
    let (stage, _) = own().await;
    let access = paste(&stage, PINNED, None).await;
    assert_eq!(me(&stage, &access).await, "ada");
    let mut unknown = url::Url::parse(&format!("{}/authorize", stage.origin)).unwrap();
    unknown.query_pairs_mut().append_pair("client_id", "https://evil.example/metadata.json");
    assert_eq!(stage.get(unknown.as_str()).await.status, 400);
}

#[tokio::test]
async fn a_call_that_needs_more_asks_for_all_of_it_at_once() {
    let (stage, elsewhere) = own().await;
    let access = paste(&stage, PINNED, Some("read")).await;
    let before = elsewhere.seen().len();
    let refused =
        stage.post(Some(&access), "tools/call", json!({ "name": "writeNote", "arguments": {} })).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let challenge = refused.header("www-authenticate");
    for part in ["error=\"insufficient_scope\"", "scope=\"read write\"", "resource_metadata=\""] {
        assert!(challenge.contains(part), "{challenge}");
    }
    assert_eq!(elsewhere.seen().len(), before, "nothing was sent");
    let access = paste(&stage, PINNED, Some("read write")).await;
    assert_ne!(stage.call(&access, "writeNote", json!({})).await["isError"], true);
}

#[tokio::test]
async fn a_token_of_another_issuer_is_exchanged_and_never_forwarded() {
    let (stage, elsewhere) = own().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "iss": elsewhere.issuer(), "aud": stage.url, "sub": "ann", "exp": now + 300, "scope": "read" });
    let jwt = elsewhere.jwt(&claims);
    assert_eq!(me(&stage, &jwt).await, "ann");
    assert_eq!(me(&stage, &jwt).await, "ann");
    let asked = elsewhere.asked();
    assert_eq!(asked.len(), 1, "one exchange serves all calls");
    assert_eq!((asked[0]["subject_token"].as_str(), asked[0]["audience"].as_str()), (jwt.as_str(), "notes"));
    assert_eq!(elsewhere.seen(), ["exchanged", "exchanged"]);
    for (name, value) in [
        ("aud", json!(format!("{}/mcp2", stage.origin))),
        ("exp", json!(now - 300)),
        ("iss", json!("https://evil.example")),
    ] {
        let mut other = claims.clone();
        other[name] = value;
        let refused = stage.post(Some(&elsewhere.jwt(&other)), "tools/list", json!({})).await;
        assert_eq!(refused.status, 401, "{name}");
    }
}

#[tokio::test]
async fn a_machine_acts_for_itself() {
    let (stage, elsewhere) = own().await;
    let form =
        |secret| [("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", secret)];
    let given = token(&stage, &form(ROBOT_SECRET)).await;
    assert_eq!(given.status, 200, "{}", given.body);
    assert!(given.json().get("refresh_token").is_none());
    let access = given.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(me(&stage, &access).await, "oasgate");
    assert_eq!(elsewhere.asked()[0]["grant_type"], "client_credentials");
    let refused = token(&stage, &form("wrong")).await;
    assert_eq!((refused.status, refused.json()["error"].as_str()), (401, Some("invalid_client")));
}

#[tokio::test]
async fn a_second_path_takes_keys_only_and_leads_to_no_sign_in() {
    let (stage, elsewhere) = own().await;
    let key_url = format!("{}/mcp/key", stage.origin);
    let challenge = stage.request("POST", &key_url).await;
    assert_eq!(challenge.status, 401);
    let told = challenge.header("www-authenticate");
    assert!(told.starts_with("Bearer realm=") && !told.contains("resource_metadata"), "{told}");
    assert!(stage.request("POST", &stage.url).await.header("www-authenticate").contains("resource_metadata"));
    for place in
        ["/.well-known/oauth-protected-resource/mcp/key", "/mcp/key/.well-known/oauth-protected-resource"]
    {
        assert_eq!(stage.get(&format!("{}{place}", stage.origin)).await.status, 404, "{place}");
    }
    let form =
        [("grant_type", "client_credentials"), ("client_id", "robot"), ("client_secret", ROBOT_SECRET)];
    let access = token(&stage, &form).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(me(&stage, &access).await, "oasgate");
    assert_eq!(me(&stage, "k-ada").await, "ada");
    let second = Site::new(&key_url);
    assert_eq!(me(&second, "k-ada").await, "ada");
    assert_eq!(elsewhere.seen(), ["of-oasgate", "k-ada", "k-ada", "k-ada"], "tried once, and used twice");
    assert_eq!(second.post(Some(&access), "tools/list", json!({})).await.status, 401, "a token is no key");
}
