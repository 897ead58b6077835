//! A server that asks who calls, from the first 401 to the last call, as a client and a browser go through it: both
//! examples as they are configured, and what must never be seen of a secret.

mod browser;
mod config;
mod own;
mod replicas;
mod secrets;
mod signing;
mod stage;
mod ways;

use serde_json::json;

use browser::Browser;
use signing::{REDIRECT, SignedIn, sign_in, token};
use stage::{company, portal};

#[tokio::test]
async fn a_client_without_a_token_is_led_to_sign_in() {
    for (stage, mount) in [(portal("").await, "/mcp"), (company("").await, "/v1/mcp")] {
        let answer = stage.post(None, "tools/list", json!({})).await;
        assert_eq!(answer.status, 401);
        let challenge = answer.header("www-authenticate");
        let metadata = format!("{}/.well-known/oauth-protected-resource{mount}", stage.origin);
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
        assert!(!challenge.contains("error="), "nothing was shown, so nothing was wrong: {challenge}");
        let wrong = stage.post(Some("oga_nonsense"), "tools/list", json!({})).await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.header("www-authenticate").contains("error=\"invalid_token\""));
        for place in [metadata.as_str(), &format!("{}/.well-known/oauth-protected-resource", stage.origin)] {
            let resource = stage.get(place).await;
            assert_eq!(resource.status, 200, "{place}");
            assert_eq!(resource.json()["resource"], format!("{}{mount}", stage.origin));
            assert_eq!(resource.json()["authorization_servers"], json!([stage.origin]));
        }
        let server =
            stage.get(&format!("{}/.well-known/oauth-authorization-server", stage.origin)).await.json();
        assert_eq!(server["issuer"], stage.origin);
        assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
        for endpoint in ["authorize", "token", "register", "revoke"] {
            let name = match endpoint {
                "authorize" => "authorization_endpoint".to_owned(),
                "register" => "registration_endpoint".to_owned(),
                "revoke" => "revocation_endpoint".to_owned(),
                other => format!("{other}_endpoint"),
            };
            assert_eq!(server[name.as_str()], format!("{}/{endpoint}", stage.origin));
        }
        // Asked by any method, nobody gets past.
        for method in ["GET", "DELETE", "PUT"] {
            let answer = stage.request(method, &format!("{}{mount}", stage.origin)).await;
            assert_eq!(answer.status, 401, "{method}");
        }
    }
}

#[tokio::test]
async fn without_configuration_nothing_begins_a_sign_in() {
    let server = crate::support::program::Server::start(crate::support::program::command(&[
        "serve",
        "specs/tasklist.yaml",
        "--listen",
        "127.0.0.1:0",
    ]));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/authorize",
        "/token",
        "/register",
    ] {
        let answer = http.get(server.at(path)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_portal_mints_a_key_that_goes_upstream_and_nowhere_else() {
    let stage = portal("").await;
    let SignedIn { client_id, access, refresh, .. } = sign_in(&stage, &mut Browser::new(), "ada").await;
    let made = stage.call(&access, "createVideo", json!({ "title": "Hello" })).await;
    assert_eq!(made["structuredContent"]["title"], "Hello", "{made}");
    let keys = stage.portal().keys();
    let [key] = keys.as_slice() else { panic!("one key was minted: {keys:?}") };
    let mine = stage.call(&access, "listVideos", json!({})).await.to_string();
    assert!(mine.contains("Hello") && !mine.contains(key.as_str()));
    // Another user sees none of it.
    let other = sign_in(&stage, &mut Browser::new(), "bob").await;
    let theirs = stage.call(&other.access, "listVideos", json!({})).await;
    assert!(!theirs.to_string().contains("Hello"), "{theirs}");
    // Refreshed, the old access token is good until it ends, and the new one is good, too.
    let fresh = token(
        &stage,
        &[("grant_type", "refresh_token"), ("refresh_token", &refresh), ("client_id", &client_id)],
    )
    .await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let fresh_access = fresh.json()["access_token"].as_str().unwrap().to_owned();
    assert!(stage.call(&fresh_access, "listVideos", json!({})).await.to_string().contains("Hello"));
    // Revoked, nothing is good, and the key is gone at the API.
    let fresh_refresh = fresh.json()["refresh_token"].as_str().unwrap().to_owned();
    let revoked = stage.form("/revoke", &[("token", &fresh_refresh), ("client_id", &client_id)]).await;
    assert_eq!(revoked.status, 200);
    stage.until(async || stage.post(Some(&fresh_access), "tools/list", json!({})).await.status == 401).await;
    stage.until(async || !stage.portal().keys().contains(key)).await;
    let again = token(
        &stage,
        &[("grant_type", "refresh_token"), ("refresh_token", &fresh_refresh), ("client_id", &client_id)],
    )
    .await;
    assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("invalid_grant")));
    assert_ne!(stage.call(&other.access, "listVideos", json!({})).await["isError"], true);
}

#[tokio::test]
async fn a_key_for_another_environment_is_refused_at_sign_in() {
    let stage = stage::portal_minting("test").await;
    let (client_id, page) = signing::up_to_the_end(&stage, &mut Browser::new(), "ada").await;
    assert!(!client_id.is_empty());
    assert!(!page.url.starts_with(REDIRECT) || !page.url.contains("code="), "{}", page.url);
    let told = format!("{} {}", page.url, page.body);
    assert!(told.contains("environment"), "{told}");
}

