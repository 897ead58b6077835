//! Consent, and whom a browser is sent to.

use axum::body::Body;
use http::{Request, header};
use serde_json::json;

use super::authority::Authority;
use super::browser::{Browser, SignIn};
use super::world::{ISSUER, Pairs, REDIRECT, STATE, World, form, query, rules};
use crate::Auth;
use crate::random;
use crate::settings::{Consent, Inbound, Leg, Limits, OAuthLeg, Outbound, Settings};

/// Where a client is answered that runs elsewhere.
const HOSTED: &str = "https://client.example/callback";

#[tokio::test]
async fn open_redirect_nobody_is_sent_anywhere_before_client_and_address_are_known() {
    let world = World::pasting();
    let sign_in = SignIn::begin(&world).await;
    let rows: [Pairs<'_>; 9] = [
        &[("client_id", "")],
        &[("client_id", "unknown")],
        &[("client_id", "0123456789abcdef0123456789abcdef")],
        &[("redirect_uri", "https://evil.example/callback")],
        &[("redirect_uri", "http://127.0.0.1.evil.example:4711/callback")],
        &[("redirect_uri", "http://127.0.0.1@evil.example/callback")],
        &[("redirect_uri", "http://localhost:4711/callback")],
        &[("redirect_uri", "javascript:alert(1)")],
        &[("redirect_uri", "https://evil.example/callback"), ("response_type", "wrong")],
    ];
    for changes in rows {
        let answer = world.get(&sign_in.address(changes)).await;
        assert_eq!((answer.status, answer.headers.get(header::LOCATION)), (400, None), "{changes:?}");
        assert!(!answer.body.contains("evil.example"));
    }
    // Also what is there twice.
    let address = format!("{}&redirect_uri=x", sign_in.address(&[]));
    assert_eq!(world.get(&address).await.status, 400);
}

#[tokio::test]
async fn pkce_downgrade_and_foreign_resources_go_back_to_the_client_as_errors() {
    let world = World::pasting();
    let sign_in = SignIn::begin(&world).await;
    let rows: [(Pairs<'_>, &str); 12] = [
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge", &"a ".repeat(30))], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("resource", "https://mcp.example.com/mcp2")], "invalid_target"),
        (&[("resource", "https://mcp.example.com/mcp/")], "invalid_target"),
        (&[("scope", "read admin")], "invalid_scope"),
        (&[("redirect_uri", "http://127.0.0.1:9/callback"), ("scope", "x")], "invalid_scope"),
    ];
    for (changes, expected) in rows {
        let answer = world.get(&sign_in.address(changes)).await;
        assert_eq!(answer.status, 303, "{changes:?} {answer:?}");
        let (location, told) = (answer.location(), query(&answer.location()));
        assert_eq!((location.host_str(), location.path()), (Some("127.0.0.1"), "/callback"));
        assert_eq!(told["error"], expected, "{changes:?}");
        assert_eq!((told["state"].as_str(), told["iss"].as_str()), (STATE, ISSUER));
    }
    let repeated = format!("{}&scope=a&scope=b", sign_in.address(&[]));
    assert_eq!(query(&world.get(&repeated).await.location())["error"], "invalid_request");
}

#[tokio::test]
async fn flooding_what_is_kept_of_a_request_has_a_limit() {
    let world = World::pasting();
    let sign_in = SignIn::begin(&world).await;
    let before = world.dump().await;
    let state = "s".repeat(2049);
    let told = query(&world.get(&sign_in.address(&[("state", &state)])).await.location());
    assert_eq!((&*told["error"], &told["state"], world.dump().await), ("invalid_request", &state, before));
    let longest = "s".repeat(2048);
    assert_eq!(world.get(&sign_in.address(&[("state", &longest)])).await.status, 200);
}

#[tokio::test]
async fn flooding_who_only_looks_at_an_address_leaves_nothing_and_takes_nothing() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let before = world.dump().await;
    let head = |address: &str| Request::head(address.to_owned());
    let answer = sign_in.browser.send(&world, head(&sign_in.address(&[])), Body::empty()).await;
    assert_eq!((answer.status, &answer.headers[header::ALLOW]), (405, &"GET".parse().unwrap()));
    assert_eq!(world.dump().await, before);
    let page = sign_in.page(&world).await;
    let away = sign_in.browser.allow(&world, &page).await.location();
    let back = authority.sign_in(&away).await;
    let address = format!("{}?{}", back.path(), back.query().unwrap());
    assert_eq!(sign_in.browser.send(&world, head(&address), Body::empty()).await.status, 405);
    assert_eq!(sign_in.browser.get(&world, &address).await.status, 303);
}

