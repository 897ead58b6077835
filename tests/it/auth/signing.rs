//! What a client does to sign a user in, by the standards: RFC 9728, 8414, 7591, 6749, 7636, 8707, 9207.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::browser::{Browser, Page};
use super::stage::{Answer, Site};

/// Where the client listens; nobody does in these tests.
pub(super) const REDIRECT: &str = "http://127.0.0.1:33418/callback";

pub(super) struct SignedIn {
    pub(super) client_id: String,
    pub(super) code: String,
    pub(super) verifier: String,
    pub(super) access: String,
    pub(super) refresh: String,
}

/// A client to which a user has agreed, and its code.
pub(super) struct Agreed {
    pub(super) client_id: String,
    pub(super) code: String,
}

/// Everything, to the tokens.
pub(super) async fn sign_in(site: &Site, browser: &mut Browser, user: &str) -> SignedIn {
    let agreed = agree(site, browser, user).await;
    let tokens = redeem(site, site, &agreed).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let (access, refresh) = pair(&tokens);
    let Agreed { client_id, code } = agreed;
    SignedIn { client_id, code, verifier: VERIFIER.to_owned(), access, refresh }
}

/// Everything to the code.
pub(super) async fn agree(site: &Site, browser: &mut Browser, user: &str) -> Agreed {
    let (client_id, page) = up_to_the_end(site, browser, user).await;
    arrived(site, client_id, &page)
}

/// What a browser that has come back to the client brings.
pub(super) fn arrived(site: &Site, client_id: String, page: &Page) -> Agreed {
    assert!(page.url.starts_with(REDIRECT), "{page:?}");
    let url = Url::parse(&page.url).unwrap();
    let parameter = |wanted: &str| {
        url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("state").as_deref(), Some("of-the-client"));
    assert_eq!(parameter("iss").as_deref(), Some(site.origin.as_str()));
    Agreed { client_id, code: parameter("code").unwrap() }
}

/// Exchanges a code that was given at `site` for tokens, at `at`.
pub(super) async fn redeem(at: &Site, site: &Site, agreed: &Agreed) -> Answer {
    token(at, &redeeming(site, agreed)).await
}

/// What is posted for that.
pub(super) fn redeeming<'a>(site: &'a Site, agreed: &'a Agreed) -> [(&'a str, &'a str); 6] {
    [
        ("grant_type", "authorization_code"),
        ("code", &agreed.code),
        ("redirect_uri", REDIRECT),
        ("client_id", &agreed.client_id),
        ("code_verifier", VERIFIER),
        ("resource", &site.url),
    ]
}

/// The access token and the refresh token of an answer.
pub(super) fn pair(tokens: &Answer) -> (String, String) {
    let text = |name: &str| tokens.json()[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

const VERIFIER: &str = "of-nobody-0123456789-0123456789-0123456789-0123456789";

/// Everything but the tokens: the client, and where the browser ends up.
pub(super) async fn up_to_the_end(site: &Site, browser: &mut Browser, user: &str) -> (String, Page) {
    let client_id = register(site).await;
    let login = consent(site, browser, &client_id, None).await;
    assert!(login.body.contains("Password"), "{login:?}");
    let page = browser.submit(&login, &[("user", user), ("password", "demo")], REDIRECT).await;
    (client_id, page)
}

/// The user agrees to what a client asks for, all scopes unless told: where the browser is led then.
pub(super) async fn consent(
    site: &Site,
    browser: &mut Browser,
    client_id: &str,
    scope: Option<&str>,
) -> Page {
    let mut url = Url::parse(&format!("{}/authorize", site.origin)).unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", REDIRECT)
        .append_pair("state", "of-the-client")
        .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)))
        .append_pair("code_challenge_method", "S256")
        .append_pair("resource", &site.url)
        .extend_pairs(scope.map(|scope| ("scope", scope)));
    let consent = browser.open(url.as_str(), REDIRECT).await;
    assert!(consent.status == 200 && consent.body.contains("An example client"), "{consent:?}");
    browser.submit(&consent, &[("decision", "allow")], REDIRECT).await
}

pub(super) async fn register(site: &Site) -> String {
    let body = json!({
        "client_name": "An example client",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let answer = site.json("/register", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["client_id"].as_str().unwrap().to_owned()
}

pub(super) async fn token(site: &Site, form: &[(&str, &str)]) -> Answer {
    site.form("/token", form).await
}