#[tokio::test]
async fn a_companys_tokens_are_had_refreshed_and_given_up() {
    let stage = company("").await;
    let signed = sign_in(&stage, &mut Browser::new(), "ada").await;
    let made = stage.call(&signed.access, "createJob", json!({ "name": "nightly" })).await;
    assert_eq!(made["structuredContent"]["owner"], "ada", "{made}");
    assert!(!stage.company().seen().contains(&signed.access), "the client's token must not go upstream");
    // The API has forgotten its tokens: they are refreshed without anybody noticing.
    stage.company().forget_tokens();
    let listed = stage.call(&signed.access, "listJobs", json!({})).await;
    assert!(listed.to_string().contains("nightly"), "{listed}");
    // It has forgotten the user: the client is told to sign in again, by 401.
    stage.company().forget_everybody();
    let refused =
        stage.post(Some(&signed.access), "tools/call", json!({ "name": "listJobs", "arguments": {} })).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn a_grant_of_which_the_api_takes_nothing_ends() {
    let stage = company("").await;
    let signed = sign_in(&stage, &mut Browser::new(), "ada").await;
    stage.company().ban("ada");
    // What is renewed is refused, too: no refreshing mends that.
    let refused =
        stage.post(Some(&signed.access), "tools/call", json!({ "name": "listJobs", "arguments": {} })).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", signed.refresh.as_str()),
        ("client_id", &signed.client_id),
    ];
    let again = token(&stage, &form).await;
    assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn what_the_company_refuses_is_told_as_it_is() {
    let stage = company("").await;
    let viewer = sign_in(&stage, &mut Browser::new(), "viewer").await;
    let refused = stage.call(&viewer.access, "createJob", json!({ "name": "x" })).await;
    assert_eq!(refused["isError"], true);
    assert!(
        refused.to_string().contains("403") && refused.to_string().contains("viewers may not"),
        "{refused}"
    );
    let busy = sign_in(&stage, &mut Browser::new(), "ada").await;
    let mut last = refused;
    for _ in 0..=stage::CALLS {
        last = stage.call(&busy.access, "createJob", json!({ "name": "x" })).await;
    }
    assert!(last["isError"] == true && last.to_string().contains("429"), "{last}");
}

#[tokio::test]
async fn an_api_key_is_a_way_in_of_its_own() {
    let stage = company("").await;
    let listed = stage.call(stage::API_KEY, "getMe", json!({})).await;
    assert_eq!(listed["structuredContent"]["id"], "ada", "{listed}");
    assert!(stage.company().seen().contains(stage::API_KEY));
    for (token, why) in [
        ("co_ffffffffffffffffffff", "the API does not know it"),
        ("something-else-entirely", "it does not look like a key"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2ln", "it is a token, and no issuer is trusted"),
    ] {
        let answer = stage.post(Some(token), "tools/list", json!({})).await;
        assert_eq!(answer.status, 401, "{why}");
    }
    let seen = stage.company().seen();
    assert!(!seen.contains("something-else-entirely"), "what does not look like a key is not tried");
    assert!(!seen.iter().any(|token| token.starts_with("eyJ")), "a token is never passed on");
    // In a query, nothing is taken.
    let answer =
        stage.request("POST", &format!("{}/v1/mcp?access_token={}", stage.origin, stage::API_KEY)).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn tokens_run_out() {
    let stage = company("access_ttl = \"1s\"").await;
    let signed = sign_in(&stage, &mut Browser::new(), "ada").await;
    stage.until(async || stage.post(Some(&signed.access), "tools/list", json!({})).await.status == 401).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", signed.refresh.as_str()),
        ("client_id", &signed.client_id),
    ];
    let fresh = token(&stage, &form).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
}

#[tokio::test]
async fn grants_outlive_the_process() {
    let stage = company("").await;
    let signed = sign_in(&stage, &mut Browser::new(), "ada").await;
    let stage = stage.restarted().await;
    let me = stage.call(&signed.access, "getMe", json!({})).await;
    assert_eq!(me["structuredContent"]["id"], "ada", "{me}");
}

#[tokio::test]
async fn nothing_secret_is_kept_or_logged() {
    let stage = company("").await;
    let signed = sign_in(&stage, &mut Browser::new(), "ada").await;
    stage.call(&signed.access, "getMe", json!({})).await;
    stage.call(stage::API_KEY, "getMe", json!({})).await;
    let shown: Vec<String> = stage.company().seen().into_iter().collect();
    assert!(shown.len() >= 2, "the API was shown a token and a key");
    let mut secrets = vec![signed.access, signed.refresh, signed.code, signed.verifier];
    secrets.extend(shown);
    secrets.extend([stage::SECRET.to_owned(), stage::API_KEY.to_owned()]);
    let (kept, logged) = stage.end().await;
    assert!(kept.len() > 10_000, "the store was looked at: {} bytes", kept.len());
    assert!(logged.contains("TRACE"), "the log was looked at: {logged}");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        for form in secrets::forms(secret) {
            assert!(!secrets::holds(&kept, &form), "the store holds {form}");
            assert!(!logged.contains(&form), "the log holds {form}");
        }
    }
}