#[tokio::test]
async fn clickjacking_the_page_is_in_nobodys_frame_and_runs_nothing() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let metadata = json!({ "redirect_uris": [REDIRECT], "client_name": "<script>alert(1)</script>" });
    let id = world.enrol(&metadata).await.json()["client_id"].as_str().unwrap().to_owned();
    let page = SignIn::of(id).page(&world).await;
    let rows = [
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("content-type", "text/html; charset=utf-8"),
    ];
    for (name, expected) in rows {
        assert_eq!(page.headers[name], expected);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let form_action = format!("form-action 'self' {} http://127.0.0.1:4711;", authority.origin);
    for part in [
        "default-src 'none';",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "style-src 'nonce-",
        &form_action,
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!page.body.contains("<script"), "{}", page.body);
    // What the user must see.
    for text in [
        "&#60;script",
        "An &#60;API&#62;",
        "unverified",
        "your own computer",
        "What read means",
        "3 operations",
    ] {
        assert!(page.body.contains(text), "{text} in {}", page.body);
    }
}

#[tokio::test]
async fn the_form_of_the_page_leads_to_where_users_sign_in_and_on_from_there() {
    let authority = Authority::start().await;
    let origins = ["https://sso.example".to_owned(), "https://idp.example:8443/".to_owned()];
    let leg = OAuthLeg { sign_in_origins: origins.to_vec(), ..authority.leg() };
    let world = World::with(rules(Leg::OAuth(leg.clone())), Outbound::Grant);
    let metadata = json!({ "redirect_uris": ["http://[::1]:4711/callback"] });
    let id = world.enrol(&metadata).await.json()["client_id"].as_str().unwrap().to_owned();
    let mut sign_in = SignIn::of(id);
    let address = sign_in.address(&[("redirect_uri", "http://[::1]:9/callback")]);
    let page = sign_in.browser.get(&world, &address).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let expected = format!(
        "form-action 'self' {} https://sso.example https://idp.example:8443 http:;",
        authority.origin
    );
    assert!(policy.contains(&expected), "{expected} in {policy}");
    // What is no origin is the operator's mistake, and no part of a policy.
    let wrong = OAuthLeg { sign_in_origins: vec!["https://a.example; script-src *".to_owned()], ..leg };
    let inbound = Inbound { broker: Some(rules(Leg::OAuth(wrong))), ..Inbound::default() };
    let settings = Settings { inbound, ..world.settings.clone() };
    assert!(Auth::new(settings, world.parts.clone()).is_err());
}

#[tokio::test]
async fn the_page_says_what_is_given_where_there_are_no_scopes_and_where_to_sign_in() {
    let authority = Authority::start().await;
    let leg = OAuthLeg {
        authorization_endpoint: Some("https://login.example:8443/authorize".to_owned()),
        ..authority.leg()
    };
    let broker = crate::settings::Broker { scopes: Vec::new(), ..rules(Leg::OAuth(leg)) };
    let world = World::with(broker, Outbound::Grant);
    for (operations, expected) in [(12, "all 12 operations"), (1, "its one operation")] {
        let world = world.set(Settings { operations, ..world.settings.clone() });
        let page = SignIn::begin(&world).await.page(&world).await.body;
        for text in
            ["whatever you can do", expected, "you will sign in to An &#60;API&#62; at login.example."]
        {
            assert!(page.contains(text), "{text} in {page}");
        }
    }
    let pasting = World::pasting();
    let page = SignIn::begin(&pasting).await.page(&pasting).await.body;
    assert!(page.contains("you will be asked for your key of An &#60;API&#62;."), "{page}");
}

#[tokio::test]
async fn flooding_people_are_told_on_a_page_and_clients_in_json() {
    let world = World::pasting();
    let limits = Limits { address: (60, 1), ..world.settings.limits };
    let world = world.set(Settings { limits, ..world.settings.clone() });
    let mut types = Vec::new();
    for path in ["/authorize", "/authorize", "/token"] {
        let answer = if path == "/token" { world.post(path, &[]).await } else { world.get(path).await };
        let media_type = answer.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        types.push((answer.status, media_type, answer.headers.contains_key(header::RETRY_AFTER)));
    }
    let html = "text/html; charset=utf-8".to_owned();
    let json = "application/json".to_owned();
    assert_eq!(types, [(400, html.clone(), false), (429, html, true), (429, json, true)]);
}

#[tokio::test]
async fn the_cookie_of_a_sign_in_is_gone_when_it_is_over_however_it_ends() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    for answer in
        [&[("code", "unknown")] as Pairs<'_>, &[("error", "access_denied")], &[("code", "a"), ("code", "b")]]
    {
        let mut sign_in = SignIn::begin(&world).await;
        let page = sign_in.page(&world).await;
        let away = sign_in.browser.allow(&world, &page).await.location();
        let back = authority.back(&away, &[answer, &[("iss", authority.origin.as_str())]].concat());
        let address = format!("{}?{}", back.path(), back.query().unwrap());
        let ended = sign_in.browser.get(&world, &address).await;
        let cookie = ended.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-oasgate-") && cookie.ends_with("Max-Age=0"), "{cookie}");
    }
}

#[tokio::test]
async fn the_cookie_is_bound_to_this_host_and_hidden() {
    let world = World::pasting();
    let mut sign_in = SignIn::begin(&world).await;
    let answer = sign_in.page(&world).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-oasgate=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure")
    );
}

#[tokio::test]
async fn consent_csrf_a_decision_comes_from_our_page_in_the_same_browser() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let rows: [(Pairs<'_>, u16); 8] = [
        (&[("origin", ISSUER)], 303),
        (&[], 303),
        (&[("origin", "null"), ("sec-fetch-site", "same-origin")], 303),
        (&[("origin", "https://evil.example")], 400),
        (&[("origin", "null")], 400),
        (&[("origin", "null"), ("sec-fetch-site", "cross-site")], 400),
        (&[("sec-fetch-site", "cross-site")], 400),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], 400),
    ];
    for (fields, expected) in rows {
        let mut sign_in = SignIn::begin(&world).await;
        let page = sign_in.page(&world).await;
        let pairs = form(&[("transaction", &page.transaction()), ("decision", "allow")]);
        let mut request = Request::post("/authorize/consent")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let answer = sign_in.browser.send(&world, request, pairs.into()).await;
        assert_eq!(answer.status, expected, "{fields:?}");
    }
}

#[tokio::test]
async fn consent_csrf_nobody_answers_a_page_that_another_browser_was_shown() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    // The attacker begins, and makes the victim's browser answer; the victim has begun something, too.
    let (mut attacker, mut victim) = (SignIn::begin(&world).await, SignIn::begin(&world).await);
    let page = attacker.page(&world).await;
    assert_eq!(Browser::default().allow(&world, &page).await.status, 400);
    victim.page(&world).await;
    assert_eq!(victim.browser.allow(&world, &page).await.status, 400);
    for forged in ["", "ogx_forged", &random::secret()] {
        let pairs = [("transaction", forged), ("decision", "allow")];
        assert_eq!(attacker.browser.post(&world, "/authorize/consent", &pairs).await.status, 400);
    }
}

#[tokio::test]
async fn two_pages_in_one_browser_do_not_lose_each_other() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let (one, two) = (sign_in.page(&world).await, sign_in.page(&world).await);
    assert_ne!(one.transaction(), two.transaction());
    let away = sign_in.browser.allow(&world, &one).await.location();
    let other = sign_in.browser.allow(&world, &two).await.location();
    for away in [other, away] {
        let back = authority.sign_in(&away).await;
        let address = format!("{}?{}", back.path(), back.query().unwrap());
        let told = query(&sign_in.browser.get(&world, &address).await.location());
        assert!(told.contains_key("code"));
    }
    // And each is answered once.
    assert_eq!(sign_in.browser.allow(&world, &one).await.status, 400);
}

#[tokio::test]
async fn a_user_who_does_not_agree_is_sent_back_and_nobody_is_asked() {
    let world = World::pasting();
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    let told = query(&sign_in.browser.decide(&world, &page, "deny").await.location());
    assert_eq!((told["error"].as_str(), told["iss"].as_str()), ("access_denied", ISSUER));
    assert_eq!(sign_in.browser.allow(&world, &page).await.status, 400);
}

#[tokio::test]
async fn a_page_waits_ten_minutes() {
    let world = World::pasting();
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    world.hand.advance(601);
    assert_eq!(sign_in.browser.allow(&world, &page).await.status, 400);
}

#[tokio::test]
async fn confused_deputy_a_second_client_is_asked_for_again() {
    let authority = Authority::start().await;
    let world = World::with(
        crate::settings::Broker { consent: Consent::Remember, ..rules(Leg::OAuth(authority.leg())) },
        Outbound::Grant,
    );
    let hosted = json!({ "redirect_uris": [HOSTED], "token_endpoint_auth_method": "none" });
    let hosted =
        async || SignIn::of(world.enrol(&hosted).await.json()["client_id"].as_str().unwrap().to_owned());
    let at = ("redirect_uri", HOSTED);
    let mut first = hosted().await;
    let address = first.address(&[at]);
    let page = first.browser.get(&world, &address).await;
    first.browser.allow(&world, &page).await;
    // The same client is remembered in this browser, and goes on at once; unless it wants to be asked.
    assert_eq!(first.browser.get(&world, &address).await.status, 303);
    let again = first.address(&[at, ("prompt", "consent")]);
    assert_eq!(first.browser.get(&world, &again).await.status, 200);
    // Not in another browser, not for other scopes, and not for another client.
    assert_eq!(Browser::default().get(&world, &address).await.status, 200);
    let less = first.address(&[at, ("scope", "read")]);
    assert_eq!(first.browser.get(&world, &less).await.status, 200);
    let second = hosted().await.address(&[at]);
    assert_eq!(first.browser.get(&world, &second).await.status, 200);
}

#[tokio::test]
async fn client_impersonation_consent_is_remembered_only_where_nobody_else_is_answered() {
    let authority = Authority::start().await;
    let world = World::with(
        crate::settings::Broker { consent: Consent::Remember, ..rules(Leg::OAuth(authority.leg())) },
        Outbound::Grant,
    );
    let rows = [
        (HOSTED, "none", 303),
        (REDIRECT, "none", 200),
        ("http://localhost:4711/callback", "none", 200),
        ("https://localhost/callback", "none", 200),
        ("cursor://anysphere/callback", "none", 200),
        ("com.example.app:/callback", "none", 200),
        (REDIRECT, "client_secret_basic", 303),
    ];
    for (redirect, method, expected) in rows {
        let metadata = json!({ "redirect_uris": [redirect], "token_endpoint_auth_method": method });
        let id = world.enrol(&metadata).await.json()["client_id"].as_str().unwrap().to_owned();
        let mut sign_in = SignIn::of(id);
        let address = sign_in.address(&[("redirect_uri", redirect)]);
        let page = sign_in.browser.get(&world, &address).await;
        assert_eq!(sign_in.browser.allow(&world, &page).await.status, 303);
        assert_eq!(sign_in.browser.get(&world, &address).await.status, expected, "{redirect} {method}");
    }
}

#[tokio::test]
async fn confused_deputy_the_provider_page_sent_to_somebody_else_yields_no_code() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    // The attacker agrees, and sends the victim the provider's address.
    let mut attacker = SignIn::begin(&world).await;
    let page = attacker.page(&world).await;
    let away = attacker.browser.allow(&world, &page).await;
    let cookie = away.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-oasgate-") && cookie.contains("; Secure; Max-Age=600"));
    let back = authority.sign_in(&away.location()).await;
    let address = format!("{}?{}", back.path(), back.query().unwrap());
    let mut victim = SignIn::begin(&world).await;
    victim.page(&world).await;
    for mut browser in [Browser::default(), victim.browser] {
        let answer = browser.get(&world, &address).await;
        assert_eq!((answer.status, answer.headers.get(header::LOCATION)), (400, None));
    }
    // Who has begun it can end it, once.
    assert_eq!(attacker.browser.get(&world, &address).await.status, 303);
    assert_eq!(attacker.browser.get(&world, &address).await.status, 400);
}

#[tokio::test]
async fn nothing_is_asked_of_the_provider_before_the_user_has_agreed() {
    let authority = Authority::start().await;
    let world = World::new(&authority);
    let mut sign_in = SignIn::begin(&world).await;
    let page = sign_in.page(&world).await;
    assert!(!page.body.contains(&authority.origin));
    // The transaction of the page is no `state` that could come back.
    let address = format!("/oauth/callback?{}", form(&[("state", &page.transaction()), ("code", "x")]));
    assert_eq!(sign_in.browser.get(&world, &address).await.status, 400);
}

#[tokio::test]
async fn forged_proxy_headers_change_no_url() {
    let world = World::pasting();
    for path in ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server"] {
        let request = Request::get(path)
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "host=evil.example");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert!(answer.status == 200 && !answer.body.contains("evil.example"));
    }
}
